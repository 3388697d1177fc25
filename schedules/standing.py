"""How an evening's posts stand: which steps were decided, who was told, what waits. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from schedules.lifecycle import Planned, Step
from storage.outbox import Delivery, State

_NEVER_TOLD = (State.PLANNED, State.FAILED, State.EXPIRED, State.SUPERSEDED)
_WORST_FIRST = (State.FAILED, State.UNKNOWN, State.WAITING, State.EXPIRED, State.PLANNED)


def of_step(step: Planned, chat: str, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """What was decided about this step for this chat and this hour.

    A changed time is a new step, but nobody is told of an evening for the first time twice.
    """
    return [
        delivery
        for delivery in deliveries
        if delivery.step == step.step
        and delivery.chat == chat
        and delivery.state != State.SUPERSEDED
        and (step.step is Step.ANNOUNCE or delivery.due == step.due)
    ]


def told(deliveries: Iterable[Delivery]) -> set[str]:
    """Chats that were told of the evening, or may have been."""
    return {
        delivery.chat
        for delivery in deliveries
        if delivery.step == Step.ANNOUNCE and delivery.state not in _NEVER_TOLD
    }


def last_told(deliveries: Iterable[Delivery]) -> datetime | None:
    """When anybody was last told how the evening is to be."""
    moments = [
        delivery.made
        for delivery in deliveries
        if delivery.step in (Step.ANNOUNCE, "correction") and delivery.state not in _NEVER_TOLD
    ]
    return max(moments, default=None)


def announced_at(deliveries: Iterable[Delivery]) -> datetime | None:
    """When the announcement went out, or was put on its way."""
    unsent = (State.FAILED, State.EXPIRED, State.SUPERSEDED)
    return next(
        (
            delivery.done or delivery.made
            for delivery in deliveries
            if delivery.step == Step.ANNOUNCE and delivery.state not in unsent
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
