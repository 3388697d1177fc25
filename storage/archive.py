"""Everything that happened: events as they came, kept before anyone thinks about them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot import events
from bot.events import AnyEvent, Message
from storage.database import Base, insert_new
from storage.groups import Chat, Group, chat_for


class State(StrEnum):
    """`failed` stays for a person to look at."""

    NEW = "new"
    HANDLED = "handled"
    FAILED = "failed"


class Record(Base):
    """One event. `body` is the decoded event, `raw` the payload it came in.

    `rule` is the rule that caught it and acted, `command` the command it was taken for; a message
    with either is not part of what was said.
    """

    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    chat_id: Mapped[int] = mapped_column(ForeignKey("chats.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    message: Mapped[str] = mapped_column(String(100), default="")
    body: Mapped[bytes] = mapped_column(LargeBinary)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    saved: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=State.NEW)
    error: Mapped[str] = mapped_column(Text, default="")
    rule: Mapped[str] = mapped_column(String(50), default="")
    command: Mapped[str] = mapped_column(String(100), default="")

    __table_args__ = (
        Index("ix_events_new", "id", sqlite_where=state == "new", postgresql_where=state == "new"),
        Index("ix_events_chat_at", "chat_id", "at"),
        Index("ix_events_message", "chat_id", "message"),
    )


TABLE: Table = Record.__table__  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Arrival:
    """Events, and the payload they came in."""

    events: Sequence[AnyEvent]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Pending:
    """An event that waits to be handled."""

    id: int
    chat_id: int
    event: AnyEvent


@dataclass(frozen=True, slots=True)
class Claim:
    """A chat this process may drain now, and what is known to have changed since."""

    chat_id: int
    key: str
    group_id: int | None
    seen: int
    version: int


# Built once, for they run with every batch, and building them takes longer than running them.
_NEW = TABLE.c.state == State.NEW
_CHATS: Table = Chat.__table__  # type: ignore[assignment]
_GROUPS: Table = Group.__table__  # type: ignore[assignment]
_WAITING = select(TABLE.c.chat_id).where(_NEW).order_by(TABLE.c.id).limit(bindparam("limit"))
_CLAIMED = (
    select(_CHATS.c.id, _CHATS.c.key, _CHATS.c.group_id, _CHATS.c.seen, _GROUPS.c.version)
    .outerjoin_from(_CHATS, _GROUPS)
    .where(_CHATS.c.id.in_(bindparam("chat_ids", expanding=True)))
    .order_by(_CHATS.c.id)
    .with_for_update(of=_CHATS, skip_locked=True)
)
_VERSIONS = select(_GROUPS.c.id, _GROUPS.c.version).where(
    _GROUPS.c.id.in_(bindparam("group_ids", expanding=True))
)
_PENDING = (
    select(TABLE.c.id, TABLE.c.chat_id, TABLE.c.body)
    # + 0 keeps SQLite from the index on chats, through which it would read all they ever said.
    .where(_NEW, (TABLE.c.chat_id + 0).in_(bindparam("chat_ids", expanding=True)))
    .order_by(TABLE.c.id)
    .limit(bindparam("limit"))
)
_HANDLED = update(TABLE).where(TABLE.c.id == bindparam("event")).values(state=State.HANDLED)
_SEEN = update(_CHATS).where(_CHATS.c.id == bindparam("chat")).values(seen=bindparam("event"))


def save(db: Session, arrivals: Iterable[Arrival], *, now: datetime, chats: dict[str, int]) -> None:
    """Keep the events that are new. `chats` remembers chat ids between calls."""
    rows = []
    for arrival in arrivals:
        for event in arrival.events:
            if event.chat not in chats:
                chats[event.chat] = chat_for(db, event.chat).id
            rows.append(_row(event, arrival.raw, chats[event.chat], now))
    insert_new(db, TABLE, rows)


def _row(event: AnyEvent, raw: bytes, chat_id: int, now: datetime) -> dict[str, object]:
    return {
        "key": event.key,
        "chat_id": chat_id,
        "kind": event.__struct_config__.tag,
        "at": event.at,
        "message": event.id if isinstance(event, Message) else getattr(event, "message", ""),
        "body": events.encode(event),
        "raw": raw,
        "saved": now,
        "state": State.NEW,
        "error": "",
        "rule": "",
        "command": "",
    }


def waiting(db: Session) -> bool:
    """Whether there are new events. Asked far more often than there are, so it takes no lock."""
    return db.connection().scalar(_WAITING, {"limit": 1}) is not None


def claim(db: Session, *, limit: int) -> list[Claim]:
    """Chats with new events that no other process is draining."""
    chat_ids = set(db.connection().scalars(_WAITING, {"limit": limit}))
    rows = db.connection().execute(_CLAIMED, {"chat_ids": list(chat_ids)}) if chat_ids else ()
    return [Claim(row.id, row.key, row.group_id, row.seen, row.version or 0) for row in rows]


def versions_of(db: Session, group_ids: Iterable[int]) -> dict[int, int]:
    rows = db.connection().execute(_VERSIONS, {"group_ids": list(group_ids)})
    return {row.id: row.version for row in rows}


def pending(db: Session, *, chat_ids: Sequence[int], limit: int) -> list[Pending]:
    """New events of these chats in the order they came. One that cannot be read has failed."""
    rows = db.connection().execute(_PENDING, {"chat_ids": list(chat_ids), "limit": limit})
    found = []
    for row in rows.all():
        try:
            found.append(Pending(row.id, row.chat_id, events.decode(row.body)))
        except ValueError:
            failed(db, row.id, "cannot be read any more")
    return found


def handled(db: Session, ids: Iterable[int]) -> None:
    if rows := [{"event": id} for id in ids]:
        db.connection().execute(_HANDLED, rows)


def seen(db: Session, last: Mapping[int, int]) -> None:
    """Note the last event handled in each of these chats."""
    if rows := [{"chat": chat_id, "event": event_id} for chat_id, event_id in last.items()]:
        db.connection().execute(_SEEN, rows)


def failed(db: Session, event_id: int, error: str) -> None:
    """`error` names what went wrong, without the words of the message."""
    db.connection().execute(
        update(TABLE).where(TABLE.c.id == event_id).values(state=State.FAILED, error=error)
    )


def caught(db: Session, event_id: int, rule: str) -> None:
    db.connection().execute(update(TABLE).where(TABLE.c.id == event_id).values(rule=rule))


def commanded(db: Session, event_id: int, command: str) -> None:
    db.connection().execute(update(TABLE).where(TABLE.c.id == event_id).values(command=command))


def recent(db: Session, *, chat_id: int, upto: int, limit: int) -> list[Message]:
    """The last messages of a chat that were handled, oldest first. `upto` is an event id."""
    rows = db.connection().scalars(
        select(TABLE.c.body)
        .where(TABLE.c.chat_id == chat_id, TABLE.c.kind == "message", TABLE.c.id <= upto)
        .order_by(TABLE.c.id.desc())
        .limit(limit)
    )
    messages = [events.decode(body) for body in rows]
    return [message for message in reversed(messages) if isinstance(message, Message)]


def latest(db: Session, *, limit: int) -> list[Message]:
    """The last messages of all groups that were handled, oldest first."""
    rows = db.connection().scalars(
        select(TABLE.c.body)
        .join(_CHATS, _CHATS.c.id == TABLE.c.chat_id)
        .where(TABLE.c.kind == "message", TABLE.c.state == State.HANDLED)
        .where(_CHATS.c.group_id.is_not(None))
        .order_by(TABLE.c.id.desc())
        .limit(limit)
    )
    messages = [events.decode(body) for body in rows]
    return [message for message in reversed(messages) if isinstance(message, Message)]


def said(
    db: Session, *, chat_ids: Sequence[int], since: datetime, until: datetime
) -> list[tuple[int, Message]]:
    """What counts as said between two moments: no ads, no commands, nothing taken back."""
    taken_back = select(TABLE.c.message).where(
        TABLE.c.chat_id.in_(chat_ids), TABLE.c.kind == "recalled", TABLE.c.at >= since
    )
    rows = db.connection().execute(
        select(TABLE.c.id, TABLE.c.body)
        .where(
            TABLE.c.chat_id.in_(chat_ids),
            TABLE.c.kind == "message",
            TABLE.c.at >= since,
            TABLE.c.at < until,
            TABLE.c.rule == "",
            TABLE.c.command == "",
            TABLE.c.message.not_in(taken_back),
        )
        .order_by(TABLE.c.at, TABLE.c.id)
    )
    decoded = [(row.id, events.decode(row.body)) for row in rows]
    return [(n, message) for n, message in decoded if isinstance(message, Message)]


def heard(db: Session, *, chat_ids: Sequence[int], since: datetime) -> int:
    """How many messages came in since a moment."""
    found = select(func.count()).where(
        TABLE.c.chat_id.in_(chat_ids), TABLE.c.kind == "message", TABLE.c.at >= since
    )
    return db.scalar(found) or 0


def own(db: Session, *, chat: str, since: datetime, limit: int = 200) -> list[Message]:
    """What our own account said in a chat, as the platform told us, oldest first."""
    rows = db.connection().scalars(
        select(TABLE.c.body)
        .join(_CHATS, _CHATS.c.id == TABLE.c.chat_id)
        .where(_CHATS.c.key == chat, TABLE.c.kind == "message", TABLE.c.saved >= since)
        .order_by(TABLE.c.id.desc())
        .limit(limit)
    )
    messages = [events.decode(body) for body in rows]
    return [one for one in reversed(messages) if isinstance(one, Message) and one.own]


def find(db: Session, *, chat_id: int, message: str) -> tuple[int, Message] | None:
    """The archived message with the platform's id."""
    row = (
        db.connection()
        .execute(
            select(TABLE.c.id, TABLE.c.body)
            .where(TABLE.c.chat_id == chat_id, TABLE.c.message == message)
            .where(TABLE.c.kind == "message")
        )
        .first()
    )
    event = events.decode(row.body) if row else None
    return (row.id, event) if row and isinstance(event, Message) else None


def stands(db: Session, *, chat_id: int, message: str) -> bool:
    """Whether a message is still there: neither caught by a rule nor taken back."""
    mine = (TABLE.c.chat_id == chat_id) & (TABLE.c.message == message)
    kinds = db.execute(select(TABLE.c.kind, TABLE.c.rule).where(mine)).all()
    gone = any(row.kind == "recalled" or row.rule for row in kinds)
    return bool(kinds) and not gone


def everything(db: Session) -> Iterator[AnyEvent]:
    """Every archived event in order, read in pieces."""
    bodies = db.scalars(select(TABLE.c.body).order_by(TABLE.c.id).execution_options(yield_per=1000))
    for body in bodies:
        yield events.decode(body)


def counts(db: Session) -> tuple[int, int]:
    """How many events wait to be handled, and how many could not be."""
    waiting = select(func.count()).where(TABLE.c.state == State.NEW)
    failed = select(func.count()).where(TABLE.c.state == State.FAILED)
    return db.scalar(waiting) or 0, db.scalar(failed) or 0
