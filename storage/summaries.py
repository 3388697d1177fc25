"""Drafts and approved summaries of evenings."""

from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import guests
from storage.database import Base
from storage.guests import GuestSession
from storage.summary import Draft


class State(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"


class Summary(Base):
    """One version of what matters of an evening. `sources` are the lines it was made from."""

    __tablename__ = "summaries"

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"))
    version: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(10), default=State.DRAFT)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made: Mapped[datetime]
    edited_by: Mapped[str] = mapped_column(String(200), default="")
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    decided: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("evening_id", "version"),)

    @property
    def draft(self) -> Draft:
        return msgspec.json.decode(self.body, type=Draft)


def add(db: Session, *, evening_id: int, draft: Draft, now: datetime) -> Summary:
    """Keep a draft, as version 1 of the evening's summary."""
    summary = Summary(
        evening_id=evening_id,
        version=1,
        state=State.DRAFT,
        body=msgspec.json.encode(draft),
        made=now,
    )
    db.add(summary)
    db.flush()
    return summary


def newest(db: Session, evening_id: int) -> Summary | None:
    return db.scalar(
        select(Summary)
        .where(Summary.evening_id == evening_id)
        .order_by(Summary.version.desc())
        .limit(1)
    )


def rewrite(db: Session, summary: Summary, *, draft: Draft, by: str) -> bool:
    """Change a draft. False when it was decided meanwhile."""
    changed = db.connection().execute(
        update(Summary)
        .where(Summary.id == summary.id, Summary.state == State.DRAFT)
        .values(body=msgspec.json.encode(draft), edited_by=by)
    )
    db.refresh(summary)
    return bool(changed.rowcount)


def approve(db: Session, summary: Summary, *, by: str, now: datetime) -> bool:
    """Approve a draft. False when somebody decided before; the first decision stands."""
    changed = db.connection().execute(
        update(Summary)
        .where(Summary.id == summary.id, Summary.state == State.DRAFT)
        .values(state=State.APPROVED, decided_by=by, decided=now)
    )
    db.refresh(summary)
    return bool(changed.rowcount)


def approved(db: Session) -> list[int]:
    """Numbers of evenings whose summary was approved and is not published yet."""
    return list(
        db.scalars(
            select(Summary.evening_id)
            .join(GuestSession, GuestSession.id == Summary.evening_id)
            .where(Summary.state == State.APPROVED, GuestSession.state == guests.State.DRAFTED)
            .order_by(Summary.evening_id)
        )
    )
