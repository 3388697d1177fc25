"""How a group is doing, in private to its owner: every Monday at nine, and when it grew."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import Say
from schedules import counting, growth, health, places
from schedules.health import Suggestion
from storage import groups, guests, outbox, policy, spoken
from storage import health as figures
from storage.database import Database
from storage.groups import Group
from storage.health import Figures
from storage.outbox import Plan, Priority
from storage.spoken import Heard

log = logging.getLogger(__name__)

HOURS = (time(9), time(22))
"""On Monday, by the group's clock; later than that nobody wants last week's figures."""

KEY = "群健康"
"""How the rulebook names whether a group wants the digest."""

_AHEAD = timedelta(days=14)
_AT_ONCE = 10
"""Digests made in one tick, so that they hold up no evening."""

_SHOWN = 12
"""Weeks that are looked at."""


def tick(database: Database, now: datetime) -> None:
    """Count what is over, note which groups grew, and send the digests that are due.

    None of it holds up the rest when it cannot be done.
    """
    for part in (counting.count, growth.look, _send):
        try:
            part(database, now)
        except Exception:
            log.exception("%s did not go through", part.__name__)


def _send(database: Database, now: datetime) -> None:
    with database.read() as db:
        due = [group for group in groups.everyone(db) if _hour(group, now)]
        told = {week: figures.of_week(db, week) for week in {_last(group, now) for group in due}}
    waiting = [one for one in due if told[_last(one, now)].get(one.id, now) is None]
    for group in waiting[:_AT_ONCE]:
        with database.write() as db:
            _tell(db, group, _last(group, now), now)


def _hour(group: Group, now: datetime) -> bool:
    here = times.local(now, group.zone)
    return here.weekday() == 0 and HOURS[0] <= here.time() < HOURS[1]


def _last(group: Group, now: datetime) -> date:
    """The Monday of the week that is over."""
    return counting.week_before(times.local(now, group.zone).date() - timedelta(days=1))


def _tell(db: Session, group: Group, week: date, now: datetime) -> None:
    owners = places.owners(db, group) if wanted(db, group.id) else []
    words = digest(db, group, now) if owners else ""
    plans = [
        Plan(
            key=f"digest/{group.id}/{week}/{owner.name}",
            cause=f"digest:{group.id}",
            action=Say(chat=owner.chat, text=words, via=owner.via),
            due=now,
            expires=times.at(week + timedelta(days=7), HOURS[1], group.zone),
            priority=Priority.LATER,
        )
        for owner in owners
    ]
    outbox.put(db, plans, now=now)
    figures.tell(db, group_id=group.id, week=week, now=now)


def wanted(db: Session, group_id: int) -> bool:
    """Whether a group wants the digest; it does unless it said no."""
    kept = policy.book(db, group_id).get(KEY)
    return kept is None or kept.mode != "关"


def digest(db: Session, group: Group, now: datetime) -> str:
    """The figures of the last week that is over, what each means, and what may help.

    Empty while there is no such week.
    """
    weeks = figures.weeks(db, group_id=group.id, limit=_SHOWN)
    if not weeks:
        return ""
    last = weeks[-1]
    return wording.render(
        "digest",
        group=group.name,
        since=times.show_day(last.week),
        until=times.show_day(last.week + timedelta(days=6)),
        last=last,
        speakers=_trend(weeks, "speakers"),
        messages=_trend(weeks, "messages"),
        silent="" if last.silent is None else health.share(last.silent, last.members),
        unanswered=_trend(weeks, "unanswered"),
        fall=health.fall(weeks),
        outlook=health.foretell(weeks),
        suggestions=suggestions(db, group, weeks, now),
        here=here(group),
    )


def _trend(weeks: Sequence[Figures], name: str) -> str:
    before = health.base(weeks, lambda week: float(getattr(week, name)))
    return health.trend(getattr(weeks[-1], name), before)


def here(group: Group) -> str:
    """What names the group in a command said in private, where its name can stand in one."""
    return "" if len(group.name.split()) > 1 else f" 群={group.name}"


def suggestions(
    db: Session, group: Group, weeks: Sequence[Figures], now: datetime
) -> list[Suggestion]:
    """What may help a group now."""
    _, phase = growth.current(db, group.id)
    ahead = guests.between(db, group_id=group.id, since=now, until=now + _AHEAD)
    return health.suggest(
        weeks,
        evening_ahead=bool(ahead),
        helpers=growth.helpers(db, group),
        needed=phase.helpers,
    )


def open_questions(db: Session, group: Group, now: datetime, *, limit: int) -> list[Heard]:
    """What was asked in the last two weeks and got no answer, the newest first."""
    since = times.local(now, group.zone).date() - _AHEAD
    ids = figures.unanswered(db, group_id=group.id, since=since, limit=limit)
    return spoken.numbered(db, ids)
