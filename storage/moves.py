"""How a delivery may move from state to state, and every move it made."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base


class State(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


ALLOWED: Mapping[State, frozenset[State]] = {
    State.PLANNED: frozenset(
        {State.CLAIMED, State.WAITING, State.FAILED, State.EXPIRED, State.SUPERSEDED}
    ),
    State.CLAIMED: frozenset(set(State) - {State.CLAIMED}),
    State.UNKNOWN: frozenset({State.PLANNED, State.DELIVERED, State.SUPERSEDED}),
    State.WAITING: frozenset({State.PLANNED, State.DELIVERED, State.EXPIRED, State.SUPERSEDED}),
    State.FAILED: frozenset({State.PLANNED, State.WAITING, State.DELIVERED, State.SUPERSEDED}),
    State.EXPIRED: frozenset({State.PLANNED}),
    State.DELIVERED: frozenset(),
    State.SUPERSEDED: frozenset(),
}
"""Where each state may lead. What is delivered or superseded stays so."""

FINAL = frozenset(State) - {State.PLANNED, State.CLAIMED}
"""What a person may be told as the outcome; some of it can still be mended by a person."""


class Forbidden(Exception):
    """A move that the table does not allow; it would hide what really happened."""


class Move(Base):
    """One move of one delivery. `was` is empty for its beginning."""

    __tablename__ = "moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id"))
    was: Mapped[str] = mapped_column(String(12))
    now: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    why: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index(None, "delivery_id"),)


def check(was: str, now: str) -> None:
    """Raises Forbidden unless the table allows the move."""
    if State(now) not in ALLOWED[State(was)]:
        raise Forbidden(f"{was} → {now}")


def note(
    db: Session, rows: Iterable[tuple[int, str]], now: State, *, at: datetime, why: str = ""
) -> None:
    """Write down that these deliveries, each with the state it was in, moved."""
    values = [
        {"delivery_id": delivery, "was": was, "now": now, "at": at, "why": why}
        for delivery, was in rows
    ]
    if values:
        db.connection().execute(insert(Move), values)


def of_delivery(db: Session, delivery_id: int) -> list[Move]:
    """What became of a delivery, from its beginning."""
    return list(db.scalars(select(Move).where(Move.delivery_id == delivery_id).order_by(Move.id)))
