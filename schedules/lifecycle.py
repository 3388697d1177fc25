"""The life of a guest session: one table of steps, and what to do about each now. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from bot import times

LATE = timedelta(hours=2)
"""A post this late is marked 补发."""

FRESH = timedelta(hours=6)
"""A reminder this soon after the announcement says nothing new."""

QUIET = (time(22, 30), time(8, 0))


class Step(StrEnum):
    ANNOUNCE = "announce"
    REMIND_EVE = "remind_eve"
    REMIND = "remind"
    OPEN = "open"
    ASK = "ask"
    WRAP_UP = "wrap_up"
    CLOSE = "close"
    DRAFT = "draft"


STEP_NAMES = {
    Step.ANNOUNCE: "预告",
    Step.REMIND_EVE: "前一天提醒",
    Step.REMIND: "当天提醒",
    Step.OPEN: "开场",
    Step.ASK: "答疑",
    Step.WRAP_UP: "收尾提示",
    Step.CLOSE: "结束",
    Step.DRAFT: "草稿",
}


class To(StrEnum):
    CHATS = "chats"
    HOST = "host"
    HR = "hr"


@dataclass(frozen=True, slots=True)
class Timing:
    """When an evening is. All times are aware; `zone` is its home group's.

    `set` is when its hours were last set: nothing could have been promised before.
    """

    starts: datetime
    asks: datetime
    ends: datetime
    set: datetime
    zone: str


@dataclass(frozen=True, slots=True)
class Planned:
    """One step of one evening. It is no longer of use from `expires` on; None is never."""

    step: Step
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


def _on(days: int, hour: int) -> Callable[[Timing], datetime]:
    def moment(evening: Timing) -> datetime:
        day = times.local(evening.starts, evening.zone).date() + timedelta(days=days)
        return times.at(day, time(hour), evening.zone)

    return moment


def _announce_due(evening: Timing) -> datetime:
    return max(_on(-2, 12)(evening), loud(evening.set, evening.zone))


def _next_morning(evening: Timing) -> datetime:
    day = times.local(evening.ends, evening.zone).date() + timedelta(days=1)
    return times.at(day, time(10), evening.zone)


def _after_start(minutes: int) -> Callable[[Timing], datetime]:
    return lambda evening: evening.starts + timedelta(minutes=minutes)


def _after_end(minutes: int) -> Callable[[Timing], datetime]:
    return lambda evening: evening.ends + timedelta(minutes=minutes)


TABLE = (
    _Row(Step.ANNOUNCE, _announce_due, _after_start(-30), To.CHATS, 2),
    _Row(Step.REMIND_EVE, _on(-1, 18), _on(0, 12), To.CHATS, 3),
    _Row(Step.REMIND, _on(0, 19), _after_start(0), To.CHATS, 2),
    _Row(Step.OPEN, _after_start(0), _after_start(20), To.CHATS, 1),
    _Row(Step.ASK, lambda evening: evening.asks, _after_end(0), To.CHATS, 1),
    _Row(Step.WRAP_UP, _after_end(-10), _after_end(0), To.HOST, 1),
    _Row(Step.CLOSE, _after_end(0), _next_morning, To.CHATS, 1),
    _Row(Step.DRAFT, _after_end(10), lambda _evening: None, To.HR, 3),
)
RUNNING = (Step.OPEN, Step.ASK, Step.WRAP_UP, Step.CLOSE)
ALWAYS = (Step.CLOSE, Step.DRAFT)
_REMINDERS = (Step.REMIND_EVE, Step.REMIND)


def plan(evening: Timing) -> list[Planned]:
    """Every step of an evening, in the order of the table.

    An evening that begins before the hour of a reminder has no such reminder.
    """
    steps = [
        Planned(row.step, row.due(evening), row.expires(evening), row.to, row.priority)
        for row in TABLE
    ]
    return [
        step
        for step in steps
        if step.step not in _REMINDERS or step.expires is None or step.due < step.expires
    ]


class Now(StrEnum):
    WAIT = "wait"
    SEND = "send"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about a step now; `why` a dropped one is dropped, in words for the owner.

    `lost` when somebody may have counted on it.
    """

    what: Now
    why: str = ""
    late: bool = False
    lost: bool = False


def decide(
    step: Planned, *, now: datetime, evening: Timing, announced: datetime | None
) -> Decision:
    """`announced` is when the announcement really went out."""
    if now < step.due:
        return Decision(Now.WAIT)
    if step.step is not Step.ANNOUNCE and step.due < evening.set and step.step not in ALWAYS:
        return Decision(Now.DROP, "安排得晚，来不及了")
    if step.expires is not None and now >= step.expires:
        return Decision(Now.DROP, "过了有效时间", lost=step.expires > step.due)
    if step.step in _REMINDERS and announced is not None and now - announced < FRESH:
        return Decision(Now.DROP, "刚发过预告")
    if step.step not in (*RUNNING, Step.DRAFT) and quiet(now, evening.zone):
        return _held(step, now, evening.zone)
    return Decision(Now.SEND, late=now - step.due > LATE)


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


def _held(step: Planned, now: datetime, zone: str) -> Decision:
    if step.expires is not None and morning(now, zone) >= step.expires:
        return Decision(Now.DROP, "只剩免打扰时段了", lost=True)
    return Decision(Now.WAIT)


def order(steps: Sequence[Planned]) -> list[Planned]:
    """Steps as they come up, for people to read."""
    return sorted(steps, key=lambda step: step.due)
