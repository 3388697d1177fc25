"""A question that nobody answers finds whoever answers for its subject, in working time."""

import pytest

from bot.actions import AnyAction, Say
from bot.events import Segment
from tests.build import DEPUTY, G1, GUEST, LIN, OWNER, ZHANG, Company, at, direct

STAND_IN = GUEST
ASKED = "客户说报价太高，该怎么回？"


@pytest.fixture
def mentored(company: Company) -> Company:
    """周航 answers for 报价, 王总 stands in; it is Friday 10:01."""
    company.ask("@班长 负责 @周航 报价 后备=@王总")
    company.go("2026-11-20 10:01")
    return company


def told(actions: list[AnyAction], who: str) -> list[str]:
    return [a.text for a in actions if isinstance(a, Say) and a.chat == direct(who)]


def test_who_answers_for_it_hears_in_private_after_half_an_hour_and_once(
    mentored: Company,
) -> None:
    mentored.hear(ASKED, by=LIN)
    assert mentored.go("2026-11-20 10:30") == []
    done = mentored.go("2026-11-20 10:32")
    [word] = told(done, DEPUTY)
    assert "林悦 问：" + ASKED in word
    assert [a for a in done if a.chat == G1] == []
    assert mentored.go("2026-11-20 11:30") == []


def test_the_stand_in_hears_after_four_working_hours_and_the_night_is_no_working_time(
    mentored: Company,
) -> None:
    mentored.clock.at = at("2026-11-20 16:00")
    mentored.hear(ASKED, by=LIN)
    mentored.go("2026-11-20 16:31")
    assert told(mentored.go("2026-11-20 20:30"), STAND_IN) == []
    # Saturday and Sunday are none either; Friday gave two hours.
    assert told(mentored.go("2026-11-22 12:00"), STAND_IN) == []
    assert told(mentored.go("2026-11-23 10:59"), STAND_IN) == []
    [word] = told(mentored.go("2026-11-23 11:01"), STAND_IN)
    assert "周航 还没答上" in word


@pytest.mark.parametrize("how", ["quoting", "calling", "soon"])
def test_what_somebody_answered_troubles_nobody(mentored: Company, how: str) -> None:
    asked = mentored.hear(ASKED, by=LIN)
    mentored.clock.at = at("2026-11-20 10:20")
    called = (Segment(kind="at", ref=LIN), Segment(kind="text", text="先问他是跟哪家比的"))
    ways = {"quoting": {"reply_to": asked.id}, "calling": {"segments": called}}
    mentored.hear("先讲方案，别急着降价", by=ZHANG, **ways.get(how, {}))
    assert told(mentored.go("2026-11-20 10:45"), DEPUTY) == []


def test_a_question_on_another_subject_goes_to_whoever_answers_for_the_rest(
    mentored: Company,
) -> None:
    mentored.hear("请问年假怎么申请？", by=LIN)
    assert told(mentored.go("2026-11-20 10:45"), DEPUTY) == []
    mentored.ask("@班长 负责 @王总 其他")
    mentored.hear("请问年假怎么申请？", by=LIN)
    assert len(told(mentored.go("2026-11-20 11:30"), STAND_IN)) == 1


def test_what_was_asked_before_anybody_answered_for_it_is_left_alone(company: Company) -> None:
    company.hear(ASKED, by=LIN)
    company.clock.at = at("2026-11-20 12:00")
    company.ask("@班长 负责 @周航 报价")
    company.go("2026-11-20 12:01")
    assert company.go("2026-11-20 14:00") == []


def test_a_question_that_was_taken_back_is_forgotten(mentored: Company) -> None:
    asked = mentored.hear(ASKED, by=LIN)
    mentored.go("2026-11-20 10:10")
    mentored.take_back(asked, by=LIN)
    assert told(mentored.go("2026-11-20 10:45"), DEPUTY) == []


def test_who_is_away_is_not_asked_and_the_stand_in_is_at_once(mentored: Company) -> None:
    assert "改找后备" in mentored.ask("@班长 请假 11-20 到 11-21", by=DEPUTY)
    mentored.hear(ASKED, by=LIN)
    done = mentored.go("2026-11-20 10:45")
    assert told(done, DEPUTY) == []
    assert len(told(done, STAND_IN)) == 1
    assert mentored.ask("@班长 销假", by=DEPUTY).startswith("欢迎回来")


def test_an_answer_given_in_private_goes_to_the_group_as_an_answer(mentored: Company) -> None:
    asked = mentored.hear(ASKED, by=LIN)
    [word] = told(mentored.go("2026-11-20 10:45"), DEPUTY)
    number = word.split("答复 ")[1].split(" ")[0]
    done = mentored.say(f"答复 {number} 先问预算", by=DEPUTY, chat=direct(DEPUTY), name="周航")
    [posted] = [a for a in done if isinstance(a, Say) and a.chat == G1]
    assert (posted.reply_to, posted.mention) == (asked.id, (LIN,))
    assert posted.text == "周航 答：先问预算"
    assert "没有等你答的" in mentored.ask(f"答复 {number} 广告", by=ZHANG, chat=direct(ZHANG))
    assert told(mentored.go("2026-11-20 18:00"), STAND_IN) == []


def test_the_asker_accepts_an_answer_and_may_change_her_mind(mentored: Company) -> None:
    asked = mentored.hear(ASKED, by=LIN)
    mentored.clock.at = at("2026-11-20 10:20")
    mentored.hear("先问他是跟哪家比的", by=DEPUTY, reply_to=asked.id)
    mentored.hear("报价前先问清楚预算", by=ZHANG, reply_to=asked.id)
    mentored.go("2026-11-20 10:30")
    assert "已解决，采纳 周航" in mentored.ask("@班长 采纳 @周航", by=LIN)
    assert "换成这位" in mentored.ask("@班长 采纳 @张磊", by=LIN)
    assert "自己的回答" in mentored.ask("@班长 采纳 @林悦", by=LIN)
    assert "没有记到" in mentored.ask("@班长 采纳 @周航", by=ZHANG)


def test_owners_say_who_answers_for_what_and_members_do_not(mentored: Company) -> None:
    assert "报价：周航（后备 王总）" in mentored.ask("@班长 负责")
    assert mentored.ask("@班长 负责 @张磊 报价", by=LIN).startswith("只有")
    assert "不再有人负责" in mentored.ask("@班长 不再负责 报价", by=OWNER)
    mentored.hear(ASKED, by=LIN)
    assert mentored.go("2026-11-20 10:45") == []
