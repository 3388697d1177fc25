"""A copy of one evening in a database in memory, to be played on and thrown away."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, insert, or_, select, true
from sqlalchemy.orm import Session

from schedules import places
from schedules.places import Target
from storage import groups, policy, rulebook, summaries
from storage.abilities import Ability
from storage.attendance import Mark
from storage.audience import Audience, Channel
from storage.database import Base, Database
from storage.groups import Chat, Group
from storage.guests import GuestSession, State
from storage.layers import handed_on
from storage.members import Account, Grant, Membership, Person
from storage.questions import Question
from storage.summary import Draft, Point


@dataclass(frozen=True, slots=True)
class Stage:
    """Where an evening is played, from `begins` on.

    Groups that are only told, and go by the same clock, hear the same: one of them is there, and
    `doubles` are the targets it stands for.
    """

    database: Database
    begins: datetime
    doubles: Mapping[str, tuple[str, ...]]


@contextmanager
def of(db: Session, evening: GuestSession, *, attendee: str) -> Iterator[Stage]:
    """A stage as on the day the evening was planned, with nothing announced yet.

    There is a made-up draft for HR, and `attendee` is the one who checked in.
    """
    database = Database("sqlite://")
    try:
        Base.metadata.create_all(database.engine)
        with database.read() as there:
            # What is left behind is still referred to; inside a transaction this does nothing.
            there.connection().exec_driver_sql("PRAGMA foreign_keys=OFF")
        doubles = _doubles(db, evening)
        with database.write() as there:
            _copy(db, there, evening, doubles)
            begins = _rewind(there.get_one(GuestSession, evening.id))
            _furnish(there, there.get_one(GuestSession, evening.id), attendee)
        yield Stage(database, begins, doubles)
    finally:
        database.close()


def _doubles(db: Session, evening: GuestSession) -> dict[str, tuple[str, ...]]:
    joint = {place.name for place in places.chats(db, evening, joint=True)}
    alike: dict[object, list[Target]] = {}
    for place in places.chats(db, evening):
        # Who shares the evening is muted, or asks, in a chat of its own; who came later hears less.
        own = place.name if place.name in joint else ""
        alike.setdefault((own, place.zone, place.since), []).append(place)
    return {some[0].name: tuple(place.name for place in some) for some in alike.values()}


def _copy(
    db: Session, there: Session, evening: GuestSession, played: Mapping[str, tuple[str, ...]]
) -> None:
    for kind, wanted in _parts(evening, [int(name.removeprefix("C")) for name in played]):
        rows = db.execute(select(*kind.__table__.columns).where(wanted)).mappings()
        if values := [dict(row) for row in rows]:
            there.connection().execute(insert(kind), values)
    # What is in force at home, whoever above it chose that.
    rulebook.change(
        there,
        group_id=evening.group_id,
        choices=handed_on(policy.book(db, evening.group_id)),
        author="",
        author_name="",
        what="",
        now=evening.planned,
    )


def _parts(
    evening: GuestSession, chats: list[int]
) -> Iterator[tuple[type[Base], ColumnElement[bool]]]:
    """Every table that a step looks at, and which rows of it.

    Who is in the other groups plays no part, nor what was said or sent anywhere.
    """
    of_chats = select(Chat.group_id).where(Chat.id.in_(chats))
    at_home = select(Chat.id).where(Chat.group_id == evening.group_id)
    posting = select(Channel.person_id)
    known = select(Person.id).where(
        or_(Person.id.in_(select(Grant.person_id)), Person.id.in_(posting))
    )
    yield Group, Group.id.in_(of_chats) | (Group.id == evening.group_id)
    yield Chat, Chat.id.in_(chats)
    yield Membership, Membership.chat_id.in_(at_home)
    yield Person, Person.id.in_(known)
    yield Account, Account.person_id.in_(known)
    yield Grant, true()
    yield GuestSession, GuestSession.id == evening.id
    yield (
        Audience,
        (Audience.evening_id == evening.id)
        & (Audience.group_id.in_(of_chats) | Audience.group_id.is_(None)),
    )
    yield Channel, true()
    yield Question, Question.evening_id == evening.id
    yield Ability, true()


def _rewind(evening: GuestSession) -> datetime:
    """Make an evening as new as when its hours were set; when that was.

    So what was planned late is played late. Hours that were set again after the announcement
    make no new one.
    """
    if evening.state != State.PLANNED:
        evening.timed = min(evening.planned, evening.timed)
    evening.state, evening.arrived = State.PLANNED, None
    if evening.confirmed is not None:
        evening.confirmed = max(evening.confirmed, evening.timed)
    return evening.timed


def _furnish(there: Session, evening: GuestSession, attendee: str) -> None:
    """Somebody who came, and something to review: without them two steps have nothing to do."""
    draft = Draft(points=(Point(evening.topic, ()),))
    summaries.add(there, evening_id=evening.id, draft=draft, now=evening.ends)
    for chat in groups.chats_of(there, evening.group_id)[:1]:
        shown = {"at": evening.starts, "how": "rehearsal", "chat": chat.key}
        there.add(Mark(evening_id=evening.id, who=attendee, member=attendee, **shown))
