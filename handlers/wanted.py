"""What a line of chat wants of an evening: its hours, its guests, its title. Is the day free?"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from bot import times
from handlers.commands import Call, Refused
from handlers.grammar import Options, narrow
from schedules import choices, holidays
from storage import days, guests, said
from storage.guests import GuestSession

STARTS, ENDS = time(19, 30), time(21)
LASTS = timedelta(minutes=90)
LONGEST_TITLE, LONGEST_NAME = 100, 40
_ASKS_AFTER = timedelta(minutes=60)
_LEAST_ASKING = timedelta(minutes=10)
_LOOK_AHEAD = timedelta(days=40)
_A_CLOCK = re.compile(r"\d{1,2}\s*[:：点]|[上中下]午|晚上")
_AND = re.compile(r"[、，,]\s*")
_ENDS_WITH_TIME = re.compile(
    r"\s(?:时间\s*)?(?:今晚|早上|上午|中午|下午|晚上)?\d{1,2}(?:[:：]\d{2}|点半?)\S*$"
)

Hours = tuple[datetime, datetime, datetime]
"""Start, Q&A and end, aware UTC."""


def hours(call: Call, day: date, span: str | None, *, lasts: timedelta = LASTS) -> Hours:
    """A span without an end `lasts` so long. Raises Refused when it cannot be read, or is over."""
    try:
        first, last = times.read_span(narrow(span), lasts=lasts) if span else (STARTS, ENDS)
    except ValueError as problem:
        raise Refused(str(problem)) from None
    starts, ends = (times.at(day, clock, call.group.zone) for clock in (first, last))
    if starts <= call.now:
        raise Refused(f"{times.show_moment(starts, call.group.zone)} 已经过了")
    asks = starts + _ASKS_AFTER
    if asks + _LEAST_ASKING > ends:
        asks = starts + (ends - starts) * 2 / 3
    return starts, asks, ends


def new_hours(call: Call, one: GuestSession, options: Options) -> Hours:
    """The hours after a change of 日期 or 时间; what is not changed stays."""
    starts, ends = (times.local(moment, call.group.zone) for moment in (one.starts, one.ends))
    day = starts.date()
    if "日期" in options:
        try:
            today = times.local(call.message.at, call.group.zone).date()
            day = times.read_day(narrow(options["日期"]), today)
        except ValueError as problem:
            raise Refused(str(problem)) from None
    span = options.get("时间") or f"{starts:%H:%M}-{ends:%H:%M}"
    return hours(call, day, span, lasts=one.ends - one.starts)


def announce_on(call: Call, starts: datetime) -> date:
    """The day of the announcement: two calendar days ahead, or as the group's policy moves it."""
    day = times.local(starts, call.group.zone).date() - timedelta(days=2)
    return holidays.moved(day, choices.policy(call.db, call.group.id), days.table(call.db))


def on(call: Call, day: date, *, but: int = 0) -> list[GuestSession]:
    """The group's other evenings of a day."""
    since = times.at(day, time(0), call.group.zone)
    until = times.at(day + timedelta(days=1), time(0), call.group.zone)
    there = guests.between(call.db, group_id=call.group.id, since=since, until=until)
    return [one for one in there if one.id != but]


def next_free(call: Call, day: date, count: int = 2) -> list[date]:
    """The next working days on which the group has no evening."""
    since = times.at(day, time(0), call.group.zone)
    there = guests.between(call.db, group_id=call.group.id, since=since, until=since + _LOOK_AHEAD)
    taken = {times.local(one.starts, call.group.zone).date() for one in there}
    return holidays.next_working_days(day, count, days.table(call.db), taken=taken)


def free(call: Call, day: date, *, but: int = 0) -> None:
    """Raises Refused, with days that are free, when the group has another evening that day."""
    if others := on(call, day, but=but):
        other = others[0]
        instead = "、".join(map(times.show_day, next_free(call, day)))
        raise Refused(f"{times.show_day(day)} {taken_by(call, other)}。可以换一天，如 {instead}")


def taken_by(call: Call, other: GuestSession) -> str:
    return f"本群已有 #{other.id} {other.shown_guest(call.now)}《{other.topic}》"


def elsewhere(call: Call, guest: str, day: date) -> list[GuestSession]:
    """Evenings of other groups with the same guest on the same day."""
    since = times.at(day, time(0), call.group.zone)
    until = times.at(day + timedelta(days=1), time(0), call.group.zone)
    found = guests.of_guest(call.db, guest, since=since, until=until)
    return [
        one
        for one in found
        if not guests.takes_part(call.db, one, call.group.id) and not one.hidden(call.now)
    ]


def who(call: Call, guest: str) -> tuple[str, str]:
    """The guests' names as one, and their accounts where it is plain whose they are."""
    names, accounts = [], []
    for one in filter(None, _AND.split(guest)):
        name, account = _one_guest(call, one)
        names.append(name)
        accounts += [account] if account else []
    if not names or len("、".join(names)) > LONGEST_NAME:
        raise Refused(f"嘉宾的名字要在 {LONGEST_NAME} 个字以内")
    return "、".join(names), " ".join(accounts)


def _one_guest(call: Call, guest: str) -> tuple[str, str]:
    name = _one_line(guest).removeprefix("@").strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Refused(f"嘉宾的名字要在 {LONGEST_NAME} 个字以内")
    if _A_CLOCK.match(name):
        raise Refused(f"「{name}」像是时间。时间请写在后面，如：时间=20:00-21:15")
    if guest.startswith("@"):
        for segment in call.message.segments:
            if segment.kind == "at" and name in (segment.ref, segment.text):
                return segment.text or name, segment.ref
    return name, said.account_named(call.db, call.group.id, name)


def _one_line(text: str) -> str:
    """Without line breaks, and without characters that only turn or hide others."""
    seen = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    return " ".join(seen.split())


def title(topic: str) -> str:
    """A topic without the brackets that every text puts around it."""
    if _ENDS_WITH_TIME.search(topic):
        raise Refused("主题后面好像跟着时间。时间请写成：时间=20:00-21:00")
    bare = _one_line(topic).removeprefix("《").removesuffix("》").strip()
    if not 1 <= len(bare) <= LONGEST_TITLE:
        raise Refused(f"主题要在 {LONGEST_TITLE} 个字以内")
    return bare


def short(text: str, name: str) -> str:
    """One line of a reason, a hint or a contact. Raises Refused for one that is too long."""
    line = _one_line(text)
    if len(line) > LONGEST_TITLE:
        raise Refused(f"{name}要在 {LONGEST_TITLE} 个字以内")
    return line


def days_shown(days: Sequence[date]) -> str:
    return "、".join(map(times.show_day, days))
