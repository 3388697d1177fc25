"""Reading what was archived of a chat once more: in the order it came, a little at a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from bot import events
from bot.events import AnyEvent
from storage.archive import TABLE

STEP = 200
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
    """The first and the last number of the chat's events since; None when there are none."""
    found = select(func.min(TABLE.c.id), func.max(TABLE.c.id))
    first, last = db.execute(found.where(TABLE.c.chat_id == chat_id, TABLE.c.at >= since)).one()
    return None if first is None else (first, last)


def about(db: Session, *, chat_ids: Sequence[int], since: datetime) -> int:
    """About how many messages that is: most events are. Read from an index alone."""
    found = select(func.count()).where(TABLE.c.chat_id.in_(chat_ids), TABLE.c.at >= since)
    return db.scalar(found) or 0


def pieces(bounds: tuple[int, int]) -> list[range]:
    """The numbers of events in pieces that are read at once."""
    first, last = bounds
    return [range(at, min(at + STEP, last + 1)) for at in range(first, last + 1, STEP)]


def page(db: Session, *, chat_id: int, since: datetime, numbers: range) -> list[Row]:
    """The chat's events among these numbers."""
    return _read(db, _ROWS, chat_id, since, numbers)


def comings(db: Session, *, chat_id: int, since: datetime, numbers: range) -> list[AnyEvent]:
    """As `page`: only who came, who went, and whose role was changed."""
    return [row.event for row in _read(db, _COMINGS, chat_id, since, numbers)]


def _read(
    db: Session, query: Select[Any], chat_id: int, since: datetime, numbers: range
) -> list[Row]:
    ends = {"first": numbers[0], "last": numbers[-1]}
    found = []
    for row in db.connection().execute(query, {"chat_id": chat_id, "since": since, **ends}):
        try:
            found.append(Row(row.id, row.rule, events.decode(row.body)))
        except ValueError:
            # That it cannot be read any more was noted when it was to be handled.
            continue
    return found
