"""What counts as said on an evening, and by whom."""

import pytest

from bot.people import Member, Role
from storage import groups, members, said, summary
from storage.guests import GuestSession, State
from storage.transcript import Line
from tests.build import CAST, G1, GUEST, LIN, ZHANG, Company, at
from tests.evenings import standing, take


def evening(company: Company, *, guest: str = "王总", account: str = GUEST) -> int:
    """An evening that is going on; the clock stands a minute after its opening."""
    with company.database.write() as db:
        one = standing(db, State.SHARING, guest=guest, account=account)
    company.clock.at = at("2026-11-26 19:31")
    return one.id


def turn_to_questions(company: Company, number: int) -> None:
    with company.database.write() as db:
        one = db.get_one(GuestSession, number)
        take(one, State.ASKING, asked=company.clock.pass_(minutes=1))


def guests_of(lines: list[Line]) -> list[str]:
    return [line.text for line in lines if line.role is Role.GUEST]


def test_a_question_from_the_queue_is_paired_with_the_answer_that_quotes_it(
    company: Company,
) -> None:
    number = evening(company)
    company.hear("报价的第一步是先问清楚客户的预算和时间，不要急着给数字", by=GUEST)
    asked = company.hear("@班长 提问 客户嫌贵的时候应该怎么办？")
    turn_to_questions(company, number)
    company.hear("先看他拿什么来比，再决定要不要让步", by=GUEST, reply_to=asked.id)
    lines = company.lines(number)
    assert [line.text for line in lines][1] == "客户嫌贵的时候应该怎么办？"
    assert lines[2].reply_to == lines[1].id
    assert [pair.q for pair in summary.draft(lines).qa] == ["客户嫌贵的时候应该怎么办？"]


def test_what_is_taken_back_is_not_said_though_it_was_answered(company: Company) -> None:
    number = evening(company)
    asked = company.hear("提问:客户嫌贵怎么办")
    turn_to_questions(company, number)
    company.hear("先问预算", by=GUEST, reply_to=asked.id)
    company.take_back(asked, by=LIN)
    assert [line.text for line in company.lines(number)] == ["先问预算"]


def test_an_early_question_is_not_part_of_the_evening(company: Company) -> None:
    number = evening(company)
    company.clock.at = at("2026-11-26 19:00")
    company.say("提问:早问的")
    company.clock.at = at("2026-11-26 19:31")
    company.hear("大家好", by=GUEST)
    assert [line.text for line in company.lines(number)] == ["大家好"]


def test_commands_ads_and_the_bot_are_not_part_of_what_was_said(company: Company) -> None:
    number = evening(company)
    company.say("@班长 群规")
    company.say("加V领资料 wx_888888，名额有限", by=ZHANG)
    company.hear("我是机器人", own=True)
    company.hear("听到了", by=ZHANG)
    assert [line.text for line in company.lines(number)] == ["听到了"]
    with company.database.read() as db:
        assert said.speakers(db, company.evening(number)) == {("fake", ZHANG)}


@pytest.mark.parametrize(
    "guest, account, heard",
    [
        ("王总、刘老师", f"{GUEST} liu", ["我先来", "我补充"]),
        ("王总、刘老师", "", ["我先来", "我补充"]),
        ("王总", GUEST, ["我先来"]),
        ("王总", "", ["我先来"]),
        ("王", "", []),
    ],
)
def test_each_guest_is_known_by_account_or_else_by_name(
    company: Company, guest: str, account: str, heard: list[str]
) -> None:
    number = evening(company, guest=guest, account=account)
    company.hear("我先来", by=GUEST)
    company.hear("我补充", by="liu", name="外聘-刘老师")
    company.hear("我听着", by=LIN)
    assert guests_of(company.lines(number)) == heard


def test_an_account_is_found_by_name_only_when_one_goes_by_it(company: Company) -> None:
    with company.database.write() as db:
        assert said.account_named(db, company.group_id, "王总") == GUEST
        assert said.account_named(db, company.group_id, "王") == ""
        chat = groups.chat_for(db, G1)
        twice = (*CAST, Member(id="wang2", name="华北-王总"))
        members.replace(db, chat_id=chat.id, members=twice, now=company.clock.now())
        assert said.account_named(db, company.group_id, "王总") == ""


def test_an_evening_is_live_until_it_ends_also_within_one_transaction(company: Company) -> None:
    number = evening(company)
    with company.database.write() as db:
        assert [one.id for one in said.live(db, company.group_id)] == [number]
        assert said.live(db, company.group_id + 1) == []
        db.get_one(GuestSession, number).state = State.CLOSED
        assert said.live(db, company.group_id) == []
