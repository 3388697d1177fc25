"""An evening played from its first step to its last on a made-up clock, as it would really go."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.actions import Announce, Say
from schedules import quiet, stage, steps, tick
from schedules.stage import Stage
from schedules.steps import Planned, Step
from schedules.turn import Turn
from storage import claims, outbox
from storage.database import Database
from storage.guests import GuestSession
from storage.outbox import Delivery, State

log = logging.getLogger(__name__)

_ORDER = {step: place for place, step in enumerate(Step)}


@dataclass(frozen=True, slots=True)
class Scene:
    """What one step did at one made-up moment, to all `targets` that got the same words.

    `targets` are named as deliveries name them; a step for nobody has none. `why` says why it
    was not sent; `picture` is the file that went with it.
    """

    at: datetime
    step: Planned
    targets: tuple[str, ...] = ()
    words: str = ""
    picture: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The scenes in their order, and the moment at which something stumbled, if it did."""

    scenes: Sequence[Scene]
    broke: datetime | None = None


def play(db: Session, evening: GuestSession, *, attendee: str) -> Rehearsal:
    """Play an evening that has not begun. Nothing is written, and nothing leaves the memory.

    Nobody speaks in it, and whatever is sent arrives; `attendee` is asked for feedback.
    """
    with stage.of(db, evening, attendee=attendee) as there:
        return _walk(there, evening.id)


def _walk(there: Stage, number: int) -> Rehearsal:
    """From moment to moment, as the clock and the sender would."""
    scenes: list[Scene] = []
    now: datetime | None = there.begins
    while now is not None:
        try:
            with there.database.write() as db:
                tick.advance(db, number, now, strict=True)
        except Exception:
            # The real evening would stop here too, and its planner can still do something.
            log.exception("evening #%d stumbles in its rehearsal", number)
            return Rehearsal(_ordered(scenes), broke=now)
        _deliver(there.database, now)
        with there.database.read() as db:
            turn = Turn.of(db, db.get_one(GuestSession, number), now)
            plan = steps.plan(turn.timing)
            scenes += _seen(turn, plan, there)
            now = _next(turn, plan)
    taken = {delivery.step for delivery in turn.deliveries}
    nobody = [Scene(step.due, step) for step in plan if step.step not in taken]
    return Rehearsal(_ordered([*scenes, *nobody]))


def _deliver(database: Database, now: datetime) -> None:
    """Everything that is due arrives at once."""
    while True:
        with database.write() as db:
            taken = claims.claim(db, now=now, limit=claims.IN_SIGHT)
        if not taken:
            return
        with database.write() as db:
            for delivery in taken:
                claims.settle(db, delivery, State.DELIVERED, now=now)


def _seen(turn: Turn, plan: Sequence[Planned], there: Stage) -> list[Scene]:
    """What came of the steps at this moment, the same words in several places as one scene."""
    known = {step.step.value: step for step in plan}
    found: dict[Scene, list[str]] = {}
    for delivery in turn.deliveries:
        step = known.get(delivery.step)
        if step is not None and delivery.state != State.PLANNED and _when(delivery) == turn.now:
            scene = _scene(step, delivery, turn.now)
            doubles = there.doubles.get(delivery.target, (delivery.target,))
            found.setdefault(scene, []).extend(doubles)
    return [replace(scene, targets=tuple(targets)) for scene, targets in found.items()]


def _scene(step: Planned, delivery: Delivery, now: datetime) -> Scene:
    why = delivery.detail if delivery.state == State.EXPIRED else ""
    match delivery.what:
        case Say(text=words, picture=picture) | Announce(text=words, picture=picture):
            return Scene(now, step, words=words, picture=picture, why=why)
    return Scene(now, step, why=why)


def _when(delivery: Delivery) -> datetime:
    """When it arrived; where it waits for a person, or is not sent, when that was decided."""
    return delivery.done or delivery.made


def _next(turn: Turn, plan: Sequence[Planned]) -> datetime | None:
    """The next moment at which something is due, or may be sent after a quiet night."""
    due = [step.due for step in plan]
    due += [quiet.loud(moment, turn.group.zone) for moment in due]
    due += [moment for moment in (outbox.next_due(turn.db),) if moment is not None]
    return min((moment for moment in due if moment > turn.now), default=None)


def _ordered(scenes: Sequence[Scene]) -> list[Scene]:
    return sorted(scenes, key=lambda scene: (scene.at, _ORDER[scene.step.step]))
