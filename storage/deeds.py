"""What an owner ordered by hand: removing, blacklisting, recalling, muting all; with receipts."""

import secrets
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import strikes
from storage.database import Base
from storage.strikes import ALPHABET, CODE_LENGTH


class Kind(StrEnum):
    REMOVED = "移出"
    BLACKLISTED = "拉黑"
    RECALLED = "批量撤回"
    MUTED_ALL = "全员禁言"


class Deed(Base):
    """One order. `member` is empty for what is about everybody; `until` is when it ends by itself.

    `code` is its receipt, which no strike of the group has either.
    """

    __tablename__ = "deeds"
    __table_args__ = (UniqueConstraint("group_id", "code"), Index(None, "kind", "until"))

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    code: Mapped[str] = mapped_column(String(3))
    kind: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(200), default="")
    member: Mapped[str] = mapped_column(String(100), default="")
    name: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    count: Mapped[int] = mapped_column(default=1)
    by: Mapped[str] = mapped_column(String(100))
    by_name: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    ended_by: Mapped[str] = mapped_column(String(200), default="")


def add(db: Session, deed: Deed) -> Deed:
    """Keep it under a receipt of its own."""
    deed.code = _code(db, deed.group_id)
    db.add(deed)
    db.flush()
    return deed


def _code(db: Session, group_id: int) -> str:
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        taken = strikes.find(db, group_id=group_id, code=code)
        if taken is None and find(db, group_id=group_id, code=code) is None:
            return code


def find(db: Session, *, group_id: int, code: str) -> Deed | None:
    return db.scalar(select(Deed).where(Deed.group_id == group_id, Deed.code == code))


def count(db: Session, *, group_id: int, kind: Kind, since: datetime) -> int:
    """How many things were done so in a group since a moment."""
    found = select(func.sum(Deed.count)).where(
        Deed.group_id == group_id, Deed.kind == kind, Deed.at >= since
    )
    return db.scalar(found) or 0


def standing(db: Session, *, group_id: int, kind: Kind) -> list[Deed]:
    """What nobody has ended yet, oldest first."""
    mine = select(Deed).where(Deed.group_id == group_id, Deed.kind == kind, Deed.ended.is_(None))
    return list(db.scalars(mine.order_by(Deed.id)))


def over(db: Session, *, kind: Kind, now: datetime) -> list[Deed]:
    """What is to end by itself by now, of all groups."""
    mine = select(Deed).where(Deed.kind == kind, Deed.ended.is_(None), Deed.until <= now)
    return list(db.scalars(mine.order_by(Deed.id)))


def end(db: Session, deed: Deed, *, by: str, now: datetime) -> None:
    deed.ended, deed.ended_by = now, by
    db.flush()
