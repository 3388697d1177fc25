"""Asking an evening's guest: the queue, its receipts, and what counts as answered."""

import pytest

from bot.actions import Say
from storage import questions
from storage.guests import GuestSession, State
from tests.build import DEPUTY, G1, GUEST, LIN, OWNER, ZHANG, Company, at, direct
from tests.evenings import home, standing, take


def evening(
    company: Company, *, state: State = State.SHARING, days: int = 0, group: str = "新人2611群"
) -> int:
    """An evening that stands so; the clock is turned to the first half of the usual one."""
    with company.database.write() as db:
        number = standing(db, state, group=home(db, group), days=days).id
    company.clock.at = at("2026-11-26 19:41")
    return number


def turn(company: Company, number: int, state: State) -> None:
    with company.database.write() as db:
        take(db.get_one(GuestSession, number), state)


def waiting(company: Company, number: int) -> list[str]:
    with company.database.read() as db:
        return [f"Q{one.number} {one.text}" for one in questions.waiting(db, number)]


def test_a_question_during_the_sharing_is_queued_and_its_receipt_is_private(
    company: Company,
) -> None:
    number = evening(company)
    said = company.say("@班长 提问 新人第一次报价，客户嫌贵怎么办？")
    assert said == [Say(chat=direct(LIN), text="已排队 Q1，嘉宾讲完统一回答", via=G1)]
    assert waiting(company, number) == ["Q1 新人第一次报价，客户嫌贵怎么办？"]


@pytest.mark.parametrize("line", ["提问:怎么报价", "提问： 怎么报价", "提问 ：怎么报价"])
def test_a_question_needs_no_address_with_a_colon(company: Company, line: str) -> None:
    number = evening(company)
    company.say(line)
    assert waiting(company, number) == ["Q1 怎么报价"]


@pytest.mark.parametrize("line", ["提问一下大家", "提问 怎么报价", "我想提问:怎么报价", "提问:"])
def test_talk_about_asking_is_only_talk(company: Company, line: str) -> None:
    number = evening(company)
    assert company.say(line) == []
    assert waiting(company, number) == []


def test_a_fourth_question_has_to_wait_until_one_is_answered(company: Company) -> None:
    number = evening(company, state=State.ASKING)
    for n in (1, 2, 3):
        assert f"已排队 Q{n}" in company.ask(f"@班长 提问 第{n}问", by=LIN)
    assert "已有 3 个" in company.ask("@班长 提问 第四问", by=LIN)
    assert "已排队 Q4" in company.ask("@班长 提问 别人的", by=ZHANG)
    assert "只有" in company.ask("@班长 答完 Q2", by=ZHANG)
    assert "还有 3 问" in company.ask("@班长 答完 Q2")
    assert "已排队 Q5" in company.ask("@班长 提问 第四问", by=LIN)
    assert "没有 Q9" in company.ask("@班长 答完 9")
    assert waiting(company, number) == ["Q1 第1问", "Q3 第3问", "Q4 别人的", "Q5 第四问"]


def test_a_question_delivered_three_times_is_one_with_one_receipt(company: Company) -> None:
    number = evening(company)
    said = company.hear("@班长 提问 怎么报价")
    company.receive(said, said)
    company.receive(said)
    assert len(company.send()) == 1
    assert waiting(company, number) == ["Q1 怎么报价"]


def test_an_early_question_goes_to_the_next_evening_or_to_the_one_named(company: Company) -> None:
    later = evening(company, state=State.PLANNED, days=7)
    first = evening(company, state=State.ANNOUNCED)
    company.clock.at = at("2026-11-25 10:00")
    assert f"#{first} 已排队 Q1，11-26(周四)19:30" in company.ask("@班长 提问 早问的", by=LIN)
    for line in (f"提问 #{later} 甲", f"#{later} 提问 乙", f"提问 ＃{later}丙"):
        assert f"#{later} 已排队" in company.ask(f"@班长 {line}", by=LIN)
    assert waiting(company, first) == ["Q1 早问的"]
    assert waiting(company, later) == ["Q1 甲", "Q2 乙", "Q3 丙"]


def test_what_cannot_be_asked_is_refused_with_a_reason(company: Company) -> None:
    assert "还没有排好的分享" in company.ask("@班长 提问 怎么报价", by=LIN)
    foreign = evening(company, group="别的群")
    over = evening(company, state=State.CLOSED)
    assert "没有 #99" in company.ask("@班长 提问 #99 怎么报价", by=LIN)
    assert f"没有 #{foreign}" in company.ask(f"@班长 提问 #{foreign} 怎么报价", by=LIN)
    assert "不再收问题" in company.ask(f"@班长 提问 #{over} 怎么报价", by=LIN)
    assert "还差「内容」" in company.ask(f"@班长 提问 #{over} \u200b", by=LIN)
    assert "300 个字以内" in company.ask(f"@班长 提问 {'问' * 301}", by=LIN)


def test_a_question_to_an_evening_that_was_moved_reaches_the_one_that_took_over(
    company: Company,
) -> None:
    old = evening(company, state=State.MOVED)
    new = evening(company, state=State.ANNOUNCED, days=7)
    with company.database.write() as db:
        db.get_one(GuestSession, old).successor_id = new
    assert f"#{new} 已排队 Q1" in company.ask(f"@班长 提问 #{old} 怎么报价", by=LIN)


def test_in_a_direct_chat_the_running_evening_is_meant(company: Company) -> None:
    number = evening(company)
    assert "已排队 Q1" in company.ask("提问 私下问", by=LIN, chat=direct(LIN))
    listed = company.ask(f"问题 {number}", by=ZHANG, chat=direct(ZHANG))
    assert listed == f"#{number} 有 1 问在排队：\nQ1 林悦：私下问"
    assert "不在里面" in company.ask("提问 混进来", by="stranger", chat=direct("stranger"))


def test_an_advertisement_is_no_question(company: Company) -> None:
    number = evening(company)
    company.say("提问:加V领资料 wx_888888，名额有限")
    assert waiting(company, number) == []


def test_a_question_that_is_taken_back_waits_no_longer(company: Company) -> None:
    number = evening(company)
    company.take_back(company.hear("提问:问错了"), by=LIN)
    assert waiting(company, number) == []


def test_the_list_is_shown_to_members_in_private_while_it_goes_on(company: Company) -> None:
    number = evening(company)
    company.say("提问:怎么报价")
    assert [said.chat for said in company.say("@班长 问题", by=ZHANG)] == [direct(ZHANG)]
    turn(company, number, State.ASKING)
    assert [said.chat for said in company.say("@班长 问题", by=ZHANG)] == [direct(ZHANG)]
    assert [said.chat for said in company.say("@班长 问题", by=OWNER)] == [G1]


def test_a_guest_answers_by_quoting_or_by_number_once_questions_are_answered(
    company: Company,
) -> None:
    number = evening(company)
    quoted = company.hear("提问:甲")
    for words in ("乙", "丙"):
        company.hear(f"提问:{words}")
    company.hear("提问:丁", by=DEPUTY)
    company.hear("这个等下讲", by=GUEST, reply_to=quoted.id)
    company.hear("Q2 等下讲", by=GUEST)
    turn(company, number, State.ASKING)
    company.hear("Q2 我来说", by=ZHANG)
    company.hear("Q3季度的数字先不说", by=GUEST)
    assert waiting(company, number) == ["Q1 甲", "Q2 乙", "Q3 丙", "Q4 丁"]
    company.hear("先问预算", by=GUEST, reply_to=quoted.id)
    assert waiting(company, number) == ["Q2 乙", "Q3 丙", "Q4 丁"]
    company.hear("回答Ｑ２、Q4：先看成交", by=GUEST)
    assert waiting(company, number) == ["Q3 丙"]
