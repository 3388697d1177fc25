"""Groups, and their conversations on the platforms."""

from collections.abc import Sequence

from sqlalchemy import ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot.people import Address
from storage.database import Base, insert_new


class Group(Base):
    """A study group. `version` goes up with every change that what is held in memory depends on."""

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(20), default="newhire")
    zone: Mapped[str] = mapped_column(String(50))
    company: Mapped[str] = mapped_column(String(100), default="")
    region: Mapped[str] = mapped_column(String(100), default="")
    level: Mapped[str] = mapped_column(String(100), default="")
    project: Mapped[str] = mapped_column(String(100), default="")
    version: Mapped[int] = mapped_column(default=1)

    @property
    def place(self) -> frozenset[str]:
        """Every word a scope may name to cover this group."""
        return frozenset({self.name, self.company, self.region, self.level, self.project, ""})


class Chat(Base):
    """One conversation on one account of ours. Without a group it is only archived.

    `seen` is the last event handled in it; `relay` the person who posts where the bot cannot.
    """

    __tablename__ = "chats"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    name: Mapped[str] = mapped_column(String(200), default="")
    seen: Mapped[int] = mapped_column(default=0)
    relay_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))

    __table_args__ = (Index(None, "group_id"),)


def add(db: Session, *, name: str, zone: str, kind: str, **place: str) -> Group:
    """Start a group. Its name must be new."""
    group = Group(name=name, zone=zone, kind=kind, version=1, **place)
    db.add(group)
    db.flush()
    return group


def named(db: Session, name: str) -> Group | None:
    return db.scalar(select(Group).where(Group.name == name))


def get(db: Session, group_id: int) -> Group:
    return db.get_one(Group, group_id)


def everyone(db: Session) -> list[Group]:
    return list(db.scalars(select(Group).order_by(Group.id)))


def connect(db: Session, *, group: Group, key: str) -> Chat:
    """Make a chat part of a group. Raises ValueError when it is another group's."""
    Address.of(key)
    chat = chat_for(db, key)
    if chat.group_id not in (None, group.id):
        raise ValueError(f"{key} already belongs to another group")
    chat.group_id = group.id
    touch(db, group.id)
    return chat


def chat_for(db: Session, key: str) -> Chat:
    """The row of a chat, made when it is new."""
    chat = db.scalar(select(Chat).where(Chat.key == key))
    if chat is None:
        insert_new(db, Chat.__table__, [{"key": key, "name": "", "seen": 0}])  # type: ignore[arg-type]
        chat = db.scalars(select(Chat).where(Chat.key == key)).one()
    return chat


def chats_of(db: Session, group_id: int) -> list[Chat]:
    """The group's shared conversations, in the order they were connected."""
    return list(db.scalars(select(Chat).where(Chat.group_id == group_id).order_by(Chat.id)))


def heard(db: Session) -> set[int]:
    """Ids of the groups of whose chats anything was ever heard."""
    found = select(Chat.group_id).where(Chat.seen > 0, Chat.group_id.is_not(None)).distinct()
    return {number for number in db.scalars(found) if number is not None}


def chats_of_all(db: Session, group_ids: Sequence[int]) -> dict[int, list[Chat]]:
    """The chats of several groups, by group, in the order they were connected."""
    found: dict[int, list[Chat]] = {group_id: [] for group_id in group_ids}
    for chat in db.scalars(select(Chat).where(Chat.group_id.in_(group_ids)).order_by(Chat.id)):
        found[chat.group_id or 0].append(chat)
    return found


def strangers(db: Session) -> list[Chat]:
    """Shared chats the bot hears that belong to no group yet."""
    chats = db.scalars(select(Chat).where(Chat.group_id.is_(None)).order_by(Chat.id))
    return [chat for chat in chats if not Address.of(chat.key).direct]


def any_chat(db: Session, platform: str) -> str:
    """Some group's chat on a platform, through which its people can be written to; or empty."""
    chats = db.scalars(select(Chat.key).where(Chat.group_id.is_not(None)).order_by(Chat.id))
    return next((key for key in chats if Address.of(key).platform == platform), "")


def touch(db: Session, group_id: int) -> None:
    """Say that what is held in memory about this group is out of date."""
    db.execute(update(Group).where(Group.id == group_id).values(version=Group.version + 1))


def touch_all(db: Session) -> None:
    db.execute(update(Group).values(version=Group.version + 1))


def at_chat(db: Session, key: str) -> Group | None:
    """The group a shared chat belongs to."""
    return db.scalar(select(Group).join(Chat, Chat.group_id == Group.id).where(Chat.key == key))
