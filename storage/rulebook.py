"""A group's rules as it changed them, with every version kept."""

from datetime import datetime

import msgspec
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base
from storage.groups import touch


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a group chose for one rule; what it did not choose keeps the default."""

    mode: str = ""
    params: dict[str, object] = {}
    ladder: tuple[str, ...] = ()


Rulebook = dict[str, Choice]
_decode = msgspec.json.Decoder(Rulebook).decode


class Version(Base):
    """One state of a group's rules. An undone version stays on record."""

    __tablename__ = "rule_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    number: Mapped[int]
    rules: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(100))
    author_name: Mapped[str] = mapped_column(String(200))
    made: Mapped[datetime]
    change: Mapped[str] = mapped_column(Text)
    undone: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("group_id", "number"),)

    @property
    def book(self) -> Rulebook:
        return _decode(self.rules)


def current(db: Session, group_id: int) -> Version | None:
    """The version in force; None while the group has only defaults."""
    return db.scalar(
        select(Version)
        .where(Version.group_id == group_id, Version.undone.is_(None))
        .order_by(Version.number.desc())
        .limit(1)
    )


def book(db: Session, group_id: int) -> Rulebook:
    version = current(db, group_id)
    return version.book if version else {}


def change(
    db: Session,
    *,
    group_id: int,
    rule: str,
    choice: Choice,
    author: str,
    author_name: str,
    what: str,
    now: datetime,
) -> Version:
    """Make a new version in which one rule is different."""
    rules = book(db, group_id) | {rule: choice}
    highest = db.scalar(select(func.max(Version.number)).where(Version.group_id == group_id)) or 1
    version = Version(
        group_id=group_id,
        number=highest + 1,
        rules=msgspec.json.encode(rules).decode(),
        author=author,
        author_name=author_name,
        made=now,
        change=what,
    )
    db.add(version)
    touch(db, group_id)
    db.flush()
    return version


def undo(db: Session, version: Version, *, now: datetime) -> int:
    """Return to the version before; its number is returned. Number 1 is the defaults."""
    version.undone = now
    touch(db, version.group_id)
    db.flush()
    before = current(db, version.group_id)
    return before.number if before else 1


def last_by(db: Session, *, group_id: int, author: str) -> Version | None:
    """The caller's own last change that still stands."""
    return db.scalar(
        select(Version)
        .where(Version.group_id == group_id, Version.author == author, Version.undone.is_(None))
        .order_by(Version.number.desc())
        .limit(1)
    )
