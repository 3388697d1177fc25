"""How an evening's posts stand: which steps were decided, who was told, what waits. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from schedules.steps import Planned, Step
from storage.outbox import Delivery, State

MOVED, CORRECTION, CANCELLED = "moved", "correction", "cancelled"
_TELL = (Step.ANNOUNCE, MOVED, CORRECTION)
"""Posts that say what the evening is to be."""

_NEVER_TOLD = (
    State.PLANNED,
    State.WAITING,
    State.FAILED,
    State.EXPIRED,
    State.SUPERSEDED,
)
_WORST_FIRST = (
    State.FAILED,
    State.UNKNOWN,
    State.WAITING,
    State.EXPIRED,
    State.PLANNED,
    State.CLAIMED,
)


def belongs(step: Planned, delivery: Delivery) -> bool:
    """Whether a delivery came of this step.

    With other hours of the evening it is another step, though not when the group only shifted
    it; and nobody is told of an evening for the first time twice.
    """
    if delivery.step != step.step:
        return False
    return step.step in (Step.ANNOUNCE, Step.WELCOME) or delivery.slot == step.slot


def of_step(step: Planned, theirs: Iterable[Delivery]) -> list[Delivery]:
    """What was decided about this step among the deliveries of one target, and still stands."""
    return [one for one in theirs if belongs(step, one) and one.state != State.SUPERSEDED]


def told(deliveries: Iterable[Delivery]) -> dict[str, Delivery]:
    """Targets that were told of the evening, or may have been, with what they last heard."""
    found: dict[str, Delivery] = {}
    for delivery in deliveries:
        if delivery.step in _TELL and delivery.state not in _NEVER_TOLD:
            found[delivery.target] = delivery
    return found


def waiting(deliveries: Iterable[Delivery]) -> set[str]:
    """Targets whose person was handed the words, and has not said whether they are posted."""
    return {
        delivery.target
        for delivery in deliveries
        if delivery.step in _TELL and delivery.state == State.WAITING
    }


def told_at(theirs: Iterable[Delivery]) -> datetime | None:
    """When a target was told that there will be an evening, or word of it was put on its way."""
    unsent = (State.FAILED, State.EXPIRED, State.SUPERSEDED)
    return next(
        (
            delivery.done or delivery.made
            for delivery in theirs
            if delivery.step in (Step.ANNOUNCE, MOVED) and delivery.state not in unsent
        ),
        None,
    )


def worst(deliveries: Sequence[Delivery]) -> tuple[State, str]:
    """The state that most wants a person, and its reason; what is not there yet is planned."""
    current = [one for one in deliveries if one.state != State.SUPERSEDED]
    for state in _WORST_FIRST:
        for one in current:
            if one.state == state:
                return state, one.detail
    return (State.DELIVERED, "") if current else (State.PLANNED, "")
