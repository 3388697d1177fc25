"""Who means to come to an evening."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import guests
from storage.database import Base
from storage.questions import one_line

_LONGEST_NAME = 100


class SignUp(Base):
    """One person and one evening. `who` is one word per person, as for marks of attendance."""

    __tablename__ = "sign_ups"
    __table_args__ = (UniqueConstraint("evening_id", "who"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    who: Mapped[str] = mapped_column(String(150))
    name: Mapped[str] = mapped_column(String(_LONGEST_NAME))
    at: Mapped[datetime]


def add(db: Session, *, evening_id: int, group_id: int, who: str, name: str, now: datetime) -> bool:
    """Write somebody down; False when they were already."""
    guests.get(db, evening_id, to_change=True)
    if any(one.who == who for one in of_evening(db, evening_id)):
        return False
    name = one_line(name, limit=_LONGEST_NAME)
    db.add(SignUp(evening_id=evening_id, group_id=group_id, who=who, name=name, at=now))
    db.flush()
    return True


def remove(db: Session, *, evening_id: int, who: str) -> bool:
    """Strike somebody off; False when they were not on the list."""
    mine = delete(SignUp).where(SignUp.evening_id == evening_id, SignUp.who == who)
    return db.scalar(mine.returning(SignUp.id)) is not None


def of_evening(db: Session, evening_id: int) -> list[SignUp]:
    """In the order in which they signed up."""
    listed = select(SignUp).where(SignUp.evening_id == evening_id).order_by(SignUp.id)
    return list(db.scalars(listed))


def hand_over(db: Session, *, of: int, to: int) -> int:
    """Let those who meant to come to one evening come to another; how many came along."""
    guests.get(db, to, to_change=True)
    there = {one.who for one in of_evening(db, to)}
    moving = [one for one in of_evening(db, of) if one.who not in there]
    for one in moving:
        one.evening_id = to
    db.flush()
    return len(moving)
