"""Announcements that new days off would move: proposed to owners, and moved by them alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import times
from bot.actions import Say
from schedules import choices, holidays, places, quiet, steps
from schedules.holidays import Policy, Table
from schedules.places import Target
from schedules.steps import Planned, Step, Timing
from schedules.turn import Turn
from storage import days, guests, outbox
from storage.changes import Change
from storage.guests import GuestSession, State
from storage.outbox import Plan, Priority

BY_HAND = "预告日"
"""How a change begins by which somebody chose the day. It is not second-guessed."""

_FAR = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Proposal:
    """One announcement that had better go out on another day; `to` are the group's owners."""

    number: int
    group: str
    due: datetime
    day: date
    zone: str
    to: Sequence[Target]

    @property
    def words(self) -> str:
        return (
            f"【{self.group}】#{self.number} 的预告原定 {times.show_moment(self.due, self.zone)}，"
            f"按新的放假安排建议改到 {times.show_day(self.day)}。"
            f"同意就发「预告日 {self.number} {self.day}」"
        )


def announcement(timing: Timing, day: date) -> Planned | None:
    """The announcement as it would be on this day; None where the group has none."""
    plan = steps.plan(replace(timing, announce_on=day))
    return next((step for step in plan if step.step is Step.ANNOUNCE), None)


def better(timing: Timing, policy: Policy, table: Table, now: datetime) -> date | None:
    """The day that the policy wants now; None when it is that day already, or it is too late."""
    evening = times.local(timing.starts, timing.zone).date()
    day = holidays.moved(evening - timedelta(days=2), policy, table)
    new = announcement(timing, day)
    if day == timing.announce_on or new is None or new.due <= now:
        return None
    return day


def propose(db: Session, now: datetime) -> list[Proposal]:
    """Tell the owners of every evening ahead what had better change; each is told once."""
    table = days.table(db)
    ahead = guests.near(db, since=now, until=now + _FAR)
    found = [_proposal(db, one, table, now) for one in ahead if one.state == State.PLANNED]
    made = [one for one in found if one is not None]
    for one in made:
        outbox.put(db, _plans(one, now), now=now)
    return made


def _proposal(db: Session, evening: GuestSession, table: Table, now: datetime) -> Proposal | None:
    turn = Turn.of(db, evening, now)
    group, due = turn.group, turn.announce_due()
    # Long ago the day was not written down, and was always two days ahead.
    if due is None or due <= now or evening.announce_on is None or _by_hand(db, evening):
        return None
    day = better(turn.timing, choices.policy(db, group.id), table, now)
    if day is None:
        return None
    to = places.owners(db, group)
    return Proposal(evening.id, group.name, due, day, group.zone, to)


def _by_hand(db: Session, evening: GuestSession) -> bool:
    """Whether the day is one that somebody chose."""
    chosen = select(Change.id).where(
        Change.evening_id == evening.id,
        Change.undone.is_(None),
        Change.what.startswith(BY_HAND),
    )
    return db.scalar(chosen.limit(1)) is not None


def _plans(one: Proposal, now: datetime) -> list[Plan]:
    return [
        Plan(
            key=f"days-proposal/{one.number}/{one.day}/{owner.name}",
            cause="days-proposal",
            action=Say(chat=owner.chat, text=one.words, via=owner.via),
            due=now,
            after=quiet.loud(now, one.zone),
            priority=Priority.LATER,
        )
        for owner in one.to
    ]
