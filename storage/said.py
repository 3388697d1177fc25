"""What was said on an evening, as the lines of its transcript, and by whom."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import structs
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import events
from bot.events import Message, shown
from bot.people import Address, Role
from storage import archive, groups, guests, members, questions
from storage.archive import Record
from storage.groups import Chat
from storage.guests import LIVE, GuestSession
from storage.transcript import Line, Phase

LATE_WORDS = timedelta(hours=3)
"""An evening that nobody closed still ends; later talk is not part of it."""

_LIVE = "live evenings"


def lines(db: Session, evening: GuestSession) -> list[Line]:
    """From the opening to the closing, in the chats of every group that shares the evening.

    Without ads, commands, the bot, and what was taken back; a question for the queue is said too.
    """
    said = _messages(db, evening)
    numbers = {(message.chat, message.id): number for number, message in said}
    known = {p: guest_accounts(db, evening, p) for p in {_platform(m) for _, m in said}}
    keepers = _keepers(db, _chats(db, evening))
    return [
        Line(
            id=number,
            at=message.at,
            who=message.name or message.member,
            member=message.member,
            role=_role(evening, message, known[_platform(message)], keepers),
            text=shown(message),
            reply_to=numbers.get((message.chat, message.reply_to)),
            mentions=message.mentions,
            phase=Phase.ASK if evening.asked and message.at >= evening.asked else Phase.SHARE,
        )
        for number, message in said
    ]


def speakers(db: Session, evening: GuestSession) -> set[tuple[str, str]]:
    """Platform and account of everyone who said something."""
    return {(_platform(message), message.member) for _, message in _messages(db, evening)}


def live(db: Session, group_id: int) -> list[GuestSession]:
    """The evenings that are going on in a group, its own or shared."""
    # Asked with every message, so looked up once a transaction; rows know what changed in it.
    if _LIVE not in db.info:
        found = db.scalars(
            select(GuestSession)
            .where(GuestSession.state.in_(LIVE))
            .order_by(GuestSession.starts, GuestSession.id)
        )
        db.info[_LIVE] = [
            (one, {group.id for group in guests.groups_of(db, one, joint=True)}) for one in found
        ]
    return [one for one, mine in db.info[_LIVE] if group_id in mine and one.state in LIVE]


def guest_accounts(db: Session, evening: GuestSession, platform: str) -> frozenset[str]:
    """The guests' accounts on a platform: as given for the home group's, or linked to the same."""
    home = {Address.of(chat.key).platform for chat in groups.chats_of(db, evening.group_id)}
    found = set(evening.accounts) if platform in home else set()
    for there in home - {platform}:
        for account in evening.accounts:
            person = members.person_of(db, platform=there, external=account)
            linked = members.accounts_of(db, person.id) if person else []
            found |= {one.external for one in linked if one.platform == platform}
    return frozenset(found)


def by_guest(db: Session, evening: GuestSession, message: Message) -> bool:
    """Whether a guest of the evening wrote it."""
    return _is_guest(evening, message, guest_accounts(db, evening, _platform(message)))


def account_named(db: Session, group_id: int, name: str) -> str:
    """The one account in the group that goes by this name; empty when none or several do."""
    found = {
        member.id
        for chat in groups.chats_of(db, group_id)
        if not Address.of(chat.key).direct
        for member in members.in_chat(db, chat.id).values()
        if guests.goes_by(member.name, name)
    }
    return found.pop() if len(found) == 1 else ""


def _messages(db: Session, evening: GuestSession) -> list[tuple[int, Message]]:
    since = evening.opened or evening.starts
    until = evening.ended or evening.ends + LATE_WORDS
    chat_ids = [chat.id for chat in _chats(db, evening)]
    said = archive.said(db, chat_ids=chat_ids, since=since, until=until)
    asked = _asked(db, evening, since, until)
    both = [(n, one) for n, one in [*said, *asked] if not one.own and shown(one)]
    return sorted(both, key=lambda it: (it[1].at, it[0]))


def _asked(
    db: Session, evening: GuestSession, since: datetime, until: datetime
) -> list[tuple[int, Message]]:
    """What was asked for the queue, in the words of the question alone."""
    texts = {one.event_key: one.text for one in questions.standing(db, evening.id)}
    rows = db.execute(
        select(Record.id, Record.key, Record.body).where(
            Record.key.in_(list(texts)), Record.at >= since, Record.at < until
        )
    )
    found = [(row.id, texts[row.key], events.decode(row.body)) for row in rows]
    return [
        (number, structs.replace(event, text=text))
        for number, text, event in found
        if isinstance(event, Message)
    ]


def _chats(db: Session, evening: GuestSession) -> list[Chat]:
    sharing = guests.groups_of(db, evening, joint=True)
    return [chat for group in sharing for chat in groups.chats_of(db, group.id)]


def _keepers(db: Session, chats: list[Chat]) -> dict[str, set[str]]:
    """Owners and deputies, by chat."""
    return {
        chat.key: {
            member.id
            for member in members.in_chat(db, chat.id).values()
            if member.role in (Role.OWNER, Role.DEPUTY)
        }
        for chat in chats
    }


def _role(
    evening: GuestSession,
    message: Message,
    known: frozenset[str],
    keepers: Mapping[str, set[str]],
) -> Role:
    if _is_guest(evening, message, known):
        return Role.GUEST
    if message.member == evening.host_account or message.member in keepers.get(message.chat, ()):
        return Role.HOST
    return Role.MEMBER


def _is_guest(evening: GuestSession, message: Message, known: frozenset[str]) -> bool:
    if known:
        return message.member in known
    # Nobody said which account is the guest's: a card with the name is the best we have.
    names = [name.strip() for name in re.split("[、，,]", evening.guest)]
    return any(guests.goes_by(message.name, name) for name in names)


def _platform(message: Message) -> str:
    return Address.of(message.chat).platform
