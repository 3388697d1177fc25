"""Whom an evening is for beyond its own group: other groups, and channels that people post in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Select, String, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base
from storage.groups import Group
from storage.members import Person


class Channel(Base):
    """Somewhere no bot can post, such as 朋友圈; `person` is handed the words and posts them."""

    __tablename__ = "channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))


class Audience(Base):
    """One more group, or one channel, of an evening. A `joint` group shares it, others are told."""

    __tablename__ = "audiences"

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    channel_id: Mapped[int | None] = mapped_column(ForeignKey("channels.id"))
    joint: Mapped[bool] = mapped_column(default=False)
    by: Mapped[str] = mapped_column(String(100))
    made: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("evening_id", "group_id"),
        UniqueConstraint("evening_id", "channel_id", name="uq_audiences_channel"),
    )


def add(
    db: Session, *, evening_id: int, group_id: int, joint: bool = False, by: str, now: datetime
) -> bool:
    """Let a group take part. False when it does already; told only, it may still become joint."""
    there = _of_group(db, evening_id, group_id)
    if there is not None:
        changed = joint and not there.joint
        there.joint = there.joint or joint
        return changed
    db.add(Audience(evening_id=evening_id, group_id=group_id, joint=joint, by=by, made=now))
    db.flush()
    return True


def add_channel(db: Session, *, evening_id: int, channel_id: int, by: str, now: datetime) -> bool:
    """Have a channel's person post it there. False when it is so already."""
    found = select(Audience).where(
        Audience.evening_id == evening_id, Audience.channel_id == channel_id
    )
    if db.scalar(found) is not None:
        return False
    db.add(Audience(evening_id=evening_id, channel_id=channel_id, by=by, made=now))
    db.flush()
    return True


def remove(db: Session, *, evening_id: int, group_id: int) -> bool:
    """Take a group out again. False when it was not in."""
    there = _of_group(db, evening_id, group_id)
    if there is not None:
        db.delete(there)
        db.flush()
    return there is not None


def copy(db: Session, *, to: int, of: int, now: datetime) -> None:
    """Give an evening the same audience as another has."""
    for one in db.scalars(select(Audience).where(Audience.evening_id == of)).all():
        same = {"group_id": one.group_id, "channel_id": one.channel_id, "joint": one.joint}
        db.add(Audience(evening_id=to, by=one.by, made=now, **same))
    db.flush()


def groups_of(db: Session, *, evening_id: int, home_id: int, joint: bool = False) -> list[Group]:
    """The evening's groups, its own first; only those that share it with `joint`."""
    others = (
        select(Group)
        .join(Audience, Audience.group_id == Group.id)
        .where(Audience.evening_id == evening_id, Group.id != home_id)
        .order_by(Audience.id)
    )
    if joint:
        others = others.where(Audience.joint)
    return [db.get_one(Group, home_id), *db.scalars(others)]


def since(db: Session, evening_id: int) -> dict[int, datetime]:
    """When each further group came to take part."""
    rows = db.execute(
        select(Audience.group_id, Audience.made).where(
            Audience.evening_id == evening_id, Audience.group_id.is_not(None)
        )
    )
    return {group_id: made for group_id, made in rows if group_id is not None}


def shared_with(group_id: int) -> Select[int]:
    """Numbers of the evenings of other groups that this one shares."""
    return select(Audience.evening_id).where(Audience.group_id == group_id, Audience.joint)


def channels_of(db: Session, evening_id: int) -> list[tuple[Channel, Person]]:
    """The evening's channels, each with the person who posts there."""
    rows = db.execute(
        select(Channel, Person)
        .join(Audience, Audience.channel_id == Channel.id)
        .join(Person, Person.id == Channel.person_id)
        .where(Audience.evening_id == evening_id)
        .order_by(Audience.id)
    )
    return [(row.Channel, row.Person) for row in rows]


def channels(db: Session) -> list[tuple[Channel, Person]]:
    """Every channel of the company."""
    rows = db.execute(
        select(Channel, Person).join(Person, Person.id == Channel.person_id).order_by(Channel.id)
    )
    return [(row.Channel, row.Person) for row in rows]


def set_channel(db: Session, *, name: str, person: Person) -> None:
    """Name who posts in a channel; a new name makes a new channel."""
    there = db.scalar(select(Channel).where(Channel.name == name))
    if there is None:
        db.add(Channel(name=name, person_id=person.id))
    else:
        there.person_id = person.id


def drop_channel(db: Session, *, name: str) -> bool:
    """Forget a channel, also where an evening was to be posted in it. False for an unknown one."""
    there = db.scalar(select(Channel).where(Channel.name == name))
    if there is not None:
        db.execute(delete(Audience).where(Audience.channel_id == there.id))
        db.delete(there)
    return there is not None


def _of_group(db: Session, evening_id: int, group_id: int) -> Audience | None:
    return db.scalar(
        select(Audience).where(Audience.evening_id == evening_id, Audience.group_id == group_id)
    )
