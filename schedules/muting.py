"""Muting everybody, and lifting it, at once instead of at the hour of the plan."""

from schedules import posts
from schedules.steps import Planned, Step, To
from schedules.turn import Turn
from storage import outbox
from storage.outbox import Plan


def at_once(turn: Turn, step: Step) -> list[Plan]:
    """MUTE wherever it can be done, or UNMUTE wherever it may be on."""
    priority = outbox.Priority.UNMUTE if step is Step.UNMUTE else outbox.Priority.NOW
    now = Planned(step, turn.now, turn.now, None, To.MUTED, priority)
    return [posts.plan(now, turn.evening, place, "") for place in turn.places(now)]


def lift(turn: Turn) -> None:
    """Nobody stays muted for a sharing that is put off, or over."""
    outbox.put(turn.db, at_once(turn, Step.UNMUTE), now=turn.now)
