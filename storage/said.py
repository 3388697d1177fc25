"""What was said on an evening, as the lines of its transcript."""

from datetime import timedelta

from sqlalchemy.orm import Session

from bot.events import Message, shown
from bot.people import Address, Role
from storage import archive, groups, guests, members
from storage.guests import GuestSession
from storage.transcript import Line, Phase

LATE_WORDS = timedelta(hours=3)
"""An evening that nobody closed still ends; later talk is not part of it."""


def lines(db: Session, evening: GuestSession) -> list[Line]:
    """From the opening to the closing, without ads, commands, the bot, and what was taken back."""
    chats = {chat.id: chat for chat in groups.chats_of(db, evening.group_id)}
    since = evening.opened or evening.starts
    until = evening.ended or evening.ends + LATE_WORDS
    said = archive.said(db, chat_ids=list(chats), since=since, until=until)
    numbers = {(message.chat, message.id): number for number, message in said}
    roles = {
        chat.key: {m.id: m.role for m in members.in_chat(db, chat.id).values()}
        for chat in chats.values()
    }
    return [
        Line(
            id=number,
            at=message.at,
            who=message.name or message.member,
            member=message.member,
            role=_role(evening, message, roles[message.chat]),
            text=shown(message),
            reply_to=numbers.get((message.chat, message.reply_to)),
            mentions=message.mentions,
            phase=Phase.ASK if evening.asked and message.at >= evening.asked else Phase.SHARE,
        )
        for number, message in said
        if not message.own and shown(message)
    ]


def _role(evening: GuestSession, message: Message, roles: dict[str, Role]) -> Role:
    if evening.guest_account:
        if message.member == evening.guest_account:
            return Role.GUEST
    elif guests.goes_by(message.name, evening.guest):
        # Nobody said which account is the guest's: a card with the name is the best we have.
        return Role.GUEST
    keepers = (Role.OWNER, Role.DEPUTY)
    if message.member == evening.host_account or roles.get(message.member) in keepers:
        return Role.HOST
    return Role.MEMBER


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
