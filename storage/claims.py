"""Taking deliveries out of the outbox: what is ready, whose turn it is, and what became of it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot import actions
from bot.actions import AnyAction
from storage import moves, outbox
from storage.moves import State
from storage.outbox import IS_OPEN, PLANNED, REPLACED, TABLE, URGENCY, Delivery

IN_SIGHT = 500
"""Deliveries that are looked at together; more are due only after a long silence."""


_READY = (
    select(TABLE.c.id, TABLE.c.chat, TABLE.c.step, TABLE.c.action, TABLE.c.expires)
    .where(PLANNED, TABLE.c.after <= bindparam("now"))
    .order_by(*URGENCY)
    .limit(bindparam("limit"))
)
_CHOSEN = (
    select(Delivery)
    .where(TABLE.c.id.in_(bindparam("ids", expanding=True)), TABLE.c.state == State.PLANNED)
    .order_by(*URGENCY)
    .with_for_update(skip_locked=True)
)
_UNRESOLVED = select(TABLE.c.chat).where(IS_OPEN, TABLE.c.state == State.CLAIMED).distinct()
_LATE = select(Delivery).where(PLANNED, TABLE.c.expires <= bindparam("now"))
_SETTLED = update(TABLE).where(TABLE.c.id == bindparam("delivery"))


@dataclass(frozen=True, slots=True)
class Ready:
    """As much of a planned delivery as is needed to choose what goes next."""

    id: int
    chat: str
    step: str
    action: bytes
    expires: datetime | None

    @property
    def what(self) -> AnyAction:
        action: AnyAction = actions.decode(self.action)
        return action


def ready(db: Session, *, now: datetime) -> list[Ready]:
    """What is planned and due, most urgent first."""
    rows = db.connection().execute(_READY, {"now": now, "limit": IN_SIGHT})
    return [Ready(*row) for row in rows]


def choose(
    ready: Iterable[Ready],
    *,
    limit: int,
    busy: Collection[str] = (),
    may: Callable[[Ready], bool] = lambda delivery: True,
) -> list[int]:
    """The ids of what to take; at most one a chat, so that a chat keeps its order.

    `busy` are chats to leave alone for the moment; `may` has the last word on each delivery, and
    is asked about one only after those before it were chosen.
    """
    chosen: dict[str, int] = {}
    for one in ready:
        if len(chosen) < limit and one.chat not in chosen and one.chat not in busy and may(one):
            chosen[one.chat] = one.id
    return list(chosen.values())


def unresolved(db: Session) -> set[str]:
    """Chats in which something was claimed and is not noted yet."""
    return set(db.connection().scalars(_UNRESOLVED))


def claim(
    db: Session,
    *,
    now: datetime,
    limit: int,
    busy: Collection[str] = (),
    may: Callable[[Ready], bool] = lambda delivery: True,
) -> list[Delivery]:
    """Take what is chosen of what is ready."""
    return take(db, choose(ready(db, now=now), limit=limit, busy=busy, may=may), now=now)


def take(db: Session, ids: Sequence[int], *, now: datetime) -> list[Delivery]:
    """Claim these, but for what is not planned any more."""
    taken = list(db.scalars(_CHOSEN, {"ids": ids})) if ids else []
    outbox.moved(db, taken, State.CLAIMED, now=now)
    for delivery in taken:
        delivery.claimed = now
        delivery.tried += 1
    return taken


def expire(db: Session, *, now: datetime) -> list[Delivery]:
    """Close what is too late to send."""
    late = list(db.scalars(_LATE, {"now": now}))
    for delivery in late:
        why = f"过了有效时间（{delivery.detail}）" if delivery.detail else "过了有效时间"
        outbox.move(db, delivery, State.EXPIRED, now=now, why=why)
    return late


def settle(
    db: Session,
    delivery: Delivery,
    state: State,
    *,
    now: datetime,
    receipt: str = "",
    detail: str = "",
) -> None:
    """Note what became of a delivery that this process claimed, without reading it again."""
    moves.check(State.CLAIMED, state)
    settled = {"state": state, "done": now, "receipt": receipt, "detail": detail}
    db.connection().execute(_SETTLED, {"delivery": delivery.id, **settled})
    if delivery.step:
        moves.note(db, [(delivery.id, State.CLAIMED)], state, at=now, why=detail)


def postpone(
    db: Session, delivery_id: int, *, after: datetime, now: datetime, detail: str
) -> Delivery:
    """Put a claimed delivery back, to be tried again; one that was superseded meanwhile is not."""
    delivery = db.get_one(Delivery, delivery_id, populate_existing=True)
    if delivery.detail == REPLACED:
        outbox.move(db, delivery, State.SUPERSEDED, now=now, why=REPLACED)
    else:
        outbox.move(db, delivery, State.PLANNED, now=now, why=detail)
        delivery.after = after
    return delivery


def abandoned(db: Session, *, before: datetime) -> list[Delivery]:
    """What was claimed `before` and never noted, because a process died or an answer was lost."""
    return list(
        db.scalars(
            select(Delivery)
            .where(Delivery.state == State.CLAIMED, IS_OPEN, Delivery.claimed <= before)
            .order_by(*URGENCY)
        )
    )
