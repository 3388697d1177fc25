"""What a group chose, or the company for all of them, with every version kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, or_, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.people import Address
from storage.database import Base
from storage.groups import touch, touch_all

PARENT = "上级群"
"""How a group's rulebook names the group it is below."""


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a group chose for one rule; what it did not choose it has from above, or by default.

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
    """One state of a group's choices; without a group, of the company's.

    An undone version stays on record. `touched` are the keys that it changed, a line each, and
    `chat` is where that was said.
    """

    __tablename__ = "rule_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    number: Mapped[int]
    touched: Mapped[str] = mapped_column(Text)
    rules: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(100))
    author_name: Mapped[str] = mapped_column(String(200))
    chat: Mapped[str] = mapped_column(String(200), default="")
    made: Mapped[datetime]
    change: Mapped[str] = mapped_column(Text)
    undone: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("group_id", "number"),
        # A unique constraint takes no notice of rows without a group.
        Index(
            "uq_rule_versions_company",
            "number",
            unique=True,
            sqlite_where=text("group_id IS NULL"),
            postgresql_where=text("group_id IS NULL"),
        ),
    )

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self.touched.split("\n"))

    @property
    def book(self) -> Rulebook:
        return _decode(self.rules)


class Undone(NamedTuple):
    """The number of the version then in force; `kept` are keys that were changed again since."""

    number: int
    kept: frozenset[str]


def current(db: Session, group_id: int | None) -> Version | None:
    """The version in force; None while nothing was ever chosen."""
    return db.scalar(
        select(Version)
        .where(Version.group_id == group_id, Version.undone.is_(None))
        .order_by(Version.number.desc())
        .limit(1)
    )


def book(db: Session, group_id: int | None) -> Rulebook:
    """What a group itself chose, or, without a number, the company."""
    version = current(db, group_id)
    return version.book if version else {}


def watching(db: Session) -> list[int | None]:
    """Whose choices say since when something is watched, or once did; None is the company.

    Most say nothing of the kind, and need not be read every minute.
    """
    said = select(Version.group_id).where(
        Version.undone.is_(None), Version.rules.contains('"since":', autoescape=True)
    )
    return list(db.scalars(said.distinct()))


def parent(book: Rulebook) -> int | None:
    """The number of the group that a group is below."""
    number = book.get(PARENT, Choice()).params.get("group")
    return number if isinstance(number, int) else None


def change(
    db: Session,
    *,
    group_id: int | None,
    choices: Mapping[str, Choice | None],
    author: str,
    author_name: str,
    what: str,
    now: datetime,
    chat: str = "",
) -> Version:
    """Make a new version in which these are different; None is no choice any more."""
    # First of all, so that of two who change at once the later sees what the earlier did.
    outdate(db, group_id)
    rules = {key: one for key, one in book(db, group_id).items() if key not in choices}
    rules |= {key: one for key, one in choices.items() if one is not None}
    highest = db.scalar(select(func.max(Version.number)).where(Version.group_id == group_id)) or 1
    version = Version(
        group_id=group_id,
        number=highest + 1,
        touched="\n".join(sorted(choices)),
        rules=msgspec.json.encode(rules).decode(),
        author=author,
        author_name=author_name,
        chat=chat,
        made=now,
        change=what,
    )
    db.add(version)
    db.flush()
    return version


def outdate(db: Session, group_id: int | None) -> None:
    """Say that what is in memory about the group, and about those below it, is out of date."""
    if group_id is None:
        touch_all(db)
        return
    for one in sorted({group_id} | below(db, group_id)):
        touch(db, one)


def below(db: Session, group_id: int) -> set[int]:
    """The groups that have this one above them, at whatever distance."""
    linked = select(Version.group_id).where(
        Version.group_id.is_not(None),
        Version.undone.is_(None),
        Version.rules.contains(f'"{PARENT}"'),
    )
    parents = {one: parent(book(db, one)) for one in db.scalars(linked.distinct())}
    found: set[int] = set()
    wave = {group_id}
    while wave:
        wave = {one for one, up in parents.items() if one is not None and up in wave} - found
        found |= wave
    return found - {group_id}


def undo(db: Session, version: Version, *, now: datetime) -> Undone | None:
    """Take one change back. Version number 1 is the defaults.

    The newest is simply dropped. One with other changes after it is taken back in a version of
    its own, but for what those changed again; None, and nothing is done, when that is all of it.
    """
    outdate(db, version.group_id)
    newest = current(db, version.group_id)
    if newest is not None and newest.id != version.id:
        return _put_back(db, version, now)
    version.undone = now
    db.flush()
    before = current(db, version.group_id)
    return Undone(before.number if before else 1, frozenset())


def _put_back(db: Session, version: Version, now: datetime) -> Undone | None:
    standing = select(Version).where(
        Version.group_id == version.group_id, Version.undone.is_(None), Version.id != version.id
    )
    later = list(db.scalars(standing.where(Version.number > version.number)))
    kept = version.keys & {key for one in later for key in one.keys}
    if kept == version.keys:
        return None
    earlier = db.scalar(
        standing.where(Version.number < version.number).order_by(Version.number.desc()).limit(1)
    )
    old = earlier.book if earlier else {}
    version.undone = now
    put_back = change(
        db,
        group_id=version.group_id,
        choices={key: old.get(key) for key in version.keys - kept},
        author="",
        author_name=version.author_name,
        what=f"撤销 {version.change}",
        now=now,
    )
    return Undone(put_back.number, kept)


def last_by(db: Session, *, group_id: int | None, author: str, chat: str = "") -> Version | None:
    """The caller's own last change that still stands: the group's, or said in this shared chat."""
    here = Version.group_id == group_id
    if chat and not Address.of(chat).direct:
        here = or_(here, Version.chat == chat)
    return db.scalar(
        select(Version)
        .where(here, Version.author == author, Version.undone.is_(None))
        .order_by(Version.made.desc(), Version.id.desc())
        .limit(1)
    )
