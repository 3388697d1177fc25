"""Join waves: when too many came at once, and until when a group is on its guard."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base
from storage.groups import Chat, touch
from storage.members import Membership


class Raid(Base):
    """A group on its guard. `ended` is when it was over; `ended_by` empty when by time alone."""

    __tablename__ = "raids"
    __table_args__ = (Index(None, "group_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    began: Mapped[datetime]
    until: Mapped[datetime]
    ended: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(100), default="")


def standing(db: Session, group_id: int) -> Raid | None:
    """The raid that nobody has ended yet."""
    found = select(Raid).where(Raid.group_id == group_id, Raid.ended.is_(None))
    return db.scalar(found.order_by(Raid.id.desc()).limit(1))


def everywhere(db: Session) -> list[Raid]:
    """All raids that nobody has ended yet."""
    return list(db.scalars(select(Raid).where(Raid.ended.is_(None)).order_by(Raid.id)))


def begin(db: Session, *, group_id: int, now: datetime, lasts: timedelta) -> Raid:
    """Put a group on its guard; what is held in memory about it is out of date."""
    new = Raid(group_id=group_id, began=now, until=now + lasts)
    db.add(new)
    touch(db, group_id)
    db.flush()
    return new


def end(db: Session, raid: Raid, *, now: datetime, by: str = "") -> None:
    raid.ended, raid.ended_by = now, by
    touch(db, raid.group_id)


def came(db: Session, *, chat: str, since: datetime) -> int:
    """How many people joined a chat since then, whether they are still there or not."""
    found = select(func.count()).select_from(Membership).join(Chat, Chat.id == Membership.chat_id)
    return db.scalar(found.where(Chat.key == chat, Membership.joined > since)) or 0
