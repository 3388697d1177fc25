"""The steps of an evening: one table of what is due when, until when, to whom, how urgent. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from bot import times
from schedules.quiet import loud, quiet


class Step(StrEnum):
    WELCOME = "welcome"
    ANNOUNCE = "announce"
    REMIND_EVE = "remind_eve"
    RUN_SHEET = "run_sheet"
    HOST_CHECK = "host_check"
    REMIND = "remind"
    GUEST_CHECK = "guest_check"
    MUTE = "mute"
    OPEN = "open"
    CODE_A = "code_a"
    NO_SHOW = "no_show"
    HALF_TIME = "half_time"
    UNMUTE = "unmute"
    ASK = "ask"
    CODE_B = "code_b"
    WRAP_UP = "wrap_up"
    CLOSE = "close"
    THANKS = "thanks"
    FEEDBACK = "feedback"
    DRAFT = "draft"
    SEAL = "seal"
    CHASE = "chase"
    CHASE_AGAIN = "chase_again"
    CHASE_LEAD = "chase_lead"


STEP_NAMES = {
    Step.WELCOME: "嘉宾欢迎",
    Step.ANNOUNCE: "预告",
    Step.REMIND_EVE: "前一天提醒",
    Step.RUN_SHEET: "嘉宾流程单",
    Step.HOST_CHECK: "主持核对",
    Step.REMIND: "当天提醒",
    Step.GUEST_CHECK: "嘉宾到场核对",
    Step.MUTE: "全员静音",
    Step.OPEN: "开场",
    Step.CODE_A: "签到码A",
    Step.NO_SHOW: "嘉宾未到提示",
    Step.HALF_TIME: "半场提示",
    Step.UNMUTE: "解除静音",
    Step.ASK: "答疑",
    Step.CODE_B: "签到码B",
    Step.WRAP_UP: "收尾提示",
    Step.CLOSE: "结束",
    Step.THANKS: "感谢嘉宾",
    Step.FEEDBACK: "反馈邀请",
    Step.DRAFT: "草稿",
    Step.SEAL: "出勤封存",
    Step.CHASE: "催审",
    Step.CHASE_AGAIN: "再催审",
    Step.CHASE_LEAD: "上报催审",
}


class To(StrEnum):
    CHATS = "chats"
    MUTED = "muted"
    GUEST = "guest"
    HOST = "host"
    CREW = "crew"
    ATTENDEES = "attendees"
    HR = "hr"
    HR_LEAD = "hr_lead"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a group chose for one step: on or off, and how many minutes it is shifted."""

    on: bool = True
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """When an evening is. All times are aware; `zone` is its home group's.

    `set` is when its hours were last set: nothing could have been promised before.
    `announce_on` is the day of the announcement, when a holiday moved it; `confirmed` is when
    the guest agreed; `hard` whether all are to be muted while the guest shares, `muted` whether
    they may be now. `number` seeds the minutes that are not to be guessed.
    """

    starts: datetime
    asks: datetime
    ends: datetime
    set: datetime
    zone: str
    number: int = 0
    announce_on: date | None = None
    confirmed: datetime | None = None
    hard: bool = False
    muted: bool = False
    choices: Mapping[Step, Choice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """One step of one evening. It is no longer of use from `expires` on; None is never.

    `slot` is its hour by the table, which a shift that a group chose leaves alone.
    """

    step: Step
    slot: datetime
    due: datetime
    expires: datetime | None
    to: To
    priority: int


@dataclass(frozen=True, slots=True)
class _Row:
    step: Step
    due: Callable[[Timing], datetime]
    expires: Callable[[Timing], datetime | None]
    to: To
    priority: int


Moment = Callable[[Timing], datetime]


def _on(days: int, hour: int, *, after: Moment = lambda evening: evening.starts) -> Moment:
    """A whole hour so many calendar days from the evening, on the group's wall clock."""

    def moment(evening: Timing) -> datetime:
        day = times.local(after(evening), evening.zone).date() + timedelta(days=days)
        return times.at(day, time(hour), evening.zone)

    return moment


def _announce(evening: Timing) -> datetime:
    if evening.announce_on is None:
        return _on(-2, 12)(evening)
    return times.at(evening.announce_on, time(12), evening.zone)


def _feedback(evening: Timing) -> datetime:
    """Nobody is asked for an opinion in the night, nor first thing in the morning."""
    due = evening.ends + timedelta(minutes=5)
    if not quiet(due, evening.zone):
        return due
    return times.at(_day_after(due, evening.zone), time(9), evening.zone)


def _day_after(moment: datetime, zone: str) -> date:
    here = times.local(moment, zone)
    return here.date() + timedelta(days=1 if here.hour >= 12 else 0)


def _start(minutes: int) -> Moment:
    return lambda evening: evening.starts + timedelta(minutes=minutes)


def _ask(minutes: int) -> Moment:
    return lambda evening: evening.asks + timedelta(minutes=minutes)


def _end(minutes: int) -> Moment:
    return lambda evening: evening.ends + timedelta(minutes=minutes)


def _within(moment: Moment, least: int, most: int) -> Moment:
    """Some minute of a span, the same for the same evening and not to be told from outside."""

    def chosen(evening: Timing) -> datetime:
        spread = (evening.number * 7919 + 104729) % (most - least + 1)
        return moment(evening) + timedelta(minutes=least + spread)

    return chosen


def _ended(days: int, hour: int) -> Moment:
    return _on(days, hour, after=lambda evening: evening.ends)


def _never(_: Timing) -> None:
    return None


TABLE = (
    _Row(Step.WELCOME, lambda evening: evening.confirmed or evening.starts, _start(0), To.GUEST, 3),
    _Row(Step.ANNOUNCE, _announce, _start(-30), To.CHATS, 2),
    _Row(Step.REMIND_EVE, _on(-1, 18), _on(0, 12), To.CHATS, 3),
    _Row(Step.RUN_SHEET, _on(-1, 20), _start(0), To.GUEST, 3),
    _Row(Step.HOST_CHECK, _on(0, 17), _start(0), To.HOST, 2),
    _Row(Step.REMIND, _on(0, 19), _start(0), To.CHATS, 2),
    _Row(Step.GUEST_CHECK, _start(-15), _start(0), To.HOST, 2),
    _Row(Step.MUTE, _start(0), _ask(0), To.MUTED, 1),
    _Row(Step.OPEN, _start(0), _start(20), To.CHATS, 1),
    _Row(Step.CODE_A, _within(_start(0), 5, 15), _ask(0), To.CHATS, 2),
    _Row(Step.NO_SHOW, _start(10), _ask(0), To.HOST, 1),
    _Row(Step.HALF_TIME, _ask(-10), _ask(0), To.CREW, 2),
    _Row(Step.UNMUTE, lambda evening: min(evening.asks, evening.ends), _never, To.MUTED, 0),
    _Row(Step.ASK, _ask(0), _end(0), To.CHATS, 1),
    _Row(Step.CODE_B, _within(_ask(0), 10, 20), _end(0), To.CHATS, 2),
    _Row(Step.WRAP_UP, _end(-10), _end(0), To.HOST, 1),
    _Row(Step.CLOSE, _end(0), _ended(1, 10), To.CHATS, 1),
    _Row(Step.THANKS, _end(0), _ended(1, 10), To.GUEST, 2),
    _Row(Step.FEEDBACK, _feedback, _ended(2, 22), To.ATTENDEES, 4),
    _Row(Step.DRAFT, _end(10), _never, To.HR, 3),
    _Row(Step.SEAL, _end(30), _never, To.NOBODY, 3),
    _Row(Step.CHASE, _ended(1, 10), _ended(2, 10), To.HR, 4),
    _Row(Step.CHASE_AGAIN, _ended(2, 10), _ended(3, 10), To.HR, 4),
    _Row(Step.CHASE_LEAD, _ended(3, 10), _ended(4, 10), To.HR_LEAD, 4),
)

RUNNING = (
    Step.MUTE,
    Step.OPEN,
    Step.CODE_A,
    Step.NO_SHOW,
    Step.HALF_TIME,
    Step.UNMUTE,
    Step.ASK,
    Step.CODE_B,
    Step.WRAP_UP,
    Step.CLOSE,
)
"""What belongs to the evening itself, and is done at any hour."""

SILENT = (Step.DRAFT, Step.SEAL)
"""Work that makes no sound; the word about it waits for the morning by itself."""

ALWAYS = (Step.UNMUTE, Step.CLOSE, Step.DRAFT, Step.SEAL)
"""What is due even when its hour was over before the evening was planned."""

NEEDED = (*ALWAYS, Step.OPEN, Step.ASK, Step.MUTE)
"""Without these there is no evening; a group cannot switch them off or shift them."""

CHASES = (Step.CHASE, Step.CHASE_AGAIN, Step.CHASE_LEAD)
REMINDERS = (Step.REMIND_EVE, Step.REMIND)
NAMED = {name: step for step, name in STEP_NAMES.items()}


def plan(evening: Timing) -> list[Planned]:
    """Every step of an evening, in the order of the table, as its group wants it.

    A step that would be too late from the start is left out, such as the reminder at 19:00 of an
    evening that begins at six. The announcement is not: that there was none has to be seen.
    """
    return [step for row in TABLE if _wanted(row.step, evening) if (step := _planned(row, evening))]


def _wanted(step: Step, evening: Timing) -> bool:
    if step is Step.WELCOME and evening.confirmed is None:
        return False
    if step is Step.MUTE and not evening.hard:
        return False
    if step is Step.UNMUTE and not (evening.hard or evening.muted):
        return False
    return evening.choices.get(step, Choice()).on


def _planned(row: _Row, evening: Timing) -> Planned | None:
    shift = timedelta(minutes=evening.choices.get(row.step, Choice()).minutes)
    slot, expires = row.due(evening), row.expires(evening)
    due = slot + shift
    if row.step is Step.ANNOUNCE:
        # Two calendar days ahead at noon; at once for an evening that was planned later.
        due = max(due, loud(evening.set, evening.zone))
    if row.step is not Step.ANNOUNCE and expires is not None and due >= expires:
        return None
    return Planned(row.step, slot, due, expires, row.to, row.priority)


def order(steps: Sequence[Planned]) -> list[Planned]:
    """Steps as they come up, for people to read."""
    return sorted(steps, key=lambda step: step.due)
