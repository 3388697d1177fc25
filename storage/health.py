"""How lively a group is: who spoke on which day, and the figures of each week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from sqlalchemy import ForeignKey, String, Table, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base, insert_new


class Talk(Base):
    """One account on one day of its group's calendar, on which it was heard.

    `who` is `onebot:20002`. `said` counts what was talk; it is 0 for somebody of whom the bot
    heard only commands, or what a rule caught.
    """

    __tablename__ = "health_talk"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(130), primary_key=True)
    said: Mapped[int]


class Day(Base):
    """A day that was counted. The questions are those of the day before, which had a day's time."""

    __tablename__ = "health_days"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    asked: Mapped[int]
    unanswered: Mapped[int]


class Unanswered(Base):
    """A message that asked something in talk and got no answer; counted on `day`."""

    __tablename__ = "health_questions"

    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), index=True)
    day: Mapped[date]


class Week(Base):
    """The figures of one week, which begins on the Monday `week`; `told` is when the owner was."""

    __tablename__ = "health_weeks"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    members: Mapped[int]
    speakers: Mapped[int]
    silent: Mapped[int | None]
    messages: Mapped[int]
    asked: Mapped[int]
    unanswered: Mapped[int]
    told: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Figures:
    """A group in one week.

    `silent` said nothing in the four weeks up to its end; None while the bot has not listened
    for so long.
    """

    week: date
    members: int
    speakers: int
    silent: int | None
    messages: int
    asked: int
    unanswered: int


@dataclass(frozen=True, slots=True)
class Count:
    """What was heard on one day: talk by account, and the questions of the day before.

    `open` are the archived messages among those that nobody answered.
    """

    said: Mapping[str, int]
    asked: int = 0
    unanswered: int = 0
    open: Sequence[int] = ()


def counted(db: Session, *, since: date) -> dict[int, date]:
    """The last day that was counted for each group, unless it is before `since`."""
    found = select(Day.group_id, func.max(Day.day)).where(Day.day >= since).group_by(Day.group_id)
    return {row[0]: row[1] for row in db.execute(found)}


def keep_day(db: Session, *, group_id: int, day: date, count: Count) -> None:
    """Write down what was counted; a day that is there already stays as it is."""
    about = {"group_id": group_id, "day": day}
    row = {"asked": count.asked, "unanswered": count.unanswered}
    insert_new(db, _table(Day), [about | row])
    insert_new(db, _table(Talk), [about | {"who": w, "said": n} for w, n in count.said.items()])
    insert_new(db, _table(Unanswered), [about | {"event_id": event} for event in count.open])


def _table(model: type[Base]) -> Table:
    return cast(Table, model.__table__)


def last_spoke(db: Session, group_id: int) -> dict[str, date]:
    """The last day on which each account was heard."""
    found = select(Talk.who, func.max(Talk.day)).where(Talk.group_id == group_id)
    return {row[0]: row[1] for row in db.execute(found.group_by(Talk.who))}


def heard(db: Session, *, group_id: int, since: date, until: date) -> dict[str, int]:
    """How often each account spoke from `since` to the day before `until`; 0 for commands only."""
    found = select(Talk.who, func.sum(Talk.said)).where(
        Talk.group_id == group_id, Talk.day >= since, Talk.day < until
    )
    return {row[0]: int(row[1]) for row in db.execute(found.group_by(Talk.who))}


def days_spoken(db: Session, *, group_id: int, who: str, after: date) -> int:
    """On how many days later than `after` an account said something that was talk."""
    found = select(func.count()).where(
        Talk.group_id == group_id, Talk.who == who, Talk.day > after, Talk.said > 0
    )
    return db.scalar(found) or 0


def asked(db: Session, *, group_id: int, since: date, until: date) -> tuple[int, int]:
    """How many questions were counted from `since` to the day before `until`; how many are open."""
    found = select(func.sum(Day.asked), func.sum(Day.unanswered)).where(
        Day.group_id == group_id, Day.day >= since, Day.day < until
    )
    row = db.execute(found).one()
    return int(row[0] or 0), int(row[1] or 0)


def unanswered(db: Session, *, group_id: int, since: date, limit: int) -> list[int]:
    """The archived messages that asked and got no answer, the newest first."""
    found = select(Unanswered.event_id).where(
        Unanswered.group_id == group_id, Unanswered.day >= since
    )
    return list(db.scalars(found.order_by(Unanswered.event_id.desc()).limit(limit)))


def keep_week(db: Session, *, group_id: int, figures: Figures) -> None:
    """Write down a week that is over; one that is there already stays as it is."""
    row = {name: getattr(figures, name) for name in Figures.__slots__}
    insert_new(db, _table(Week), [{"group_id": group_id, "told": None} | row])


def weeks(db: Session, *, group_id: int, limit: int) -> list[Figures]:
    """The last weeks that are over, the oldest first."""
    found = select(Week).where(Week.group_id == group_id).order_by(Week.week.desc()).limit(limit)
    return [
        Figures(
            one.week,
            one.members,
            one.speakers,
            one.silent,
            one.messages,
            one.asked,
            one.unanswered,
        )
        for one in reversed(db.scalars(found).all())
    ]


def of_week(db: Session, week: date) -> dict[int, datetime | None]:
    """The groups with figures of this week, and when their owner was told of them."""
    found = select(Week.group_id, Week.told).where(Week.week == week)
    return {row[0]: row[1] for row in db.execute(found)}


def tell(db: Session, *, group_id: int, week: date, now: datetime) -> None:
    """Note that the owner was told of a week, so that it is told once."""
    db.get_one(Week, (group_id, week)).told = now
    db.flush()
