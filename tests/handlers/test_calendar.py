"""日历 by chat: everyone is given their own address, and nobody sees it pass by."""

from collections.abc import Iterator

import pytest

from bot.actions import Say
from handlers import calendar
from tests.build import G1, LIN, OWNER, Company, direct


class Book:
    """Addresses that can be read."""

    def of_person(self, platform: str, member: str) -> str:
        return f"https://hr.example.com/p/{platform}-{member}.ics"

    def of_group(self, group_id: int) -> str:
        return f"https://hr.example.com/g/{group_id}.ics"


@pytest.fixture(autouse=True)
def _book() -> Iterator[None]:
    calendar.offer(Book())
    yield
    calendar.offer(None)


@pytest.mark.parametrize("chat", [G1, direct(LIN)])
def test_a_member_is_given_their_own_address_and_nobody_else_is(
    company: Company, chat: str
) -> None:
    [said] = company.say("@班长 日历", by=LIN, chat=chat)
    assert isinstance(said, Say)
    assert said.chat == direct(LIN)
    assert "https://hr.example.com/p/fake-linyue.ics\n" in said.text
    assert "/g/" not in said.text


def test_who_plans_evenings_is_given_the_groups_address_too(company: Company) -> None:
    [said] = company.say("@班长 日历", by=OWNER)
    assert said.chat == direct(OWNER)
    assert "https://hr.example.com/p/fake-zhaomin.ics\n" in said.text
    assert said.text.endswith(f"「新人2611群」的日历，可以发给群里的人：\n{group(company)}")


def group(company: Company) -> str:
    return Book().of_group(company.group_id)


def test_without_a_public_address_the_answer_says_what_is_missing(company: Company) -> None:
    calendar.offer(None)
    answer = company.ask("@班长 日历", by=LIN)
    assert answer == "IT 还没有设置 BANZHANG_PUBLIC_URL，日历链接暂时没有"
