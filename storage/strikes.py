"""What the rules did to whom, or would have: each with a receipt, and what became of it since."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    column,
    func,
    select,
    table,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without what is taken for something else: 0 and O, 1 and I and L."""

CODE_LENGTH = 3
LONGEST_NAME = 200

_DEEDS = table("deeds", column("group_id"), column("code"))
"""What owners ordered has receipts as well. By name, for storage.deeds knows this file."""

ASK_LASTS = timedelta(hours=24)
"""So long an act that a person was asked about may be decided on."""


class State(StrEnum):
    """`asked` waits for a person; `lapsed` waited in vain; `wrong` was overturned for good."""

    DONE = "done"
    OBSERVED = "observed"
    TRIAL = "trial"
    ASKED = "asked"
    LAPSED = "lapsed"
    WAIVED = "waived"
    UNDONE = "undone"
    WRONG = "wrong"


STATE_NAMES = {
    State.DONE: "已处理",
    State.OBSERVED: "只观察",
    State.TRIAL: "试运行",
    State.ASKED: "等人决定",
    State.LAPSED: "没人决定，已作罢",
    State.WAIVED: "放过了",
    State.UNDONE: "已撤销",
    State.WRONG: "误判，已撤销",
}


class Strike(Base):
    """One breach. `code` is its receipt, unique in the group; `done` the step that was taken.

    `message` is the platform's id of what was said. It counts until `expires`, as long as it is
    done. `appeal` is what the member said against it, `answer` what a person said to that.
    """

    __tablename__ = "strikes"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    chat_id: Mapped[int | None] = mapped_column(ForeignKey("chats.id"))
    code: Mapped[str | None] = mapped_column(String(3))
    member: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200), default="")
    message: Mapped[str] = mapped_column(String(100), default="")
    rule: Mapped[str] = mapped_column(String(50))
    reason: Mapped[str] = mapped_column(Text)
    done: Mapped[str] = mapped_column(String(50))
    state: Mapped[str] = mapped_column(String(10), default=State.DONE)
    at: Mapped[datetime]
    expires: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    decided: Mapped[datetime | None]
    appeal: Mapped[str] = mapped_column(Text, default="")
    appealed: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_strikes_member", "group_id", "member", "rule"),
        Index("ix_strikes_chat", "chat_id", "at"),
        UniqueConstraint("group_id", "code"),
    )


def standing(
    db: Session, *, group_id: int, member: str, rule: str, now: datetime
) -> tuple[int, datetime | None]:
    """How many strikes have not expired, and when the last one was."""
    count, latest = db.execute(
        select(func.count(), func.max(Strike.at)).where(
            Strike.group_id == group_id,
            Strike.member == member,
            Strike.rule == rule,
            Strike.state == State.DONE,
            Strike.expires > now,
        )
    ).one()
    return count, latest


def add(
    db: Session,
    *,
    group_id: int,
    chat_id: int,
    event_id: int,
    member: str,
    name: str,
    message: str,
    rule: str,
    reason: str,
    done: str,
    state: State,
    at: datetime,
    expires: datetime,
) -> Strike:
    """Write a breach down, with a receipt of its own."""
    strike = Strike(
        group_id=group_id,
        chat_id=chat_id,
        event_id=event_id,
        code=_code(db, group_id),
        member=member,
        name=name[:LONGEST_NAME],
        message=message,
        rule=rule,
        reason=reason,
        done=done,
        state=state,
        at=at,
        expires=expires,
    )
    db.add(strike)
    db.flush()
    return strike


def _code(db: Session, group_id: int) -> str:
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        ordered = select(_DEEDS.c.code).where(_DEEDS.c.group_id == group_id, _DEEDS.c.code == code)
        if find(db, group_id=group_id, code=code) is None and db.scalar(ordered) is None:
            return code


def find(db: Session, *, group_id: int, code: str) -> Strike | None:
    return db.scalar(select(Strike).where(Strike.group_id == group_id, Strike.code == code))


def about_name(db: Session, *, group_id: int, member: str, rule: str, name: str) -> bool:
    """Whether a member's name was written down already, whatever became of it."""
    found = select(Strike.id).where(
        Strike.group_id == group_id,
        Strike.member == member,
        Strike.rule == rule,
        Strike.name == name,
    )
    return db.scalar(found.limit(1)) is not None


def last_of(db: Session, *, group_id: int, member: str) -> Strike | None:
    """What was last done to a member here."""
    return db.scalar(
        select(Strike)
        .where(Strike.group_id == group_id, Strike.member == member)
        .where(Strike.state.in_((State.DONE, State.ASKED)))
        .order_by(Strike.id.desc())
        .limit(1)
    )


def acted(db: Session, *, chat_id: int, since: datetime) -> int:
    """How often the bot acted by itself in a chat since a moment."""
    found = select(func.count()).where(
        Strike.chat_id == chat_id,
        Strike.at >= since,
        Strike.state.in_((State.DONE, State.UNDONE, State.WRONG)),
        Strike.done != "",
    )
    return db.scalar(found) or 0


def waiting(db: Session, *, group_id: int) -> list[Strike]:
    """What waits for a person: acts to be decided, and appeals to be answered."""
    appeals = Strike.appealed.is_not(None) & Strike.answered.is_(None)
    return list(
        db.scalars(
            select(Strike)
            .where(Strike.group_id == group_id, (Strike.state == State.ASKED) | appeals)
            .order_by(Strike.id)
        )
    )


def overturned(db: Session, *, group_id: int, rule: str, since: datetime) -> tuple[int, int]:
    """Of the acts of a rule since a moment, how many were overturned; and how many there were."""
    rows = db.execute(
        select(Strike.state, func.count())
        .where(Strike.group_id == group_id, Strike.rule == rule, Strike.at >= since)
        .where(Strike.state.in_((State.DONE, State.UNDONE, State.WRONG)))
        .group_by(Strike.state)
    ).all()
    total = sum(count for _, count in rows)
    return total - sum(count for state, count in rows if state == State.DONE), total


def of_trial(db: Session, *, group_id: int, rule: str, since: datetime) -> list[Strike]:
    """What a rule would have done since a moment, if it had been allowed to."""
    return list(
        db.scalars(
            select(Strike)
            .where(Strike.group_id == group_id, Strike.rule == rule, Strike.at >= since)
            .where(Strike.state.in_((State.TRIAL, State.OBSERVED)))
            .order_by(Strike.id)
        )
    )


def overdue(db: Session, *, now: datetime) -> list[Strike]:
    """What waits for a decision for too long, the oldest first."""
    return list(
        db.scalars(
            select(Strike)
            .where(Strike.state == State.ASKED, Strike.at <= now - ASK_LASTS)
            .order_by(Strike.id)
        )
    )


def lapse(strike: Strike, *, now: datetime) -> None:
    """Give up an act that nobody decided on."""
    strike.state, strike.decided = State.LAPSED, now
