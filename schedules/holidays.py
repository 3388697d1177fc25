"""Working days, holidays and make-up working days in China, and moving posts by them. Pure."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import islice

import chinese_calendar

from storage.days import Kept, covered

MAKE_UP = "调休上班"
UNKNOWN = "节假日安排未知"
"""How a plan is marked whose day is not `known`."""

_ONE = timedelta(days=1)

Table = Mapping[date, Kept]
"""What is kept by hand: all of it, for it also tells which years are known."""


class Kind(StrEnum):
    WORKDAY = "workday"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Day:
    """What a day is; a plain weekend is a HOLIDAY without a name.

    `name` is 国庆节, 调休上班 or such. Not `known`: its year's holidays are nowhere to be found,
    and it was judged by its weekday.
    """

    kind: Kind
    name: str
    known: bool

    @property
    def works(self) -> bool:
        return self.kind is Kind.WORKDAY


class Policy(StrEnum):
    """What becomes of a post that falls on a day off, in the words of owners."""

    AS_IS = "照发"
    EARLIER = "提前到最近工作日"


def read_policy(words: str) -> Policy:
    """Raises ValueError, in words for the owner, when it is neither."""
    try:
        return Policy(words.strip())
    except ValueError:
        raise ValueError(f"遇到节假日只能写「{'」或「'.join(Policy)}」") from None


def day(on: date, table: Table) -> Day:
    """What is kept by hand goes before what the library has of the State Council's notices."""
    if on in table:
        return _day(off=table[on].off, name=table[on].name, on=on, known=True)
    try:
        off, english = chinese_calendar.get_holiday_detail(on)
    except NotImplementedError:
        # It has no year before 2004, nor one whose notice came out after its own release.
        return _day(off=_weekend(on), name="", on=on, known=on.year in covered(table))
    holiday = chinese_calendar.Holiday(english).chinese if off and english else ""
    return _day(off=off, name=holiday, on=on, known=True)


def moved(on: date, policy: Policy, table: Table) -> date:
    """The day on which what falls on `on` is posted."""
    if policy is Policy.AS_IS:
        return on
    return next(_walk(on, -_ONE, lambda one: day(one, table).works))


def differs(on: date, policy: Policy, before: Table, after: Table) -> date | None:
    """The day to propose when another table moves a post elsewhere; None when it does not."""
    new = moved(on, policy, after)
    return None if new == moved(on, policy, before) else new


def next_working_days(
    after: date, count: int, table: Table, *, taken: Collection[date] = ()
) -> list[date]:
    """The first `count` working days later than `after` that are not taken."""

    def free(one: date) -> bool:
        return one not in taken and day(one, table).works

    return list(islice(_walk(after + _ONE, _ONE, free), count))


def _walk(start: date, step: timedelta, fits: Callable[[date], bool]) -> Iterator[date]:
    """Days that fit, from `start` on. Outside any table every week has some."""
    one = start
    while True:
        if fits(one):
            yield one
        one += step


def _day(*, off: bool, name: str, on: date, known: bool) -> Day:
    if off:
        return Day(Kind.HOLIDAY, name, known)
    return Day(Kind.WORKDAY, name or (MAKE_UP if _weekend(on) else ""), known)


def _weekend(on: date) -> bool:
    return on.weekday() >= 5
