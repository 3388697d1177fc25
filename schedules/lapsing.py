"""Acts that a person was asked about and nobody decided on: given up, and its owner told."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot import wording
from bot.actions import Say
from schedules import places, quiet
from storage import groups, outbox, strikes
from storage.groups import Group
from storage.outbox import Plan
from storage.strikes import Strike

_SHOWN = 8


def due(db: Session, now: datetime) -> bool:
    """Whether anything has waited too long."""
    return bool(strikes.overdue(db, now=now))


def tick(db: Session, now: datetime) -> None:
    """Give up what waited too long; a member is not punished for old words."""
    by_group: dict[int, list[Strike]] = {}
    for strike in strikes.overdue(db, now=now):
        strikes.lapse(strike, now=now)
        by_group.setdefault(strike.group_id, []).append(strike)
    for number, lapsed in by_group.items():
        _tell(db, groups.get(db, number), lapsed, now)


def _tell(db: Session, group: Group, lapsed: Sequence[Strike], now: datetime) -> None:
    shown = [(one.code, one.name, one.rule) for one in lapsed[:_SHOWN]]
    words = wording.render("lapsed", group=group.name, count=len(lapsed), shown=shown)
    plans = [
        Plan(
            key=f"lapsed/{lapsed[-1].id}/{owner.name}",
            cause="lapsed",
            action=Say(chat=owner.chat, text=words, via=owner.via),
            due=now,
            after=quiet.loud(now, group.zone),
        )
        for owner in places.owners(db, group)
    ]
    outbox.put(db, plans, now=now)
