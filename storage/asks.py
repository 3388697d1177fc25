"""Questions put to a group outside its evenings, and what became of each."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base


class State(StrEnum):
    """`answered` by somebody, nobody knows how well; `solved` when the asker says so."""

    OPEN = "open"
    ANSWERED = "answered"
    SOLVED = "solved"
    GONE = "gone"


class Ask(Base):
    """One question. `number` is the archived message; `message` the platform's id of it.

    `told` and `backed` are when the one who answers for it, and their stand-in, were told of it.
    """

    __tablename__ = "asks"
    __table_args__ = (Index(None, "group_id", "state"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    chat: Mapped[str] = mapped_column(String(200))
    message: Mapped[str] = mapped_column(String(100))
    member: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(100))
    text: Mapped[str] = mapped_column(Text)
    asked: Mapped[datetime]
    subject: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10), default=State.OPEN)
    told: Mapped[datetime | None]
    backed: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(100), default="")
    answered_by: Mapped[str] = mapped_column(String(100), default="")
    closed: Mapped[datetime | None]


class Heard(Base):
    """Up to which archived message a group was listened to for questions."""

    __tablename__ = "asks_heard"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    upto: Mapped[datetime]


def add(db: Session, new: Ask) -> None:
    """Note a question; one that is known stays as it is."""
    if db.get(Ask, new.number) is None:
        db.add(new)
        db.flush()


def waiting(db: Session, group_id: int) -> Sequence[Ask]:
    """What nobody answered yet, oldest first."""
    mine = select(Ask).where(Ask.group_id == group_id, Ask.state == State.OPEN)
    return db.scalars(mine.order_by(Ask.number)).all()


def of_member(db: Session, *, group_id: int, member: str) -> Sequence[Ask]:
    """The questions of one account that are not gone, newest first."""
    mine = select(Ask).where(
        Ask.group_id == group_id, Ask.member == member, Ask.state != State.GONE
    )
    return db.scalars(mine.order_by(Ask.number.desc())).all()


def get(db: Session, number: int) -> Ask | None:
    return db.get(Ask, number)


def heard(db: Session, group_id: int) -> datetime | None:
    """Up to when the group was listened to."""
    known = db.get(Heard, group_id)
    return known.upto if known else None


def hear(db: Session, group_id: int, upto: datetime) -> None:
    db.merge(Heard(group_id=group_id, upto=upto))
    db.flush()
