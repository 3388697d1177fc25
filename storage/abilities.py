"""What works where: a platform's ceiling, and what was learned of one chat by trying."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.people import Address
from storage.database import Base

PUSH = "push"
"""Speaking unasked, which a group can forbid."""


class Ability(Base):
    """`place` is a platform's name or a chat key; `why` and `fix` belong to what does not work."""

    __tablename__ = "abilities"

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(30))
    works: Mapped[bool]
    why: Mapped[str] = mapped_column(Text, default="")
    fix: Mapped[str] = mapped_column(Text, default="")
    seen: Mapped[datetime]

    __table_args__ = (UniqueConstraint("place", "name"),)


class Pace(Base):
    """How many seconds one account of a platform leaves between posts to different chats."""

    __tablename__ = "paces"

    platform: Mapped[str] = mapped_column(String(20), primary_key=True)
    seconds: Mapped[float]


def note(
    db: Session, *, place: str, name: str, works: bool, now: datetime, why: str = "", fix: str = ""
) -> None:
    """Write down what was declared, or seen; what is known already is not written again."""
    known = _known(db, place, name)
    if known is None:
        known = Ability(place=place, name=name, works=works, seen=now)
        db.add(known)
    elif (known.works, known.why, known.fix) == (works, why, fix):
        return
    known.works, known.why, known.fix, known.seen = works, why, fix, now
    db.flush()


def declare(
    db: Session, *, platform: str, can: Mapping[str, bool], seconds: float, now: datetime
) -> None:
    """Write down a gateway's own words about its platform."""
    for name, works in can.items():
        note(db, place=platform, name=name, works=works, now=now)
    db.merge(Pace(platform=platform, seconds=seconds))


def pace(db: Session, *, platform: str) -> float:
    """Seconds between two posts of one account; 0 for a platform that was never declared."""
    known = db.get(Pace, platform)
    return known.seconds if known else 0.0


def missing(db: Session, *, chat: str, name: str) -> Ability | None:
    """Why something does not work in a chat; None when it does, as far as is known."""
    for place in (chat, Address.of(chat).platform):
        known = _known(db, place, name)
        if known is not None and not known.works:
            return known
    return None


def _known(db: Session, place: str, name: str) -> Ability | None:
    return db.scalar(select(Ability).where(Ability.place == place, Ability.name == name))
