"""Codes with which the guests of one evening are let into a group until it ends."""

import re
import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.text import fold
from storage.database import Base
from storage.guests import AHEAD, GuestSession

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without what is mistaken for something else: 0 and O, 1, I and L."""

LENGTH = 6
_CODE = re.compile(rf"(?<![a-z0-9])[a-z0-9]{{{LENGTH}}}(?![a-z0-9])")


class Invite(Base):
    """One code of one evening for one of its groups."""

    __tablename__ = "invites"
    __table_args__ = (UniqueConstraint("evening_id", "group_id"), UniqueConstraint("code"))

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"))
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    code: Mapped[str] = mapped_column(String(10))
    made_by: Mapped[str] = mapped_column(String(100))
    made: Mapped[datetime]


def of(db: Session, *, evening_id: int, group_id: int, by: str, now: datetime) -> Invite:
    """The code of an evening, made when there is none yet."""
    there = db.scalar(
        select(Invite).where(Invite.evening_id == evening_id, Invite.group_id == group_id)
    )
    if there is not None:
        return there
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    new = Invite(evening_id=evening_id, group_id=group_id, code=code, made_by=by, made=now)
    db.add(new)
    db.flush()
    return new


def good(db: Session, *, group_id: int, answer: str, now: datetime) -> Invite | None:
    """The code in an answer, while its evening is ahead or goes on."""
    said = {code.upper() for code in _CODE.findall(fold(answer).text)}
    if not said:
        return None
    return db.scalar(
        select(Invite)
        .join(GuestSession, GuestSession.id == Invite.evening_id)
        .where(Invite.group_id == group_id, Invite.code.in_(said))
        .where(GuestSession.state.in_(AHEAD), GuestSession.ends > now)
        .limit(1)
    )
