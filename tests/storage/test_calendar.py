"""Calendar files: the right instant for every reader, and strangers' words that stay words."""

from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from storage.exports import calendar, zones
from storage.feeds import Entry, Feed
from storage.guests import State
from storage.masking import readable

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
START = datetime(2026, 11, 26, 11, 30, tzinfo=UTC)
EVENING = Entry(
    number=12,
    revision=1,
    state=State.ANNOUNCED,
    guest="王总",
    topic="我的第一单",
    group="新人2611群",
    zone="Asia/Shanghai",
    starts=START,
    asks=START + timedelta(minutes=60),
    ends=START + timedelta(minutes=90),
)
BERLIN = replace(
    EVENING,
    zone="Europe/Berlin",
    starts=datetime(2027, 3, 29, 17, 30, tzinfo=UTC),
    asks=datetime(2027, 3, 29, 18, 30, tzinfo=UTC),
    ends=datetime(2027, 3, 29, 19, 0, tzinfo=UTC),
)
TIMES = ("starts", "asks", "ends")
HOSTILE = [
    "好\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x\r\nSUMMARY:假的",
    "好\nATTENDEE:mailto:a@example.com",
    "好\rX-A:1\x0bX-B:2\x0cX-C:3\x85X-D:4\u2028X-E:5",
    "a;b,c:d\"e'f\\g\\n\\;^n",
    "\x00\x1b\ud83d\u202egpj.exe",
    "长" * 200,
    "\\" * 200,
    "👩‍👩‍👧‍👦" * 40,
]


def file(*entries: Entry, now: datetime = NOW) -> bytes:
    return calendar.render(Feed("新人2611群 嘉宾分享", entries), installation="here", now=now)


def only(content: bytes) -> Event:
    [event] = Calendar.from_ical(content).events
    return event


def test_an_evening_says_who_what_and_when() -> None:
    content = file(EVENING)
    event = only(content)
    assert event["SUMMARY"] == "王总《我的第一单》"
    assert event["DESCRIPTION"] == "新人2611群 #12\n答疑 20:30（开场后 60 分钟）"
    assert event["UID"] == "evening-12@here"
    assert event["STATUS"] == "CONFIRMED"
    assert b"DTSTART;TZID=Asia/Shanghai:20261126T193000\r\n" in content
    assert b"DTEND;TZID=Asia/Shanghai:20261126T210000\r\n" in content
    [alarm] = event.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(minutes=-30)


def test_the_evening_after_the_clocks_change_is_at_half_past_five_utc() -> None:
    content = file(BERLIN)
    assert b"DTSTART;TZID=Europe/Berlin:20270329T193000\r\n" in content
    assert only(content).start.astimezone(UTC) == datetime(2027, 3, 29, 17, 30, tzinfo=UTC)
    # A reader that knows no zone by this name goes by what the file says of it.
    unnamed = only(content.replace(b"Europe/Berlin", b"Elsewhere/Unheard"))
    assert unnamed.start.astimezone(UTC) == datetime(2027, 3, 29, 17, 30, tzinfo=UTC)


def test_another_library_reads_the_same_as_we_wrote() -> None:
    stream = pytest.importorskip("ical.calendar_stream")
    content = file(EVENING, BERLIN).replace(b"Europe/Berlin", b"Elsewhere/Unheard")
    first, second = stream.IcsCalendarStream.calendar_from_ics(content.decode()).events
    assert (first.uid, first.summary) == ("evening-12@here", "王总《我的第一单》")
    assert first.start.astimezone(UTC) == START
    assert second.start.astimezone(UTC) == BERLIN.starts
    assert second.end.astimezone(UTC) == BERLIN.ends


@pytest.mark.parametrize(
    "zone",
    [
        "Asia/Shanghai",
        "Europe/Berlin",
        "Europe/Dublin",
        "America/New_York",
        "America/Santiago",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Asia/Almaty",
    ],
)
def test_a_described_zone_turns_its_clock_in_the_very_second(zone: str) -> None:
    times, kinds = zones.describe(zone, first=2024, last=2027).get_transitions()
    turns = [moment.replace(tzinfo=UTC) for moment in times if moment.year < 2028]
    days = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=n) for n in range(4 * 365)]
    before = [turn - timedelta(seconds=1) for turn in turns[1:]]
    for moment in (*days, *before, *turns):
        described, _, _ = kinds[bisect_right(turns, moment) - 1]
        assert described == moment.astimezone(ZoneInfo(zone)).utcoffset(), moment


def test_clocks_are_described_by_rules_for_readers_that_know_nothing_else() -> None:
    content = file(BERLIN)
    assert b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n" in content
    assert b"RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n" in content
    assert b"RDATE" not in content


def test_a_changed_evening_is_the_same_entry_with_a_higher_number() -> None:
    later = replace(EVENING, revision=3, starts=EVENING.starts + timedelta(minutes=30))
    before, after = only(file(EVENING)), only(file(later))
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 2)
    assert after.start - before.start == timedelta(minutes=30)


@pytest.mark.parametrize(
    "state, title, words",
    [
        (State.CANCELLED, "已取消：王总《我的第一单》", "新人2611群 #12\n已取消"),
        (State.MOVED, "已改期：王总《我的第一单》", "新人2611群 #12\n已改期→#15"),
    ],
)
def test_what_was_called_off_says_so_and_reminds_nobody(
    state: State, title: str, words: str
) -> None:
    successor = 15 if state is State.MOVED else None
    event = only(file(replace(EVENING, state=state, successor=successor)))
    assert event["STATUS"] == "CANCELLED"
    assert (event["SUMMARY"], event["DESCRIPTION"]) == (title, words)
    assert not event.walk("VALARM")


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_words_stay_words(words: str) -> None:
    content = file(replace(EVENING, guest=words, topic=words, group=words))
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not any(byte < 0x20 for line in lines for byte in line)
    text = content.replace(b"\r\n ", b"").decode()
    assert not set(text) & set("\x7f\x85\u2028\u2029\u202e")
    harmless = file(EVENING).replace(b"\r\n ", b"").decode()
    assert names_of(text) == names_of(harmless)
    assert only(content)["SUMMARY"] == f"{readable(words)}《{readable(words)}》"


def names_of(text: str) -> list[str]:
    """The name of each unfolded line."""
    return [line.partition(":")[0] for line in text.split("\r\n")]


def test_the_same_feed_has_the_same_fingerprint_whenever_it_is_made() -> None:
    later = file(EVENING, now=NOW + timedelta(minutes=1))
    assert later != file(EVENING)
    assert calendar.fingerprint(later) == calendar.fingerprint(file(EVENING))
    renamed = file(replace(EVENING, topic="我的第二单"))
    assert calendar.fingerprint(renamed) != calendar.fingerprint(file(EVENING))


def test_an_empty_calendar_is_still_one_that_readers_take() -> None:
    content = Calendar.from_ical(file())
    assert content.walk("VTIMEZONE")
    assert not content.events


def test_a_slip_of_the_pen_in_the_year_does_not_make_everybodys_file_long() -> None:
    far = replace(BERLIN, **{name: getattr(BERLIN, name).replace(year=9999) for name in TIMES})
    assert len(file(EVENING, far)) < 4000
