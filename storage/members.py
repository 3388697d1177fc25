"""People, their accounts, who is in which chat, and what they may do."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.people import Address, Member, Role
from storage import groups
from storage.database import Base
from storage.groups import Chat, Group

GONE = ("离职", "已离职")
"""Roster states of people who hold no role any more."""


class Person(Base):
    """Someone on the company's roster. `number` is the 工号, kept as text for its zeros."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(50), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    company: Mapped[str] = mapped_column(String(100), default="")
    region: Mapped[str] = mapped_column(String(100), default="")
    level: Mapped[str] = mapped_column(String(100), default="")
    project: Mapped[str] = mapped_column(String(100), default="")
    post: Mapped[str] = mapped_column(String(100), default="")
    cohort: Mapped[str] = mapped_column(String(100), default="")
    hired: Mapped[date | None]
    manager_number: Mapped[str] = mapped_column(String(50), default="")
    status: Mapped[str] = mapped_column(String(20), default="")


class Account(Base):
    """A person's account on a platform; `external` is the platform's id."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str] = mapped_column(String(20))
    external: Mapped[str] = mapped_column(String(100))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))

    __table_args__ = (UniqueConstraint("platform", "external"), Index(None, "person_id"))


class Membership(Base):
    """One account in one chat. `left` is set when it went."""

    __tablename__ = "memberships"

    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"), primary_key=True)
    member: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(20), default=Role.MEMBER)
    joined: Mapped[datetime | None]
    left: Mapped[datetime | None]


class Grant(Base):
    """A role given by set-up. `scope` names a place in the tree; empty is the whole company."""

    __tablename__ = "grants"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    role: Mapped[str] = mapped_column(String(20))
    scope: Mapped[str] = mapped_column(String(100), default="")

    __table_args__ = (UniqueConstraint("person_id", "role", "scope"),)


def note(
    db: Session,
    *,
    chat_id: int,
    member: str,
    name: str | None = None,
    role: Role | None = None,
    joined: datetime | None = None,
    left: datetime | None = None,
) -> Membership:
    """Write down what an event says of a member; what it does not say stays."""
    row = db.get(Membership, (chat_id, member))
    if row is None:
        row = Membership(chat_id=chat_id, member=member, name="", role=Role.MEMBER)
        db.add(row)
    row.name = _printable(name) if name else row.name
    row.role = role or row.role
    row.joined = joined or row.joined
    row.left = left
    return row


def _printable(name: str) -> str:
    # PostgreSQL takes no NUL in a text, and a card is at most so long.
    return name.replace("\0", "")[:200]


def replace(db: Session, *, chat_id: int, members: Iterable[Member], now: datetime) -> None:
    """Take over a platform's own list; who is not on it has left. An empty list says nothing."""
    there = {member.id: member for member in members}
    for member in there.values():
        note(
            db,
            chat_id=chat_id,
            member=member.id,
            name=member.name,
            role=member.role,
            joined=member.joined,
        )
    if not there:
        return
    rows = select(Membership).where(Membership.chat_id == chat_id, Membership.left.is_(None))
    for row in db.scalars(rows):
        if row.member not in there:
            row.left = now


def in_chat(db: Session, chat_id: int, *, gone: bool = False) -> dict[str, Member]:
    """Everyone now in a chat, by the platform's id; with `gone` those as well who left it."""
    here = Membership.chat_id == chat_id
    rows = db.execute(
        select(Membership.member, Membership.name, Membership.role, Membership.joined).where(
            here if gone else here & Membership.left.is_(None)
        )
    )
    return {
        member: Member(id=member, name=name, role=Role(role), joined=joined)
        for member, name, role, joined in rows
    }


def has_owner(db: Session, chat_id: int) -> bool:
    """Whether the chat's owner is known, as it is once its members were listed."""
    found = select(Membership.member).where(
        Membership.chat_id == chat_id,
        Membership.role == Role.OWNER,
        Membership.left.is_(None),
    )
    return db.scalar(found.limit(1)) is not None


def chats_with(db: Session, *, platform: str, account: str, member: str) -> list[Chat]:
    """The shared chats of one account of ours that a member is in."""
    rows = db.scalars(
        select(Chat)
        .join(Membership, Membership.chat_id == Chat.id)
        .where(Membership.member == member, Membership.left.is_(None), Chat.group_id.is_not(None))
        .order_by(Chat.id)
    )
    return [chat for chat in rows if Address.of(chat.key)[:2] == (platform, account)]


def scopes(db: Session, group: Group) -> frozenset[str]:
    """Every scope that covers a group. A group that names no company is the only one."""
    if group.company:
        return group.place
    return group.place | set(db.scalars(select(Person.company).distinct()))


def granted(db: Session, group: Group, platform: str) -> dict[str, frozenset[Role]]:
    """Roles given by set-up that hold in this group, by the platform's id of the person."""
    rows = db.execute(
        select(Account.external, Grant.role)
        .join(Grant, Grant.person_id == Account.person_id)
        .join(Person, Person.id == Grant.person_id)
        .where(Account.platform == platform, Grant.scope.in_(scopes(db, group)))
        .where(Person.status.not_in(GONE))
    )
    roles: dict[str, set[Role]] = {}
    for external, role in rows:
        roles.setdefault(external, set()).add(Role(role))
    return {external: frozenset(held) for external, held in roles.items()}


def roles_in(db: Session, group: Group, *, platform: str, member: str) -> frozenset[Role]:
    """Every role a member holds in a group: from its chats on the platform, and from set-up."""
    rows = db.execute(
        select(Chat.key, Membership.role)
        .join(Membership, Membership.chat_id == Chat.id)
        .where(
            Chat.group_id == group.id,
            Membership.member == member,
            Membership.left.is_(None),
        )
    )
    there = {Role(role) for key, role in rows if Address.of(key).platform == platform}
    return frozenset(there) | granted(db, group, platform).get(member, frozenset())


def over_all(db: Session, *, platform: str, member: str, roles: Iterable[Role]) -> bool:
    """Whether somebody holds one of these roles by a scope that covers every group."""
    held = db.scalars(
        select(Grant.scope)
        .join(Account, Account.person_id == Grant.person_id)
        .join(Person, Person.id == Grant.person_id)
        .where(Account.platform == platform, Account.external == member)
        .where(Grant.role.in_(list(roles)), Person.status.not_in(GONE))
    ).all()
    return any(all(one in scopes(db, group) for group in groups.everyone(db)) for one in held)


def person_of(db: Session, *, platform: str, external: str) -> Person | None:
    return db.scalar(
        select(Person)
        .join(Account, Account.person_id == Person.id)
        .where(Account.platform == platform, Account.external == external)
    )


def relay_of(db: Session, chat: str) -> Person | None:
    """Who posts into this chat where the bot cannot."""
    return db.scalar(select(Person).join(Chat, Chat.relay_id == Person.id).where(Chat.key == chat))


def relays_for(db: Session, *, platform: str, member: str) -> set[int]:
    """Groups with a chat into which this member posts what the bot cannot."""
    person = person_of(db, platform=platform, external=member)
    if person is None:
        return set()
    rows = db.scalars(select(Chat.group_id).where(Chat.relay_id == person.id))
    return {group_id for group_id in rows if group_id is not None}


def numbered(db: Session, number: str) -> Person | None:
    return db.scalar(select(Person).where(Person.number == number))


def accounts_of(db: Session, person_id: int) -> list[Account]:
    return list(db.scalars(select(Account).where(Account.person_id == person_id)))


def link(db: Session, *, person: Person, platform: str, external: str) -> None:
    """Say whose account this is. It may have been somebody else's; the person's old one is not."""
    db.execute(
        delete(Account).where(
            Account.person_id == person.id,
            Account.platform == platform,
            Account.external != external,
        )
    )
    account = db.scalar(
        select(Account).where(Account.platform == platform, Account.external == external)
    )
    if account is None:
        db.add(Account(platform=platform, external=external, person_id=person.id))
    else:
        account.person_id = person.id


def grant(db: Session, *, person: Person, role: Role, scope: str) -> bool:
    """Give a role. False when the person has it already."""
    held = select(Grant).where(
        Grant.person_id == person.id, Grant.role == role, Grant.scope == scope
    )
    if db.scalar(held) is not None:
        return False
    db.add(Grant(person_id=person.id, role=role, scope=scope))
    return True


def revoke(db: Session, *, person: Person, role: Role) -> int:
    """Take a role back in every scope; in how many the person had it."""
    held = list(db.scalars(select(Grant).where(Grant.person_id == person.id, Grant.role == role)))
    for one in held:
        db.delete(one)
    return len(held)


def holders(db: Session, group: Group, roles: Iterable[Role]) -> list[Person]:
    """People who hold one of these roles over the group by set-up."""
    return list(
        db.scalars(
            select(Person)
            .join(Grant, Grant.person_id == Person.id)
            .where(Grant.role.in_(list(roles)), Grant.scope.in_(scopes(db, group)))
            .where(Person.status.not_in(GONE))
            .order_by(Person.id)
            .distinct()
        )
    )
