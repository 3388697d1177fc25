"""What a group taught the bot: messages that a person said were no breach. They stay in it."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.text import compact
from storage.database import Base

ALIKE = 0.6
"""Share of the pairs of characters of both that are the same; above it two say the same."""

MOST = 500
"""Lessons of a group that are looked at, the newest first."""

_LONGEST = 400


class Lesson(Base):
    """One message that a rule was wrong about, folded; `by` is who said so."""

    __tablename__ = "lessons"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    rule: Mapped[str] = mapped_column(String(50))
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(String(200))
    made: Mapped[datetime]

    __table_args__ = (Index(None, "group_id", "rule"),)


def learn(db: Session, *, group_id: int, rule: str, text: str, by: str, now: datetime) -> None:
    """Remember a message as no breach of a rule. One that folds to nothing teaches nothing."""
    folded = compact(text).text[:_LONGEST]
    if folded:
        db.add(Lesson(group_id=group_id, rule=rule, text=folded, by=by, made=now))
        db.flush()


def forget(db: Session, *, group_id: int, rule: str, text: str) -> None:
    """Take back what was learned of exactly this message."""
    folded = compact(text).text[:_LONGEST]
    rows = select(Lesson).where(
        Lesson.group_id == group_id, Lesson.rule == rule, Lesson.text == folded
    )
    for lesson in db.scalars(rows).all():
        db.delete(lesson)


def like(db: Session, *, group_id: int, rule: str, text: str) -> Lesson | None:
    """The lesson that is most like a message, if one is so much alike that it holds for it too."""
    return nearest(text, of_rule(db, group_id=group_id, rule=rule))


def of_rule(db: Session, *, group_id: int, rule: str) -> list[Lesson]:
    """What was learned of a rule, the newest first."""
    rows = select(Lesson).where(Lesson.group_id == group_id, Lesson.rule == rule)
    return list(db.scalars(rows.order_by(Lesson.id.desc()).limit(MOST)))


def nearest(text: str, lessons: Iterable[Lesson]) -> Lesson | None:
    """Which of these lessons holds for a message."""
    mine = _pairs(compact(text).text[:_LONGEST])
    best: tuple[float, Lesson] | None = None
    for lesson in lessons:
        theirs = _pairs(lesson.text)
        shared = len(mine & theirs) / max(len(mine | theirs), 1)
        if shared >= ALIKE and (best is None or shared > best[0]):
            best = (shared, lesson)
    return best[1] if best else None


@lru_cache(MOST)
def _pairs(text: str) -> frozenset[str]:
    return frozenset(text[at : at + 2] for at in range(len(text) - 1)) or frozenset({text})
