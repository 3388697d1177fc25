"""The posts of an evening: who gets them, and what they say."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time

import msgspec
from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import Announce, AnyAction, Say
from bot.people import Address, Role
from schedules.lifecycle import STEP_NAMES, Planned, Step, Timing, To
from storage import groups, members
from storage.groups import Chat, Group
from storage.guests import GuestSession
from storage.outbox import Plan, State

REVIEWERS = (Role.HR, Role.HR_LEAD)
_EVENING_BEGINS = time(17)
_SPOKEN = (Say, Announce)


@dataclass(frozen=True, slots=True)
class Target:
    """A chat a post goes to. `name` is how a key names it; `via` a group shared with a person."""

    chat: str
    name: str
    via: str = ""


OTHER_NAMES = {
    "correction": "更正",
    "cancelled": "取消通知",
    "publish": "纪要发布",
    "late": "补发说明",
}


def name_of(step: str) -> str:
    """What people call a post of an evening."""
    return STEP_NAMES[Step(step)] if step in set(Step) else OTHER_NAMES.get(step, "说明")


def timing(evening: GuestSession, group: Group) -> Timing:
    return Timing(evening.starts, evening.asks, evening.ends, evening.timed, group.zone)


def facts(evening: GuestSession, group: Group, now: datetime) -> dict[str, object]:
    """What every template may name."""
    starts, ends = (times.local(moment, group.zone) for moment in (evening.starts, evening.ends))
    word = times.day_word(starts.date(), now, group.zone)
    evening_now = word == "今天" and starts.time() >= _EVENING_BEGINS
    return {
        "number": evening.id,
        "guest": evening.guest,
        "topic": evening.topic,
        "group": group.name,
        "when": "今晚" if evening_now else word,
        "tonight": "今晚" if starts.time() >= _EVENING_BEGINS else "今天",
        "day": f"{starts:%m-%d} 周{times.WEEKDAYS[starts.weekday()]}",
        "start": f"{starts:%H:%M}",
        "ask": f"{times.local(evening.asks, group.zone):%H:%M}",
        "end": f"{ends:%H:%M}",
    }


def text(name: str, evening: GuestSession, group: Group, now: datetime, **more: object) -> str:
    """The words of a post as they would be sent now."""
    return wording.render(name, **facts(evening, group, now), **more)


def shared(db: Session, evening: GuestSession) -> list[Target]:
    """The group's shared chats."""
    return [
        Target(chat.key, f"C{chat.id}")
        for chat in groups.chats_of(db, evening.group_id)
        if not Address.of(chat.key).direct
    ]


def owners(db: Session, group: Group) -> list[Target]:
    """Who owns the group, by the platform or by set-up, in private; our own account is nobody."""
    found: dict[str, Target] = {}
    for chat in groups.chats_of(db, group.id):
        address = Address.of(chat.key)
        held = members.granted(db, group, address.platform)
        ids = [m.id for m in members.in_chat(db, chat.id).values() if m.role is Role.OWNER]
        for one in (*ids, *(member for member, roles in held.items() if Role.OWNER in roles)):
            if one != address.account:
                found.setdefault(f"{address.platform}:{one}", _direct(chat, one))
    return list(found.values())


def hosts(db: Session, evening: GuestSession, group: Group) -> list[Target]:
    """The host in private: the one who was named, or else the owner."""
    chats = groups.chats_of(db, group.id)
    if evening.host_account and chats:
        return [_direct(chats[0], evening.host_account)]
    return owners(db, group)


def hr(db: Session, group: Group) -> list[Target]:
    """HR of the group in private, as far as they have an account where the group has a chat."""
    found: dict[str, Target] = {}
    for chat in groups.chats_of(db, group.id):
        platform = Address.of(chat.key).platform
        for member, roles in members.granted(db, group, platform).items():
            if roles & set(REVIEWERS):
                found.setdefault(f"{platform}:{member}", _direct(chat, member))
    return list(found.values())


def _direct(chat: Chat, member: str) -> Target:
    return Target(str(Address.of(chat.key).to(member)), f"@{member}", via=chat.key)


def targets(db: Session, evening: GuestSession, group: Group, to: To) -> list[Target]:
    if to is To.CHATS:
        return shared(db, evening)
    return hosts(db, evening, group) if to is To.HOST else hr(db, group) or owners(db, group)


def step_plans(
    step: Planned,
    evening: GuestSession,
    places: Iterable[Target],
    words: str,
    *,
    after: datetime | None = None,
) -> list[Plan]:
    """One delivery a target."""
    board = step.step is Step.ANNOUNCE
    return [
        Plan(
            key=f"{evening.cause}/{step.step}/r{evening.revision}/{place.name}",
            cause=evening.cause,
            step=step.step,
            revision=evening.revision,
            action=_action(place, words, board=board),
            due=step.due,
            after=after,
            expires=step.expires,
            priority=step.priority,
        )
        for place in places
    ]


def not_taken(plans: Iterable[Plan], why: str) -> list[Plan]:
    """The same deliveries, closed before they were sent."""
    return [replace(plan, state=State.EXPIRED, detail=why) for plan in plans]


def reworded(action: AnyAction, words: str) -> AnyAction:
    """The same post in other words."""
    return msgspec.structs.replace(action, text=words) if isinstance(action, _SPOKEN) else action


def note_plans(
    name: str,
    evening: GuestSession,
    places: Iterable[Target],
    words: str,
    *,
    due: datetime,
    expires: datetime | None = None,
    priority: int = 2,
) -> list[Plan]:
    """A word that is no step of the table: a correction, or a line to the owner."""
    return [
        Plan(
            key=f"{evening.cause}/{name}/r{evening.revision}/{place.name}",
            cause=evening.cause,
            step=name,
            revision=evening.revision,
            action=_action(place, words, board=False),
            due=due,
            expires=expires,
            priority=priority,
        )
        for place in places
    ]


def _action(place: Target, words: str, *, board: bool) -> AnyAction:
    if board:
        return Announce(chat=place.chat, text=words)
    return Say(chat=place.chat, text=words, via=place.via)
