"""Where features meet: retries and hours, changes in flight, one broken evening among others."""

import pytest

from bot.actions import Announce, AnyAction, Recall, Say
from bot.gateways.contract import Failed, TryLater
from schedules.tick import tick
from tests.build import DEPUTY, G1, GUEST, HR, LIN, OWNER, Company, at, direct

PLAN = "@班长 嘉宾 安排 11-26 王总 我的第一单"


@pytest.fixture
def planned(company: Company) -> Company:
    company.ask(PLAN)
    return company


def refuse(company: Company, *, while_: type, problem: Exception | None) -> None:
    """From now on the platform answers one kind of action with a problem, or no more."""

    def answer(action: AnyAction) -> str:
        if problem is not None and isinstance(action, while_) and action.chat == G1:
            raise problem
        return "m1"

    company.gateway.answer = answer


def texts(actions: list[AnyAction], chat: str = G1) -> list[str]:
    return [a.text for a in actions if isinstance(a, Say | Announce) and a.chat == chat]


def minutes(company: Company, count: int) -> list[AnyAction]:
    done = []
    for _ in range(count):
        company.clock.pass_(minutes=1)
        tick(company.database, company.clock.now())
        done += company.send()
    return done


def test_an_opening_that_has_to_be_tried_again_opens_once_at_its_own_hour(
    planned: Company,
) -> None:
    planned.go("2026-11-26 19:00")
    refuse(planned, while_=Say, problem=TryLater("busy"))
    planned.go("2026-11-26 19:30")
    planned.hear("我讲讲我的第一单", by=GUEST)
    refuse(planned, while_=Say, problem=None)
    assert len([t for t in texts(minutes(planned, 25)) if t.startswith("【开场】")]) == 1
    assert planned.evening(1).opened == at("2026-11-26 19:30")
    assert [line.text for line in planned.lines(1)] == ["我讲讲我的第一单"]


def test_an_announcement_kept_waiting_by_the_platform_goes_out_in_words_that_fit(
    planned: Company,
) -> None:
    refuse(planned, while_=Announce, problem=TryLater("offline"))
    planned.go("2026-11-24 12:00")
    planned.go("2026-11-24 22:40")
    refuse(planned, while_=Announce, problem=None)
    assert texts(planned.go("2026-11-25 03:00")) == []
    [said] = texts(planned.go("2026-11-25 08:01"))
    assert "明天" in said


def test_one_evening_that_cannot_go_on_does_not_hold_up_the_others(
    planned: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned.ask("@班长 嘉宾 安排 11-27 刘芳 谈判")
    planned.go("2026-11-26 19:30")
    planned.go("2026-11-26 21:00")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("schedules.drafting.draft", broken)
    planned.go("2026-11-26 21:10")
    said = planned.go("2026-11-27 19:30")
    assert [t for t in texts(said) if t.startswith("【开场】")]
    monkeypatch.undo()
    planned.go("2026-11-27 19:31")
    assert planned.evening(1).state == "drafted"


def test_a_cancellation_that_did_not_arrive_is_told_to_the_owner(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    refuse(planned, while_=Say, problem=Failed("机器人不在群"))
    planned.say("@班长 嘉宾 取消 1", by=OWNER, chat=G1)
    words = texts(planned.gateway.done, direct(OWNER))
    assert any("取消通知失败" in word and "机器人不在群" in word for word in words)


def test_a_second_change_before_the_first_correction_went_out_tells_of_both(
    planned: Company,
) -> None:
    planned.go("2026-11-24 12:00")
    refuse(planned, while_=Say, problem=TryLater("busy"))
    planned.say("@班长 嘉宾 修改 1 嘉宾=刘老师", by=OWNER)
    planned.say("确认", by=OWNER)
    planned.say("@班长 嘉宾 修改 1 时间=20:00-21:15", by=OWNER)
    planned.say("确认", by=OWNER)
    refuse(planned, while_=Say, problem=None)
    [correction] = [t for t in texts(minutes(planned, 8)) if t.startswith("【更正】")]
    assert "王总→刘老师" in correction
    assert "20:00" in correction


def test_a_chat_that_never_got_the_announcement_gets_no_correction_of_it(
    planned: Company,
) -> None:
    refuse(planned, while_=Announce | Say, problem=Failed("机器人不在群"))
    planned.go("2026-11-24 12:00")
    refuse(planned, while_=Say, problem=None)
    said = planned.say("@班长 嘉宾 修改 1 嘉宾=刘老师", by=OWNER)
    assert [t for t in texts(said) if t.startswith("【更正】")] == []


def test_undo_takes_back_one_field_and_refuses_to_cover_up_a_later_change(
    planned: Company,
) -> None:
    planned.ask("@班长 嘉宾 修改 1 主题=谈判")
    planned.say("@班长 嘉宾 修改 1 时间=20:00-21:15", by=DEPUTY)
    planned.ask("@班长 撤销")
    evening = planned.evening(1)
    assert (evening.topic, evening.starts) == ("我的第一单", at("2026-11-26 20:00"))
    planned.ask("@班长 嘉宾 修改 1 主题=谈判")
    planned.say("@班长 嘉宾 修改 1 主题=报价", by=DEPUTY)
    assert "没有撤销" in planned.ask("@班长 撤销")
    assert planned.evening(1).topic == "报价"


def test_a_change_in_the_night_is_corrected_in_the_morning(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    planned.clock.at = at("2026-11-25 02:00")
    planned.ask("@班长 嘉宾 修改 1 嘉宾=刘老师")
    planned.ask("确认")
    assert [t for t in texts(planned.gateway.done) if t.startswith("【更正】")] == []
    assert [t for t in texts(planned.go("2026-11-25 08:00")) if t.startswith("【更正】")] != []


def test_talk_that_mentions_the_bot_on_an_evening_is_part_of_what_was_said(
    planned: Company,
) -> None:
    planned.go("2026-11-26 19:30")
    planned.clock.at = at("2026-11-26 19:40")
    assert planned.say("@班长 谢谢主持人，我先讲第一点", by=GUEST) == []
    assert len(planned.lines(1)) == 1


def test_an_evening_with_nothing_said_asks_nobody_for_approval(planned: Company) -> None:
    planned.go("2026-11-26 19:30")
    planned.go("2026-11-26 21:00")
    [word] = texts(planned.go("2026-11-26 21:10"), direct(HR))
    assert "没有可以整理的内容" in word
    assert "没有可以发布的内容" in planned.ask("通过 1", by=HR, chat=direct(HR))


def test_the_notice_does_not_put_up_again_what_was_taken_down(company: Company) -> None:
    recall, notice = company.say("加V领资料 wx_888", by=LIN)
    assert isinstance(recall, Recall)
    assert isinstance(notice, Say)
    assert "wx_888" not in notice.text
