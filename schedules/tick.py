"""Once a minute: every step of every evening that is due goes into the outbox."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import actions
from schedules import (
    asks,
    digests,
    drafting,
    fanout,
    joins,
    lapsing,
    posts,
    quiet,
    relays,
    silence,
    steps,
    to_owner,
    trials,
)
from schedules.lifecycle import Decision, Now
from schedules.places import Target
from schedules.steps import Planned, Step
from schedules.turn import Turn
from storage import guests, outbox
from storage.database import Database
from storage.guests import AHEAD, BEFORE, GuestSession, State
from storage.outbox import Delivery, Plan

log = logging.getLogger(__name__)

_STALE = timedelta(minutes=2)
"""A post that still waits after so long is put in words that fit the hour."""

Decided = Sequence[tuple[Target, Decision]]
Due = Callable[[Session, datetime], bool]
Job = Callable[[Session, datetime], None]

_JOBS: tuple[tuple[Due, Job], ...] = (
    (relays.due, relays.chase),
    (joins.due, joins.tick),
    (lapsing.due, lapsing.tick),
    (asks.due, asks.tick),
    (silence.due, silence.tick),
    (trials.due, trials.tick),
)
"""What else there is to do beside the evenings. Whether there is any is asked without a lock."""


def tick(database: Database, now: datetime) -> None:
    """Take every step that is due. A step once taken, or dropped, is not taken again.

    An evening that cannot be taken further does not hold up the others.
    """
    with database.read() as db:
        waiting = [evening.id for evening in guests.unfinished(db, now)]
    for number in waiting:
        try:
            with database.write() as db:
                advance(db, number, now)
        except Exception:
            log.exception("evening #%d cannot be taken further", number)
            with database.write() as db:
                to_owner.broken(db, number, now)
    for due, job in _JOBS:
        _apart(database, due, job, now)
    digests.tick(database, now)


def _apart(database: Database, due: Due, job: Job, now: datetime) -> None:
    """Do a job if there is any. Trouble with one is not to hold up the others."""
    try:
        with database.read() as db:
            wanted = due(db, now)
        if wanted:
            with database.write() as db:
                job(db, now)
    except Exception:
        log.exception("%s does not work", job.__module__)


def advance(db: Session, number: int, now: datetime, *, strict: bool = False) -> None:
    """Take one evening's due steps; one that breaks is left, or raises if `strict`."""
    evening = guests.get(db, number, to_change=True)
    if evening is None:
        return
    turn = Turn.of(db, evening, now)
    lost: list[tuple[Planned, str]] = []
    called_off = evening.state in (State.CANCELLED, State.MOVED)
    for step in [] if called_off else steps.plan(turn.timing):
        if step.due <= now:
            lost += (_advance if strict else _carefully)(turn, step)
    to_owner.lost(turn, lost)
    fanout.sum_up(turn)


def _carefully(turn: Turn, step: Planned) -> list[tuple[Planned, str]]:
    """A step that breaks takes back what it did itself, and holds up no other: a mute is lifted."""
    try:
        with turn.db.begin_nested():
            return _advance(turn, step)
    except Exception:
        log.exception("%s of evening #%d does not work", step.step, turn.evening.id)
        to_owner.broken(turn.db, turn.evening.id, turn.now)
        return []


def _advance(turn: Turn, step: Planned) -> list[tuple[Planned, str]]:
    """Take one step that has come due, wherever it was not decided yet; what was lost, and why."""
    if step.step is Step.SEAL:
        _seal(turn)
        return []
    there = turn.places(step)
    new: list[tuple[Target, Decision]] = []
    for place in there:
        decision = turn.decide(step, place)
        if before := turn.before(step, place):
            _refresh(turn, step, place, decision, before)
        elif decision.what is not Now.WAIT:
            new.append((place, decision))
    if there and not new:
        return []
    general = turn.decide(step)
    if not there:
        _without_places(turn, step, general)
        return []
    _take(turn, step, new)
    dropped = [decision for _, decision in new if decision.lost]
    return [(step, dropped[0].why)] if dropped else []


def _without_places(turn: Turn, step: Planned, decision: Decision) -> None:
    """The evening goes on where there is nobody to tell."""
    moments = {
        Step.OPEN: turn.evening.opened,
        Step.ASK: turn.evening.asked,
        Step.CLOSE: turn.evening.ended,
    }
    drafted = turn.evening.state in (State.DRAFTED, State.PUBLISHED)
    passed = drafted if step.step is Step.DRAFT else moments.get(step.step, turn.evening.planned)
    closes = step.step is Step.CLOSE and decision.what is Now.DROP
    if passed or not (decision.what is Now.SEND or closes):
        return
    if step.step is Step.DRAFT:
        drafting.draft(turn.db, turn.evening, now=turn.now)
    _move(turn.evening, step.step, turn.now)


def _refresh(
    turn: Turn, step: Planned, place: Target, decision: Decision, before: Sequence[Delivery]
) -> None:
    """What could not be sent so far is held, or put in words that fit the hour."""
    for delivery in before:
        stale = delivery.tried or turn.now - delivery.made > _STALE
        if delivery.state != outbox.State.PLANNED or not stale:
            continue
        if decision.what is Now.WAIT:
            delivery.after = quiet.loud(turn.now, turn.group.zone)
        elif decision.what is Now.SEND:
            words = turn.words(step, place, decision)
            picture = posts.picture(step.step, turn.evening, turn.now)
            again = posts.reworded(delivery.what, words, picture=picture)
            delivery.action = actions.encode(again)
            delivery.revision = turn.evening.revision
            if decision.late and step.step is Step.ANNOUNCE:
                to_owner.late(turn, step)


def _take(turn: Turn, step: Planned, decided: Decided) -> None:
    """Put a step into the outbox: to be sent, or closed already where it is not to be."""
    begun = turn.evening.opened is not None or turn.evening.asked is not None
    sends = any(decision.what is Now.SEND for _, decision in decided)
    if step.step is Step.DRAFT:
        drafting.draft(turn.db, turn.evening, now=turn.now)
    plans = [_plan(turn, step, place, decision) for place, decision in decided]
    if sends or step.step is Step.CLOSE:
        _move(turn.evening, step.step, turn.now)
    if step.step is Step.CLOSE and not begun:
        # An evening that was never opened is not closed aloud either.
        plans = [posts.not_taken(plan, "没有开场，不再宣布结束") for plan in plans]
    for plan, (place, _) in zip(plans, decided, strict=True):
        handed = place.relay and plan.state == outbox.State.PLANNED
        all_of_it = relays.plans(turn.db, plan, turn.evening, place, turn.now) if handed else [plan]
        outbox.put(turn.db, all_of_it, now=turn.now)
    late = any(decision.late and decision.what is Now.SEND for _, decision in decided)
    if late and step.step is Step.ANNOUNCE:
        to_owner.late(turn, step)


def _plan(turn: Turn, step: Planned, place: Target, decision: Decision) -> Plan:
    dropped = decision.what is Now.DROP
    made = posts.plan(
        step,
        turn.evening,
        place,
        # What is not sent has no words; making some would show a code that nobody gets.
        "" if dropped else turn.words(step, place, decision),
        after=quiet.loud(turn.now, turn.group.zone) if step.step is Step.DRAFT else None,
        picture=posts.picture(step.step, turn.evening, turn.now),
    )
    return posts.not_taken(made, decision.why) if dropped else made


def _move(evening: GuestSession, step: Step, now: datetime) -> None:
    """An evening only goes on: a target that is added late does not take it back."""
    if step is Step.ANNOUNCE and evening.state == State.PLANNED:
        evening.state = State.ANNOUNCED
    elif step is Step.OPEN and evening.state in BEFORE:
        evening.state, evening.opened = State.SHARING, evening.opened or now
    elif step is Step.ASK and evening.state in (*BEFORE, State.SHARING):
        evening.state, evening.asked = State.ASKING, evening.asked or now
    elif step is Step.CLOSE and evening.state in AHEAD:
        evening.state, evening.ended = State.CLOSED, evening.ends
    elif step is Step.DRAFT and evening.state == State.CLOSED:
        evening.state = State.DRAFTED


def _seal(turn: Turn) -> None:
    """From now on nobody can check in any more."""
    turn.evening.sealed = turn.evening.sealed or turn.now
