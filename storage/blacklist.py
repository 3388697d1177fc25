"""Accounts that a group does not want to see again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base


class Blacklisted(Base):
    """One account on one platform, in one group."""

    __tablename__ = "blacklist"
    __table_args__ = (UniqueConstraint("group_id", "platform", "member"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    platform: Mapped[str] = mapped_column(String(20))
    member: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]


def add(
    db: Session,
    *,
    group_id: int,
    platform: str,
    member: str,
    name: str,
    reason: str,
    by: str,
    now: datetime,
) -> bool:
    """Put an account on the list; False when it is there already."""
    if find(db, group_id=group_id, platform=platform, member=member) is not None:
        return False
    db.add(
        Blacklisted(
            group_id=group_id,
            platform=platform,
            member=member,
            name=name,
            reason=reason,
            by=by,
            at=now,
        )
    )
    db.flush()
    return True


def find(db: Session, *, group_id: int, platform: str, member: str) -> Blacklisted | None:
    return db.scalar(
        select(Blacklisted).where(
            Blacklisted.group_id == group_id,
            Blacklisted.platform == platform,
            Blacklisted.member == member,
        )
    )


def of_group(db: Session, group_id: int) -> Sequence[Blacklisted]:
    mine = select(Blacklisted).where(Blacklisted.group_id == group_id)
    return db.scalars(mine.order_by(Blacklisted.id)).all()


def remove(db: Session, *, group_id: int, member: str) -> bool:
    """Take an account off the list; False when it was not there."""
    mine = delete(Blacklisted).where(Blacklisted.group_id == group_id, Blacklisted.member == member)
    return bool(db.scalars(mine.returning(Blacklisted.id)).all())


def clear(db: Session, group_id: int) -> int:
    """Empty a group's list; how many were on it."""
    mine = delete(Blacklisted).where(Blacklisted.group_id == group_id)
    return len(db.scalars(mine.returning(Blacklisted.id)).all())
