"""Actions on their way: one delivery for one action and one target, with what became of it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    bindparam,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot import actions
from bot.actions import AnyAction
from storage.database import Base, insert_new


class State(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    FAILED = "failed"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


STATE_NAMES = {
    State.PLANNED: "排队",
    State.CLAIMED: "排队",
    State.DELIVERED: "已送达",
    State.UNKNOWN: "未知",
    State.WAITING: "待人工",
    State.FAILED: "失败",
    State.EXPIRED: "已过期",
    State.SUPERSEDED: "已过期",
}
OPEN = (State.PLANNED, State.CLAIMED)
REPLACED = "已被后来的更改取代"

IN_SIGHT = 500
"""Deliveries that are looked at together; more are due only after a long silence."""


class Priority:
    """Lower goes first."""

    UNMUTE = 0
    NOW = 1
    SOON = 2
    NORMAL = 3
    LATER = 4


class Delivery(Base):
    """`cause` is an event key or `evening:12`; `step` is empty for reactions.

    `due` is when it was promised, `after` the earliest moment to try, `expires` the last;
    `receipt` the platform's id of what was posted, `detail` why it stands as it does.
    """

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(300), unique=True)
    cause: Mapped[str] = mapped_column(String(200))
    step: Mapped[str] = mapped_column(String(50), default="")
    revision: Mapped[int] = mapped_column(default=1)
    chat: Mapped[str] = mapped_column(String(200))
    action: Mapped[bytes] = mapped_column(LargeBinary)
    priority: Mapped[int] = mapped_column(default=Priority.NOW)
    state: Mapped[str] = mapped_column(String(12), default=State.PLANNED)
    due: Mapped[datetime]
    after: Mapped[datetime]
    expires: Mapped[datetime | None]
    made: Mapped[datetime]
    tried: Mapped[int] = mapped_column(default=0)
    claimed: Mapped[datetime | None]
    done: Mapped[datetime | None]
    receipt: Mapped[str] = mapped_column(String(200), default="")
    detail: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index(
            "ix_deliveries_open",
            "after",
            sqlite_where=state.in_(OPEN),
            postgresql_where=state.in_(OPEN),
        ),
        Index("ix_deliveries_cause", "cause"),
    )

    @property
    def what(self) -> AnyAction:
        action: AnyAction = actions.decode(self.action)
        return action


TABLE: Table = Delivery.__table__  # type: ignore[assignment]

# Built once: these run all the time. SQLite takes the index on what is open only when a query
# says in so many words that it asks for nothing else.
_IS_OPEN = TABLE.c.state.in_([literal_column(f"'{state}'") for state in OPEN])
_PLANNED = and_(TABLE.c.state == State.PLANNED, _IS_OPEN)
_URGENCY = (TABLE.c.priority, TABLE.c.due, TABLE.c.id)
_READY = (
    select(TABLE.c.id, TABLE.c.chat, TABLE.c.step, TABLE.c.action, TABLE.c.expires)
    .where(_PLANNED, TABLE.c.after <= bindparam("now"))
    .order_by(*_URGENCY)
    .limit(bindparam("limit"))
)
_CHOSEN = (
    select(Delivery)
    .where(TABLE.c.id.in_(bindparam("ids", expanding=True)), TABLE.c.state == State.PLANNED)
    .order_by(*_URGENCY)
    .with_for_update(skip_locked=True)
)
_LATE = select(Delivery).where(_PLANNED, TABLE.c.expires <= bindparam("now"))
_NEXT_DUE = select(TABLE.c.after).where(_PLANNED).order_by(TABLE.c.after).limit(1)
_LAST = (
    select(Delivery).where(TABLE.c.cause == bindparam("cause")).order_by(TABLE.c.id.desc()).limit(1)
)
_LAST_PLANNED = _LAST.where(TABLE.c.state == State.PLANNED)
_SETTLED = update(TABLE).where(TABLE.c.id == bindparam("delivery"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A delivery to be put into the outbox."""

    key: str
    cause: str
    action: AnyAction
    due: datetime
    step: str = ""
    revision: int = 1
    priority: int = Priority.NOW
    expires: datetime | None = None
    state: State = State.PLANNED
    detail: str = ""
    after: datetime | None = None


def put(db: Session, plans: Iterable[Plan], *, now: datetime) -> None:
    """Add deliveries. One whose key is there already stays as it is."""
    rows = [
        {
            "key": plan.key,
            "cause": plan.cause,
            "step": plan.step,
            "revision": plan.revision,
            "chat": plan.action.chat,
            "action": actions.encode(plan.action),
            "priority": plan.priority,
            "state": plan.state,
            "due": plan.due,
            "after": plan.after or plan.due,
            "expires": plan.expires,
            "made": now,
            "tried": 0,
            "receipt": "",
            "detail": plan.detail,
        }
        for plan in plans
    ]
    insert_new(db, TABLE, rows)


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
    for delivery in taken:
        delivery.state = State.CLAIMED
        delivery.claimed = now
        delivery.tried += 1
    return taken


def expire(db: Session, *, now: datetime) -> list[Delivery]:
    """Close what is too late to send."""
    late = list(db.scalars(_LATE, {"now": now}))
    for delivery in late:
        delivery.state = State.EXPIRED
        delivery.done = now
        delivery.detail = (
            f"过了有效时间（{delivery.detail}）" if delivery.detail else "过了有效时间"
        )
    return late


def settle(
    db: Session,
    delivery_id: int,
    state: State,
    *,
    now: datetime,
    receipt: str = "",
    detail: str = "",
) -> None:
    """Note what became of a claimed delivery."""
    settled = {"state": state, "done": now, "receipt": receipt, "detail": detail}
    db.connection().execute(_SETTLED, {"delivery": delivery_id, **settled})


def postpone(db: Session, delivery_id: int, *, after: datetime, detail: str) -> None:
    """Put a claimed delivery back, to be tried again; one that was superseded meanwhile is not."""
    delivery = db.get_one(Delivery, delivery_id, populate_existing=True)
    if delivery.detail == REPLACED:
        delivery.state = State.SUPERSEDED
    else:
        delivery.state, delivery.after, delivery.detail = State.PLANNED, after, detail


def recover(db: Session, *, before: datetime, now: datetime) -> list[Delivery]:
    """What was claimed `before` and never noted, because a process died.

    What may be repeated is planned again; of the rest nobody knows, and they are returned.
    """
    lost = []
    for delivery in db.scalars(
        select(Delivery).where(
            Delivery.state == State.CLAIMED, _IS_OPEN, Delivery.claimed <= before
        )
    ):
        if isinstance(delivery.what, actions.REPEATABLE):
            delivery.state = State.PLANNED
        else:
            delivery.state = State.UNKNOWN
            delivery.done = now
            delivery.detail = "发送时程序中断，不知道是否已送达"
            lost.append(delivery)
    return lost


def claimed(db: Session, *, before: datetime) -> bool:
    """Whether anything was claimed before this moment and never noted."""
    found = select(Delivery.id).where(
        Delivery.state == State.CLAIMED, _IS_OPEN, Delivery.claimed <= before
    )
    return db.scalar(found.limit(1)) is not None


def supersede(db: Session, *, cause: str, now: datetime) -> None:
    """Close what is still planned for a cause, because something else takes its place.

    What is on its way right now may still arrive; it is only not tried again.
    """
    mine = update(Delivery).where(Delivery.cause == cause)
    db.execute(mine.where(Delivery.state == State.CLAIMED).values(detail=REPLACED))
    gone = {"state": State.SUPERSEDED, "done": now, "detail": REPLACED}
    db.execute(mine.where(Delivery.state == State.PLANNED).values(**gone))


def of_cause(db: Session, cause: str) -> list[Delivery]:
    return list(db.scalars(select(Delivery).where(Delivery.cause == cause).order_by(Delivery.id)))


def planned(db: Session, *, cause: str) -> Delivery | None:
    """The delivery of this cause that still waits, if there is one."""
    return db.scalar(_LAST_PLANNED, {"cause": cause})


def last(db: Session, *, cause: str) -> Delivery | None:
    return db.scalar(_LAST, {"cause": cause})


def next_due(db: Session) -> datetime | None:
    """When the next planned delivery may go."""
    return db.connection().scalar(_NEXT_DUE)


def busy(db: Session, *, now: datetime) -> bool:
    """Whether anything is claimed, or due and not claimed yet."""
    waits = (Delivery.state == State.PLANNED) & (Delivery.after <= now)
    found = select(Delivery.id).where(_IS_OPEN, (Delivery.state == State.CLAIMED) | waits).limit(1)
    return db.scalar(found) is not None
