"""A zone's clock as calendar files describe it, for clients that do not know the zone by name."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_SECOND = timedelta(seconds=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class _Change(NamedTuple):
    """From one offset to another; `name` is what the zone is called afterwards, as CEST."""

    before: timedelta
    after: timedelta
    name: str


@lru_cache(64)
def describe(zone: str, *, first: int, last: int) -> Timezone:
    """The VTIMEZONE that holds for these years. What is returned is shared: do not change it.

    Onsets are what the clock showed until then (RFC 5545, 3.6.5). They are rules where the zone has
    one: Outlook reads nothing else of a zone than one rule a year for summer and one for winter.
    """
    begin = datetime(first - 1, 1, 1, tzinfo=UTC)
    onsets: dict[_Change, list[datetime]] = defaultdict(list)
    for moment, change in _changes(ZoneInfo(zone), begin, datetime(last + 1, 1, 1, tzinfo=UTC)):
        onsets[change].append(moment + change.before)
    made = Timezone()
    made.add("TZID", zone)
    if not onsets or min(min(walls) for walls in onsets.values()).year >= first:
        there = begin.astimezone(ZoneInfo(zone))
        onsets[_Change(_offset(there), _offset(there), there.tzname() or zone)].append(begin)
    for change, walls in sorted(onsets.items(), key=lambda item: item[1]):
        made.add_component(_observance(change, walls))
    return made


def _changes(
    zone: ZoneInfo, since: datetime, until: datetime
) -> Iterator[tuple[datetime, _Change]]:
    """The instants in [since, until) at which the zone's clock is turned."""
    low = since
    while low < until:
        high = low + _DAY
        old, new = low.astimezone(zone), high.astimezone(zone)
        if old.utcoffset() != new.utcoffset():
            change = _Change(_offset(old), _offset(new), new.tzname() or zone.key)
            yield _turn(zone, low, high), change
        low = high


def _turn(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first second of the new offset, between two instants with different ones."""
    old = low.astimezone(zone).utcoffset()
    while high - low > _SECOND:
        middle = (low + (high - low) / 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high


def _offset(there: datetime) -> timedelta:
    return there.utcoffset() or timedelta()


def _observance(change: _Change, walls: Sequence[datetime]) -> TimezoneStandard | TimezoneDaylight:
    kind = TimezoneDaylight if change.after > change.before else TimezoneStandard
    made = kind()
    made.DTSTART = walls[0].replace(tzinfo=None)
    made.TZOFFSETFROM = change.before
    made.TZOFFSETTO = change.after
    made.add("TZNAME", change.name)
    if rule := _rule(walls):
        made.add("RRULE", {"FREQ": "YEARLY"} | rule)
    elif walls[1:]:
        made.add("RDATE", [wall.replace(tzinfo=None) for wall in walls[1:]])
    return made


def _rule(walls: Sequence[datetime]) -> dict[str, str | int] | None:
    """Month and weekday such as -1SU, the last Sunday, if that is every onset's, year by year."""
    first = walls[0]
    years = range(first.year, first.year + len(walls))
    if len(walls) < 2 or [wall.year for wall in walls] != list(years):
        return None
    if {(w.month, w.weekday(), w.time()) for w in walls} != {
        (first.month, first.weekday(), first.time())
    }:
        return None
    for nth in (-1, _nth(first)):
        if all(_last(wall) if nth == -1 else _nth(wall) == nth for wall in walls):
            return {"BYMONTH": first.month, "BYDAY": f"{nth}{_WEEKDAYS[first.weekday()]}"}
    return None


def _nth(day: datetime) -> int:
    return (day.day - 1) // 7 + 1


def _last(day: datetime) -> bool:
    return (day + _WEEK).month != day.month
