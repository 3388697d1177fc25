"""Guest sessions: one evening each, from planned to published."""

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import audience
from storage.database import Base
from storage.groups import Group


class State(StrEnum):
    PLANNED = "planned"
    ANNOUNCED = "announced"
    SHARING = "sharing"
    ASKING = "asking"
    CLOSED = "closed"
    DRAFTED = "drafted"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    MOVED = "moved"


STATE_NAMES = {
    State.PLANNED: "已安排",
    State.ANNOUNCED: "已预告",
    State.SHARING: "分享中",
    State.ASKING: "答疑中",
    State.CLOSED: "已结束",
    State.DRAFTED: "草稿待审",
    State.PUBLISHED: "已发布",
    State.CANCELLED: "已取消",
    State.MOVED: "已改期",
}
BEFORE = (State.PLANNED, State.ANNOUNCED)
LIVE = (State.SHARING, State.ASKING)
AHEAD = (*BEFORE, *LIVE)
HELD = (State.CLOSED, State.DRAFTED, State.PUBLISHED)
AFTERMATH = timedelta(days=4)
"""So long after its end an evening still has steps: feedback, sealing, chasing the review."""


_FOREVER = datetime(9999, 1, 1, tzinfo=UTC)

MYSTERY = "神秘嘉宾"


class Hush(StrEnum):
    """How quiet members are while the guest shares."""

    NONE = ""
    SOFT = "soft"
    HARD = "hard"


class GuestSession(Base):
    """One evening. `id` is the number people know, as in #12; times are instants, UTC.

    `guest_account` and `host_account` are ids on the home group's platform, where they are known;
    several guests' are separated by blanks. `revision` goes up with each change after planning,
    `timed` is when its hours were last set. `confirmed` and `arrived` are the guest's; `opened`,
    `asked` and `ended` are when it really began, turned to Q&A and ended; `sealed` is when
    attendance was closed. `announce_on` is the day of the announcement as it was when the hours
    were set. `successor_id` is the evening it was moved to. A `mystery` guest is not named to
    members before `reveal`, or the opening. `extended` counts extensions.
    """

    __tablename__ = "guest_sessions"
    __table_args__ = (Index(None, "group_id", "starts"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"))
    guest: Mapped[str] = mapped_column(String(100))
    guest_account: Mapped[str] = mapped_column(String(100), default="")
    topic: Mapped[str] = mapped_column(String(200))
    host_account: Mapped[str] = mapped_column(String(100), default="")
    starts: Mapped[datetime]
    asks: Mapped[datetime]
    ends: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default=State.PLANNED)
    revision: Mapped[int] = mapped_column(default=1)
    planned_by: Mapped[str] = mapped_column(String(100))
    planned: Mapped[datetime]
    timed: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text, default="")
    opened: Mapped[datetime | None]
    asked: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    contact: Mapped[str] = mapped_column(String(100), default="")
    standby: Mapped[str] = mapped_column(String(100), default="")
    standby_account: Mapped[str] = mapped_column(String(100), default="")
    mystery: Mapped[bool] = mapped_column(default=False)
    hint: Mapped[str] = mapped_column(String(200), default="")
    reveal: Mapped[datetime | None]
    hush: Mapped[str] = mapped_column(String(10), default=Hush.NONE)
    poster: Mapped[str] = mapped_column(String(200), default="")
    confirmed: Mapped[datetime | None]
    arrived: Mapped[datetime | None]
    sealed: Mapped[datetime | None]
    extended: Mapped[int] = mapped_column(default=0)
    announce_on: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("guest_sessions.id"))

    @property
    def cause(self) -> str:
        return f"evening:{self.id}"

    @property
    def accounts(self) -> tuple[str, ...]:
        """The guests' accounts, as far as they are known."""
        return tuple(self.guest_account.split())

    def hidden(self, now: datetime) -> bool:
        """Whether members must not learn yet who the guest is."""
        if not self.mystery:
            return False
        return now < self.reveal if self.reveal else self.opened is None

    def shown_guest(self, now: datetime) -> str:
        """The guest as members may see them."""
        return MYSTERY if self.hidden(now) else self.guest


def of_cause(db: Session, cause: str) -> GuestSession | None:
    """The evening that a delivery's cause names, if it names one."""
    kind, _, number = cause.partition(":")
    return db.get(GuestSession, int(number)) if kind == "evening" and number.isdigit() else None


def goes_by(card: str, name: str) -> bool:
    """Whether a card such as 华东-王总 carries this name, whole, and nobody else's with it."""
    return bool(name) and name in re.split(r"[-_—·/|\s()（）【】]+", card)


def get(db: Session, number: int, *, to_change: bool = False) -> GuestSession | None:
    """`to_change` keeps other processes from changing it until this one commits."""
    return db.get(GuestSession, number, with_for_update=to_change or None)


def groups_of(db: Session, evening: GuestSession, *, joint: bool = False) -> list[Group]:
    """The evening's groups, its own first; only those that share it with `joint`."""
    return audience.groups_of(db, evening_id=evening.id, home_id=evening.group_id, joint=joint)


def takes_part(db: Session, evening: GuestSession, group_id: int) -> bool:
    """Whether the evening is this group's: its own, or one it shares."""
    return any(group.id == group_id for group in groups_of(db, evening, joint=True))


def of_group(group_id: int) -> ColumnElement[bool]:
    """Evenings that are a group's own, or that it shares."""
    return or_(
        GuestSession.group_id == group_id, GuestSession.id.in_(audience.shared_with(group_id))
    )


def ahead(db: Session, group_id: int) -> list[GuestSession]:
    """Evenings of a group that have not ended, soonest first."""
    return list(
        db.scalars(
            select(GuestSession)
            .where(of_group(group_id), GuestSession.state.in_(AHEAD))
            .order_by(GuestSession.starts)
        )
    )


def latest(db: Session, group_id: int, *, limit: int) -> list[GuestSession]:
    """The newest evenings of a group, whatever became of them."""
    return list(
        db.scalars(
            select(GuestSession)
            .where(of_group(group_id))
            .order_by(GuestSession.starts.desc())
            .limit(limit)
        )
    )


def page(db: Session, *, limit: int, offset: int) -> list[tuple[GuestSession, Group]]:
    """Evenings of all groups with their groups, the latest first."""
    rows = db.execute(
        select(GuestSession, Group)
        .join(Group, Group.id == GuestSession.group_id)
        .order_by(GuestSession.starts.desc(), GuestSession.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [(row.GuestSession, row.Group) for row in rows]


def count(db: Session) -> int:
    """How many evenings there are, whatever became of them."""
    return db.scalar(select(func.count(GuestSession.id))) or 0


def unfinished(db: Session, now: datetime) -> list[GuestSession]:
    """Every evening that may still have steps to take, or of which the owner is to be told."""
    just_held = GuestSession.state.in_(HELD) & (GuestSession.ends > now - AFTERMATH)
    called_off = GuestSession.state.in_((State.CANCELLED, State.MOVED))
    still = GuestSession.state.in_((*AHEAD, State.CLOSED)) | just_held
    still |= called_off & (GuestSession.starts > now)
    return list(db.scalars(select(GuestSession).where(still).order_by(GuestSession.starts)))


def near(db: Session, *, since: datetime, until: datetime) -> list[GuestSession]:
    """Evenings of all groups that start in [since, until), whatever became of them."""
    return list(
        db.scalars(
            select(GuestSession)
            .where(GuestSession.starts >= since, GuestSession.starts < until)
            .order_by(GuestSession.starts, GuestSession.id)
        )
    )


def between(db: Session, *, group_id: int, since: datetime, until: datetime) -> list[GuestSession]:
    """Evenings that start in [since, until) and were not called off."""
    return list(
        db.scalars(
            select(GuestSession)
            .where(
                of_group(group_id),
                GuestSession.starts >= since,
                GuestSession.starts < until,
                GuestSession.state.not_in((State.CANCELLED, State.MOVED)),
            )
            .order_by(GuestSession.starts)
        )
    )


def of_guest(db: Session, name: str, *, since: datetime, until: datetime) -> list[GuestSession]:
    """Evenings of any group with this guest in [since, until), but for those called off."""
    return list(
        db.scalars(
            select(GuestSession)
            .where(
                GuestSession.guest == name,
                GuestSession.starts >= since,
                GuestSession.starts < until,
                GuestSession.state.not_in((State.CANCELLED, State.MOVED)),
            )
            .order_by(GuestSession.starts)
        )
    )


def invited_to(db: Session, account: str) -> set[int]:
    """Groups that have an evening ahead with this account as guest, host or standby."""
    rows = db.execute(
        select(
            GuestSession.group_id,
            GuestSession.guest_account,
            GuestSession.host_account,
            GuestSession.standby_account,
        ).where(GuestSession.state.in_(AHEAD))
    )
    return {row.group_id for row in rows if account in " ".join(row[1:]).split()}


def around(db: Session, *, group_id: int, now: datetime) -> list[GuestSession]:
    """Evenings from a day before `now` on: those whose guest may be speaking today."""
    return between(db, group_id=group_id, since=now - timedelta(days=1), until=_FOREVER)


def part_in(db: Session, group_id: int, account: str) -> tuple[bool, bool]:
    """Whether an account is a host, and whether it is a guest, of an evening ahead."""
    mine = ahead(db, group_id)
    return (
        any(account == one.host_account for one in mine),
        any(account in one.accounts for one in mine),
    )
