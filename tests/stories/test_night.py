"""The night itself: longer, later, without its guest, muted, with a guest nobody may name."""

import pytest

from bot.actions import AnyAction, MuteAll, Say, UnmuteAll
from bot.gateways.contract import TryLater
from storage import abilities
from storage.outbox import State
from tests.build import DEPUTY, G1, GUEST, LIN, OWNER, ZHANG, Company, at, direct
from tests.stories.groups import G2, five_groups, posts, where, whispers

PLAN = "@班长 嘉宾 安排 11-26 王总 我的第一单"


@pytest.fixture
def planned(company: Company) -> Company:
    company.ask(PLAN)
    company.go("2026-11-24 12:00")
    company.go("2026-11-26 19:00")
    return company


def the_guest_is_there(company: Company) -> None:
    company.clock.at = at("2026-11-26 19:20")
    company.hear("我到了，大家好", by=GUEST)


def begun(company: Company) -> None:
    the_guest_is_there(company)
    company.go("2026-11-26 19:30")


def test_an_evening_is_extended_twice_and_everything_after_moves(planned: Company) -> None:
    begun(planned)
    planned.say("@班长 提问 第一次怎么报价？", by=LIN)
    planned.go("2026-11-26 20:30")
    [cue] = whispers(planned.go("2026-11-26 20:50"), OWNER)
    assert "还有 10 分钟" in cue
    assert "队列还剩 1 问" in cue
    assert "回复「延长 15」或「收尾」" in cue
    said = planned.say("延长 15", by=OWNER, chat=direct(OWNER))
    assert any("延长到 21:15" in text for text in posts(said))
    assert where(planned.go("2026-11-26 21:00"), "【结束】") == []
    assert any("21:15 结束" in w for w in whispers(planned.go("2026-11-26 21:05"), OWNER))
    planned.say("延长 15", by=OWNER, chat=direct(OWNER))
    assert where(planned.go("2026-11-26 21:15"), "【结束】") == []
    planned.clock.at = at("2026-11-26 21:20")
    assert "不能再延长" in planned.ask("延长 15", chat=direct(OWNER))
    assert where(planned.go("2026-11-26 21:30"), "【结束】") == [G1]
    assert planned.evening(1).state == "closed"
    planned.go("2026-11-26 21:40")
    assert planned.evening(1).state == "drafted"


def test_without_an_answer_the_evening_ends_at_its_hour(planned: Company) -> None:
    begun(planned)
    planned.go("2026-11-26 20:50")
    assert where(planned.go("2026-11-26 21:00"), "【结束】") == [G1]


def test_the_host_ends_early_and_opens_the_questions_early(planned: Company) -> None:
    begun(planned)
    planned.clock.at = at("2026-11-26 20:05")
    planned.ask("@班长 开始答疑")
    assert where(planned.go("2026-11-26 20:05"), "【答疑】") == [G1]
    assert where(planned.go("2026-11-26 20:30"), "【答疑】") == []
    planned.ask("@班长 收尾")
    assert where(planned.go("2026-11-26 20:31"), "【结束】") == [G1]


def test_a_guest_who_is_there_is_nobodys_worry(planned: Company) -> None:
    the_guest_is_there(planned)
    for when in ("19:20", "19:30", "19:40"):
        said = planned.go(f"2026-11-26 {when}")
        assert [w for w in whispers(said, OWNER) if "到场" in w or "未到" in w] == []
    assert "热个身" not in posts(planned.gateway.done)[-1]


def test_a_guest_who_does_not_appear(company: Company) -> None:
    company.ask(PLAN)
    company.ask("@班长 嘉宾 修改 1 联系=138-0000-1111")
    company.go("2026-11-26 19:00")
    [contact] = whispers(company.go("2026-11-26 19:15"), OWNER)
    assert "138-0000-1111" in contact
    [opening] = posts(company.go("2026-11-26 19:30"))
    assert "热个身" in opening
    assert "没来" not in opening
    assert "迟到" not in opening
    [asked] = whispers(company.go("2026-11-26 19:40"), OWNER)
    assert "嘉宾仍未到" in asked
    for word in ("顺延", "改期", "备选"):
        assert f"「{word}" in asked
    said = company.say("顺延", by=OWNER, chat=direct(OWNER))
    assert [text for text in posts(said) if "顺延到 19:45 开始" in text] != []
    assert len(where(said, "【")) == 1
    company.clock.at = at("2026-11-26 19:44")
    company.hear("抱歉路上堵车", by=GUEST)
    [opening] = posts(company.go("2026-11-26 19:45"))
    assert opening.startswith("【开场】")
    assert "热个身" not in opening
    assert company.evening(1).ends == at("2026-11-26 21:15")


def test_a_standby_steps_in_and_nobody_is_blamed(planned: Company) -> None:
    planned.ask("@班长 备选 1 嘉宾=周航")
    planned.go("2026-11-26 19:30")
    [asked] = whispers(planned.go("2026-11-26 19:40"), OWNER)
    assert "「备选」换 周航" in asked
    said = planned.say("备选", by=OWNER, chat=direct(OWNER))
    [word] = [text for text in posts(said) if text.startswith("【调整】")]
    assert "周航" in word
    assert "王总" not in word
    assert planned.evening(1).guest_account == DEPUTY


def test_an_evening_whose_guest_does_not_come_is_moved(planned: Company) -> None:
    planned.go("2026-11-26 19:30")
    planned.go("2026-11-26 19:40")
    planned.ask("改期 1 12-03", chat=direct(OWNER))
    planned.ask("确认", chat=direct(OWNER))
    said = planned.say("确认", by=OWNER, chat=direct(OWNER))
    assert len(where(said, "【改期】")) == 1
    assert planned.evening(1).state == "moved"
    assert where(planned.go("2026-11-26 20:30"), "【") == []


def muted(actions: list[AnyAction]) -> list[str]:
    return [type(a).__name__ for a in actions if isinstance(a, MuteAll | UnmuteAll)]


def test_a_hard_mute_lasts_for_the_sharing_and_no_longer(planned: Company) -> None:
    assert "全员静音" in planned.ask("@班长 #1 硬静音 开")
    assert muted(planned.go("2026-11-26 19:30")) == ["MuteAll"]
    assert muted(planned.go("2026-11-26 20:29")) == []
    assert muted(planned.go("2026-11-26 20:30")) == ["UnmuteAll"]
    assert muted(planned.go("2026-11-26 21:00")) == []


def test_nobody_is_muted_while_everybody_waits_for_the_guest(planned: Company) -> None:
    planned.ask("@班长 #1 硬静音 开")
    planned.go("2026-11-26 19:30")
    planned.go("2026-11-26 19:40")
    assert muted(planned.say("顺延", by=OWNER, chat=direct(OWNER))) == ["UnmuteAll"]
    assert muted(planned.go("2026-11-26 19:45")) == ["MuteAll"]
    assert muted(planned.go("2026-11-26 20:45")) == ["UnmuteAll"]


def test_a_mute_that_outlived_its_evening_is_lifted_before_anything_else(
    planned: Company,
) -> None:
    """The process died at 20:05 and starts again at 21:20."""
    planned.ask("@班长 #1 硬静音 开")
    planned.go("2026-11-26 19:30")
    planned.clock.at = at("2026-11-26 21:20")
    done = planned.restart()
    first = next(a for a in done if a.chat == G1)
    assert isinstance(first, UnmuteAll)
    assert planned.gateway.muted_all == set()
    [told] = [w for w in whispers(done, OWNER) if "全员静音" in w]
    assert "本该 20:30 解除，到 21:20 才解除" in told


def test_a_mute_claimed_to_be_lifted_when_the_process_died_is_lifted_again(
    planned: Company,
) -> None:
    planned.ask("@班长 #1 硬静音 开")
    planned.go("2026-11-26 19:30")
    planned.gateway.loses = lambda action: isinstance(action, UnmuteAll)
    planned.go("2026-11-26 20:30")
    planned.gateway.loses = lambda action: False
    assert muted(planned.go("2026-11-26 20:31")) == ["UnmuteAll"]


def test_lifting_that_fails_three_times_gives_the_owner_the_manual_steps(
    planned: Company,
) -> None:
    planned.ask("@班长 #1 硬静音 开")
    planned.go("2026-11-26 19:30")

    def answer(action: AnyAction) -> str:
        if isinstance(action, UnmuteAll):
            raise TryLater("平台忙")
        return "m1"

    planned.gateway.answer = answer
    told: list[str] = []
    for minute in range(30, 36):
        said = planned.go(f"2026-11-26 20:{minute}")
        told += [w for w in whispers(said, OWNER) if "手动解除" in w]
    assert len(told) == 1
    planned.gateway.answer = lambda action: "m1"
    assert muted(planned.go("2026-11-26 20:50")) == ["UnmuteAll"]


def test_a_platform_that_says_all_is_well_and_still_mutes_is_not_believed(
    planned: Company,
) -> None:
    planned.ask("@班长 #1 硬静音 开")
    planned.go("2026-11-26 19:30")
    lifts = 0

    def answer(action: AnyAction) -> str:
        nonlocal lifts
        lifts += isinstance(action, UnmuteAll)
        return "m1"

    planned.gateway.answer = answer
    keep = planned.gateway._keep
    planned.gateway._keep = lambda action, receipt: (  # type: ignore[method-assign]
        keep(action, receipt) if lifts != 1 or not isinstance(action, UnmuteAll) else None
    )
    planned.go("2026-11-26 20:30")
    planned.go("2026-11-26 20:31")
    assert lifts == 2
    [unmute] = [d for d in planned.deliveries(1) if d.step == "unmute"]
    assert unmute.state == State.DELIVERED


def test_where_nobody_can_be_muted_the_owner_hears_what_is_done_instead(
    planned: Company,
) -> None:
    with planned.database.write() as db:
        can = {"mute_all": False}
        abilities.declare(db, platform="fake", can=can, seconds=0, now=planned.clock.now())
    said = planned.ask("@班长 #1 硬静音 开")
    assert said == "本群平台不支持全员静音，已改用提问排队"
    assert planned.evening(1).hush == "soft"
    begun(planned)
    assert muted(planned.gateway.done) == []


def test_a_soft_mute_is_one_friendly_word_in_ten_minutes(planned: Company) -> None:
    planned.ask("@班长 软静音 开")
    begun(planned)
    planned.clock.at = at("2026-11-26 19:35")
    assert ["先听" in t for t in posts(planned.say("晚上吃什么", by=LIN))] == [True]
    assert posts(planned.say("火锅吧", by=ZHANG)) == []
    assert posts(planned.say("我接着讲", by=GUEST)) == []
    planned.clock.at = at("2026-11-26 19:46")
    assert len(posts(planned.say("在哪里", by=LIN))) == 1


def test_a_mystery_guest_is_named_nowhere_before_the_opening(company: Company) -> None:
    company.ask("嘉宾 安排 11-26 王总 我的第一单", chat=direct(OWNER))
    company.ask("#1 神秘 开 提示=公司第3号员工", chat=direct(OWNER))
    said = company.go("2026-11-24 12:00")
    [announcement] = posts(said)
    assert "神秘嘉宾" in announcement
    assert "公司第3号员工" in announcement
    company.ask("@班长 嘉宾 列表", by=LIN)
    company.ask("@班长 今天")
    said += company.go("2026-11-25 18:00") + company.go("2026-11-26 19:00")
    shown = [a.text for a in company.gateway.done if isinstance(a, Say) and a.chat == G1]
    shown += [announcement]
    assert [text for text in shown if "王总" in text or GUEST in text] == []
    [opening] = posts(company.go("2026-11-26 19:30"))
    assert "王总" in opening


def test_a_mystery_guest_is_revealed_at_the_hour_that_was_set(company: Company) -> None:
    company.ask("嘉宾 安排 11-26 王总 我的第一单", chat=direct(OWNER))
    company.ask("#1 神秘 开 揭晓=20:00", chat=direct(OWNER))
    company.go("2026-11-26 19:00")
    assert "王总" not in posts(company.go("2026-11-26 19:30"))[0]
    company.go("2026-11-26 20:30")
    assert "王总" in posts(company.go("2026-11-26 21:00"))[-1]


def test_a_change_of_a_mystery_guest_is_told_to_nobody(company: Company) -> None:
    company.ask("嘉宾 安排 11-26 王总 我的第一单", chat=direct(OWNER))
    company.ask("#1 神秘 开", chat=direct(OWNER))
    company.go("2026-11-24 12:00")
    company.ask("嘉宾 修改 1 嘉宾=刘老师", chat=direct(OWNER))
    assert where(company.gateway.done, "【更正】") == []
    assert company.evening(1).guest == "刘老师"


def test_a_guest_who_was_named_is_no_mystery_any_more(planned: Company) -> None:
    planned.clock.at = at("2026-11-26 19:05")
    assert "已经预告过" in planned.ask("#1 神秘 开", chat=direct(OWNER))


def test_codes_are_shown_and_a_code_that_time_ran_out_on_is_issued_again(
    planned: Company,
) -> None:
    begun(planned)
    shown: list[str] = []
    for minute in range(35, 46):
        shown += [t for t in posts(planned.go(f"2026-11-26 19:{minute}")) if "【签到】" in t]
    assert len(shown) == 1
    code = shown[0].partition("签到 ")[2][:4]
    assert "到场" in planned.ask(f"@班长 签到 {code}", by=LIN)


def test_who_came_is_asked_how_it_was_and_after_the_seal_nobody_comes_any_more(
    planned: Company,
) -> None:
    begun(planned)
    planned.go("2026-11-26 19:45")
    planned.go("2026-11-26 20:30")
    said = planned.go("2026-11-26 20:50")
    code = next(t for t in posts(said) if "【签到】" in t).partition("签到 ")[2][:4]
    planned.say(f"@班长 签到 {code}", by=LIN)
    planned.go("2026-11-26 21:00")
    said = planned.go("2026-11-26 21:05")
    assert any("评分 1" in word for word in whispers(said, LIN))
    assert whispers(said, ZHANG) == []
    planned.go("2026-11-26 21:30")
    assert planned.evening(1).sealed is not None


def test_the_host_and_the_guest_are_looked_after(company: Company) -> None:
    company.ask(PLAN)
    company.ask("@班长 嘉宾 确认 1")
    said = company.go("2026-11-20 10:05")
    [welcome] = whispers(said, GUEST)
    assert "11-26 周四 19:30-21:00" in welcome
    company.say("@班长 提问 #1 第一次怎么报价？", by=LIN)
    company.go("2026-11-24 12:00")
    [sheet] = whispers(company.go("2026-11-25 20:00"), GUEST)
    assert "第一次怎么报价" in sheet
    [check] = whispers(company.go("2026-11-26 17:00"), OWNER)
    assert "和嘉宾再对一下时间" in check
    begun(company)
    assert "已有 1 个问题" in whispers(company.go("2026-11-26 20:20"), GUEST)[0]
    company.go("2026-11-26 20:30")
    assert any("谢谢今晚" in w for w in whispers(company.go("2026-11-26 21:00"), GUEST))


def test_a_guest_without_an_account_is_reached_through_the_host(company: Company) -> None:
    company.ask("@班长 嘉宾 安排 11-26 刘老师 谈判")
    company.ask("@班长 嘉宾 确认 1")
    [welcome] = whispers(company.go("2026-11-20 10:05"), OWNER)
    assert "请转给 刘老师" in welcome


def test_a_draft_that_nobody_reviews_is_chased_twice_and_then_goes_up(planned: Company) -> None:
    begun(planned)
    planned.clock.at = at("2026-11-26 19:40")
    planned.hear("第一点，先问预算再报价，前三次我一上来就报价，客户只记得贵", by=GUEST)
    for when in ("26 20:30", "26 21:00", "26 21:10"):
        planned.go(f"2026-11-{when}")
    chased = {
        when: len([w for w in whispers(planned.go(f"2026-11-{when}"), "chenjing") if "还没审" in w])
        for when in ("27 09:59", "27 10:00", "28 10:00", "29 10:00", "30 10:00")
    }
    assert list(chased.values()) == [0, 1, 1, 1, 0]


def test_a_joint_evening_has_one_queue_with_the_source_shown(company: Company) -> None:
    five_groups(company)
    company.ask(PLAN)
    company.ask("@班长 嘉宾 联合 #1 华东销售群")
    company.go("2026-11-24 12:00")
    company.go("2026-11-26 19:00")
    begun(company)
    company.say("@班长 提问 第一次怎么报价？", by=LIN)
    company.say("@班长 提问 客户嫌贵怎么办？", by="xiaowu", chat=G2, name="小吴")
    asking = company.go("2026-11-26 20:30")
    for chat in (G1, G2):
        [text] = [t for t in posts(asking, chat) if t.startswith("【答疑】")]
        assert "新人2611群" in text
        assert "华东销售群 小吴" in text
    company.clock.at = at("2026-11-26 20:35")
    said = company.say("报价前先问预算，别急着报数", by=GUEST)
    [mirrored] = posts(said, G2)
    assert mirrored.startswith("【新人2611群】")
    assert "先问预算" in mirrored
    for when in ("21:00", "21:10"):
        company.go(f"2026-11-26 {when}")
    assert any("先问预算" in line.text for line in company.lines(1))
    assert len([w for w in whispers(company.gateway.done, "chenjing") if "草稿好了" in w]) == 1
