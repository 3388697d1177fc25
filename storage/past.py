"""Reading what was archived of a chat once more: in the order it came, a little at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from bot import events
from bot.events import AnyEvent
from storage.archive import TABLE

STEP = 500
"""Numbers of events, of whatever chat, that are looked through at once."""

_COMING = ("joined", "left", "role_changed")
_ROWS = (
    select(TABLE.c.id, TABLE.c.rule, TABLE.c.body)
    # + 0 keeps SQLite from the index on chats, in which the events are not in order.
    .where(TABLE.c.chat_id + 0 == bindparam("chat_id"), TABLE.c.at >= bindparam("since"))
    .where(TABLE.c.id.between(bindparam("first"), bindparam("last")))
    .order_by(TABLE.c.id)
)
_COMINGS = _ROWS.where(TABLE.c.kind.in_(_COMING))


class Row(NamedTuple):
    """One archived event; `rule` is the one that caught it at the time, if any."""

    id: int
    rule: str
    event: AnyEvent


def bounds(db: Session, *, chat_id: int, since: datetime) -> tuple[int, int] | None:
    """Between which numbers the events of a chat are that happened since; None without any."""
    found = select(func.min(TABLE.c.id), func.max(TABLE.c.id))
    first, last = db.execute(found.where(TABLE.c.chat_id == chat_id, TABLE.c.at >= since)).one()
    return None if first is None else (first, last)


def about(db: Session, *, chat_ids: Sequence[int], since: datetime) -> int:
    """About how many messages that is: most events are. Read from an index alone."""
    found = select(func.count()).where(TABLE.c.chat_id.in_(chat_ids), TABLE.c.at >= since)
    return db.scalar(found) or 0


def page(db: Session, *, chat_id: int, since: datetime, first: int) -> list[Row]:
    """The chat's events among the next STEP numbers, from `first` on."""
    return _read(db, _ROWS, chat_id, since, first)


def comings(db: Session, *, chat_id: int, since: datetime, first: int) -> list[AnyEvent]:
    """As `page`: only who came, who went, and whose role was changed."""
    return [row.event for row in _read(db, _COMINGS, chat_id, since, first)]


def _read(db: Session, query: object, chat_id: int, since: datetime, first: int) -> list[Row]:
    values = {"chat_id": chat_id, "since": since, "first": first, "last": first + STEP - 1}
    rows = db.connection().execute(query, values)  # type: ignore[call-overload]
    found = []
    for row in rows:
        try:
            found.append(Row(row.id, row.rule, events.decode(row.body)))
        except ValueError:
            # It was noted when it was handled that it cannot be read.
            continue
    return found
