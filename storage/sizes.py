"""How many members a group has, in which phase it is, and where on the roster they are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, and_, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.people import Address, Role
from storage.database import Base
from storage.groups import Chat
from storage.members import Account, Membership, Person


class Size(Base):
    """The phase a group is in, by the members from which it begins; 0 is a small group.

    `split` is when the owner was told that the group may be split.
    """

    __tablename__ = "group_sizes"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    floor: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime]
    split: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Placed:
    """One account in a group, with its place on the roster; empty where nobody knows.

    `who` is `onebot:20002`, `via` a chat that the account is in.
    """

    who: str
    name: str
    via: str
    role: Role = Role.MEMBER
    joined: datetime | None = None
    level: str = ""
    region: str = ""
    project: str = ""
    status: str = ""

    @property
    def member(self) -> str:
        return self.who.partition(":")[2]


def count(db: Session, group_id: int) -> int:
    """Members of a group as its platforms count them, the bot included."""
    return counts(db).get(group_id, 0)


def counts(db: Session) -> dict[int, int]:
    """Members of every group; who is in two chats of it is counted once."""
    rows = db.execute(
        select(Chat.group_id, func.count(func.distinct(Membership.member)))
        .join(Membership, Membership.chat_id == Chat.id)
        .where(Chat.group_id.is_not(None), Membership.left.is_(None))
        .group_by(Chat.group_id)
    )
    return {row[0] or 0: row[1] for row in rows}


def sizes(db: Session) -> dict[int, Size]:
    """What is written down of each group."""
    return {one.group_id: one for one in db.scalars(select(Size))}


def of_group(db: Session, group_id: int) -> Size | None:
    return db.get(Size, group_id)


def enter(db: Session, *, group_id: int, floor: int, now: datetime) -> None:
    """Note that a group is in another phase."""
    row = db.get(Size, group_id)
    if row is None:
        db.add(Size(group_id=group_id, floor=floor, since=now, split=None))
    else:
        row.floor, row.since = floor, now
    db.flush()


def splits(db: Session, *, group_id: int, when: datetime | None) -> None:
    """Note that the owner was told of splitting; None when it is not about that any more."""
    db.get_one(Size, group_id).split = when
    db.flush()


def placed(db: Session, group_id: int, *, at: datetime | None = None) -> list[Placed]:
    """Everyone in a group but the bot, now or `at` a moment, by account."""
    there: ColumnElement[bool] = Membership.left.is_(None)
    if at is not None:
        there = and_(
            or_(Membership.joined.is_(None), Membership.joined < at),
            or_(there, Membership.left >= at),
        )
    rows = db.execute(
        select(Membership, Chat.key)
        .join(Chat, Chat.id == Membership.chat_id)
        .where(Chat.group_id == group_id, there)
        .order_by(Chat.id, Membership.member)
    )
    known = _people(db, group_id)
    found: dict[str, Placed] = {}
    for row, chat in rows:
        address = Address.of(chat)
        who = f"{address.platform}:{row.member}"
        if row.member != address.account:
            found.setdefault(who, _placed(who, row, chat, known.get(who)))
    return list(found.values())


def _placed(who: str, row: Membership, chat: str, person: Person | None) -> Placed:
    name = (person.name if person else "") or row.name or row.member
    place = {}
    if person is not None:
        place = {key: getattr(person, key) for key in ("level", "region", "project", "status")}
    return Placed(who, name, chat, Role(row.role), row.joined, **place)


def _people(db: Session, group_id: int) -> dict[str, Person]:
    """Whose accounts are those in the group, as far as the roster knows."""
    rows = db.execute(
        select(Account.platform, Account.external, Person)
        .join(Person, Person.id == Account.person_id)
        .join(Membership, Membership.member == Account.external)
        .join(Chat, Chat.id == Membership.chat_id)
        .where(Chat.group_id == group_id)
    )
    return {f"{platform}:{external}": person for platform, external, person in rows}
