"""The posts of an evening: who gets them, and what they say."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import Announce, AnyAction, Say
from bot.people import Address, Role
from schedules.lifecycle import Planned, Step, Timing, To
from storage import groups, members
from storage.groups import Chat, Group
from storage.guests import GuestSession
from storage.outbox import Plan, State

REVIEWERS = (Role.HR, Role.HR_LEAD)
_EVENING_BEGINS = time(17)


@dataclass(frozen=True, slots=True)
class Target:
    """A chat a post goes to. `name` is how a key names it; `via` a group shared with a person."""

    chat: str
    name: str
    via: str = ""


def timing(evening: GuestSession, group: Group) -> Timing:
    return Timing(evening.starts, evening.asks, evening.ends, evening.planned, group.zone)


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
        "day": times.show_day(starts.date()),
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
    """The owners of the group's chats, in private."""
    return [
        _direct(chat, member.id)
        for chat in groups.chats_of(db, group.id)
        for member in members.in_chat(db, chat.id).values()
        if member.role is Role.OWNER
    ]


def hosts(db: Session, evening: GuestSession, group: Group) -> list[Target]:
    """The host in private: the one who was named, or else the owner."""
    chats = groups.chats_of(db, group.id)
    if evening.host_account and chats:
        return [_direct(chats[0], evening.host_account)]
    return owners(db, group)


def reviewers(db: Session, group: Group) -> list[Target]:
    """HR of the group in private, on the platform of its chat; the owners when there is none."""
    chats = groups.chats_of(db, group.id)
    found = {
        (chat.key, account.external)
        for person in members.holders(db, group, REVIEWERS)
        for account in members.accounts_of(db, person.id)
        for chat in chats[:1]
        if account.platform == Address.of(chat.key).platform
    }
    targets = [_direct(chats[0], external) for _, external in sorted(found)]
    return targets or owners(db, group)


def _direct(chat: Chat, member: str) -> Target:
    return Target(str(Address.of(chat.key).to(member)), f"@{member}", via=chat.key)


def targets(db: Session, evening: GuestSession, group: Group, to: To) -> list[Target]:
    if to is To.CHATS:
        return shared(db, evening)
    return hosts(db, evening, group) if to is To.HOST else reviewers(db, group)


def step_plans(
    step: Planned,
    evening: GuestSession,
    places: Iterable[Target],
    words: str,
    *,
    state: State = State.PLANNED,
    detail: str = "",
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
            expires=step.expires,
            priority=step.priority,
            state=state,
            detail=detail,
        )
        for place in places
    ]


def note_plans(
    name: str,
    evening: GuestSession,
    places: Iterable[Target],
    words: str,
    *,
    due: datetime,
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
            priority=priority,
        )
        for place in places
    ]


def _action(place: Target, words: str, *, board: bool) -> AnyAction:
    if board:
        return Announce(chat=place.chat, text=words)
    return Say(chat=place.chat, text=words, via=place.via)
