"""Drafts and approved summaries of evenings, version by version, with each thing done to them."""

from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base
from storage.summary import Draft


class State(StrEnum):
    """A version is decided on once. `approved` is one on its way to where it is published."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


STATE_NAMES = {
    State.DRAFT: "草稿",
    State.APPROVED: "已通过，正在发布",
    State.PUBLISHED: "已发布",
    State.REJECTED: "已退回",
    State.WITHDRAWN: "已撤回",
}


class Summary(Base):
    """One version of what matters of an evening. `reason` is why it was sent back or withdrawn."""

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
    reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (UniqueConstraint("evening_id", "version"),)

    @property
    def draft(self) -> Draft:
        return msgspec.json.decode(self.body, type=Draft)


class Edit(Base):
    """One thing done to a version: what, by whom, and the words before and after."""

    __tablename__ = "summary_edits"
    __table_args__ = (Index(None, "summary_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    summary_id: Mapped[int] = mapped_column(ForeignKey("summaries.id"))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
    what: Mapped[str] = mapped_column(String(50))
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")


def add(db: Session, *, evening_id: int, draft: Draft, now: datetime) -> Summary:
    """Keep a draft as the evening's next version."""
    before = newest(db, evening_id)
    summary = Summary(
        evening_id=evening_id,
        version=before.version + 1 if before else 1,
        state=State.DRAFT,
        body=msgspec.json.encode(draft),
        made=now,
    )
    db.add(summary)
    db.flush()
    return summary


def newest(db: Session, evening_id: int, *, to_change: bool = False) -> Summary | None:
    """`to_change` waits for whoever is changing it, and keeps others from it."""
    found = (
        select(Summary)
        .where(Summary.evening_id == evening_id)
        .order_by(Summary.version.desc())
        .limit(1)
    )
    if to_change:
        found = found.with_for_update().execution_options(populate_existing=True)
    return db.scalar(found)


def in_state(db: Session, evening_id: int, state: State) -> Summary | None:
    """The newest version in a state."""
    return db.scalar(
        select(Summary)
        .where(Summary.evening_id == evening_id, Summary.state == state)
        .order_by(Summary.version.desc())
        .limit(1)
    )


def rewrite(
    db: Session,
    summary: Summary,
    *,
    draft: Draft,
    by: str,
    what: str,
    now: datetime,
    before: str = "",
    after: str = "",
) -> bool:
    """Change a draft, and keep what stood there before. False when it was decided meanwhile."""
    changed = db.connection().execute(
        update(Summary)
        .where(Summary.id == summary.id, Summary.state == State.DRAFT)
        .values(body=msgspec.json.encode(draft), edited_by=by)
    )
    db.refresh(summary)
    if changed.rowcount:
        _note(db, summary, by=by, what=what, now=now, before=before, after=after)
    return bool(changed.rowcount)


def approve(db: Session, summary: Summary, *, by: str, now: datetime) -> bool:
    """Approve a draft. False when somebody decided before; the first decision stands."""
    return _decide(db, summary, State.APPROVED, "通过", by=by, now=now)


def reject(db: Session, summary: Summary, *, by: str, reason: str, now: datetime) -> bool:
    """Send a draft back. False when somebody decided before; the first decision stands."""
    return _decide(db, summary, State.REJECTED, "退回", by=by, reason=reason, now=now)


def withdraw(db: Session, summary: Summary, *, by: str, reason: str, now: datetime) -> None:
    """What was published is no longer ours to show; who approved it stays on record."""
    summary.state, summary.reason = State.WITHDRAWN, reason
    _note(db, summary, by=by, what="撤回", now=now, after=reason)


def _decide(
    db: Session,
    summary: Summary,
    state: State,
    what: str,
    *,
    by: str,
    now: datetime,
    reason: str = "",
) -> bool:
    changed = db.connection().execute(
        update(Summary)
        .where(Summary.id == summary.id, Summary.state == State.DRAFT)
        .values(state=state, decided_by=by, decided=now, reason=reason)
    )
    db.refresh(summary)
    if changed.rowcount:
        _note(db, summary, by=by, what=what, now=now, after=reason)
    return bool(changed.rowcount)


def _note(
    db: Session,
    summary: Summary,
    *,
    by: str,
    what: str,
    now: datetime,
    before: str = "",
    after: str = "",
) -> None:
    db.add(Edit(summary_id=summary.id, at=now, by=by, what=what, before=before, after=after))
    db.flush()


def edits(db: Session, evening_id: int) -> list[tuple[int, Edit]]:
    """All that was done to an evening's versions, oldest first, each with its version."""
    found = (
        select(Summary.version, Edit)
        .join(Edit, Edit.summary_id == Summary.id)
        .where(Summary.evening_id == evening_id)
        .order_by(Edit.id)
    )
    return [(version, edit) for version, edit in db.execute(found)]


def approved(db: Session) -> list[int]:
    """Numbers of evenings with a version that was approved and is not published yet."""
    return list(
        db.scalars(
            select(Summary.evening_id)
            .where(Summary.state == State.APPROVED)
            .order_by(Summary.evening_id)
        )
    )
