"""A group's rules as it changed them, with every version kept."""

from datetime import datetime

import msgspec
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base
from storage.groups import touch


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a group chose for one rule; what it did not choose keeps the default.

    `trial` are wider params that are only watched so far; `since` is when watching began, as ISO.
    """

    mode: str = ""
    params: dict[str, object] = {}
    ladder: tuple[str, ...] = ()
    trial: dict[str, object] = {}
    since: str = ""


Rulebook = dict[str, Choice]
_decode = msgspec.json.Decoder(Rulebook).decode


class Version(Base):
    """One state of a group's rules. An undone version stays on record."""

    __tablename__ = "rule_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    number: Mapped[int]
    rule: Mapped[str] = mapped_column(String(50))
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
        rule=rule,
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


def undo(db: Session, version: Version, *, now: datetime) -> int | None:
    """Take one change back; the number of the version then in force. Number 1 is the defaults.

    The newest is simply dropped. One with other changes after it is taken back in a version of
    its own; None, and nothing is done, when one of those changed the same rule.
    """
    newest = current(db, version.group_id)
    version.undone = now
    touch(db, version.group_id)
    if newest is not None and newest.id != version.id:
        return _put_back(db, version, newest, now)
    db.flush()
    before = current(db, version.group_id)
    return before.number if before else 1


def _put_back(db: Session, version: Version, newest: Version, now: datetime) -> int | None:
    between = select(Version.id).where(
        Version.group_id == version.group_id,
        Version.number > version.number,
        Version.rule == version.rule,
        Version.undone.is_(None),
    )
    if db.scalar(between.limit(1)) is not None:
        version.undone = None
        return None
    earlier = db.scalar(
        select(Version)
        .where(Version.group_id == version.group_id, Version.number < version.number)
        .where(Version.undone.is_(None))
        .order_by(Version.number.desc())
        .limit(1)
    )
    old = (earlier.book if earlier else {}).get(version.rule, Choice())
    put_back = change(
        db,
        group_id=version.group_id,
        rule=version.rule,
        choice=old,
        author="",
        author_name=version.author_name,
        what=f"撤销 {version.change}",
        now=now,
    )
    return put_back.number


def last_by(db: Session, *, group_id: int, author: str) -> Version | None:
    """The caller's own last change that still stands."""
    return db.scalar(
        select(Version)
        .where(Version.group_id == group_id, Version.author == author, Version.undone.is_(None))
        .order_by(Version.number.desc())
        .limit(1)
    )
