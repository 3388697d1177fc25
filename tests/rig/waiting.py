"""What the server still has to do, as its database shows it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.moves import State
from storage.outbox import Delivery
from tests.rig.plan import Promise

SOON = timedelta(minutes=6)
"""What failed for now is tried again within so long."""


@dataclass(frozen=True, slots=True)
class Left:
    """`what` is the key of something not done, "" for nothing; `until` when it is tried again."""

    what: str = ""
    until: datetime | None = None


def left(promises: Iterable[Promise], rows: Sequence[Delivery], *, now: datetime) -> Left:
    """What is due and not decided, on its way, or soon to be tried again."""
    decided = {(one.cause, one.step, one.chat) for one in rows}
    for promise in promises:
        here = (f"evening:{promise.number}", promise.step, promise.place.chat)
        if promise.due <= now < promise.expires and here not in decided:
            return Left(f"{here} is not in the outbox")
    for one in rows:
        if one.state == State.CLAIMED or (one.state == State.PLANNED and one.after <= now):
            return Left(f"{one.key} is {one.state}")
    again = [one for one in rows if one.state == State.PLANNED and one.tried]
    soon = min((one.after for one in again if one.after < now + SOON), default=None)
    return Left(f"{soon} something is tried again", soon) if soon else Left()


def everything(db: Session) -> Sequence[Delivery]:
    """All deliveries, oldest first."""
    return db.scalars(select(Delivery).order_by(Delivery.id)).all()
