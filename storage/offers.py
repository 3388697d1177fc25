"""What the bot offered somebody and waits for one word on: 1, 确认, 不用."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Delete, Index, String, Text, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base


class Offer(Base):
    """`command` is run as that person's own when they answer `word` before `expires`.

    `about` says in a few words what would be done, where several offers wait for the same word.
    """

    __tablename__ = "offers"

    id: Mapped[int] = mapped_column(primary_key=True)
    chat: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(100))
    word: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(100), default="")
    command: Mapped[str] = mapped_column(Text)
    expires: Mapped[datetime]

    __table_args__ = (Index(None, "chat", "member"),)


def make(
    db: Session,
    *,
    chat: str,
    member: str,
    word: str,
    command: str,
    expires: datetime,
    about: str = "",
) -> None:
    """Offer it; an earlier offer about the same, on the same word to that person, is gone."""
    db.execute(_these(chat, member, word).where(Offer.about == about))
    new = Offer(chat=chat, member=member, word=word, command=command, expires=expires, about=about)
    db.add(new)
    db.flush()


def choices(
    db: Session, *, chat: str, member: str, commands: Sequence[str], expires: datetime
) -> None:
    """Offer several things, each on its number from 1 on; earlier numbers mean nothing any more."""
    db.execute(
        delete(Offer).where(
            Offer.chat == chat, Offer.member == member, Offer.word.in_(list("123456789"))
        )
    )
    for number, command in enumerate(commands[:9], 1):
        make(db, chat=chat, member=member, word=str(number), command=command, expires=expires)


def waiting(db: Session, *, chat: str, member: str, word: str, now: datetime) -> list[Offer]:
    """What this person may answer with the word, oldest first."""
    return list(
        db.scalars(
            select(Offer)
            .where(Offer.chat == chat, Offer.member == member, Offer.word == word)
            .where(Offer.expires > now)
            .order_by(Offer.id)
        )
    )


def use_up(db: Session, offer: Offer) -> None:
    """It was answered; on a number the other numbers of the same choice are gone as well."""
    words = list("123456789") if offer.word.isdigit() else [offer.word]
    gone = delete(Offer).where(Offer.chat == offer.chat, Offer.member == offer.member)
    gone = gone.where(Offer.word.in_(words), Offer.about == offer.about)
    db.execute(gone)


def _these(chat: str, member: str, word: str) -> Delete:
    return delete(Offer).where(Offer.chat == chat, Offer.member == member, Offer.word == word)
