"""One evening at one moment: what is known of it, and what a step of it would say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from schedules import choices, drafting, lifecycle, places, posts, queue, standing, steps
from schedules.lifecycle import Decision, Standing
from schedules.places import Target
from schedules.steps import CHASES, Planned, Step, Timing, To
from storage import attendance, groups, outbox, questions, sign_ups
from storage.groups import Group
from storage.guests import GuestSession
from storage.guests import State as Evening
from storage.outbox import Delivery, State

MOST_EXTENSIONS = 2
CODE_LASTS = timedelta(minutes=10)
_LATE_OPENING = timedelta(minutes=2)
_SPECIAL = (Step.ANNOUNCE, Step.CODE_A, Step.CODE_B)
"""Steps whose targets are not those of all that go to the same."""

_CODES = {Step.CODE_A: "A", Step.CODE_B: "B"}
_IS_MUTED = (State.CLAIMED, State.DELIVERED, State.UNKNOWN)


def templates(step: Step) -> tuple[str, ...]:
    """The texts that say it; a draft with nothing in it has words of its own."""
    if step in (Step.MUTE, Step.UNMUTE, Step.SEAL):
        return ()
    if step in _CODES:
        return ("code",)
    if step in CHASES:
        return ("chase",)
    return (step, "draft_empty") if step is Step.DRAFT else (step,)


def may_mute(delivery: Delivery) -> bool:
    """Whether everybody may be muted by it: a platform may have done what it did not confirm."""
    tried = delivery.state in _IS_MUTED or delivery.tried > 0
    return delivery.step == Step.MUTE and tried


@dataclass(frozen=True, slots=True)
class Turn:
    """One evening at one moment, with every delivery it has led to."""

    db: Session
    evening: GuestSession
    group: Group
    now: datetime
    timing: Timing
    deliveries: Sequence[Delivery]
    by_target: Mapping[str, Sequence[Delivery]]
    known: dict[str, list[Target]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, db: Session, evening: GuestSession, now: datetime, *, to_change: bool = False
    ) -> "Turn":
        """`to_change` keeps the sender from its deliveries until the caller commits."""
        group = groups.get(db, evening.group_id)
        deliveries = outbox.of_cause(db, evening.cause, to_change=to_change)
        chosen = choices.of_group(db, group.id)
        timing = posts.timing(evening, group, chosen, muted=any(map(may_mute, deliveries)))
        by_target: dict[str, list[Delivery]] = {}
        for one in deliveries:
            by_target.setdefault(one.target, []).append(one)
        return cls(db, evening, group, now, timing, deliveries, by_target)

    def announce_due(self) -> datetime | None:
        """When the announcement is due; None where the group switched it off."""
        announced = (one.due for one in steps.plan(self.timing) if one.step is Step.ANNOUNCE)
        return next(announced, None)

    def before(self, step: Planned, place: Target) -> list[Delivery]:
        """What was decided about a step for a target already."""
        return standing.of_step(step, self.by_target.get(place.name, ()))

    def places(self, step: Planned) -> list[Target]:
        """Whom a step is for. A mute is lifted wherever it may be on, whatever is known since."""
        if step.step is Step.UNMUTE:
            muted = {one.target: one.chat for one in self.deliveries if may_mute(one)}
            return [Target(chat, name, self.group.zone) for name, chat in muted.items()]
        kind = f"{step.to}/{step.step in _SPECIAL and step.step}"
        if kind not in self.known:
            self.known[kind] = places.of_step(self.db, step.step, step.to, self.evening, self.group)
        return self.known[kind]

    def decide(self, step: Planned, place: Target | None = None) -> Decision:
        """What is to be done about a step at a target, or about the evening itself."""
        theirs = self.by_target.get(place.name, ()) if place else ()
        announced = [one for one in theirs if one.step == Step.ANNOUNCE]
        here = Standing(
            told=standing.told_at(theirs),
            announced=any(d.state not in (State.EXPIRED, State.SUPERSEDED) for d in announced),
            arrived=self.evening.arrived is not None,
            reviewed=self._reviewed(step.step),
            since=place.since if place else None,
        )
        return lifecycle.decide(step, now=self.now, evening=self.timing, standing=here)

    def _reviewed(self, step: Step) -> bool:
        if step is Step.DRAFT:
            return self.evening.state == Evening.PUBLISHED
        return step in CHASES and drafting.reviewed(self.db, self.evening)

    def words(self, step: Planned, place: Target, decision: Decision) -> str:
        """The words of a step for a target, as they fit now."""
        if not templates(step.step):
            return ""
        return posts.text(
            self._template(step.step),
            self.evening,
            self.group,
            self.now,
            zone=place.zone,
            revealed=step.to is not To.CHATS or self._opening(step),
            away=place.away,
            **self.values(step, place, decision),
        )

    def _template(self, step: Step) -> str:
        empty = step is Step.DRAFT and not any(drafting.counts(self.db, self.evening).values())
        return templates(step)[-1 if empty else 0]

    def _opening(self, step: Planned) -> bool:
        """The opening names the guest, unless a later hour was set for that."""
        reveal = self.evening.reveal
        return step.step is Step.OPEN and not (reveal and self.now < reveal)

    def values(self, step: Planned, place: Target, decision: Decision) -> dict[str, object]:
        """What the words of a step may name besides the facts of the evening."""
        match step.step:
            case Step.ANNOUNCE:
                return {"late": decision.late}
            case Step.OPEN:
                # An opening is late sooner than a notice is.
                return {
                    "late": self.now - step.due >= _LATE_OPENING,
                    "arrived": self.evening.arrived is not None,
                }
            case Step.ASK:
                return {"queue": queue.digest(self.db, self.evening, self.now)}
            case Step.RUN_SHEET:
                return {
                    "queue": queue.digest(self.db, self.evening, self.now),
                    "coming": self._coming(),
                }
            case Step.HOST_CHECK:
                return {"coming": self._coming()}
            case Step.WRAP_UP:
                waiting = len(questions.waiting(self.db, self.evening.id))
                return {"waiting": waiting, "left": MOST_EXTENSIONS - self.evening.extended}
            case Step.CODE_A | Step.CODE_B:
                return {"code": self._code(step.step)}
            case Step.HALF_TIME:
                return {"waiting": len(questions.waiting(self.db, self.evening.id))}
            case Step.WELCOME | Step.THANKS:
                return {"passed_on": place.for_guest}
            case Step.GUEST_CHECK | Step.NO_SHOW:
                return {"contact": self.evening.contact, "standby": self.evening.standby}
            case Step.DRAFT if counts := drafting.counts(self.db, self.evening):
                return dict(counts) if any(counts.values()) else {}
        return {}

    def _coming(self) -> int:
        """How many signed up."""
        return len(sign_ups.of_evening(self.db, self.evening.id))

    def _code(self, step: Step) -> str:
        """The code of this half, the same in every chat; made when it is first asked for."""
        part = _CODES[step]
        current = attendance.current(self.db, evening_id=self.evening.id, part=part, now=self.now)
        if current is not None:
            return current.code
        made = attendance.issue(
            self.db, evening_id=self.evening.id, part=part, now=self.now, lasts=CODE_LASTS
        )
        return made.code
