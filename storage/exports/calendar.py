"""A feed as an iCalendar file (RFC 5545): strangers' words in it stay words."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from icalendar import Alarm, Calendar, Event
from icalendar.prop import vDuration

from bot import times
from storage.exports import zones
from storage.feeds import Entry, Feed
from storage.guests import STATE_NAMES, State
from storage.masking import readable

REMINDER = timedelta(minutes=30)
EVERY = timedelta(hours=1)
"""How often clients are asked to come by; most come as often as they like."""

_CALLED_OFF = (State.CANCELLED, State.MOVED)
_YEARS = 5
"""So far ahead clocks are described one by one. A slip of the pen may put an evening into 9999."""

_STAMP = re.compile(rb"^DTSTAMP:\w+\r\n", re.MULTILINE)


def render(feed: Feed, *, installation: str, now: datetime) -> bytes:
    """The file. `installation` makes the ids of our evenings differ from everybody else's."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Banzhang//Evenings//ZH")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.calendar_name = readable(feed.name)
    # The newer name must say what kind of value it has (RFC 7986, 5.7); Outlook knows the older.
    calendar.add("REFRESH-INTERVAL", vDuration(EVERY), parameters={"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(EVERY))
    _add_zones(calendar, feed.entries, now)
    for entry in feed.entries:
        calendar.add_component(_event(entry, installation, now))
    content: bytes = calendar.to_ical()
    return content


def fingerprint(content: bytes) -> str:
    """The same for two files that say the same, whenever they were made."""
    return sha256(_STAMP.sub(b"", content)).hexdigest()[:32]


def _add_zones(calendar: Calendar, entries: Iterable[Entry], now: datetime) -> None:
    years = [now.year, *(moment.year for entry in entries for moment in (entry.starts, entry.ends))]
    first = min(years)
    last = min(max(years), first + _YEARS)
    # A calendar without any component is none, so an empty one says what UTC is.
    for zone in sorted({entry.zone for entry in entries} or {"UTC"}):
        calendar.add_component(zones.describe(zone, first=first, last=last))


def _event(entry: Entry, installation: str, now: datetime) -> Event:
    off = entry.state in _CALLED_OFF
    event = Event()
    event.add("UID", f"evening-{entry.number}@{installation}")
    event.add("SEQUENCE", entry.revision - 1)
    # When it changed is not kept for every change, and a guest is unveiled without one.
    event.add("DTSTAMP", now.astimezone(UTC))
    event.add("DTSTART", times.local(entry.starts, entry.zone))
    event.add("DTEND", times.local(entry.ends, entry.zone))
    event.add("SUMMARY", _title(entry))
    event.add("DESCRIPTION", _description(entry))
    event.add("STATUS", "CANCELLED" if off else "CONFIRMED")
    event.add("TRANSP", "TRANSPARENT" if off else "OPAQUE")
    if not off:
        event.add_component(_alarm(entry))
    return event


def _title(entry: Entry) -> str:
    """王总《我的第一单》; what was called off says so, for clients that show it all the same."""
    title = f"{readable(entry.guest)}《{readable(entry.topic)}》"
    return f"{STATE_NAMES[entry.state]}：{title}" if entry.state in _CALLED_OFF else title


def _description(entry: Entry) -> str:
    # Who reads it in another zone can make something of the minutes.
    minutes = (entry.asks - entry.starts) // timedelta(minutes=1)
    lines = [
        f"{readable(entry.group)} #{entry.number}",
        f"答疑 {times.local(entry.asks, entry.zone):%H:%M}（开场后 {minutes} 分钟）",
    ]
    if entry.state in _CALLED_OFF:
        lines[1:] = [f"{STATE_NAMES[entry.state]}{_successor(entry)}"]
    return "\n".join(lines)


def _successor(entry: Entry) -> str:
    return f"→#{entry.successor}" if entry.successor else ""


def _alarm(entry: Entry) -> Alarm:
    alarm = Alarm()
    alarm.add("ACTION", "DISPLAY")
    alarm.add("DESCRIPTION", _title(entry))
    alarm.add("TRIGGER", -REMINDER)
    return alarm
