"""Telling those who were told: what changed since, that it is off, that it was moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import times
from schedules import places, posts, quiet, relays, standing
from schedules.places import Target
from schedules.standing import CANCELLED, CORRECTION, MOVED
from schedules.steps import Step
from schedules.turn import Turn
from storage import changes, outbox
from storage.changes import Revision
from storage.guests import GuestSession
from storage.outbox import Plan

CANCELLED_AGAIN = "cancelled_again"
_OUT_OF_DATE = (*Step, CORRECTION, CANCELLED, CANCELLED_AGAIN, MOVED)
_DOOR = timedelta(minutes=5)
"""People may still turn up: they are told again so long before the start."""

_WORTH_IT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Correction:
    """What one target is to be told; `changes` as 嘉宾 王总→刘老师."""

    place: Target
    changes: str


def due(turn: Turn) -> list[Correction]:
    """Every target that was told something else than what is true now."""
    told = standing.told(turn.deliveries)
    found = []
    for place in places.told(turn.db, turn.evening):
        if place.name not in told:
            continue
        then = changes.revision(turn.db, turn.evening.id, told[place.name].revision)
        if changed := difference(turn, then, place.zone):
            found.append(Correction(place, "；".join(changed)))
    return found


def difference(turn: Turn, then: Revision, zone: str) -> list[str]:
    """What changed since, as people read it. A mystery guest is none of their business yet."""
    evening, now = turn.evening, turn.now
    found = []
    if then.guest != evening.guest and not evening.hidden(now):
        found.append(f"嘉宾 {then.guest}→{evening.guest}")
    if then.topic != evening.topic:
        found.append(f"主题 《{then.topic}》→《{evening.topic}》")
    if (then.starts, then.ends) != (evening.starts, evening.ends):
        found.append(f"时间 {hours(then, zone)}→{hours(evening, zone, since=then)}")
    return found


def hours(when: Revision | GuestSession, zone: str, *, since: Revision | None = None) -> str:
    """11-26(周四)19:30-21:00; the day only where it differs from what people knew."""
    starts, ends = (times.local(moment, zone) for moment in (when.starts, when.ends))
    same_day = since is not None and times.local(since.starts, zone).date() == starts.date()
    day = "" if same_day else times.show_day(starts.date())
    return f"{day}{starts:%H:%M}-{ends:%H:%M}"


def correct(turn: Turn) -> list[Correction]:
    """Put the corrections into the outbox; what still waited is out of date.

    Only those who were told are corrected; the others get the announcement as it is now.
    """
    wanted = due(turn)
    plans = []
    for one in wanted:
        words = posts.text(
            "correction",
            turn.evening,
            turn.group,
            turn.now,
            zone=one.place.zone,
            changes=one.changes,
        )
        plans += _note(turn, CORRECTION, one.place, words)
    _replace(turn, plans)
    return wanted


def resume(turn: Turn) -> list[Target]:
    """A cancellation was taken back: say so wherever it may have been heard."""
    told = _told(turn)
    plans = []
    for place in told:
        back = f"照常举行，{hours(turn.evening, place.zone)}"
        words = posts.text(
            "correction", turn.evening, turn.group, turn.now, zone=place.zone, changes=back
        )
        plans += _note(turn, CORRECTION, place, words)
    _replace(turn, plans)
    return told


def call_off(turn: Turn) -> list[Target]:
    """Say that it is off, at once, and on the day itself again just before it would begin."""
    told = _told(turn, handed=True)
    again = turn.evening.starts - _DOOR
    zone = turn.group.zone
    today = times.local(turn.now, zone).date() == times.local(again, zone).date()
    plans = []
    for place in told:
        words = _off(turn, place, turn.now)
        plans += _note(turn, CANCELLED, place, words)
        if today and again - turn.now >= _WORTH_IT:
            reminder = _off(turn, place, again)
            plans += _note(turn, CANCELLED_AGAIN, place, reminder, due=again)
    _replace(turn, plans)
    return told


def postpone(turn: Turn, new: GuestSession) -> list[Target]:
    """Say once that an evening was moved. To the new evening that counts as told."""
    told = _told(turn, handed=True)
    outbox.supersede(turn.db, cause=turn.evening.cause, now=turn.now, steps=_OUT_OF_DATE)
    successor = Turn.of(turn.db, new, turn.now)
    plans = []
    for place in told:
        words = posts.text(
            "moved",
            new,
            turn.group,
            turn.now,
            zone=place.zone,
            old=turn.evening.id,
            was=hours(turn.evening, place.zone),
            new=hours(new, place.zone),
            reason=turn.evening.reason,
        )
        plans += _note(successor, MOVED, place, words)
    outbox.put(turn.db, plans, now=turn.now)
    return told


def withdraw(turn: Turn) -> None:
    """An evening that took over is off again; what it came from says so for both."""
    outbox.supersede(turn.db, cause=turn.evening.cause, now=turn.now, steps=_OUT_OF_DATE)


def _told(turn: Turn, *, handed: bool = False) -> list[Target]:
    """Who was told; with `handed` also where a person may have posted it by now."""
    told = set(standing.told(turn.deliveries))
    if handed:
        told |= standing.waiting(turn.deliveries)
    return [one for one in places.told(turn.db, turn.evening) if one.name in told]


def _off(turn: Turn, place: Target, now: datetime) -> str:
    reason = turn.evening.reason
    return posts.text("cancelled", turn.evening, turn.group, now, zone=place.zone, reason=reason)


def _note(
    turn: Turn, name: str, place: Target, words: str, *, due: datetime | None = None
) -> list[Plan]:
    """In the night a new word waits for the morning."""
    when = due or quiet.loud(turn.now, turn.group.zone)
    ends = max(turn.evening.ends, when + _WORTH_IT)
    plan = posts.plan(name, turn.evening, place, words, due=when, expires=ends, priority=1)
    return relays.plans(turn.db, plan, turn.evening, place, turn.now) if place.relay else [plan]


def _replace(turn: Turn, plans: Sequence[Plan]) -> None:
    outbox.supersede(turn.db, cause=turn.evening.cause, now=turn.now, steps=_OUT_OF_DATE)
    outbox.put(turn.db, plans, now=turn.now)
