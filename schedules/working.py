"""Working time: how much of it passed between two moments. Pure."""

from datetime import date, datetime, time, timedelta

from bot import times
from schedules import holidays
from schedules.holidays import Table

BEGINS, ENDS = time(9), time(18)
"""By the group's clock, on every working day and every make-up working day."""

_ONE = timedelta(days=1)


def passed(since: datetime, until: datetime, zone: str, table: Table) -> timedelta:
    """The working time in [since, until); nights, weekends and holidays count for nothing."""
    total = timedelta()
    day = times.local(since, zone).date()
    last = times.local(until, zone).date()
    while day <= last:
        total += _of_day(day, since, until, zone, table)
        day += _ONE
    return total


def _of_day(day: date, since: datetime, until: datetime, zone: str, table: Table) -> timedelta:
    if not holidays.day(day, table).works:
        return timedelta()
    begins, ends = (times.at(day, clock, zone) for clock in (BEGINS, ENDS))
    return max(timedelta(), min(until, ends) - max(since, begins))
