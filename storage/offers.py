"""What the bot offered somebody and waits for one word on: 1, 确认, 不用."""

from datetime import datetime

from sqlalchemy import Delete, Index, String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base


class Offer(Base):
    """`command` is run as that person's own when they answer `word` before `expires`."""

    __tablename__ = "offers"

    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(100))
    word: Mapped[str] = mapped_column(String(20))
    command: Mapped[str] = mapped_column(Text)
    expires: Mapped[datetime]

    __table_args__ = (Index(None, "chat", "member"),)


def make(
    db: Session, *, chat: str, member: str, word: str, command: str, expires: datetime
) -> None:
    """Offer it; an earlier offer on the same word to that person is gone."""
    db.execute(_these(chat, member, word))
    db.add(Offer(chat=chat, member=member, word=word, command=command, expires=expires))


def take(db: Session, *, chat: str, member: str, word: str, now: datetime) -> str | None:
    """The command behind an offer, which is used up by this."""
    offer = db.scalar(
        select(Offer).where(
            Offer.chat == chat, Offer.member == member, Offer.word == word, Offer.expires > now
        )
    )
    if offer is None:
        return None
    db.execute(_these(chat, member, word))
    return offer.command


def _these(chat: str, member: str, word: str) -> Delete:
    return delete(Offer).where(Offer.chat == chat, Offer.member == member, Offer.word == word)
