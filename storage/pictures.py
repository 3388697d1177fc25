"""Pictures that are to be looked into; and codes that a group knows as its own."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.events import Message
from storage.database import Base

MOST_TRIES = 4
LASTS = timedelta(minutes=10)
"""Links to pictures expire, and nobody is to be blamed for what was posted long ago."""

_PAUSES = (timedelta(seconds=5), timedelta(seconds=20), timedelta(seconds=60))


class State(StrEnum):
    """`gone` could not be had; why is on the row, and nobody is blamed for it."""

    WAITING = "waiting"
    READ = "read"
    GONE = "gone"


class Picture(Base):
    """One picture of one message, the `nth` of it. `codes` is what its codes say, as JSON.

    `unproven` when whoever posted it is not known for long.
    """

    __tablename__ = "pictures"
    __table_args__ = (UniqueConstraint("event_key", "nth"), Index(None, "state", "after"))

    id: Mapped[int] = mapped_column(primary_key=True)
    event_key: Mapped[str] = mapped_column(String(200))
    nth: Mapped[int]
    chat: Mapped[str] = mapped_column(String(200))
    message: Mapped[str] = mapped_column(String(100))
    member: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    unproven: Mapped[bool]
    ref: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=State.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    after: Mapped[datetime]
    codes: Mapped[str] = mapped_column(Text, default="[]")
    why: Mapped[str] = mapped_column(String(200), default="")

    @property
    def texts(self) -> list[str]:
        return msgspec.json.decode(self.codes, type=list[str])


class OwnCode(Base):
    """A code that a group lets pass: somebody who keeps it posted it, or called it harmless."""

    __tablename__ = "own_codes"
    __table_args__ = (UniqueConstraint("group_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    digest: Mapped[str] = mapped_column(String(64))
    by: Mapped[str] = mapped_column(String(200))
    made: Mapped[datetime]


def note(db: Session, message: Message, *, unproven: bool, now: datetime) -> None:
    """Remember the pictures of a message, to be looked into soon."""
    pictures = [piece for piece in message.segments if piece.kind == "image"]
    for nth, piece in enumerate(pictures):
        db.add(
            Picture(
                event_key=message.key,
                nth=nth,
                chat=message.chat,
                message=message.id,
                member=message.member,
                name=message.name[:200],
                unproven=unproven,
                ref=piece.ref,
                url=piece.url,
                at=message.at,
                state=State.WAITING,
                after=now,
            )
        )


def waiting(db: Session, *, now: datetime, limit: int) -> Sequence[Picture]:
    """What is to be looked into by now, the newest first: its link has not expired yet."""
    mine = select(Picture).where(Picture.state == State.WAITING, Picture.after <= now)
    return db.scalars(mine.order_by(Picture.id.desc()).limit(limit)).all()


def read(db: Session, number: int, codes: Sequence[str]) -> None:
    picture = db.get_one(Picture, number)
    picture.state, picture.codes = State.READ, msgspec.json.encode(list(codes)).decode()
    picture.url = picture.ref = ""


def failed(db: Session, number: int, why: str, *, now: datetime, for_good: bool) -> None:
    """To be tried again a little later, unless that makes no sense any more."""
    picture = db.get_one(Picture, number)
    picture.tries += 1
    picture.why = why[:200]
    over = for_good or picture.tries >= MOST_TRIES or now - picture.at > LASTS
    if over:
        picture.state, picture.url, picture.ref = State.GONE, "", ""
    else:
        picture.after = now + _PAUSES[min(picture.tries, len(_PAUSES)) - 1]


def of_message(db: Session, *, chat: str, message: str) -> Sequence[Picture]:
    mine = select(Picture).where(Picture.chat == chat, Picture.message == message)
    return db.scalars(mine.order_by(Picture.nth)).all()


def counts(db: Session, *, chats: Collection[str], since: datetime) -> dict[str, int]:
    """How many pictures of these chats are in which state."""
    found = (
        select(Picture.state, func.count())
        .where(Picture.chat.in_(chats), Picture.at >= since)
        .group_by(Picture.state)
    )
    return {row[0]: row[1] for row in db.execute(found)}


def last_trouble(db: Session, *, chats: Collection[str], since: datetime) -> str:
    """Why the last picture that could not be had could not."""
    mine = select(Picture.why).where(
        Picture.chat.in_(chats), Picture.at >= since, Picture.state == State.GONE
    )
    return db.scalar(mine.order_by(Picture.id.desc()).limit(1)) or ""


def strange(db: Session, *, group_id: int, codes: Iterable[str]) -> list[str]:
    """The codes that the group does not know as its own."""
    wanted = list(codes)
    known = select(OwnCode.digest).where(
        OwnCode.group_id == group_id, OwnCode.digest.in_([_digest(one) for one in wanted])
    )
    own = set(db.scalars(known))
    return [one for one in wanted if _digest(one) not in own]


def let_pass(db: Session, *, group_id: int, codes: Iterable[str], by: str, now: datetime) -> None:
    """From now on these are the group's own."""
    for code in strange(db, group_id=group_id, codes=codes):
        db.add(OwnCode(group_id=group_id, digest=_digest(code), by=by, made=now))
    db.flush()


def _digest(code: str) -> str:
    return hashlib.sha256(code.strip().encode("utf-8", "replace")).hexdigest()
