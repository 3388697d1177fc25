"""Guest sessions: one evening each, from planned to published."""

import re
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
    `revision` goes up with each change after planning, `timed` is when its hours were last set.
    `opened` and `ended` are when it really began and ended.
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
    timed: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    opened: Mapped[datetime | None]
    asked: Mapped[datetime | None]
    ended: Mapped[datetime | None]

    @property
    def cause(self) -> str:
        return f"evening:{self.id}"


def of_cause(db: Session, cause: str) -> GuestSession | None:
    """The evening that a delivery's cause names, if it names one."""
    kind, _, number = cause.partition(":")
    return db.get(GuestSession, int(number)) if kind == "evening" and number.isdigit() else None


def goes_by(card: str, name: str) -> bool:
    """Whether a card such as 华东-王总 carries this name, whole, and nobody else's with it."""
    return bool(name) and name in re.split(r"[-_—·/|\s()（）【】]+", card)


class Change(Base):
    """One change to a plan: what it touched, as it was before and as it was left.

    `state` before is empty for an evening that was not there.
    """

    __tablename__ = "evening_changes"
    __table_args__ = (Index(None, "author"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"))
    author: Mapped[str] = mapped_column(String(100))
    made: Mapped[datetime]
    what: Mapped[str] = mapped_column(Text)
    before: Mapped[str] = mapped_column(Text)
    after: Mapped[str] = mapped_column(Text)
    undone: Mapped[datetime | None]


class Touched(msgspec.Struct, frozen=True, omit_defaults=True):
    """The columns of an evening that people change; None is not touched."""

    state: str | None = None
    guest: str | None = None
    guest_account: str | None = None
    topic: str | None = None
    starts: datetime | None = None
    asks: datetime | None = None
    ends: datetime | None = None
    reason: str | None = None

    def values(self) -> dict[str, Any]:
        return {
            name: value
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not None
        }


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
        timed=now,
    )
    db.add(evening)
    db.flush()
    before, after = Touched(state=""), Touched(state=State.PLANNED)
    _keep(db, evening, author=by, what=f"安排 #{evening.id}", now=now, before=before, after=after)
    touch(db, group.id)
    return evening


def change(
    db: Session, evening: GuestSession, *, by: str, what: str, now: datetime, **values: Any
) -> None:
    """Change what people may change; `values` are fields of Touched."""
    before = Touched(**{name: getattr(evening, name) for name in values})
    _keep(db, evening, author=by, what=what, now=now, before=before, after=Touched(**values))
    _set(db, evening, values, now)


def undo(db: Session, change: Change, *, now: datetime) -> GuestSession | None:
    """Take back what one change touched; an evening that was new is cancelled.

    None, and nothing is done, when something it touched was changed again since.
    """
    evening = db.get_one(GuestSession, change.evening_id, with_for_update=True)
    left = msgspec.json.decode(change.after, type=Touched).values()
    # Announcing moves the state on without changing the plan.
    moved = left.get("state") == State.PLANNED and evening.state in BEFORE
    if any(getattr(evening, name) != value for name, value in left.items() if name != "state") or (
        "state" in left and evening.state != left["state"] and not moved
    ):
        return None
    values = msgspec.json.decode(change.before, type=Touched).values()
    if "state" in values:
        values["state"] = values["state"] or State.CANCELLED
    _set(db, evening, values, now)
    change.undone = now
    return evening


def _set(db: Session, evening: GuestSession, values: dict[str, Any], now: datetime) -> None:
    for name, value in values.items():
        setattr(evening, name, value)
    if "starts" in values or "state" in values:
        evening.timed = now
    evening.revision += 1
    touch(db, evening.group_id)


def _keep(
    db: Session,
    evening: GuestSession,
    *,
    author: str,
    what: str,
    now: datetime,
    before: Touched,
    after: Touched,
) -> None:
    db.add(
        Change(
            evening_id=evening.id,
            author=author,
            made=now,
            what=what,
            before=msgspec.json.encode(before).decode(),
            after=msgspec.json.encode(after).decode(),
        )
    )


def changes_since(db: Session, evening_id: int, moment: datetime) -> list[Change]:
    """Changes to a plan made from a moment on that still stand, oldest first."""
    return list(
        db.scalars(
            select(Change)
            .where(Change.evening_id == evening_id, Change.made >= moment, Change.undone.is_(None))
            .order_by(Change.id)
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


def get(db: Session, number: int, *, to_change: bool = False) -> GuestSession | None:
    """`to_change` keeps other processes from changing it until this one commits."""
    return db.get(GuestSession, number, with_for_update=to_change or None)


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
