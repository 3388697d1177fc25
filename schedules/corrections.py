"""Telling those who were told: what changed since, that it is off, that it was moved."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import actions, times, wording
from schedules import places, posts, quiet, relays, standing
from schedules.places import Target
from schedules.standing import CANCELLED, CORRECTION, MOVED
from schedules.steps import Step
from schedules.turn import Turn
from storage import changes, outbox
from storage.changes import Revision
from storage.guests import MYSTERY, GuestSession
from storage.outbox import Delivery, Plan, State

CANCELLED_AGAIN = "cancelled_again"
_FOLLOWING = (CORRECTION, CANCELLED, CANCELLED_AGAIN)
_OUT_OF_DATE = (*Step, *_FOLLOWING, MOVED)
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
    return [
        Correction(place, changed)
        for place in places.told(turn.db, turn.evening)
        if place.name in told and (changed := _changed(turn, told[place.name], place.zone))
    ]


def _changed(turn: Turn, told: Delivery, zone: str) -> str:
    then = changes.revision(turn.db, turn.evening.id, told.revision)
    return "；".join(difference(turn, then, zone))


def difference(turn: Turn, then: Revision, zone: str) -> list[str]:
    """What changed since, as people read it.

    A mystery guest is none of their business yet, and to learn who it is is no change.
    """
    evening = turn.evening
    found = []
    guest = evening.shown_guest(turn.now)
    if then.guest != guest and MYSTERY not in (then.guest, guest):
        found.append(f"嘉宾 {then.guest}→{guest}")
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
        plans += _note(turn, CORRECTION, one.place, _corrected(turn, one.place, one.changes))
    _replace(turn, plans)
    if wanted:
        _to_guest(turn, f"有变：{wanted[0].changes}")
    return wanted


def _corrected(turn: Turn, place: Target, changed: str) -> str:
    return _words(turn, "correction", place, changes=changed)


def resume(turn: Turn, heard: Collection[str]) -> list[Target]:
    """What was called off is on again: say so to those who `heard` of it, correct the others."""
    again = [one for one in _told(turn) if one.name in heard]
    corrected = [one for one in due(turn) if one.place.name not in heard]
    plans = []
    for place in again:
        back = f"照常举行，{hours(turn.evening, place.zone)}"
        plans += _note(turn, CORRECTION, place, _corrected(turn, place, back))
    for one in corrected:
        plans += _note(turn, CORRECTION, one.place, _corrected(turn, one.place, one.changes))
    _replace(turn, plans)
    _to_guest(turn, f"照常举行，{hours(turn.evening, turn.group.zone)}")
    return again


def heard_off(deliveries: Iterable[Delivery], step: str) -> set[str]:
    """Who heard, or may have heard, that an evening was called off or moved."""
    unheard = (State.PLANNED, State.FAILED, State.EXPIRED, State.SUPERSEDED)
    return {one.target for one in deliveries if one.step == step and one.state not in unheard}


def call_off(turn: Turn) -> list[Target]:
    """Say that it is off, at once, and on the day itself again just before it would begin."""
    told = _told(turn, handed=True)
    again = turn.evening.starts - _DOOR
    zone = turn.group.zone
    today = times.local(turn.now, zone).date() == times.local(again, zone).date()
    plans = []
    for place in told:
        plans += _note(turn, CANCELLED, place, _off(turn, place))
        if today and again - turn.now >= _WORTH_IT:
            reminder = _off(turn, place, again)
            plans += _note(turn, CANCELLED_AGAIN, place, reminder, due=again)
    _replace(turn, plans)
    _to_guest(turn, "取消了" + (f"：{turn.evening.reason}" if turn.evening.reason else ""))
    return told


def postpone(turn: Turn, new: GuestSession) -> list[Target]:
    """Say once that an evening was moved. To the new evening that counts as told."""
    told = _told(turn, handed=True)
    withdraw(turn)
    successor = Turn.of(turn.db, new, turn.now)
    plans = []
    for place in told:
        words = _words(
            successor,
            "moved",
            place,
            old=turn.evening.id,
            was=hours(turn.evening, place.zone),
            new=hours(new, place.zone),
            reason=turn.evening.reason,
        )
        plans += _note(successor, MOVED, place, words)
    outbox.put(turn.db, plans, now=turn.now)
    _to_guest(turn, f"改到 {hours(new, turn.group.zone)}（#{new.id}）")
    return told


def withdraw(turn: Turn, *, but: Collection[str] = ()) -> None:
    """What is planned for the evening is out of date; steps named in `but` stay."""
    out_of_date = [step for step in _OUT_OF_DATE if step not in but]
    outbox.supersede(turn.db, cause=turn.evening.cause, now=turn.now, steps=out_of_date)


def mend(turn: Turn, target: str) -> None:
    """Something that was on its way to a target did not arrive: what follows it is set right.

    A correction tells the difference to what was really heard; who heard nothing is corrected in
    nothing, and is not told of a cancellation either.
    """
    theirs = turn.by_target.get(target, ())
    told = standing.told(theirs).get(target)
    place = next((one for one in places.told(turn.db, turn.evening) if one.name == target), None)
    for one in theirs:
        if one.state != State.PLANNED or one.step not in _FOLLOWING:
            continue
        if told is None or place is None:
            outbox.move(turn.db, one, State.SUPERSEDED, now=turn.now, why="还没有预告过，不用再说")
        elif one.step == CORRECTION:
            _mend(turn, one, place, _changed(turn, told, place.zone))


def _mend(turn: Turn, correction: Delivery, place: Target, changed: str) -> None:
    if not changed:
        outbox.move(turn.db, correction, State.SUPERSEDED, now=turn.now, why="和大家知道的一样")
        return
    words = _corrected(turn, place, changed)
    correction.action = actions.encode(posts.reworded(correction.what, words))


def _told(turn: Turn, *, handed: bool = False) -> list[Target]:
    """Who was told; with `handed` also where a person may have posted it by now."""
    told = set(standing.told(turn.deliveries))
    if handed:
        told |= standing.waiting(turn.deliveries)
    return [one for one in places.told(turn.db, turn.evening) if one.name in told]


def _off(turn: Turn, place: Target, now: datetime | None = None) -> str:
    return _words(turn, "cancelled", place, now, reason=turn.evening.reason)


def _words(
    turn: Turn, name: str, place: Target, now: datetime | None = None, **more: object
) -> str:
    """The words as they fit when they will be read: a word of the night in the morning."""
    now = now or quiet.loud(turn.now, turn.group.zone)
    said = posts.facts(turn.evening, turn.group, now, place.zone)
    return wording.render(name, **said | more)


def _note(
    turn: Turn, name: str, place: Target, words: str, *, due: datetime | None = None
) -> list[Plan]:
    when = due or quiet.loud(turn.now, turn.group.zone)
    ends = max(turn.evening.ends, when + _WORTH_IT)
    plan = posts.plan(name, turn.evening, place, words, due=when, expires=ends, priority=1)
    return relays.plans(turn.db, plan, turn.evening, place, turn.now) if place.relay else [plan]


def _replace(turn: Turn, plans: Sequence[Plan]) -> None:
    withdraw(turn)
    outbox.put(turn.db, plans, now=turn.now)


def _to_guest(turn: Turn, what: str) -> None:
    """A guest who said yes hears of it in private, at the hour at which others do."""
    if turn.evening.confirmed is None:
        return
    due = quiet.loud(turn.now, turn.group.zone)
    to = places.guest(turn.db, turn.evening, turn.group)
    words = posts.text("guest_note", turn.evening, turn.group, due, revealed=True, what=what)
    plans = posts.notes("guest_note", turn.evening, to, words, due=due, expires=turn.evening.ends)
    outbox.put(turn.db, plans, now=turn.now)
