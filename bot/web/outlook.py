"""What the simulator's page shows of the bot: the evenings, what comes next, who is what."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot import times
from bot.people import ROLE_NAMES, Role
from schedules import quiet, steps
from schedules.standing import worst
from schedules.steps import RUNNING, SILENT, STEP_NAMES, Planned
from schedules.turn import Turn
from storage import groups, guests, members, outbox
from storage.groups import Group
from storage.outbox import Delivery, State

ZONE = "Asia/Shanghai"
"""As long as there is no group."""

RECENT = 5


def zone(db: Session) -> str:
    """The zone of clock times that name none: the first group's."""
    return next((group.zone for group in groups.everyone(db)), ZONE)


def iso(moment: datetime, zone: str) -> str:
    return times.local(moment, zone).isoformat()


def next_moment(db: Session, now: datetime) -> datetime | None:
    """When the bot will next do something, as far as it is known."""
    moments = [
        _moment_of(step, turn.group)
        for evening in guests.unfinished(db, now)
        if evening.state not in (guests.State.CANCELLED, guests.State.MOVED)
        for turn in [Turn.of(db, evening, now)]
        for step in steps.plan(turn.timing)
    ]
    delivery = outbox.next_due(db)
    return min((one for one in [*moments, delivery] if one and one > now), default=None)


def _moment_of(step: Planned, group: Group) -> datetime:
    """When a step is really taken: most wait for the morning when they come due at night."""
    at_any_hour = step.step in (*RUNNING, *SILENT)
    return step.due if at_any_hour else quiet.loud(step.due, group.zone)


def evenings(db: Session, now: datetime) -> list[dict[str, object]]:
    """Every evening that is not over, and the newest of each group."""
    found = {evening.id: evening for evening in guests.unfinished(db, now)}
    homes = {group.id: group for group in groups.everyone(db)}
    for group in homes.values():
        found |= {evening.id: evening for evening in guests.latest(db, group.id, limit=RECENT)}
    in_order = sorted(found.values(), key=lambda evening: evening.starts)
    return [_evening(Turn.of(db, evening, now)) for evening in in_order]


def _evening(turn: Turn) -> dict[str, object]:
    evening, group = turn.evening, turn.group
    return {
        "id": evening.id,
        "guest": evening.shown_guest(turn.now),
        "topic": evening.topic,
        "group": group.name,
        "starts": iso(evening.starts, group.zone),
        "ends": iso(evening.ends, group.zone),
        "state": guests.STATE_NAMES[guests.State(evening.state)],
        "over": evening.state not in (*guests.AHEAD, guests.State.CLOSED),
        "steps": [
            _step(step, group, [one for one in turn.deliveries if one.step == step.step])
            for step in steps.order(steps.plan(turn.timing))
        ],
    }


def _step(step: Planned, group: Group, deliveries: list[Delivery]) -> dict[str, object]:
    state, why = worst(deliveries)
    return {
        "step": step.step,
        "name": STEP_NAMES[step.step],
        "due": iso(step.due, group.zone),
        "state": outbox.STATE_NAMES[state],
        "why": why,
        "done": state is State.DELIVERED,
    }


def add_badges(db: Session, chat: dict[str, Any], now: datetime) -> None:
    """The roles of members by name, from the platform, from set-up and from evenings ahead."""
    group = groups.at_chat(db, chat["key"])
    granted = members.granted(db, group, "simulator") if group else {}
    ahead = guests.ahead(db, group.id) if group else []
    guest_accounts = {
        account for evening in ahead if not evening.hidden(now) for account in evening.accounts
    }
    for member in chat["members"]:
        held = {Role(member["role"]), *granted.get(member["id"], ())} - {Role.MEMBER}
        if member["id"] in guest_accounts:
            held.add(Role.GUEST)
        member["badges"] = [name for role, name in ROLE_NAMES.items() if role in held]
