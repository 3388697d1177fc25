"""Plans as people made and changed them: every change, and every revision as it stood."""

from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import audience, guests
from storage.database import Base
from storage.groups import Group, touch
from storage.guests import BEFORE, GuestSession, State

_TAKEN_OVER = (
    "group_id",
    "guest",
    "guest_account",
    "topic",
    "host_account",
    "contact",
    "standby",
    "standby_account",
    "mystery",
    "hint",
    "hush",
    "poster",
)
"""What an evening that was moved hands on to the one that takes over."""


class Touched(msgspec.Struct, frozen=True, omit_defaults=True):
    """The columns of an evening that people change; UNSET is not touched.

    `joined` are the groups that a fan-out added, which are no column.
    """

    state: str | UnsetType = UNSET
    guest: str | UnsetType = UNSET
    guest_account: str | UnsetType = UNSET
    host_account: str | UnsetType = UNSET
    topic: str | UnsetType = UNSET
    starts: datetime | UnsetType = UNSET
    asks: datetime | UnsetType = UNSET
    ends: datetime | UnsetType = UNSET
    reason: str | UnsetType = UNSET
    contact: str | UnsetType = UNSET
    standby: str | UnsetType = UNSET
    standby_account: str | UnsetType = UNSET
    mystery: bool | UnsetType = UNSET
    hint: str | UnsetType = UNSET
    reveal: datetime | UnsetType | None = UNSET
    hush: str | UnsetType = UNSET
    announce_on: date | UnsetType | None = UNSET
    joined: tuple[int, ...] | UnsetType = UNSET

    def values(self) -> dict[str, Any]:
        return {
            name: value
            for name in self.__struct_fields__
            if (value := getattr(self, name)) is not UNSET
        }


class Change(Base):
    """One change to a plan: what it touched, as it was before and as it was left.

    `state` before is empty for an evening that was not there. A `final` one was told to everybody
    at once, and is not taken back.
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
    final: Mapped[bool] = mapped_column(default=False)

    @property
    def touched(self) -> Touched:
        """What it touched, as it left it."""
        return msgspec.json.decode(self.after, type=Touched)


class Revision(Base):
    """What members are told of an evening, as it stood at one of its revisions."""

    __tablename__ = "evening_revisions"

    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    guest: Mapped[str] = mapped_column(String(100))
    topic: Mapped[str] = mapped_column(String(200))
    starts: Mapped[datetime]
    ends: Mapped[datetime]


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
    announce_on: date,
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
        announce_on=announce_on,
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
    _snapshot(db, evening, now)
    touch(db, group.id)
    return evening


def move(
    db: Session,
    evening: GuestSession,
    *,
    starts: datetime,
    asks: datetime,
    ends: datetime,
    announce_on: date,
    by: str,
    reason: str,
    now: datetime,
    reveal: datetime | None = None,
) -> GuestSession:
    """Let a new evening take over from one that ends as moved; the new one is returned."""
    new = GuestSession(
        **{name: getattr(evening, name) for name in _TAKEN_OVER},
        starts=starts,
        asks=asks,
        ends=ends,
        announce_on=announce_on,
        reveal=reveal,
        state=State.PLANNED,
        revision=1,
        planned_by=by,
        planned=now,
        timed=now,
    )
    db.add(new)
    db.flush()
    audience.copy(db, to=new.id, of=evening.id, now=now)
    _snapshot(db, new, now)
    what = f"改期 #{evening.id}→#{new.id}"
    change(db, evening, by=by, what=what, now=now, state=State.MOVED, reason=reason)
    evening.successor_id = new.id
    return new


def change(
    db: Session, evening: GuestSession, *, by: str, what: str, now: datetime, **values: Any
) -> None:
    """Change what people may change; `values` are fields of Touched."""
    before = Touched(**{name: getattr(evening, name) for name in values})
    _keep(db, evening, author=by, what=what, now=now, before=before, after=Touched(**values))
    adjust(db, evening, now=now, **values)


def adjust(db: Session, evening: GuestSession, *, now: datetime, **values: Any) -> None:
    """Change an evening in a way that is not taken back, such as an extension while it runs."""
    for name, value in values.items():
        setattr(evening, name, value)
    if "starts" in values or "state" in values:
        evening.timed = now
    evening.revision += 1
    _snapshot(db, evening, now)
    for group in guests.groups_of(db, evening):
        touch(db, group.id)


def note_join(
    db: Session, evening: GuestSession, *, by: str, what: str, now: datetime, joined: list[int]
) -> None:
    """Write down that groups were added, so that it can be taken back."""
    before, after = Touched(), Touched(joined=tuple(joined))
    _keep(db, evening, author=by, what=what, now=now, before=before, after=after)
    adjust(db, evening, now=now)


def settle(
    db: Session, evening: GuestSession, *, by: str, what: str, now: datetime, **values: Any
) -> None:
    """Change an evening for good while it runs; everybody is told at once."""
    _keep(db, evening, author=by, what=what, now=now, before=Touched(), after=Touched(), final=True)
    adjust(db, evening, now=now, **values)


def undo(db: Session, change: Change, *, now: datetime) -> GuestSession | None:
    """Take back what one change touched; an evening that was new is cancelled.

    None, and nothing is done, when something it touched was changed again since.
    """
    evening = db.get_one(GuestSession, change.evening_id, with_for_update=True)
    left = change.touched.values()
    left.pop("joined", None)
    # Announcing moves the state on without changing the plan.
    moved = left.get("state") == State.PLANNED and evening.state in BEFORE
    if any(getattr(evening, name) != value for name, value in left.items() if name != "state") or (
        "state" in left and evening.state != left["state"] and not moved
    ):
        return None
    values = msgspec.json.decode(change.before, type=Touched).values()
    if "state" in values:
        values["state"] = values["state"] or State.CANCELLED
    adjust(db, evening, now=now, **values)
    change.undone = now
    return evening


def _keep(
    db: Session,
    evening: GuestSession,
    *,
    author: str,
    what: str,
    now: datetime,
    before: Touched,
    after: Touched,
    final: bool = False,
) -> None:
    db.add(
        Change(
            final=final,
            evening_id=evening.id,
            author=author,
            made=now,
            what=what,
            before=msgspec.json.encode(before).decode(),
            after=msgspec.json.encode(after).decode(),
        )
    )


def last_change_by(db: Session, *, group_id: int, author: str) -> Change | None:
    """The caller's own last change to a plan that this group has a part in, if it still stands."""
    return db.scalar(
        select(Change)
        .join(GuestSession, GuestSession.id == Change.evening_id)
        .where(guests.of_group(group_id), Change.author == author, Change.undone.is_(None))
        .order_by(Change.id.desc())
        .limit(1)
    )


def revision(db: Session, evening_id: int, number: int) -> Revision:
    """An evening as it stood at a revision."""
    return db.get_one(Revision, (evening_id, number))


def _snapshot(db: Session, evening: GuestSession, now: datetime) -> None:
    db.add(
        Revision(
            evening_id=evening.id,
            number=evening.revision,
            guest=evening.shown_guest(now),
            topic=evening.topic,
            starts=evening.starts,
            ends=evening.ends,
        )
    )
    db.flush()
