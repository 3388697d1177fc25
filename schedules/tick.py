"""Once a minute: every step of every evening that is due goes into the outbox."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot import actions
from schedules import lifecycle, posts, standing, to_owner
from schedules.drafting import draft
from schedules.lifecycle import Decision, Now, Planned, Step, Timing
from schedules.posts import Target
from storage import groups, guests, outbox
from storage.database import Database
from storage.groups import Group
from storage.guests import GuestSession, State
from storage.outbox import Delivery

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Turn:
    """One evening at one moment."""

    db: Session
    evening: GuestSession
    group: Group
    now: datetime

    @property
    def timing(self) -> Timing:
        return posts.timing(self.evening, self.group)

    def words(self, step: Planned, decision: Decision) -> str:
        """The words of a step as they fit now. An opening is late sooner than a notice is."""
        late = decision.late
        if step.step is Step.OPEN:
            late = (self.now - step.due).total_seconds() >= 120
        return posts.text(step.step, self.evening, self.group, self.now, late=late)


def tick(database: Database, now: datetime) -> None:
    """Take every step that is due. A step once taken, or dropped, is not taken again.

    An evening that cannot be taken further does not hold up the others.
    """
    with database.read() as db:
        waiting = [evening.id for evening in guests.unfinished(db)]
    for number in waiting:
        try:
            with database.write() as db:
                advance(db, number, now)
        except Exception:
            log.exception("evening #%d cannot be taken further", number)
            with database.write() as db:
                to_owner.broken(db, number, now)


def advance(db: Session, number: int, now: datetime) -> None:
    """Take the steps of one evening that are due."""
    evening = guests.get(db, number, to_change=True)
    if evening is None or evening.state not in guests.UNFINISHED:
        return
    turn = Turn(db, evening, groups.get(db, evening.group_id), now)
    deliveries = outbox.of_cause(db, evening.cause)
    announced = standing.announced_at(deliveries)
    lost = []
    for step in lifecycle.plan(turn.timing):
        decision = lifecycle.decide(step, now=now, evening=turn.timing, announced=announced)
        places = posts.targets(db, evening, turn.group, step.to)
        for place in places:
            _refresh(turn, step, decision, standing.of_step(step, place.chat, deliveries))
        new = [p for p in places if not standing.of_step(step, p.chat, deliveries)]
        if not new and (places or _passed(evening, step.step)):
            continue
        if decision.what is Now.SEND:
            _take(turn, step, new, decision)
            announced = now if step.step is Step.ANNOUNCE else announced
        elif decision.what is Now.DROP:
            _drop(turn, step, new, decision)
            lost += [(step, decision.why)] if decision.lost else []
    to_owner.lost(turn.db, evening, turn.group, lost, now)


def _passed(evening: GuestSession, step: Step) -> bool:
    """Whether the evening is past this step, when there is nobody to be told."""
    moments = {Step.OPEN: evening.opened, Step.ASK: evening.asked, Step.CLOSE: evening.ended}
    return step is not Step.DRAFT and moments.get(step, evening.planned) is not None


def _refresh(turn: Turn, step: Planned, decision: Decision, deliveries: Sequence[Delivery]) -> None:
    """What could not be sent so far is held, dropped, or put in words that fit the hour."""
    if step.step is Step.DRAFT:
        return
    for delivery in deliveries:
        if delivery.state != outbox.State.PLANNED or not delivery.tried:
            continue
        if decision.what is Now.WAIT:
            delivery.after = lifecycle.loud(turn.now, turn.group.zone)
        elif decision.what is Now.SEND:
            delivery.action = actions.encode(
                posts.reworded(delivery.what, turn.words(step, decision))
            )


def _take(turn: Turn, step: Planned, places: Sequence[Target], decision: Decision) -> None:
    evening, now = turn.evening, turn.now
    begun = evening.opened is not None or evening.asked is not None
    if step.step is Step.DRAFT:
        counts = draft(turn.db, evening, now=now)
        if any(counts.values()):
            words = posts.text("draft", evening, turn.group, now, **counts)
        else:
            words = posts.text("draft_empty", evening, turn.group, now)
    else:
        words = turn.words(step, decision)
    _move(evening, step.step, now)
    after = lifecycle.loud(now, turn.group.zone) if step.step is Step.DRAFT else None
    plans = posts.step_plans(step, evening, places, words, after=after)
    if step.step is Step.CLOSE and not begun:
        # An evening that was never opened is not closed aloud either.
        plans = posts.not_taken(plans, "没有开场，不再宣布结束")
    outbox.put(turn.db, plans, now=now)
    if decision.late and step.step is Step.ANNOUNCE:
        to_owner.late(turn.db, evening, turn.group, step, now)


def _move(evening: GuestSession, step: Step, now: datetime) -> None:
    if step is Step.ANNOUNCE and evening.state == State.PLANNED:
        evening.state = State.ANNOUNCED
    elif step is Step.OPEN:
        evening.state, evening.opened = State.SHARING, evening.opened or now
    elif step is Step.ASK:
        evening.state, evening.asked = State.ASKING, evening.asked or now
    elif step is Step.CLOSE:
        evening.state, evening.ended = State.CLOSED, evening.ends
    elif step is Step.DRAFT:
        evening.state = State.DRAFTED


def _drop(turn: Turn, step: Planned, places: Sequence[Target], decision: Decision) -> None:
    """Write down that a step was not taken, so that people can see it."""
    if step.step is Step.CLOSE:
        _move(turn.evening, Step.CLOSE, turn.now)
    words = turn.words(step, decision)
    plans = posts.step_plans(step, turn.evening, places, words)
    outbox.put(turn.db, posts.not_taken(plans, decision.why), now=turn.now)
