"""Who answers for which subject in a group, who stands in, and who is away."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base

ANYTHING = "其他"
"""The subject of whatever is nobody else's."""


class Duty(Base):
    """One subject of a group. `member` and `backup` are accounts on `platform`."""

    __tablename__ = "duties"
    __table_args__ = (UniqueConstraint("group_id", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    subject: Mapped[str] = mapped_column(String(20))
    platform: Mapped[str] = mapped_column(String(20))
    member: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(100))
    backup: Mapped[str] = mapped_column(String(100), default="")
    backup_name: Mapped[str] = mapped_column(String(100), default="")
    by: Mapped[str] = mapped_column(String(100))
    made: Mapped[datetime]


class Away(Base):
    """Somebody is not to be asked on these days, both ends included."""

    __tablename__ = "away"
    __table_args__ = (Index(None, "platform", "member"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str] = mapped_column(String(20))
    member: Mapped[str] = mapped_column(String(100))
    first: Mapped[date]
    last: Mapped[date]


def put(db: Session, new: Duty) -> None:
    """A subject has one answerer: a new one takes the place of the one before."""
    drop(db, group_id=new.group_id, subject=new.subject)
    db.add(new)
    db.flush()


def drop(db: Session, *, group_id: int, subject: str) -> bool:
    mine = delete(Duty).where(Duty.group_id == group_id, Duty.subject == subject)
    return db.scalar(mine.returning(Duty.id)) is not None


def of_group(db: Session, group_id: int) -> Sequence[Duty]:
    return db.scalars(select(Duty).where(Duty.group_id == group_id).order_by(Duty.id)).all()


def groups_with(db: Session) -> list[int]:
    """Ids of the groups in which somebody answers for something."""
    return list(db.scalars(select(Duty.group_id).distinct().order_by(Duty.group_id)))


def leave(db: Session, *, platform: str, member: str, first: date, last: date) -> None:
    db.add(Away(platform=platform, member=member, first=first, last=last))
    db.flush()


def back(db: Session, *, platform: str, member: str, today: date) -> int:
    """Somebody is here again; how many absences that ends."""
    mine = delete(Away).where(Away.platform == platform, Away.member == member, Away.last >= today)
    return len(db.scalars(mine.returning(Away.id)).all())


def away(db: Session, *, platform: str, member: str, day: date) -> bool:
    found = select(Away.id).where(
        Away.platform == platform, Away.member == member, Away.first <= day, Away.last >= day
    )
    return db.scalar(found.limit(1)) is not None
