"""Who wants into a group, or came in unasked: what was decided, and every step to it."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base

AGAIN = "asked again"
"""A step of somebody who asks once more before anybody decided."""


class State(StrEnum):
    """`gone` is somebody who went, or took it back, before anybody decided."""

    WAITING = "waiting"
    ADMITTED = "admitted"
    REFUSED = "refused"
    EXPIRED = "expired"
    GONE = "gone"


STATE_NAMES = {
    State.WAITING: "待处理",
    State.ADMITTED: "已同意",
    State.REFUSED: "已拒绝",
    State.EXPIRED: "已过期",
    State.GONE: "已离开",
}


class Request(Base):
    """One person at the door of one chat. `id` is the number people know.

    `flag` is what the platform wants back; empty for somebody who is in already and does not fit
    the conditions. `why` says what does not fit. `told` and `reminded` are when the one who
    decides was written to. `decided_by` is empty where the bot decided.
    """

    __tablename__ = "join_requests"
    __table_args__ = (Index(None, "group_id", "state"), Index(None, "chat", "member"))

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    chat: Mapped[str] = mapped_column(String(200))
    member: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200), default="")
    flag: Mapped[str] = mapped_column(String(200), default="")
    answer: Mapped[str] = mapped_column(Text, default="")
    why: Mapped[str] = mapped_column(Text, default="")
    asked: Mapped[datetime]
    expires: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default=State.WAITING)
    told: Mapped[datetime | None]
    reminded: Mapped[datetime | None]
    decided: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(String(100), default="")
    reason: Mapped[str] = mapped_column(Text, default="")

    @property
    def inside(self) -> bool:
        """Whether the person is in the group already, and is only looked at afterwards."""
        return not self.flag


class Audit(Base):
    """One step of one request. `by` is who took it; empty for the bot."""

    __tablename__ = "join_audit"
    __table_args__ = (Index(None, "request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("join_requests.id"))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(100), default="")
    deed: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(Text, default="")


def add(
    db: Session,
    *,
    group_id: int,
    chat: str,
    member: str,
    name: str,
    why: str,
    now: datetime,
    lasts: timedelta,
    flag: str = "",
    answer: str = "",
) -> Request:
    """Put somebody on the list of those who wait."""
    new = Request(
        group_id=group_id,
        chat=chat,
        member=member,
        name=name,
        flag=flag,
        answer=answer,
        why=why,
        asked=now,
        expires=now + lasts,
        state=State.WAITING,
    )
    db.add(new)
    db.flush()
    note(db, new, "asked", now=now, why=why)
    return new


def note(
    db: Session, request: Request, deed: str, *, now: datetime, by: str = "", why: str = ""
) -> None:
    """Write down one step."""
    db.add(Audit(request_id=request.id, at=now, by=by, deed=deed, why=why))


def get(db: Session, number: int) -> Request | None:
    """To be changed: other processes wait until this one commits."""
    return db.get(Request, number, with_for_update=True)


def decide(
    db: Session, request: Request, state: State, *, by: str, reason: str, now: datetime
) -> bool:
    """The first decision stands: False, and nothing is done, when there is one."""
    if request.state != State.WAITING:
        return False
    request.state, request.decided, request.decided_by = state, now, by
    request.reason = reason
    note(db, request, state, now=now, by=by, why=reason)
    db.flush()
    return True


def waiting(db: Session, group_id: int | None = None) -> list[Request]:
    """Those who wait for a decision, in this group or in all, oldest first."""
    found = select(Request).where(Request.state == State.WAITING).order_by(Request.id)
    return list(
        db.scalars(found if group_id is None else found.where(Request.group_id == group_id))
    )


def waiting_of(db: Session, *, chat: str, member: str) -> Request | None:
    return db.scalar(
        select(Request)
        .where(Request.chat == chat, Request.member == member, Request.state == State.WAITING)
        .order_by(Request.id.desc())
        .limit(1)
    )


def admitted(db: Session, *, chat: str, member: str, since: datetime) -> bool:
    """Whether somebody was let in, or let stay, since then."""
    found = select(Request.id).where(
        Request.chat == chat,
        Request.member == member,
        Request.state == State.ADMITTED,
        Request.decided >= since,
    )
    return db.scalar(found.limit(1)) is not None


def any_waiting(db: Session) -> bool:
    """Asked every minute, so it takes no lock."""
    found = select(Request.id).where(Request.state == State.WAITING).limit(1)
    return db.scalar(found) is not None


def times_asked(db: Session, number: int) -> int:
    """How often somebody asked while one request of theirs waits."""
    deeds = [one.deed for one in trail(db, number)]
    return sum(deed in ("asked", AGAIN) for deed in deeds)


def trail(db: Session, number: int) -> list[Audit]:
    """Every step of one request, from its beginning."""
    return list(db.scalars(select(Audit).where(Audit.request_id == number).order_by(Audit.id)))


def count(db: Session, *, member: str, chats: list[str]) -> int:
    """How often somebody asked to join, or was looked at after joining, in these chats."""
    found = select(func.count(Request.id)).where(Request.member == member, Request.chat.in_(chats))
    return db.scalar(found) or 0
