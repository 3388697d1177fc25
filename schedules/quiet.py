"""The hours at which only a running evening may make a sound. Pure."""

from datetime import datetime, time, timedelta

from bot import times

QUIET = (time(22, 30), time(8, 0))


def quiet(now: datetime, zone: str) -> bool:
    """Whether it is an hour at which only a running evening may make a sound."""
    clock = times.local(now, zone).time()
    return clock >= QUIET[0] or clock < QUIET[1]


def morning(now: datetime, zone: str) -> datetime:
    """When the quiet hours that hold `now` end."""
    here = times.local(now, zone)
    day = here.date() + timedelta(days=1 if here.time() >= QUIET[0] else 0)
    return times.at(day, QUIET[1], zone)


def loud(now: datetime, zone: str) -> datetime:
    """`now`, or the morning after when it is a quiet hour."""
    return morning(now, zone) if quiet(now, zone) else now
