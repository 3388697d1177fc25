"""Points that a language model made of an evening, kept until its draft is made."""

from datetime import datetime

import msgspec
from sqlalchemy import ForeignKey, LargeBinary, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base
from storage.guests import GuestSession, State
from storage.summary import Point


class Condensed(Base):
    """One try for one evening, by which model; without points it came to nothing."""

    __tablename__ = "condensed"

    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"), primary_key=True)
    model: Mapped[str] = mapped_column(String(100))
    made: Mapped[datetime]
    body: Mapped[bytes] = mapped_column(LargeBinary)

    @property
    def points(self) -> tuple[Point, ...]:
        return msgspec.json.decode(self.body, type=tuple[Point, ...])


def waiting(db: Session, since: datetime) -> GuestSession | None:
    """An evening that ended after `since`, has no draft yet, and was not tried."""
    return db.scalar(
        select(GuestSession)
        .outerjoin(Condensed, Condensed.evening_id == GuestSession.id)
        .where(
            GuestSession.state == State.CLOSED,
            GuestSession.ended > since,
            Condensed.evening_id.is_(None),
        )
        .order_by(GuestSession.id)
        .limit(1)
    )


def keep(db: Session, *, evening_id: int, model: str, points: list[Point], now: datetime) -> None:
    """What came of a try; a second one changes nothing."""
    if of_evening(db, evening_id) is None:
        body = msgspec.json.encode(points)
        db.add(Condensed(evening_id=evening_id, model=model, made=now, body=body))
        db.flush()


def of_evening(db: Session, evening_id: int) -> Condensed | None:
    return db.get(Condensed, evening_id)
