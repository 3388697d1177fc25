"""Actions on their way: one delivery for one action and one target, with what became of it."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, String, Text, select, update
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


class Priority:
    """Lower goes first."""

    UNMUTE = 0
    NOW = 1
    SOON = 2
    NORMAL = 3
    LATER = 4


class Delivery(Base):
    """`cause` is an event key or `evening:12`; `step` is empty for reactions.

    `due` is the earliest moment to send, `expires` the last; `receipt` the platform's id of what
    was posted, `detail` why it stands as it does.
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
            "due",
            sqlite_where=state.in_(OPEN),
            postgresql_where=state.in_(OPEN),
        ),
        Index("ix_deliveries_cause", "cause"),
    )

    @property
    def what(self) -> AnyAction:
        action: AnyAction = actions.decode(self.action)
        return action


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
            "expires": plan.expires,
            "made": now,
            "tried": 0,
            "receipt": "",
            "detail": plan.detail,
        }
        for plan in plans
    ]
    insert_new(db, Delivery.__table__, rows)  # type: ignore[arg-type]


def claim(
    db: Session,
    *,
    now: datetime,
    limit: int,
    busy: Collection[str] = (),
    may: Callable[[Delivery], bool] = lambda delivery: True,
) -> list[Delivery]:
    """Take what is due, most urgent first; at most one a chat, so that a chat keeps its order.

    `busy` are chats to leave alone for the moment; `may` has the last word on each delivery.
    """
    rows = db.scalars(
        select(Delivery)
        .where(
            Delivery.state == State.PLANNED, Delivery.due <= now, Delivery.chat.not_in(list(busy))
        )
        .order_by(Delivery.priority, Delivery.due, Delivery.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken: dict[str, Delivery] = {}
    for delivery in rows:
        if delivery.chat not in taken and may(delivery):
            taken[delivery.chat] = delivery
    for delivery in taken.values():
        delivery.state = State.CLAIMED
        delivery.claimed = now
        delivery.tried += 1
    return list(taken.values())


def expire(db: Session, *, now: datetime) -> list[Delivery]:
    """Close what is too late to send."""
    late = list(
        db.scalars(select(Delivery).where(Delivery.state == State.PLANNED, Delivery.expires <= now))
    )
    for delivery in late:
        delivery.state = State.EXPIRED
        delivery.done = now
        delivery.detail = delivery.detail or "过了有效时间"
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
    db.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(state=state, done=now, receipt=receipt, detail=detail)
    )


def postpone(db: Session, delivery_id: int, *, due: datetime, detail: str) -> None:
    """Put a claimed delivery back, to be tried again at `due`."""
    db.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id)
        .values(state=State.PLANNED, due=due, detail=detail)
    )


def recover(db: Session, *, before: datetime, now: datetime) -> list[Delivery]:
    """What was claimed `before` and never noted, because a process died.

    What may be repeated is planned again; of the rest nobody knows, and they are returned.
    """
    lost = []
    for delivery in db.scalars(
        select(Delivery).where(Delivery.state == State.CLAIMED, Delivery.claimed <= before)
    ):
        if isinstance(delivery.what, actions.REPEATABLE):
            delivery.state = State.PLANNED
        else:
            delivery.state = State.UNKNOWN
            delivery.done = now
            delivery.detail = "发送时程序中断，不知道是否已送达"
            lost.append(delivery)
    return lost


def supersede(db: Session, *, cause: str, now: datetime, steps: Sequence[str] = ()) -> None:
    """Close what is still planned for a cause, because something else takes its place."""
    chosen = [Delivery.cause == cause, Delivery.state == State.PLANNED]
    if steps:
        chosen.append(Delivery.step.in_(steps))
    db.execute(
        update(Delivery)
        .where(*chosen)
        .values(state=State.SUPERSEDED, done=now, detail="已被后来的更改取代")
    )


def of_cause(db: Session, cause: str) -> list[Delivery]:
    return list(db.scalars(select(Delivery).where(Delivery.cause == cause).order_by(Delivery.id)))


def planned(db: Session, *, cause: str) -> Delivery | None:
    """The delivery of this cause that still waits, if there is one."""
    return db.scalar(
        select(Delivery)
        .where(Delivery.cause == cause, Delivery.state == State.PLANNED)
        .order_by(Delivery.id.desc())
    )


def last(db: Session, *, cause: str) -> Delivery | None:
    return db.scalar(
        select(Delivery).where(Delivery.cause == cause).order_by(Delivery.id.desc()).limit(1)
    )


def next_due(db: Session) -> datetime | None:
    """When the next planned delivery may go."""
    return db.scalar(
        select(Delivery.due).where(Delivery.state == State.PLANNED).order_by(Delivery.due).limit(1)
    )


def busy(db: Session, *, now: datetime) -> bool:
    """Whether anything is claimed, or due and not claimed yet."""
    waits = (Delivery.state == State.PLANNED) & (Delivery.due <= now)
    found = select(Delivery.id).where((Delivery.state == State.CLAIMED) | waits).limit(1)
    return db.scalar(found) is not None
