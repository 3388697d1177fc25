"""What to do now about a step of an evening: wait, send it, or leave it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from schedules.quiet import morning, quiet
from schedules.steps import ALWAYS, CHASES, REMINDERS, RUNNING, SILENT, Planned, Step, Timing

LATE = timedelta(hours=2)
"""A post this late is marked 补发."""

FRESH = timedelta(hours=6)
"""A reminder this soon after people were told says nothing new."""


NEEDLESS = frozenset(
    {"安排得晚，来不及了", "加入得晚", "刚发过预告", "刚发过改期通知", "嘉宾已到", "已经审核"}
)
"""Why a step was left out that nobody misses."""


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


@dataclass(frozen=True, slots=True)
class Standing:
    """How things are with an evening at one of its targets.

    `told` is when the target last heard of it, by whatever post; `announced` whether that was
    its announcement; `arrived` whether the guest is there, `reviewed` whether HR decided, and
    `since` is when the target was added to an evening that was planned already.
    """

    told: datetime | None = None
    announced: bool = False
    arrived: bool = False
    reviewed: bool = False
    since: datetime | None = None


def decide(step: Planned, *, now: datetime, evening: Timing, standing: Standing) -> Decision:
    """What is to be done about a step that was not taken yet at this target."""
    if now < step.due:
        return Decision(Now.WAIT)
    if step.step is not Step.ANNOUNCE and step.due < evening.set and step.step not in ALWAYS:
        return Decision(Now.DROP, "安排得晚，来不及了")
    if why := _needless(step, now, standing):
        return Decision(Now.DROP, why)
    due = max(step.due, standing.since or step.due)
    if step.expires is not None and now >= step.expires:
        return Decision(Now.DROP, "过了有效时间", lost=step.expires > due)
    if step.step not in (*RUNNING, *SILENT) and quiet(now, evening.zone):
        return _held(step, now, evening.zone)
    return Decision(Now.SEND, late=now - due > LATE)


def _needless(step: Planned, now: datetime, standing: Standing) -> str:
    """Why a step has nothing to say any more; empty when it has."""
    fresh = standing.told is not None and now - standing.told < FRESH
    joined_late = standing.since is not None and step.due < standing.since
    if joined_late and step.step is not Step.ANNOUNCE:
        return "加入得晚"
    if step.step in REMINDERS and fresh:
        return "刚发过预告"
    if step.step is Step.ANNOUNCE and fresh and not standing.announced:
        return "刚发过改期通知"
    if step.step in (Step.GUEST_CHECK, Step.NO_SHOW) and standing.arrived:
        return "嘉宾已到"
    if step.step in (Step.DRAFT, *CHASES) and standing.reviewed:
        return "已经审核"
    return ""


def _held(step: Planned, now: datetime, zone: str) -> Decision:
    if step.expires is not None and morning(now, zone) >= step.expires:
        return Decision(Now.DROP, "只剩免打扰时段了", lost=True)
    return Decision(Now.WAIT)
