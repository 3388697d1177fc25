"""Every night the day before is counted, and every Monday the week, from the archive."""

import logging
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from bot import times
from bot.people import Address
from storage import groups, health, sizes, spoken
from storage.database import Database
from storage.groups import Group
from storage.health import Count, Figures
from storage.sizes import Placed

log = logging.getLogger(__name__)

NIGHT = time(3)
"""When a day is counted: by then, whoever was up late is, and late events are in."""

BACK = timedelta(weeks=8)
"""How far back a group is counted whose archive is older than its figures."""

MEMORY = timedelta(weeks=4)
"""Who said nothing for so long is silent."""

_AT_ONCE = 20_000
"""Messages read in one tick, so that counting holds up no evening."""

_A_DAY_COSTS = 200
"""As many messages as reading and writing a day takes in which nothing was said."""

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_ENOUGH = timedelta(days=2)
"""A span of which the bot missed less than this counts as heard."""


def last_day(now: datetime, zone: str) -> date:
    """The last day that should be counted by now."""
    here = times.local(now, zone)
    return here.date() - (_DAY if here.time() >= NIGHT else 2 * _DAY)


def week_before(day: date) -> date:
    """The Monday of the last week that was over when `day` was."""
    following = day + _DAY
    return following - timedelta(days=following.weekday()) - _WEEK


def shared_chats(db: Session, group: Group) -> list[int]:
    """The group's chats in which people talk to each other."""
    chats = groups.chats_of(db, group.id)
    return [chat.id for chat in chats if not Address.of(chat.key).direct]


def count(database: Database, now: datetime) -> None:
    """Count every day and week that is over and was not counted; the longest waiting first."""
    oldest = now.date() - BACK
    with database.read() as db:
        known = health.counted(db, since=oldest)
        heard = groups.heard(db)
        there = [one for one in groups.everyone(db) if one.id in heard]
    late = [one for one in there if known.get(one.id, date.min) < last_day(now, one.zone)]
    budget = _AT_ONCE
    for group in sorted(late, key=lambda one: known.get(one.id, date.min)):
        try:
            budget -= _catch_up(database, group, known.get(group.id), now, budget)
        except Exception:
            log.exception("the days of group %d cannot be counted", group.id)
        if budget <= 0:
            return


def _catch_up(
    database: Database, group: Group, known: date | None, now: datetime, budget: int
) -> int:
    """Count the days of one group in order; what that took, in messages."""
    with database.read() as db:
        chat_ids = shared_chats(db, group)
        begun = spoken.first(db, chat_ids) if chat_ids else None
    if begun is None:
        return 0
    first = max(times.local(begun, group.zone).date(), last_day(now, group.zone) - BACK)
    day, read = (known + _DAY if known else first), 0
    while day <= last_day(now, group.zone) and read < budget:
        with database.read() as db:
            counted, lines = _count(db, group, chat_ids, day)
        with database.write() as db:
            health.keep_day(db, group_id=group.id, day=day, count=counted)
            if day.weekday() == 6 and (monday := day - 6 * _DAY) + _ENOUGH > first:
                figures = _figures(db, group, monday, begun)
                health.keep_week(db, group_id=group.id, figures=figures)
        day, read = day + _DAY, read + lines + _A_DAY_COSTS
    return read


def _count(db: Session, group: Group, chat_ids: list[int], day: date) -> tuple[Count, int]:
    """What was heard on a day, and how many messages had to be read for it."""
    begins, ends = (times.at(one, time(0), group.zone) for one in (day, day + _DAY))
    before = times.at(day - _DAY, time(0), group.zone)
    lines = spoken.lines(db, chat_ids=chat_ids, since=before, until=ends)
    found = spoken.count(lines, begins=begins)
    asked, waiting = spoken.queued(db, group_id=group.id, since=before, until=begins)
    return (
        Count(found.said, found.asked + asked, found.unanswered + waiting, found.open),
        len(lines),
    )


def _figures(db: Session, group: Group, monday: date, begun: datetime) -> Figures:
    """A week that is over, out of its days."""
    end = monday + _WEEK
    said = health.heard(db, group_id=group.id, since=monday, until=end)
    heard = health.heard(db, group_id=group.id, since=end - MEMORY, until=end)
    members = sizes.placed(db, group.id, at=times.at(end, time(0), group.zone))
    long_ago = times.at(end - MEMORY, time(0), group.zone)
    asked, unanswered = health.asked(db, group_id=group.id, since=monday, until=end)

    def silent(one: Placed) -> bool:
        return one.who not in heard and (one.joined is None or one.joined < long_ago)

    return Figures(
        week=monday,
        members=len(members),
        speakers=sum(count > 0 for count in said.values()),
        silent=sum(map(silent, members)) if begun < long_ago + _ENOUGH else None,
        messages=sum(said.values()),
        asked=asked,
        unanswered=unanswered,
    )
