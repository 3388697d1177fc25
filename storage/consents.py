"""What members were shown about their data when they came: which text, when, and in which post."""

from collections.abc import Collection
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base

AGAIN_AFTER = timedelta(days=30)
"""Who leaves and comes back sooner is not welcomed once more."""


class Consent(Base):
    """One member who came into one chat. `shown` is empty while the welcome is still owed.

    `version` names the text that was shown, `delivery` the key of the post that showed it.
    """

    __tablename__ = "consents"
    __table_args__ = (Index(None, "chat", "member"), Index(None, "shown"))

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    chat: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200), default="")
    came: Mapped[datetime]
    shown: Mapped[datetime | None]
    version: Mapped[str] = mapped_column(String(16), default="")
    delivery: Mapped[str] = mapped_column(String(300), default="")


class Notice(Base):
    """A text that was shown, under its version, so that it can be read again later."""

    __tablename__ = "notices"

    version: Mapped[str] = mapped_column(String(16), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    first: Mapped[datetime]


def owe(
    db: Session, *, group_id: int, chat: str, member: str, name: str, now: datetime
) -> Consent | None:
    """Remember that somebody is to be welcomed; None when they were lately, or are going to be."""
    before = last(db, chat=chat, member=member)
    if before is not None and (before.shown is None or before.shown > now - AGAIN_AFTER):
        return None
    new = Consent(group_id=group_id, chat=chat, member=member, name=name, came=now)
    db.add(new)
    db.flush()
    return new


def last(db: Session, *, chat: str, member: str) -> Consent | None:
    found = select(Consent).where(Consent.chat == chat, Consent.member == member)
    return db.scalar(found.order_by(Consent.id.desc()).limit(1))


def owed(db: Session) -> list[Consent]:
    """All who still wait for their welcome, in the order they came."""
    found = select(Consent).where(Consent.shown.is_(None))
    return list(db.scalars(found.order_by(Consent.came, Consent.id)))


def any_owed(db: Session) -> bool:
    """Asked every minute, so it takes no lock."""
    return db.scalar(select(Consent.id).where(Consent.shown.is_(None)).limit(1)) is not None


def shown(
    db: Session, who: Collection[Consent], *, text: str, delivery: str, now: datetime
) -> None:
    """Note that these members are shown a text; it is kept under its version."""
    version = sha256(text.encode()).hexdigest()[:16]
    if db.get(Notice, version) is None:
        db.add(Notice(version=version, text=text, first=now))
    for one in who:
        one.shown, one.version, one.delivery = now, version, delivery
    db.flush()


def text(db: Session, version: str) -> str:
    """What a version says."""
    return db.get_one(Notice, version).text


def drop(db: Session, *, chat: str, member: str) -> None:
    """Somebody went before they were welcomed."""
    before = last(db, chat=chat, member=member)
    if before is not None and before.shown is None:
        db.delete(before)


def of_member(db: Session, *, member: str, chats: Collection[str]) -> list[Consent]:
    """What somebody was shown in these chats, oldest first."""
    found = select(Consent).where(Consent.member == member, Consent.chat.in_(chats))
    return list(db.scalars(found.where(Consent.shown.is_not(None)).order_by(Consent.id)))
