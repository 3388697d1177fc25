"""Honest lines to the owner: what was late, what was lost, what is broken."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot import times
from bot.actions import Say
from schedules import places, posts, quiet
from schedules.steps import STEP_NAMES, Planned, To
from schedules.turn import Turn
from storage import groups, guests, outbox
from storage.outbox import Plan


def late(turn: Turn, step: Planned) -> None:
    """A post was made up for after its hour."""
    zone = turn.group.zone
    words = posts.text(
        "owner_late",
        turn.evening,
        turn.group,
        turn.now,
        step=STEP_NAMES[step.step],
        due=_clock(step.due, turn.now, zone),
        sent=_clock(turn.now, turn.now, zone),
    )
    _tell(turn, "late", words)


def lost(turn: Turn, steps: Sequence[tuple[Planned, str]]) -> None:
    """One line for all posts to the group that will not be made."""
    shared = [(step, why) for step, why in steps if step.to is To.CHATS]
    if not shared:
        return
    what = "；".join(
        f"{_clock(step.due, turn.now, turn.group.zone)} 的{STEP_NAMES[step.step]}（{why}）"
        for step, why in shared
    )
    words = posts.text("owner_dropped", turn.evening, turn.group, turn.now, what=what)
    _tell(turn, f"dropped-{shared[0][0].step}", words)


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
        for place in places.owners(db, group)
    ]
    outbox.put(db, plans, now=now)


def _tell(turn: Turn, name: str, words: str) -> None:
    due = quiet.loud(turn.now, turn.group.zone)
    to = places.owners(turn.db, turn.group)
    outbox.put(turn.db, posts.notes(name, turn.evening, to, words, due=due), now=turn.now)


def _clock(moment: datetime, now: datetime, zone: str) -> str:
    there, here = times.local(moment, zone), times.local(now, zone)
    return f"{there:%H:%M}" if there.date() == here.date() else f"{there:%m-%d %H:%M}"
