"""Guest sessions: one evening each, from planned to published."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base
from storage.groups import Group, touch


class State(StrEnum):
    PLANNED = "planned"
    ANNOUNCED = "announced"
    SHARING = "sharing"
    ASKING = "asking"
    CLOSED = "closed"
    DRAFTED = "drafted"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    MOVED = "moved"


STATE_NAMES = {
    State.PLANNED: "已安排",
    State.ANNOUNCED: "已预告",
    State.SHARING: "分享中",
    State.ASKING: "答疑中",
    State.CLOSED: "已结束",
    State.DRAFTED: "草稿待审",
    State.PUBLISHED: "已发布",
    State.CANCELLED: "已取消",
    State.MOVED: "已改期",
}
BEFORE = (State.PLANNED, State.ANNOUNCED)
LIVE = (State.SHARING, State.ASKING)
AHEAD = (*BEFORE, *LIVE)
UNFINISHED = (*AHEAD, State.CLOSED)


class GuestSession(Base):
    """One evening. `id` is the number people know, as in #12; times are instants, UTC.

    `guest_account` and `host_account` are ids on the home group's platform, where they are known.
    `revision` goes up with each change after planning. `opened` and `ended` are when it really
    began and ended.
    """

    __tablename__ = "guest_sessions"
    __table_args__ = (Index(None, "group_id", "starts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    guest: Mapped[str] = mapped_column(String(100))
    guest_account: Mapped[str] = mapped_column(String(100), default="")
    topic: Mapped[str] = mapped_column(String(200))
    host_account: Mapped[str] = mapped_column(String(100), default="")
    starts: Mapped[datetime]
    asks: Mapped[datetime]
    ends: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default=State.PLANNED)
    revision: Mapped[int] = mapped_column(default=1)
    planned_by: Mapped[str] = mapped_column(String(100))
    planned: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    opened: Mapped[datetime | None]
    asked: Mapped[datetime | None]
    ended: Mapped[datetime | None]

    @property
    def cause(self) -> str:
        return f"evening:{self.id}"


class Change(Base):
    """One change to a plan, with what it was before, so that it can be taken back."""

    __tablename__ = "evening_changes"
    __table_args__ = (Index(None, "author"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"))
    author: Mapped[str] = mapped_column(String(100))
    made: Mapped[datetime]
    what: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    undone: Mapped[datetime | None]


class Before(msgspec.Struct, frozen=True):
    """The part of an evening that people change. The state is empty for one that was not there."""

    state: str
    guest: str
    guest_account: str
    topic: str
    starts: datetime
    asks: datetime
    ends: datetime


def plan(
    db: Session,
    *,
    group: Group,
    guest: str,
    guest_account: str,
    topic: str,
    starts: datetime,
    asks: datetime,
    ends: datetime,
    by: str,
    now: datetime,
) -> GuestSession:
    """Put an evening on the calendar."""
    evening = GuestSession(
        group_id=group.id,
        guest=guest,
        guest_account=guest_account,
        topic=topic,
        starts=starts,
        asks=asks,
        ends=ends,
        state=State.PLANNED,
        revision=1,
        planned_by=by,
        planned=now,
    )
    db.add(evening)
    db.flush()
    _keep(db, evening, author=by, what=f"安排 #{evening.id}", now=now, state="")
    touch(db, group.id)
    return evening


def change(
    db: Session,
    evening: GuestSession,
    *,
    by: str,
    what: str,
    now: datetime,
    **values: Any,
) -> None:
    """Change what people may change; `values` are columns of Before, and `reason`."""
    _keep(db, evening, author=by, what=what, now=now, state=evening.state)
    for name, value in values.items():
        setattr(evening, name, value)
    evening.revision += 1
    touch(db, evening.group_id)


def undo(db: Session, change: Change, *, now: datetime) -> GuestSession:
    """Take a change back; an evening that was new is cancelled."""
    evening = db.get_one(GuestSession, change.evening_id)
    before = msgspec.json.decode(change.before, type=Before)
    for name in ("guest", "guest_account", "topic", "starts", "asks", "ends"):
        setattr(evening, name, getattr(before, name))
    evening.state = before.state or State.CANCELLED
    evening.revision += 1
    change.undone = now
    touch(db, evening.group_id)
    return evening


def _keep(
    db: Session, evening: GuestSession, *, author: str, what: str, now: datetime, state: str
) -> None:
    before = Before(
        state,
        evening.guest,
        evening.guest_account,
        evening.topic,
        evening.starts,
        evening.asks,
        evening.ends,
    )
    db.add(
        Change(
            evening_id=evening.id,
            author=author,
            made=now,
            what=what,
            before=msgspec.json.encode(before).decode(),
        )
    )


def last_change_by(db: Session, *, group_id: int, author: str) -> Change | None:
    """The caller's own last change to a plan of this group that still stands."""
    return db.scalar(
        select(Change)
        .join(GuestSession, GuestSession.id == Change.evening_id)
        .where(GuestSession.group_id == group_id, Change.author == author, Change.undone.is_(None))
        .order_by(Change.id.desc())
        .limit(1)
    )


def get(db: Session, number: int) -> GuestSession | None:
    return db.get(GuestSession, number)


def ahead(db: Session, group_id: int) -> list[GuestSession]:
    """Evenings of a group that have not ended, soonest first."""
    return list(
        db.scalars(
            select(GuestSession)
            .where(GuestSession.group_id == group_id, GuestSession.state.in_(AHEAD))
            .order_by(GuestSession.starts)
        )
    )


def latest(db: Session, group_id: int, *, limit: int) -> list[GuestSession]:
    """The newest evenings of a group, whatever became of them."""
    return list(
        db.scalars(
            select(GuestSession)
            .where(GuestSession.group_id == group_id)
            .order_by(GuestSession.starts.desc())
            .limit(limit)
        )
    )


def page(db: Session, *, limit: int, offset: int) -> list[tuple[GuestSession, Group]]:
    """Evenings of all groups with their groups, the latest first."""
    rows = db.execute(
        select(GuestSession, Group)
        .join(Group, Group.id == GuestSession.group_id)
        .order_by(GuestSession.starts.desc(), GuestSession.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(row.GuestSession, row.Group) for row in rows]


def count(db: Session) -> int:
    """How many evenings there are, whatever became of them."""
    return db.scalar(select(func.count(GuestSession.id))) or 0


def unfinished(db: Session) -> list[GuestSession]:
    """Every evening that still has steps to take."""
    return list(
        db.scalars(
            select(GuestSession)
            .where(GuestSession.state.in_(UNFINISHED))
            .order_by(GuestSession.starts)
        )
    )


def between(db: Session, *, group_id: int, since: datetime, until: datetime) -> list[GuestSession]:
    """Evenings that start in [since, until) and were not called off."""
    return list(
        db.scalars(
            select(GuestSession)
            .where(
                GuestSession.group_id == group_id,
                GuestSession.starts >= since,
                GuestSession.starts < until,
                GuestSession.state.not_in((State.CANCELLED, State.MOVED)),
            )
            .order_by(GuestSession.starts)
        )
    )


def around(db: Session, *, group_id: int, now: datetime) -> list[GuestSession]:
    """Evenings from a day before `now` on: those whose guest may be speaking today."""
    return between(
        db, group_id=group_id, since=now - timedelta(days=1), until=now + timedelta(days=3650)
    )
