"""The queue of an evening: what members want the guest to answer, and what became of it."""

import unicodedata
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import guests
from storage.database import Base

_LONGEST_NAME = 100


class State(StrEnum):
    """`withdrawn` is a question whose message was taken back."""

    WAITING = "waiting"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class Question(Base):
    """One question. `number` is 3 for Q3 and counts within the evening.

    `group_id` and `chat` are where it was asked, `message` the platform's id of the message.
    """

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("evening_id", "number"), Index(None, "chat", "message"))

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"))
    number: Mapped[int]
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    chat: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(_LONGEST_NAME))
    text: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(String(100))
    event_key: Mapped[str] = mapped_column(String(200), unique=True)
    asked: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=State.WAITING)
    answered: Mapped[datetime | None]


def one_line(text: str, *, limit: int = 0) -> str:
    """What somebody wrote as one line, without what turns or hides other characters.

    At most `limit` characters, if there is one.
    """
    seen = "".join(" " if c.isspace() or unicodedata.category(c) == "Cc" else c for c in text)
    line = " ".join("".join(c for c in seen if unicodedata.category(c) not in "Cf Cs").split())
    return line if not limit or len(line) <= limit else line[: limit - 1] + "…"


def add(
    db: Session,
    *,
    evening_id: int,
    group_id: int,
    chat: str,
    member: str,
    name: str,
    text: str,
    message: str,
    event_key: str,
    now: datetime,
) -> Question:
    """Queue a question under the evening's next number; the same message again changes nothing."""
    guests.get(db, evening_id, to_change=True)
    there = db.scalar(select(Question).where(Question.event_key == event_key))
    if there is not None:
        return there
    new = Question(
        evening_id=evening_id,
        number=_last(db, evening_id) + 1,
        group_id=group_id,
        chat=chat,
        member=member,
        name=one_line(name, limit=_LONGEST_NAME),
        text=one_line(text),
        message=message,
        event_key=event_key,
        asked=now,
        state=State.WAITING,
    )
    db.add(new)
    db.flush()
    return new


def waiting(db: Session, evening_id: int) -> list[Question]:
    """What is not answered yet, by number."""
    return [one for one in standing(db, evening_id) if one.state == State.WAITING]


def standing(db: Session, evening_id: int) -> list[Question]:
    """Every question that was not withdrawn, by number."""
    return list(
        db.scalars(
            select(Question)
            .where(Question.evening_id == evening_id, Question.state != State.WITHDRAWN)
            .order_by(Question.number)
        )
    )


def open_by(db: Session, *, evening_id: int, member: str) -> int:
    """How many questions of this account wait."""
    return sum(one.member == member for one in waiting(db, evening_id))


def numbered(db: Session, *, evening_id: int, number: int) -> Question | None:
    """The question known as Q3."""
    return db.scalar(
        select(Question).where(Question.evening_id == evening_id, Question.number == number)
    )


def of_message(db: Session, *, chat: str, message: str) -> Question | None:
    """The question that a message in a chat asked."""
    return db.scalar(select(Question).where(Question.chat == chat, Question.message == message))


def answer(db: Session, question: Question, *, now: datetime) -> None:
    """Note that it was answered; one that does not wait stays as it is."""
    if question.state == State.WAITING:
        question.state, question.answered = State.ANSWERED, now
        db.flush()


def withdraw(db: Session, question: Question) -> None:
    """Take it out of the queue, and of all that is made of the evening."""
    question.state = State.WITHDRAWN
    db.flush()


def hand_over(db: Session, *, of: int, to: int) -> int:
    """Let what waits for one evening wait for another; how many questions that were.

    A question keeps its number unless the other evening has it already.
    """
    guests.get(db, to, to_change=True)
    moving = waiting(db, of)
    taken = set(db.scalars(select(Question.number).where(Question.evening_id == to)))
    free = max([0, *taken, *(one.number for one in moving)]) + 1
    for one in moving:
        if one.number in taken:
            one.number, free = free, free + 1
        one.evening_id = to
    db.flush()
    return len(moving)


def _last(db: Session, evening_id: int) -> int:
    found = select(func.max(Question.number)).where(Question.evening_id == evening_id)
    return db.scalar(found) or 0
