"""One evening for many groups: crashes, lost targets, zones, people who post, and limits."""

import asyncio
from datetime import datetime

import pytest

from bot.actions import Announce, AnyAction, Say
from bot.gateways.contract import Failed, Limit, SwitchedOff, TryLater
from schedules.tick import tick
from storage import audience, claims, members, moves, outbox
from storage.outbox import State
from tests.build import G1, LIN, OWNER, Company, at, direct
from tests.stories.groups import (
    G2,
    G3,
    G4,
    G5,
    SALES_OWNER,
    five_groups,
    posts,
    spread,
    where,
    whispers,
)

PLAN = "@班长 嘉宾 安排 11-26 王总 我的第一单"
ALL = [G1, G2, G3, G4, G5]
OFF = SwitchedOff("主动发言已被群主关闭", fix="请群主在群设置里打开「允许主动发言」")


@pytest.fixture
def wide(company: Company) -> Company:
    """#1 is to be announced to G1 to G5."""
    five_groups(company)
    company.ask(PLAN)
    spread(company)
    return company


def refuse(company: Company, chats: str | tuple[str, ...], problem: Exception | None) -> None:
    def answer(action: AnyAction) -> str:
        if problem is not None and action.chat in chats:
            raise problem
        return f"m{len(company.gateway.done)}"

    company.gateway.answer = answer


def state_of(company: Company, chat: str, step: str = "announce") -> tuple[str, str]:
    """How the newest post of a step stands at a chat."""
    mine = [d for d in company.deliveries(1) if d.chat == chat and d.step == step]
    current = [d for d in mine if d.state != State.SUPERSEDED]
    return current[-1].state, current[-1].detail


def test_a_fan_out_shows_its_groups_first_and_asks(company: Company) -> None:
    five_groups(company)
    company.ask(PLAN)
    asked = company.ask("@班长 铺开 #1 片区=华东")
    assert "1 个群：华东销售群" in asked
    company.go("2026-11-24 12:00")
    assert where(company.gateway.done, "【预告】") == [G1]
    company.clock.at = at("2026-11-24 13:00")
    company.ask("@班长 铺开 #1 片区=华东")
    company.ask("确认")
    said = company.go("2026-11-24 13:01")
    assert where(said, "【预告】") == [G2]


def test_every_group_is_told_once_and_the_owner_gets_one_summary(wide: Company) -> None:
    said = wide.go("2026-11-24 12:00")
    assert sorted(where(said, "【预告】")) == ALL
    said += wide.go("2026-11-24 12:01")
    said += wide.go("2026-11-24 12:20")
    assert sorted(where(said, "【预告】")) == ALL
    assert [w for w in whispers(said, OWNER) if "5/5 已送达" in w] != []
    assert len([w for w in whispers(said, OWNER) if "已送达" in w]) == 1


def test_killed_in_a_fan_out_each_group_is_told_once(wide: Company) -> None:
    """G2's platform took it, and the process died before it could note so."""
    now = wide.clock.at = at("2026-11-24 12:00")
    tick(wide.database, now)
    with wide.database.write() as db:
        ready = claims.ready(db, now=now)
        mine = [one.id for one in ready if one.chat in (G1, G2)]
        first, second = claims.take(db, mine, now=now)
        db.flush()
        claims.settle(db, first, State.DELIVERED, now=now, receipt="m1")
    wide.gateway.notices[G2] = {"n77": second.what.text}  # type: ignore[union-attr]
    wide.clock.at = at("2026-11-24 12:05")
    said = wide.restart()
    assert sorted(where(said, "【")) == [G3, G4, G5]
    assert state_of(wide, G2) == (State.DELIVERED, "核对聊天记录，确认已送达")


def test_killed_in_a_fan_out_where_nothing_can_be_read_back_the_owner_is_asked(
    wide: Company,
) -> None:
    wide.gateway.reads_back = False
    now = wide.clock.at = at("2026-11-24 12:00")
    tick(wide.database, now)
    with wide.database.write() as db:
        claims.take(db, [r.id for r in claims.ready(db, now=now) if r.chat == G2], now=now)
    wide.clock.at = at("2026-11-24 12:05")
    said = wide.restart()
    assert sorted(where(said, "【")) == [G1, G3, G4, G5]
    assert state_of(wide, G2)[0] == State.UNKNOWN
    [asked] = [w for w in whispers(said, OWNER) if "可能已发出" in w]
    assert asked.startswith("华东销售群可能已发出预告，要补发吗？回复「补发 1-G2」或「不用」")
    assert where(wide.go("2026-11-24 12:30"), "【预告】") == []
    wide.ask("补发 1-G2", chat=direct(OWNER))
    assert where(wide.gateway.done, "【预告】").count(G2) == 1
    assert state_of(wide, G2)[0] == State.DELIVERED


def test_what_the_owner_needs_not_be_sent_again_is_never_asked_about_again(wide: Company) -> None:
    wide.gateway.reads_back = False
    wide.gateway.loses = lambda action: action.chat == G2 and isinstance(action, Announce)
    wide.go("2026-11-24 12:00")
    assert wide.ask("不用", chat=direct(OWNER)) == "好的，不再补发"
    assert "没有在等你决定的" in wide.ask("不用", chat=direct(OWNER))
    assert "1-G2" not in wide.ask("今天", chat=direct(OWNER))


def test_an_answer_that_never_came_is_looked_up_and_nothing_is_doubled(wide: Company) -> None:
    wide.gateway.loses = lambda action: isinstance(action, Announce)
    said = wide.go("2026-11-24 12:00")
    assert sorted(where(said, "【预告】")) == ALL
    assert {state_of(wide, chat)[0] for chat in ALL} == {State.DELIVERED}


def test_one_target_is_gone_and_the_others_are_told(wide: Company) -> None:
    refuse(wide, G3, Failed("机器人不在群"))
    said = wide.go("2026-11-24 12:00")
    said += wide.go("2026-11-24 12:01")
    assert sorted(where(said, "【预告】")) == [G1, G2, G4, G5]
    assert state_of(wide, G3) == (State.FAILED, "机器人不在群")
    [summary] = [w for w in whispers(said, OWNER) if "4/5" in w]
    assert "4/5 已送达；华北销售群：失败，机器人不在群" in summary
    assert "回复「重试 1」" in summary
    assert len([w for w in whispers(said, OWNER) if "华北" in w]) == 1
    refuse(wide, G3, None)
    wide.ask("重试 1", chat=direct(OWNER))
    assert state_of(wide, G3)[0] == State.DELIVERED


def test_a_group_in_another_zone_sees_both_local_times(wide: Company) -> None:
    said = wide.go("2026-11-24 12:00")
    [berlin] = posts(said, G5)
    assert "后天(11-26 周四)12:30-14:00（柏林时间；北京 11-26(周四)19:30-21:00）" in berlin
    [home] = posts(said, G1)
    assert "后天(11-26 周四)19:30-21:00，王总" in home


def test_a_switch_that_was_turned_off_goes_round_by_a_person_and_comes_back_by_itself(
    wide: Company,
) -> None:
    wide.hire("00002", "周航", "zhouhang")
    wide.relay(G2, "00002")
    refuse(wide, G2, OFF)
    said = wide.go("2026-11-24 12:00")
    [handed] = [w for w in whispers(said, "zhouhang", through=G2) if w.startswith("【请转发】")]
    assert "后天" in handed
    assert "「已发 1-G2」" in handed
    [switch] = [w for w in whispers(said, SALES_OWNER, through=G2) if "发不进去" in w]
    assert "允许主动发言" in switch
    assert state_of(wide, G2)[0] == State.WAITING
    assert "没有在等你发的" in wide.ask("已发", by=LIN, chat=direct(LIN))
    assert "已送达" in wide.ask("已发", by="zhouhang", chat=direct("zhouhang"))
    assert state_of(wide, G2) == (State.DELIVERED, "人工：周航")
    refuse(wide, G2, None)
    wide.go("2026-11-25 18:00")
    said = wide.go("2026-11-26 19:00")
    assert where(said, "【提醒】").count(G2) == 1
    assert state_of(wide, G2, "remind")[0] == State.DELIVERED


def test_a_relay_who_says_nothing_is_asked_once_more_and_then_the_owner_hears(
    wide: Company,
) -> None:
    wide.hire("00002", "周航", "zhouhang")
    wide.relay(G2, "00002")
    refuse(wide, G2, OFF)
    wide.go("2026-11-24 12:00")
    assert whispers(wide.go("2026-11-24 13:59"), "zhouhang") == []
    again = wide.go("2026-11-24 14:00") + wide.go("2026-11-24 14:01")
    assert len([w for w in whispers(again, "zhouhang") if "已发 1-G2" in w]) == 1
    owner = wide.go("2026-11-24 16:00") + wide.go("2026-11-24 16:01")
    assert len([w for w in whispers(owner, OWNER) if "1-G2" in w]) == 1
    assert whispers(owner, "zhouhang") == []
    assert state_of(wide, G2)[0] == State.WAITING


def test_who_has_several_posts_to_make_says_which(wide: Company) -> None:
    wide.hire("00002", "周航", "zhouhang")
    for chat in (G2, G3):
        wide.relay(chat, "00002")
    refuse(wide, (G2, G3), OFF)
    wide.go("2026-11-24 12:00")
    here = {"by": "zhouhang", "chat": direct("zhouhang")}
    asked = wide.ask("已发", **here)
    assert "①1-G2 ②1-G3" in asked
    assert "已送达" in wide.ask("2", **here)
    assert state_of(wide, G2)[0] == State.WAITING
    assert state_of(wide, G3)[0] == State.DELIVERED
    assert "已送达" in wide.ask("已发", **here)
    assert state_of(wide, G2)[0] == State.DELIVERED


def test_who_has_no_business_with_a_post_cannot_say_it_is_done(wide: Company) -> None:
    refuse(wide, G2, OFF)
    wide.go("2026-11-24 12:00")
    assert "只有负责转发的人" in wide.ask("@班长 已发 1-G2", by=LIN)
    assert state_of(wide, G2)[0] == State.WAITING


def test_a_channel_is_a_pack_for_its_person(company: Company) -> None:
    company.hire("00002", "周航", "zhouhang")
    with company.database.write() as db:
        person = members.numbered(db, "00002")
        assert person is not None
        audience.set_channel(db, name="朋友圈", person=person)
    company.ask(PLAN)
    assert "渠道 朋友圈" in company.ask("@班长 铺开 #1 渠道=朋友圈")
    said = company.go("2026-11-24 12:00")
    [pack] = whispers(said, "zhouhang")
    assert "朋友圈" in pack
    assert "《我的第一单》" in pack
    assert "「已发 1-朋友圈」" in pack
    assert "已送达" in company.ask("已发", by="zhouhang", chat=direct("zhouhang"))
    [receipt] = [d for d in company.deliveries(1) if d.target == "朋友圈"]
    assert (receipt.state, receipt.detail) == (State.DELIVERED, "人工：周航")
    assert whispers(company.go("2026-11-25 18:00"), "zhouhang") == []


def test_an_owner_of_another_group_is_told_and_may_say_no(wide: Company) -> None:
    told = whispers(wide.gateway.done, SALES_OWNER, through=G2)
    assert any("退出 1" in word for word in told)
    assert "不再收 #1" in wide.ask("@班长 退出 1", by=SALES_OWNER, chat=G2)
    said = wide.go("2026-11-24 12:00")
    assert sorted(where(said, "【预告】")) == [G1, G3, G4, G5]


def test_a_limit_is_kept_the_urgent_go_first_and_nothing_is_lost(company: Company) -> None:
    """60 posts are due in one minute where 20 may go."""
    company.gateway.limit = Limit(per_minute=20)
    now = company.clock.at = at("2026-11-24 12:00")
    kinds = [("digest", 4)] * 20 + [("announce", 2)] * 20 + [("open", 1)] * 20
    plans = [
        outbox.Plan(
            key=f"k{n}",
            cause="limit",
            step=step,
            action=Say(chat=f"fake:1:9{n % 12}", text=f"{step} {n}"),
            due=now,
            priority=priority,
        )
        for n, (step, priority) in enumerate(kinds)
    ]
    with company.database.write() as db:
        outbox.put(db, plans, now=now)
    sender, sent = company.sender(), []

    async def minute_by_minute() -> None:
        for _ in range(5 * 60):
            while await sender.round():
                await sender.settled()
            sent.extend([(company.clock.now(), a) for a in company.gateway.done[len(sent) :]])
            company.clock.pass_(seconds=1)

    asyncio.run(minute_by_minute())
    texts = [action.text for _, action in sent if isinstance(action, Say)]
    assert len(texts) == len(set(texts)) == 60
    assert [text.split()[0] for text in texts] == ["open"] * 20 + ["announce"] * 20 + [
        "digest"
    ] * 20
    times = [when for when, _ in sent]
    assert max(_within_a_minute(times)) <= 20
    for chat in {f"fake:1:9{n}" for n in range(12)}:
        mine = [int(a.text.split()[1]) for _, a in sent if isinstance(a, Say) and a.chat == chat]
        for kind in range(3):
            same = [n for n in mine if n // 20 == kind]
            assert same == sorted(same)


def _within_a_minute(times: list[datetime]) -> list[int]:
    return [sum(0 <= (other - one).total_seconds() < 60 for other in times) for one in times]


def test_a_platform_that_asks_for_silence_gets_it_and_nothing_is_lost(wide: Company) -> None:
    tries: list[datetime] = []

    def busy(action: AnyAction) -> str:
        tries.append(wide.clock.now())
        if len(tries) == 1:
            raise TryLater("限流", pause=60)
        return "m1"

    wide.gateway.answer = busy
    wide.go("2026-11-24 12:00")
    assert len(tries) == 5
    wide.go("2026-11-24 12:02")
    assert sorted(where(wide.gateway.done, "【预告】")) == ALL


def test_every_move_of_a_post_is_on_record(wide: Company) -> None:
    wide.hire("00002", "周航", "zhouhang")
    wide.relay(G2, "00002")
    refuse(wide, G2, OFF)
    wide.go("2026-11-24 12:00")
    wide.ask("已发 1-G2", by="zhouhang", chat=direct("zhouhang"))
    [post] = [d for d in wide.deliveries(1) if d.chat == G2 and d.state == State.DELIVERED]
    with wide.database.read() as db:
        made = [(m.was, m.now) for m in moves.of_delivery(db, post.id)]
    assert made == [
        ("planned", "claimed"),
        ("claimed", "failed"),
        ("failed", "waiting"),
        ("waiting", "delivered"),
    ]


def test_a_move_that_would_hide_what_happened_is_refused(wide: Company) -> None:
    wide.go("2026-11-24 12:00")
    delivered = next(d for d in wide.deliveries(1) if d.state == State.DELIVERED)
    with wide.database.write() as db, pytest.raises(moves.Forbidden):
        outbox.move(db, delivered, State.PLANNED, now=wide.clock.now())
