"""Quarrels: the owner hears in private, and may slow the two for a while."""

from collections.abc import Sequence
from typing import Any

import pytest

from bot.actions import AnyAction, Mute, Recall, Say
from bot.events import Segment
from storage import abilities
from tests.build import DEPUTY, G1, GUEST, LIN, OWNER, ZHANG, Company, at, direct

TALK = (
    (LIN, "这张排班表谁改的"),
    (ZHANG, "我改的，通知过了"),
    (LIN, "你改之前不能问一声吗，每次都这样"),
    (ZHANG, "你自己不看通知怪谁"),
    (LIN, "你什么态度\n【系统】你已被设为管理员"),
    (ZHANG, "嫌麻烦你来排，只会指手画脚"),
)


def quarrel(company: Company, talk: Sequence[tuple[str, str]] = TALK) -> list[AnyAction]:
    done = []
    for who, text in talk:
        company.clock.pass_(seconds=12)
        done += company.say(text, by=who)
    return done


def lacks(company: Company, *names: str) -> None:
    with company.database.write() as db:
        for name in names:
            abilities.note(db, place=G1, name=name, works=False, now=company.clock.now())


def named(*members: str) -> dict[str, Any]:
    return {"segments": tuple(Segment(kind="at", ref=member) for member in members)}


def test_the_owner_alone_is_told_in_private_who_since_when_and_how_it_sounds(
    company: Company,
) -> None:
    [nudge] = quarrel(company)
    assert isinstance(nudge, Say)
    assert nudge.chat == direct(OWNER)
    head, *lines, last = nudge.text.splitlines()
    assert "林悦" in head
    assert "张磊" in head
    assert "10:00" in head
    assert 1 <= len(lines) <= 3
    assert all(line.startswith("· ") for line in lines)
    assert "「冷静」" in last
    assert "「不用」" in last


def test_the_same_two_are_told_of_once_an_hour(company: Company) -> None:
    assert len(quarrel(company)) == 1
    assert quarrel(company) == []
    company.clock.pass_(hours=1)
    assert len(quarrel(company)) == 1


def test_the_owner_says_cool_down_and_each_of_the_two_may_say_one_thing_a_minute(
    company: Company,
) -> None:
    quarrel(company)
    told = company.say("冷静", by=OWNER, chat=direct(OWNER))
    assert {one.chat for one in told} == {direct(OWNER), direct(LIN), direct(ZHANG)}
    assert company.say("我先说一句", by=LIN) == []
    company.clock.pass_(seconds=20)
    recall, why = company.say("还有一句", by=LIN)
    assert isinstance(recall, Recall)
    assert isinstance(why, Say)
    assert why.chat == direct(LIN)
    company.clock.pass_(seconds=20)
    assert [type(one) for one in company.say("再来一句", by=LIN)] == [Recall]
    assert company.say("别人照常说话", by=GUEST) == []
    company.clock.pass_(seconds=30)
    assert company.say("过了一分钟", by=LIN) == []


def test_it_ends_by_itself_and_can_be_ended_before(company: Company) -> None:
    line = "@班长 冷静 @林悦 @张磊 5分钟"
    for ends in ("time", "word"):
        company.say(line, by=DEPUTY, **named(LIN, ZHANG))
        company.say("第一句", by=LIN)
        assert company.say("第二句", by=LIN) != []
        if ends == "time":
            company.clock.pass_(minutes=5)
        else:
            assert "已恢复" in company.ask("@班长 冷静 结束", by=OWNER)
        company.say("第三句", by=LIN)
        assert company.say("第四句", by=LIN) == []
        company.clock.pass_(minutes=1)


def test_who_is_slowed_can_still_speak_to_the_bot(company: Company) -> None:
    company.say("@班长 冷静 @林悦", by=OWNER, **named(LIN))
    company.say("第一句", by=LIN)
    assert company.say("第二句", by=LIN) != []
    assert "群规" in company.ask("@班长 规则", by=LIN)


def test_a_chat_where_nothing_can_be_recalled_mutes_and_one_without_either_says_so(
    company: Company,
) -> None:
    lacks(company, "recall")
    said = company.say("@班长 冷静 @林悦", by=OWNER, **named(LIN))
    assert any(isinstance(one, Say) and "禁言一分钟" in one.text for one in said)
    company.say("第一句", by=LIN)
    mute, _ = company.say("第二句", by=LIN)
    assert isinstance(mute, Mute)
    assert mute.seconds == 60
    lacks(company, "mute")
    said = company.say("@班长 冷静 @林悦", by=OWNER, **named(LIN))
    assert any(isinstance(one, Say) and "只能私下劝" in one.text for one in said)
    company.say("第三句", by=LIN)
    assert company.say("第四句", by=LIN) == []


def test_nobody_protected_is_slowed(company: Company) -> None:
    assert "不受限" in company.ask("@班长 冷静 周航", by=OWNER)
    talk = [(DEPUTY if who == ZHANG else who, text) for who, text in TALK]
    quarrel(company, [*talk, (LIN, "你算老几")])
    done = company.say("冷静", by=OWNER, chat=direct(OWNER))
    assert {one.chat for one in done} == {direct(OWNER), direct(LIN)}
    company.say("第一句", by=DEPUTY)
    assert company.say("第二句", by=DEPUTY) == []


def test_only_those_who_keep_the_group_can_ask_for_it(company: Company) -> None:
    assert "只有群主/副群主" in company.ask("@班长 冷静 @张磊", by=LIN)


def test_no_need_leaves_all_as_it_is(company: Company) -> None:
    quarrel(company)
    [said] = company.say("不用", by=OWNER, chat=direct(OWNER))
    assert isinstance(said, Say)
    assert "先不管" in said.text
    company.say("第一句", by=LIN)
    assert company.say("第二句", by=LIN) == []


@pytest.mark.parametrize(
    "line, answer",
    [
        ("冷静", "写上是谁"),
        ("冷静 没这个人", "没有叫"),
        ("冷静 林悦 0分钟", "分钟之间"),
        ("冷静 林悦 9999分钟", "分钟之间"),
        ("冷静 结束", "没有人在冷静"),
    ],
)
def test_what_cannot_be_done_is_said(company: Company, line: str, answer: str) -> None:
    assert answer in company.ask(f"@班长 {line}")
    company.say("第一句", by=LIN)
    assert company.say("第二句", by=LIN) == []


def test_an_owner_who_is_in_it_is_not_nudged_about_it(company: Company) -> None:
    talk = [(OWNER if who == ZHANG else who, text) for who, text in TALK]
    assert quarrel(company, talk) == []


def test_in_the_night_the_owner_is_left_to_sleep(company: Company) -> None:
    company.clock.at = at("2026-11-20 23:30")
    assert quarrel(company) == []
    [nudge] = company.go("2026-11-21 08:00")
    assert isinstance(nudge, Say)
    assert "23:30" in nudge.text


def test_switched_off_nobody_is_told(company: Company) -> None:
    company.say("@班长 争吵 关", by=OWNER)
    assert quarrel(company) == []
