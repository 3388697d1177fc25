"""What the rules did to whom, so that the next step of the ladder is known."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base


class Strike(Base):
    """One breach that was acted on. `done` is the step of the ladder that was taken."""

    __tablename__ = "strikes"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    member: Mapped[str] = mapped_column(String(100))
    rule: Mapped[str] = mapped_column(String(50))
    reason: Mapped[str] = mapped_column(Text)
    done: Mapped[str] = mapped_column(String(50))
    at: Mapped[datetime]
    expires: Mapped[datetime]

    __table_args__ = (Index("ix_strikes_member", "group_id", "member", "rule"),)


def standing(
    db: Session, *, group_id: int, member: str, rule: str, now: datetime
) -> tuple[int, datetime | None]:
    """How many strikes have not expired, and when the last one was."""
    count, latest = db.execute(
        select(func.count(), func.max(Strike.at)).where(
            Strike.group_id == group_id,
            Strike.member == member,
            Strike.rule == rule,
            Strike.expires > now,
        )
    ).one()
    return count, latest


def add(
    db: Session,
    *,
    group_id: int,
    event_id: int,
    member: str,
    rule: str,
    reason: str,
    done: str,
    at: datetime,
    expires: datetime,
) -> None:
    db.add(
        Strike(
            group_id=group_id,
            event_id=event_id,
            member=member,
            rule=rule,
            reason=reason,
            done=done,
            at=at,
            expires=expires,
        )
    )
