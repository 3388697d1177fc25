"""Quarrels told to owners, and members who are slowed for a while."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base
from storage.groups import touch


class Quarrel(Base):
    """One time the owner was told of two members of a chat; `one` sorts before `other`."""

    __tablename__ = "quarrels"
    __table_args__ = (Index(None, "chat", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    chat: Mapped[str] = mapped_column(String(200))
    one: Mapped[str] = mapped_column(String(100))
    other: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime]


class Slowed(Base):
    """One member of one chat who may say one thing a minute until `until`.

    `spoke` is when they last said what was let stand, `told` when they were told why the next
    thing was not; `by` who asked for it.
    """

    __tablename__ = "slowed"
    __table_args__ = (Index(None, "chat", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    chat: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(100))
    by: Mapped[str] = mapped_column(String(100))
    began: Mapped[datetime]
    until: Mapped[datetime]
    spoke: Mapped[datetime | None]
    told: Mapped[datetime | None]


def note(
    db: Session, *, group_id: int, chat: str, pair: tuple[str, str], at: datetime, every: timedelta
) -> Quarrel | None:
    """Note that two are quarrelling; None when that was noted in the last `every`."""
    one, other = sorted(pair)
    found = select(Quarrel.id).where(Quarrel.chat == chat, Quarrel.at > at - every)
    if db.scalar(found.where(Quarrel.one == one, Quarrel.other == other).limit(1)) is not None:
        return None
    new = Quarrel(group_id=group_id, chat=chat, one=one, other=other, at=at)
    db.add(new)
    db.flush()
    return new


def last(db: Session, *, group_id: int, since: datetime) -> Quarrel | None:
    """The quarrel of a group that was noted last."""
    found = select(Quarrel).where(Quarrel.group_id == group_id, Quarrel.at > since)
    return db.scalar(found.order_by(Quarrel.id.desc()).limit(1))


def slow(
    db: Session, *, group_id: int, chat: str, member: str, by: str, now: datetime, until: datetime
) -> Slowed:
    """Slow a member from now on; what was asked for before ends."""
    for before in _standing(db, group_id, now):
        if (before.chat, before.member) == (chat, member):
            before.until = now
    new = Slowed(group_id=group_id, chat=chat, member=member, by=by, began=now, until=until)
    db.add(new)
    touch(db, group_id)
    db.flush()
    return new


def end(db: Session, *, group_id: int, now: datetime) -> list[Slowed]:
    """Let everybody of a group speak as before; who they were."""
    ended = _standing(db, group_id, now)
    for one in ended:
        one.until = now
    touch(db, group_id)
    db.flush()
    return ended


def _standing(db: Session, group_id: int, now: datetime) -> list[Slowed]:
    return list(db.scalars(select(Slowed).where(Slowed.group_id == group_id, Slowed.until > now)))


def until(db: Session, *, chat: str, since: datetime) -> dict[str, datetime]:
    """Until when members of a chat are slowed; those whose time was over before are left out."""
    rows = db.execute(
        select(Slowed.member, Slowed.until)
        .where(Slowed.chat == chat, Slowed.until > since)
        .order_by(Slowed.id)
    )
    return {row.member: row.until for row in rows}


def of(db: Session, *, chat: str, member: str, at: datetime) -> Slowed | None:
    """Why a member is slowed at this moment."""
    found = select(Slowed).where(Slowed.chat == chat, Slowed.member == member)
    found = found.where(Slowed.began <= at, Slowed.until > at)
    return db.scalar(found.order_by(Slowed.id.desc()).limit(1))
