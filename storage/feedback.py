"""What those who came thought of an evening; read only as a whole, once enough have answered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base
from storage.masking import readable

BEST = 5
FLOOR = 5
"""So many must have answered before anybody is shown a total: fewer could be told apart."""


class Feedback(Base):
    """One person's rating, 1 to BEST, and what they wrote. `who` is as with attendance."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("evening_id", "who"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"))
    who: Mapped[str] = mapped_column(String(150))
    rating: Mapped[int]
    text: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


def put(db: Session, *, evening_id: int, who: str, rating: int, text: str, now: datetime) -> None:
    """Keep an answer; a later one of the same person takes its place, words and all."""
    if not 1 <= rating <= BEST:
        raise ValueError(f"a rating is 1 to {BEST}, not {rating}")
    there = db.scalar(
        select(Feedback).where(Feedback.evening_id == evening_id, Feedback.who == who)
    )
    if there is None:
        there = Feedback(evening_id=evening_id, who=who)
        db.add(there)
    # PostgreSQL takes no NUL in a text.
    there.rating, there.text, there.at = rating, text.replace("\0", ""), now
    db.flush()


@dataclass(frozen=True, slots=True)
class Total:
    """What enough people thought: how many, how many of each rating, and their words unsigned."""

    count: int
    average: float
    ratings: Mapping[int, int]
    words: Sequence[str]


def total(db: Session, evening_id: int) -> Total | None:
    """None until FLOOR people have answered. The words are in no order that tells who or when."""
    rows = list(db.scalars(select(Feedback).where(Feedback.evening_id == evening_id)))
    if len(rows) < FLOOR:
        return None
    ratings = Counter(row.rating for row in rows)
    average = sum(row.rating for row in rows) / len(rows)
    words = sorted(text for row in rows if (text := readable(row.text)))
    return Total(len(rows), average, ratings, words)


def count(db: Session, evening_id: int) -> int:
    """How many have answered."""
    found = select(func.count(Feedback.id)).where(Feedback.evening_id == evening_id)
    return db.scalar(found) or 0
