"""Actions on their way: one delivery for one action and one target, with what became of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

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
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from bot import actions
from bot.actions import AnyAction
from storage import moves
from storage.database import Base, insert_new
from storage.moves import State as State

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


class Priority:
    """Lower goes first."""

    UNMUTE = 0
    NOW = 1
    SOON = 2
    NORMAL = 3
    LATER = 4


class Delivery(Base):
    """`cause` is an event key or `evening:12`; `step` is empty for reactions.

    `target` is how an evening names whom it is for: a chat as C7, a person, or a channel.
    `slot` is which hour of the evening's plan it fills, and the same as `due` where none;
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
    target: Mapped[str] = mapped_column(String(150), default="")
    action: Mapped[bytes] = mapped_column(LargeBinary)
    priority: Mapped[int] = mapped_column(default=Priority.NOW)
    state: Mapped[str] = mapped_column(String(12), default=State.PLANNED)
    slot: Mapped[datetime]
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
        Index("ix_deliveries_chat", "chat", "done"),
    )

    @property
    def what(self) -> AnyAction:
        action: AnyAction = actions.decode(self.action)
        return action


TABLE: Table = Delivery.__table__  # type: ignore[assignment]

# Built once: these run all the time. SQLite takes the index on what is open only when a query
# says in so many words that it asks for nothing else.
IS_OPEN = TABLE.c.state.in_([literal_column(f"'{state}'") for state in OPEN])
PLANNED = and_(TABLE.c.state == State.PLANNED, IS_OPEN)
URGENCY = (TABLE.c.priority, TABLE.c.due, TABLE.c.id)
_NEXT_DUE = select(TABLE.c.after).where(PLANNED).order_by(TABLE.c.after).limit(1)
_LAST = (
    select(Delivery).where(TABLE.c.cause == bindparam("cause")).order_by(TABLE.c.id.desc()).limit(1)
)
_LAST_PLANNED = _LAST.where(TABLE.c.state == State.PLANNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A delivery to be put into the outbox."""

    key: str
    cause: str
    action: AnyAction
    due: datetime
    step: str = ""
    target: str = ""
    revision: int = 1
    priority: int = Priority.NOW
    expires: datetime | None = None
    state: State = State.PLANNED
    detail: str = ""
    after: datetime | None = None
    slot: datetime | None = None


def put(db: Session, plans: Iterable[Plan], *, now: datetime) -> None:
    """Add deliveries. One whose key is there already stays as it is."""
    rows = [
        {
            "key": plan.key,
            "cause": plan.cause,
            "step": plan.step,
            "revision": plan.revision,
            "chat": plan.action.chat,
            "target": plan.target,
            "action": actions.encode(plan.action),
            "priority": plan.priority,
            "state": plan.state,
            "slot": plan.slot or plan.due,
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


def move(
    db: Session, delivery: Delivery, to: State, *, now: datetime, why: str = "", receipt: str = ""
) -> None:
    """Take a delivery to another state. Raises moves.Forbidden where the table says no."""
    moved(db, [delivery], to, now=now, why=why)
    delivery.detail = why
    delivery.done = now if to in moves.FINAL else None
    delivery.receipt = receipt or delivery.receipt


def moved(
    db: Session, deliveries: Collection[Delivery], to: State, *, now: datetime, why: str = ""
) -> None:
    """What a member did leads to a delivery without a step; its row alone tells its story."""
    for delivery in deliveries:
        moves.check(delivery.state, to)
    rows = [(one.id, one.state) for one in deliveries if one.step]
    moves.note(db, rows, to, at=now, why=why)
    for delivery in deliveries:
        delivery.state = to


def supersede(db: Session, *, cause: str, now: datetime, steps: Collection[str] = ()) -> None:
    """Close what is still planned for a cause, because something else takes its place.

    What is on its way right now may still arrive; it is only not tried again. Lifting a mute is
    never given up. `steps` are all but those.
    """
    open_ones = (State.PLANNED, State.CLAIMED, State.WAITING)
    mine = [one for one in of_cause(db, cause, to_change=True) if one.state in open_ones]
    for delivery in mine:
        if isinstance(delivery.what, actions.UnmuteAll) or (steps and delivery.step not in steps):
            continue
        if delivery.state == State.CLAIMED:
            delivery.detail = REPLACED
        else:
            move(db, delivery, State.SUPERSEDED, now=now, why=REPLACED)


def of_cause(db: Session, cause: str, *, to_change: bool = False) -> list[Delivery]:
    """Oldest first. `to_change` waits for whoever is claiming one, and keeps others from it."""
    found = select(Delivery).where(Delivery.cause == cause).order_by(Delivery.id)
    if to_change:
        found = found.with_for_update().execution_options(populate_existing=True)
    return list(db.scalars(found))


def planned(db: Session, *, cause: str) -> Delivery | None:
    """The delivery of this cause that still waits, if there is one."""
    return db.scalar(_LAST_PLANNED, {"cause": cause})


def last(db: Session, *, cause: str) -> Delivery | None:
    return db.scalar(_LAST, {"cause": cause})


def receipts(db: Session, *, chat: str, since: datetime) -> set[str]:
    """Ids of what is known to have been posted in a chat."""
    rows = db.scalars(
        select(Delivery.receipt).where(
            Delivery.chat == chat, Delivery.done >= since, Delivery.receipt != ""
        )
    )
    return set(rows)


def next_due(db: Session) -> datetime | None:
    """When the next planned delivery may go."""
    return db.connection().scalar(_NEXT_DUE)


def busy(db: Session, *, now: datetime) -> bool:
    """Whether anything is claimed, or due and not claimed yet."""
    waits = (Delivery.state == State.PLANNED) & (Delivery.after <= now)
    found = select(Delivery.id).where(IS_OPEN, (Delivery.state == State.CLAIMED) | waits).limit(1)
    return db.scalar(found) is not None
