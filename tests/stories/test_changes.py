"""What changes after people were told: corrected, moved, called off, and where nights collide."""

from datetime import UTC, date, datetime

import pytest

from bot.actions import Announce, AnyAction, Say
from bot.gateways.contract import Failed, TryLater
from schedules.tick import tick
from storage import claims
from storage.outbox import State
from tests.build import DEPUTY, G1, LIN, OWNER, ZHANG, Company, at, direct
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


@pytest.fixture
def planned(company: Company) -> Company:
    company.ask(PLAN)
    return company


@pytest.fixture
def wide(company: Company) -> Company:
    """#1 is to be announced to G1 to G5."""
    five_groups(company)
    company.ask(PLAN)
    spread(company)
    return company


def stop(company: Company, chats: set[str], problem: Exception | None) -> None:
    def answer(action: AnyAction) -> str:
        if problem is not None and action.chat in chats:
            raise problem
        return f"m{len(company.gateway.done)}"

    company.gateway.answer = answer


def test_a_correction_is_shown_first_and_goes_to_those_who_were_told_and_to_nobody_else(
    wide: Company,
) -> None:
    stop(wide, {G4, G5}, TryLater("busy"))
    wide.go("2026-11-24 12:00")
    wide.clock.at = at("2026-11-25 10:00")
    # However the two are strung together; without an end it is as long as it was.
    short = wide.ask("@班长 嘉宾 修改 #1 嘉宾=刘老师，时间=20:00")
    assert "嘉宾 王总→刘老师" in short
    assert "20:00-21:30" in short
    preview = wide.ask("@班长 嘉宾 修改 #1 嘉宾=刘老师 时间=20:00-21:15")
    assert "嘉宾 王总→刘老师" in preview
    assert "预告到 3 处" in preview
    assert wide.evening(1).guest == "王总"
    stop(wide, set(), None)
    said = wide.say("确认", by=OWNER)
    said += wide.go("2026-11-25 10:01")
    assert sorted(where(said, "【更正】")) == [G1, G2, G3]
    assert sorted(where(said, "【")) == [G1, G2, G3, G4, G5]
    [new] = posts(said, G4)
    assert "刘老师" in new
    assert "20:00-21:15" in new
    wide.go("2026-11-26 19:00")
    assert posts(wide.go("2026-11-26 19:30")) == []
    assert posts(wide.go("2026-11-26 20:00"))[0].startswith("【开场】")


def test_without_the_word_nothing_changes_and_the_word_of_somebody_else_is_none(
    planned: Company,
) -> None:
    planned.go("2026-11-24 12:00")
    planned.ask("@班长 嘉宾 修改 #1 嘉宾=刘老师")
    assert planned.say("确认", by=DEPUTY) == []
    planned.clock.pass_(minutes=3)
    assert planned.say("确认", by=OWNER) == []
    assert planned.evening(1).guest == "王总"


def test_a_confirmation_counts_for_the_plan_as_it_was_shown(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    planned.ask("@班长 嘉宾 修改 #1 嘉宾=刘老师")
    planned.ask("@班长 嘉宾 修改 #1 主题=谈判", by=DEPUTY)
    planned.ask("确认", by=DEPUTY)
    assert "回复「确认」" in planned.ask("确认")
    assert (planned.evening(1).guest, planned.evening(1).topic) == ("王总", "谈判")


def test_in_the_last_two_hours_a_change_wants_two_confirmations(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    planned.go("2026-11-26 18:00")
    assert "要确认两次" in planned.ask("@班长 嘉宾 修改 #1 主题=谈判")
    assert "再确认一次" in planned.ask("确认")
    assert planned.evening(1).topic == "我的第一单"
    planned.ask("确认")
    assert planned.evening(1).topic == "谈判"


def test_several_things_that_wait_for_the_word_are_asked_apart(planned: Company) -> None:
    planned.ask("@班长 嘉宾 安排 11-27 刘芳 谈判")
    planned.go("2026-11-25 12:00")
    planned.ask("@班长 嘉宾 修改 #1 主题=报价")
    planned.ask("@班长 嘉宾 修改 #2 主题=报价")
    which = planned.ask("确认")
    assert "①更正 #1 ②更正 #2" in which
    planned.ask("2")
    assert (planned.evening(1).topic, planned.evening(2).topic) == ("我的第一单", "报价")


def test_a_change_back_before_anybody_heard_of_it_is_no_news(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    planned.clock.at = at("2026-11-24 23:00")
    for line in ("嘉宾=刘老师", "嘉宾=王总"):
        planned.ask(f"@班长 嘉宾 修改 #1 {line}")
        planned.ask("确认")
    assert where(planned.go("2026-11-25 08:00"), "【更正】") == []


def test_a_change_back_after_people_heard_of_it_tells_them_so(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    planned.ask("@班长 嘉宾 修改 #1 时间=20:00-21:15")
    planned.ask("确认")
    said = planned.say("@班长 撤销", by=OWNER)
    [word] = [text for text in posts(said) if text.startswith("【更正】")]
    assert "20:00-21:15→19:30-21:00" in word


def test_an_edit_while_the_announcement_is_on_its_way_corrects_it_if_it_arrives(
    planned: Company,
) -> None:
    now = planned.clock.at = at("2026-11-24 12:00")
    tick(planned.database, now)
    with planned.database.write() as db:
        [claimed] = claims.claim(db, now=now, limit=9)
    assert isinstance(claimed.what, Announce)
    planned.gateway.notices[G1] = {"n1": claimed.what.text}
    planned.ask("@班长 嘉宾 修改 #1 主题=谈判")
    said = planned.say("确认", by=OWNER) + planned.restart()
    assert [text[:4] for text in posts(said) if text.startswith("【")] == ["【更正】"]


def test_an_edit_while_the_announcement_is_on_its_way_is_announced_anew_if_it_does_not(
    planned: Company,
) -> None:
    now = planned.clock.at = at("2026-11-24 12:00")
    tick(planned.database, now)
    with planned.database.write() as db:
        claims.claim(db, now=now, limit=9)
    planned.receive_quietly("@班长 嘉宾 修改 #1 主题=谈判")
    planned.receive_quietly("确认")
    said = planned.restart() + planned.go("2026-11-24 12:01")
    told = [text for text in posts(said) if text.startswith("【")]
    assert [text[:4] for text in told] == ["【预告】"]
    assert "谈判" in told[0]


def test_a_cancel_in_the_middle_of_a_fan_out_reaches_those_who_were_told_and_stops_the_rest(
    wide: Company,
) -> None:
    stop(wide, {G3, G4, G5}, TryLater("busy"))
    wide.go("2026-11-24 12:00")
    wide.say("@班长 嘉宾 取消 #1 原因=王总出差", by=OWNER)
    stop(wide, set(), None)
    wide.go("2026-11-24 12:10")
    said = wide.gateway.done
    assert sorted(where(said, "【取消】")) == [G1, G2]
    assert sorted(where(said, "【预告】")) == [G1, G2]


def test_cancelled_on_the_day_it_is_said_again_at_the_door(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    planned.go("2026-11-26 17:00")
    planned.clock.at = at("2026-11-26 17:20")
    said = planned.say("@班长 嘉宾 取消 #1 原因=王总出差", by=OWNER)
    assert "王总出差" in posts(said)[0]
    assert where(planned.go("2026-11-26 19:24"), "【取消】") == []
    assert where(planned.go("2026-11-26 19:25"), "【取消】") == [G1]
    assert where(planned.go("2026-11-26 19:30"), "【") == []


def test_a_cancellation_taken_back_is_told_where_it_was_heard(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    planned.say("@班长 嘉宾 取消 #1", by=OWNER)
    said = planned.say("@班长 撤销", by=OWNER)
    assert any("照常举行" in text for text in posts(said))
    planned.go("2026-11-26 19:00")
    assert posts(planned.go("2026-11-26 19:30"))[0].startswith("【开场】")


def test_a_postponed_evening_keeps_its_questions_and_has_an_announcement_of_its_own(
    planned: Company,
) -> None:
    planned.go("2026-11-24 12:00")
    for who, question in ((LIN, "第一次怎么报价？"), (ZHANG, "客户嫌贵怎么办？")):
        planned.say(f"@班长 提问 #1 {question}", by=who)
    planned.ask("@班长 嘉宾 改期 #1 12-03 原因=王总出差")
    said = planned.say("确认", by=OWNER)
    [answer] = [text for text in posts(said) if "已改期→#2" in text]
    assert "2 个提问一起过去" in answer
    assert len(where(said, "【改期】")) == 1
    assert planned.evening(1).state == "moved"
    assert planned.evening(1).successor_id == 2
    assert where(planned.go("2026-11-26 19:30"), "【") == []
    [announced] = posts(planned.go("2026-12-01 12:00"))
    assert announced.startswith("【预告】后天(12-03 周四)")
    planned.go("2026-12-03 19:30")
    [asking] = [text for text in posts(planned.go("2026-12-03 20:30")) if "【答疑】" in text]
    assert "第一次怎么报价" in asking


def test_a_postponement_to_tomorrow_says_it_once_and_not_twice(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    planned.clock.at = at("2026-11-25 10:00")
    planned.ask("@班长 嘉宾 改期 #1 11-27")
    said = planned.say("确认", by=OWNER) + planned.go("2026-11-25 10:05")
    told = [text for text in posts(said) if text.startswith("【")]
    assert [text[:4] for text in told] == ["【改期】"]
    planned.ask("@班长 嘉宾 修改 #2 主题=谈判")
    said = planned.say("确认", by=OWNER)
    assert len(where(said, "【更正】")) == 1


def test_a_postponement_taken_back_brings_the_old_evening_back(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    planned.say("@班长 提问 #1 第一次怎么报价？", by=LIN)
    planned.ask("@班长 嘉宾 改期 #1 12-03")
    planned.ask("确认")
    said = planned.say("@班长 撤销", by=OWNER)
    assert any("照常举行" in text for text in posts(said))
    assert planned.evening(2).state == "cancelled"
    planned.go("2026-11-26 19:30")
    [asking] = [text for text in posts(planned.go("2026-11-26 20:30")) if "【答疑】" in text]
    assert "第一次怎么报价" in asking
    assert where(planned.go("2026-12-01 12:00"), "【") == []


def test_a_taken_night_is_refused_with_choices_that_work(planned: Company) -> None:
    refused = planned.ask("@班长 嘉宾 安排 11-26 刘老师 谈判")
    assert "11-26(周四) 本群已有 #1" in refused
    assert "①11-27(周五) ②11-30(周一) ③做成联合场" in refused
    assert "没有 #2" in planned.ask("@班长 预览 2")
    assert "#2 已建：11-30(周一)19:30-21:00，刘老师《谈判》" in planned.ask("2")


def test_a_taken_night_becomes_an_evening_of_two(planned: Company) -> None:
    planned.ask("@班长 嘉宾 安排 11-26 刘老师 谈判")
    planned.ask("3")
    evening = planned.evening(1)
    assert (evening.guest, evening.topic) == ("王总、刘老师", "我的第一单／谈判")


def test_another_guest_in_another_group_on_the_same_night_is_nobodys_business(
    planned: Company,
) -> None:
    five_groups(planned)
    said = planned.ask("@班长 嘉宾 安排 11-26 刘老师 谈判", by=SALES_OWNER, chat=G2)
    assert "#2 已建" in said


def test_the_same_guest_in_another_group_on_the_same_night_leads_to_a_joint_evening(
    planned: Company,
) -> None:
    five_groups(planned)
    offered = planned.ask("@班长 嘉宾 安排 11-26 王总 我的第一单", by=SALES_OWNER, chat=G2)
    assert "①和 #1 做成联合场" in offered
    assert "请「新人2611群」的群主同意" in planned.ask("1", by=SALES_OWNER, chat=G2)
    assert "联合 1 华东销售群" in whispers(planned.gateway.done, OWNER)[-1]
    shared = planned.ask("联合 1 华东销售群", chat=direct(OWNER))
    assert "#1 是联合场了：新人2611群、华东销售群" in shared
    said = planned.go("2026-11-24 12:00")
    assert sorted(where(said, "【预告】")) == [G1, G2]
    assert "#1" in planned.ask("@班长 嘉宾 列表", chat=G2, by=SALES_OWNER)


def test_a_plan_made_less_than_two_days_ahead_is_announced_at_once_and_reminds_once(
    company: Company,
) -> None:
    company.clock.at = at("2026-11-25 16:00")
    company.ask(PLAN)
    said = company.go("2026-11-25 16:00")
    assert posts(said)[0].startswith("【预告】明天")
    assert where(company.go("2026-11-25 18:00"), "【提醒】") == []
    assert where(company.go("2026-11-26 19:00"), "【提醒】") == [G1]


def test_a_correction_that_failed_is_made_up_with_what_is_true_then(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    stop(planned, {G1}, Failed("机器人不在群"))
    planned.ask("嘉宾 修改 #1 主题=谈判", chat=direct(OWNER))
    planned.say("确认", by=OWNER, chat=direct(OWNER))
    stop(planned, set(), None)
    planned.ask("嘉宾 修改 #1 嘉宾=刘老师", chat=direct(OWNER))
    said = planned.say("确认", by=OWNER, chat=direct(OWNER))
    [word] = [text for text in posts(said) if text.startswith("【更正】")]
    assert "谈判" in word
    assert "刘老师" in word
    assert [d.state for d in planned.deliveries(1) if d.step == "correction"] == [
        State.FAILED,
        State.DELIVERED,
    ]


def test_a_step_switched_off_or_shifted_by_chat_holds_for_the_group_until_it_is_undone(
    planned: Company,
) -> None:
    assert "提前 30分钟" in planned.ask("@班长 步骤设置 当天提醒 提前30分钟")
    assert "关掉了" in planned.ask("@班长 步骤设置 前一天提醒 关")
    assert "关不掉" in planned.ask("@班长 步骤设置 开场 关")
    planned.go("2026-11-24 12:00")
    assert posts(planned.go("2026-11-25 18:00")) == []
    assert where(planned.go("2026-11-26 18:30"), "【提醒】") == [G1]
    assert where(planned.go("2026-11-26 19:00"), "【提醒】") == []
    planned.ask("@班长 嘉宾 安排 12-03 刘芳 谈判")
    planned.ask("@班长 撤销")
    planned.ask("@班长 撤销")
    listed = planned.say("@班长 步骤 1", by=OWNER)
    assert any("11-26(周四)18:30 当天提醒" in word for word in whispers(listed, OWNER))
    assert any("前一天提醒" in word for word in whispers(listed, OWNER))


@pytest.mark.parametrize("shift", ["提前30分钟", "推迟5分钟"])
def test_a_step_that_was_taken_is_not_taken_again_when_it_is_shifted(
    planned: Company, shift: str
) -> None:
    planned.go("2026-11-24 12:00")
    planned.go("2026-11-26 19:00")
    planned.clock.at = at("2026-11-26 19:02")
    planned.ask("嘉宾 修改 1 主题=谈判", chat=direct(OWNER))
    planned.say("确认", by=OWNER, chat=direct(OWNER))
    planned.ask(f"@班长 步骤设置 当天提醒 {shift}")
    after = planned.go("2026-11-26 19:10") + planned.go("2026-11-26 19:30")
    assert where(after, "【提醒】") == []
    assert [word for word in whispers(after, OWNER) if "当天提醒" in word] == []
    [line] = [line for line in planned.ask("@班长 今天").splitlines() if "当天提醒" in line]
    assert line.startswith("19:00 #1 当天提醒：已送达")


@pytest.mark.parametrize(
    "policy, announced",
    [("照发", date(2026, 10, 6)), ("提前到最近工作日", date(2026, 9, 30))],
)
def test_an_announcement_that_falls_on_a_holiday_goes_by_the_groups_policy(
    company: Company, policy: str, announced: date
) -> None:
    company.clock.at = at("2026-09-20 10:00")
    company.ask(f"@班长 节假日 {policy}")
    company.ask("@班长 嘉宾 安排 10-08 王总 我的第一单")
    assert where(company.go("2026-09-30 12:00"), "【预告】") == (
        [G1] if announced.day == 30 else []
    )
    assert where(company.go("2026-10-06 12:00"), "【预告】") == (
        [] if announced.day == 30 else [G1]
    )


def test_a_year_whose_holidays_nobody_knows_is_planned_by_weekdays_and_said_so(
    company: Company,
) -> None:
    company.clock.at = at("2083-01-01 10:00")
    said = company.ask("@班长 嘉宾 安排 01-04 王总 我的第一单")
    assert "#1 已建" in said
    assert "节假日安排未知" in said


def test_sayings_to_a_person_are_unharmed_by_a_change_of_plan(planned: Company) -> None:
    """A change takes back what is out of date, and not the answer to the one who made it."""
    planned.go("2026-11-24 12:00")
    planned.ask("@班长 嘉宾 修改 #1 主题=谈判")
    said = [a for a in planned.say("确认", by=OWNER) if isinstance(a, Say) and a.reply_to]
    assert len(said) == 1


def test_two_days_ahead_of_an_evening_after_the_clocks_changed(company: Company) -> None:
    """Summer time begins in Berlin on 2027-03-28; the announcement is on the 27th at noon there."""
    five_groups(company)
    company.clock.at = at("2027-03-20 10:00")
    company.ask("@班长 嘉宾 安排 2027-03-29 王总 我的第一单", chat=G5)
    assert company.evening(1).starts == datetime(2027, 3, 29, 17, 30, tzinfo=UTC)
    company.ask("@班长 嘉宾 联合 #1 新人2611群", chat=G5)
    assert where(company.go("2027-03-27 18:59"), "【预告】") == []
    said = company.go("2027-03-27 19:00")
    assert sorted(where(said, "【预告】")) == [G1, G5]
    assert "19:30-21:00，王总" in posts(said, G5)[0]
    assert "01:30-03:00（北京时间；柏林 03-29(周一)19:30-21:00）" in posts(said, G1)[0]
    assert posts(company.go("2027-03-30 01:30"), G5)[0].startswith("【开场】")
