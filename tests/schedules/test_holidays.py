"""Which days are worked, and where a post goes that falls on one that is not."""

from datetime import date

import pytest

from schedules import holidays
from schedules.holidays import Day, Kind, Policy
from storage.days import Kept

UNHEARD_OF = 2083
"""A year whose holidays nobody has decided. Its days fall as those of 2027 do."""

NEW_YEAR = {
    date(UNHEARD_OF - 1, 12, 31): Kept(True, "元旦"),
    date(UNHEARD_OF, 1, 1): Kept(True, "元旦"),
    date(UNHEARD_OF, 1, 9): Kept(False),
}


def read(day: str) -> date:
    return date.fromisoformat(day)


@pytest.mark.parametrize(
    "day, works, name",
    [
        ("2026-10-06", False, "国庆节"),
        ("2026-10-08", True, ""),
        ("2026-10-10", True, "调休上班"),
        ("2026-10-11", False, ""),
        ("2026-02-15", False, "春节"),
    ],
)
def test_the_holidays_of_2026_are_those_of_the_notice(day: str, works: bool, name: str) -> None:
    kind = Kind.WORKDAY if works else Kind.HOLIDAY
    assert holidays.day(read(day), {}) == Day(kind, name, known=True)


def test_a_post_on_a_holiday_goes_out_as_it_is_or_on_the_last_working_day_before() -> None:
    two_days_ahead = date(2026, 10, 6)
    assert holidays.moved(two_days_ahead, Policy.AS_IS, {}) == two_days_ahead
    assert holidays.moved(two_days_ahead, Policy.EARLIER, {}) == date(2026, 9, 30)


def test_a_working_day_is_kept_even_when_it_is_a_saturday() -> None:
    for day in (date(2026, 10, 10), date(2026, 10, 9)):
        assert holidays.moved(day, Policy.EARLIER, {}) == day


def test_the_table_kept_by_hand_goes_before_the_notice() -> None:
    table = {date(2026, 10, 10): Kept(True, "司庆"), date(2026, 10, 6): Kept(False)}
    assert holidays.day(date(2026, 10, 10), table) == Day(Kind.HOLIDAY, "司庆", known=True)
    assert holidays.day(date(2026, 10, 6), table) == Day(Kind.WORKDAY, "", known=True)
    assert holidays.moved(date(2026, 10, 7), Policy.EARLIER, table) == date(2026, 10, 6)


@pytest.mark.parametrize("year", [1, 2003, UNHEARD_OF, 9999])
def test_a_year_nobody_knows_goes_by_weekdays_and_says_so(year: int) -> None:
    for month_day in range(1, 8):
        day = date(year, 6, month_day)
        kind = Kind.HOLIDAY if day.weekday() >= 5 else Kind.WORKDAY
        assert holidays.day(day, {}) == Day(kind, "", known=False)
        assert holidays.moved(day, Policy.EARLIER, {}).weekday() < 5


def test_a_year_is_known_by_its_own_days_not_by_the_next_new_years_in_december() -> None:
    plain = date(UNHEARD_OF, 6, 1)
    december = {date(UNHEARD_OF, 12, 31): Kept(True, "元旦")}
    assert not holidays.day(plain, december).known
    assert holidays.day(date(UNHEARD_OF, 12, 31), december).known
    assert holidays.day(plain, {date(UNHEARD_OF, 1, 1): Kept(True, "元旦")}).known


def test_a_table_that_comes_later_says_what_to_propose() -> None:
    def proposed(day: int, policy: Policy = Policy.EARLIER) -> date | None:
        return holidays.differs(date(UNHEARD_OF, 1, day), policy, {}, NEW_YEAR)

    assert holidays.moved(date(UNHEARD_OF, 1, 2), Policy.EARLIER, {}) == date(UNHEARD_OF, 1, 1)
    assert proposed(2) == date(UNHEARD_OF - 1, 12, 30)
    assert proposed(2, Policy.AS_IS) is None
    assert proposed(6) is None
    assert proposed(9) == date(UNHEARD_OF, 1, 9)


def test_the_days_offered_instead_are_the_next_working_ones_that_are_free() -> None:
    thursday = date(2026, 11, 26)
    assert holidays.next_working_days(thursday, 2, {}) == [date(2026, 11, 27), date(2026, 11, 30)]
    assert holidays.next_working_days(thursday, 1, {}, taken={date(2026, 11, 27)}) == [
        date(2026, 11, 30)
    ]
    assert holidays.next_working_days(date(2026, 9, 30), 3, {}) == [
        date(2026, 10, 8),
        date(2026, 10, 9),
        date(2026, 10, 10),
    ]


def test_owners_write_the_policy_in_their_own_words() -> None:
    assert holidays.read_policy(" 照发 ") is Policy.AS_IS
    assert holidays.read_policy("提前到最近工作日") is Policy.EARLIER
    with pytest.raises(ValueError, match="「照发」或「提前到最近工作日」"):
        holidays.read_policy("推后")
