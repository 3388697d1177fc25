"""Honest lines to the owner: what was late, what was lost, what is broken."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot import times
from bot.actions import Say
from schedules import lifecycle, posts
from schedules.lifecycle import STEP_NAMES, Planned, To
from storage import groups, guests, outbox
from storage.groups import Group
from storage.guests import GuestSession
from storage.outbox import Plan


def late(db: Session, evening: GuestSession, group: Group, step: Planned, now: datetime) -> None:
    """A post was made up for after its hour."""
    words = posts.text(
        "owner_late",
        evening,
        group,
        now,
        step=STEP_NAMES[step.step],
        due=_clock(step.due, now, group.zone),
        sent=_clock(now, now, group.zone),
    )
    _tell(db, "late", evening, group, words, now)


def lost(
    db: Session,
    evening: GuestSession,
    group: Group,
    steps: Sequence[tuple[Planned, str]],
    now: datetime,
) -> None:
    """One line for all posts to the group that will not be made."""
    shared = [(step, why) for step, why in steps if step.to is To.CHATS]
    if not shared:
        return
    what = "；".join(
        f"{_clock(step.due, now, group.zone)} 的{STEP_NAMES[step.step]}（{why}）"
        for step, why in shared
    )
    words = posts.text("owner_dropped", evening, group, now, what=what)
    _tell(db, f"dropped-{shared[0][0].step}", evening, group, words, now)


def broken(db: Session, number: int, now: datetime) -> None:
    """Something about this evening makes the bot stumble; say so once a day."""
    evening = guests.get(db, number)
    if evening is None:
        return
    group = groups.get(db, evening.group_id)
    day = times.local(now, group.zone).date()
    text = f"【{group.name}】#{number} 的安排执行出错，请让管理员看一下日志"
    plans = [
        Plan(
            key=f"broken/{number}/{day}/{place.name}",
            cause="broken",
            action=Say(chat=place.chat, text=text, via=place.via),
            due=now,
        )
        for place in posts.owners(db, group)
    ]
    outbox.put(db, plans, now=now)


def _tell(
    db: Session, name: str, evening: GuestSession, group: Group, words: str, now: datetime
) -> None:
    due = lifecycle.loud(now, group.zone)
    places = posts.owners(db, group)
    outbox.put(db, posts.note_plans(name, evening, places, words, due=due), now=now)


def _clock(moment: datetime, now: datetime, zone: str) -> str:
    there, here = times.local(moment, zone), times.local(now, zone)
    return f"{there:%H:%M}" if there.date() == here.date() else f"{there:%m-%d %H:%M}"
