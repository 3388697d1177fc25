"""Newcomers: their place in the next welcome, and their card."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.actions import AnyAction, SetCard
from bot.events import Joined, Message
from bot.people import PROTECTED, Address
from handlers import joining
from handlers.commands import on
from schedules import entry
from storage import abilities, consents, members, policy
from storage.groups import Group
from storage.questions import one_line

_LONGEST_NAME = 40


@on(Joined)
def came(db: Session, group: Group, event: Joined, now: datetime) -> Sequence[AnyAction]:
    """Somebody is in: welcome them with the others, and set their card where that can be done."""
    if event.member == Address.of(event.chat).account:
        return ()
    _owe(db, group, event.chat, event.member, event.name, now)
    return _card(db, group, event)


def first_word(db: Session, group: Group, message: Message) -> None:
    """Where nobody tells who joined, the first mention of the bot shows that somebody is there."""
    if abilities.missing(db, chat=message.chat, name="hears_all") is None:
        return
    if consents.last(db, chat=message.chat, member=message.member) is None:
        name, now = message.name, message.at
        _owe(db, group, message.chat, message.member, name, now)
        joining.check(db, group, chat=message.chat, member=message.member, name=name, now=now)


def _owe(db: Session, group: Group, chat: str, member: str, name: str, now: datetime) -> None:
    name = one_line(name, limit=_LONGEST_NAME)
    consents.owe(db, group_id=group.id, chat=chat, member=member, name=name, now=now)


def _card(db: Session, group: Group, event: Joined) -> Sequence[AnyAction]:
    platform = Address.of(event.chat).platform
    pattern = entry.pattern(policy.book(db, group.id))
    person = members.person_of(db, platform=platform, external=event.member)
    card = entry.card(person, pattern)
    held = members.roles_in(db, group, platform=platform, member=event.member)
    if not card or held & PROTECTED or abilities.missing(db, chat=event.chat, name="set_card"):
        return ()
    return (SetCard(chat=event.chat, member=event.member, card=card),)
