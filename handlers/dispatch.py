"""From a message to a command: who is addressed, which command, in which group."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot import times
from bot.actions import AnyAction, Say
from bot.events import Message
from bot.people import Address, Role
from handlers.commands import (
    EVERYONE,
    OFFER_LASTS,
    WORD_LASTS,
    Answer,
    Call,
    Choice,
    Command,
    NoneHere,
    Refused,
    complete,
    find,
    heard_plainly,
    run,
    suggest,
)
from handlers.grammar import Misread, Number, Place, narrow
from storage import groups, guests, members, offers
from storage.groups import Group
from storage.offers import Offer
from storage.strikes import ALPHABET, CODE_LENGTH

ANSWERS = (*"123456789", "+1", "确认", "不用")
_CALLED = re.compile(r"@班长(?=[\s,:]|$)[\s,:]*")
_MAYBE_CALLED = re.compile(r"@班长")
_LOOSELY_CALLED = re.compile(r"班长[\s,,:]\s*")
_GROUP = re.compile(r"(?:^|\s)群=(\S+)")
_CODED = re.compile(rf"确认\s*([{ALPHABET}{ALPHABET.lower()}]{{{CODE_LENGTH}}})")
"""What was asked with a code is answered with it, by whoever was asked."""

_YES = dict.fromkeys(("好", "好的", "是", "是的", "可以", "同意", "确定"), "确认")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨"
HINT = "没听懂这句。发「@班长 帮助」看我会做什么"
_MARKS = " ,，。.!！?？~～"


@dataclass(frozen=True, slots=True)
class Heard:
    """A line meant for the bot. `surely` when it was addressed beyond doubt."""

    line: str
    surely: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to do about a message to the bot. `command` is empty when it was none."""

    command: str
    actions: Sequence[AnyAction]


def hear(message: Message) -> Heard | None:
    """Whether a message speaks to the bot; talk about the bot does not."""
    text = message.text.strip()
    narrowed = narrow(text)
    if called := _CALLED.match(narrowed):
        return Heard(text[called.end() :], surely=True)
    if narrowed.startswith("/"):
        return Heard(text[1:].strip(), surely=True)
    if message.addressed or message.direct:
        loosely = _LOOSELY_CALLED.match(narrowed)
        return Heard(text[loosely.end() :] if loosely else text, surely=True)
    # Without a space it may be somebody whose name begins like ours.
    if called := _LOOSELY_CALLED.match(narrowed) or _MAYBE_CALLED.match(narrowed):
        return Heard(text[called.end() :], surely=False)
    return Heard(text, surely=False) if heard_plainly(text) else None


def dispatch(
    db: Session,
    message: Message,
    *,
    group: Group | None,
    roles: frozenset[Role],
    now: datetime,
    live: bool = False,
) -> Outcome | None:
    """Run the command in a message, if there is one. `group` is None in a direct chat.

    Whatever a refused command wrote is undone. While an evening is `live`, a mention of the bot
    that is no command is part of the talk, and is left alone.
    """
    waiting = _answered(db, message, now)
    if len(waiting) > 1:
        return Outcome("", _reply(db, message, _ask_which(db, message, waiting, now)))
    heard = Heard(waiting[0].command, surely=True) if waiting else hear(message)
    confirmed = bool(waiting) and _CODED.fullmatch(waiting[0].word) is not None
    if heard is None:
        return None
    for offer in waiting:
        offers.use_up(db, offer)
    found = find(heard.line) or find(heard.line.rstrip(_MARKS))
    if found is None:
        hint = "" if live or narrow(message.text).startswith("/") else HINT
        return _not_found(db, message, heard, group=group, roles=roles, now=now, hint=hint)
    known, rest = found
    if not heard.surely and not complete(heard.line, today=now):
        return None
    calls: list[Call] = []
    try:
        with db.begin_nested():
            answer = _run(db, message, known, rest, heard.line, group, roles, now, calls, confirmed)
    except (Refused, Misread) as no:
        answer = str(no)
        if isinstance(no, Choice):
            calls[-1].offer()
    return Outcome(known.name, _actions(db, message, answer))


def _run(
    db: Session,
    message: Message,
    known: Command,
    rest: str,
    said: str,
    group: Group | None,
    roles: frozenset[Role],
    now: datetime,
    calls: list[Call],
    confirmed: bool,
) -> Answer:
    """Run a command in its group. In a direct chat that is to be found out first.

    `calls` gets the call that was made, also when it is refused.
    """
    if group is not None:
        calls.append(_call(db, message, group, roles, now, said=said, confirmed=confirmed))
        return run(calls[-1], known, rest)
    homes, rest = _groups_of(db, message, known, rest, now)
    made = [_call(db, message, home, None, now, said=said, confirmed=confirmed) for home in homes]
    if len(made) > 1 and known.who != EVERYONE and not known.apart:
        fitting = [call for call in made if _fits(call, known, rest)]
        if len(fitting) > 1:
            ways = [(call.group.name, f"{said} 群={call.group.name}") for call in fitting]
            return fitting[0].choose("你说的是哪个群？", ways)
        made = fitting or made
    calls.append(made[0])
    return run(made[0], known, rest)


def _fits(call: Call, known: Command, rest: str) -> bool:
    """Whether a command means something in a group; it is tried, and nothing of it stays."""
    trial = call.db.begin_nested()
    try:
        run(call, known, rest)
    except NoneHere:
        return False
    except (Refused, Misread):
        return True
    finally:
        trial.rollback()
    return True


def _answered(db: Session, message: Message, now: datetime) -> list[Offer]:
    """What a message of one word answers."""
    heard = hear(message) if message.addressed else None
    word = narrow((heard.line if heard else message.text).strip()).strip(_MARKS)
    word = _YES.get(word, word.removeprefix("选").strip())
    word = str(_CIRCLED.index(word) + 1) if len(word) == 1 and word in _CIRCLED else word
    if code := _CODED.fullmatch(word):
        word = f"确认 {code[1].upper()}"
        return offers.waiting(db, chat=message.chat, member=message.member, word=word, now=now)
    if word not in ANSWERS:
        return []
    waiting = offers.waiting(db, chat=message.chat, member=message.member, word=word, now=now)
    if message.direct or message.addressed:
        return waiting
    return [offer for offer in waiting if offer.expires - now > OFFER_LASTS - WORD_LASTS]


def _ask_which(db: Session, message: Message, waiting: Sequence[Offer], now: datetime) -> str:
    """Several things wait for the same word."""
    expires = now + OFFER_LASTS
    commands = [offer.command for offer in waiting]
    offers.choices(db, chat=message.chat, member=message.member, commands=commands, expires=expires)
    listed = " ".join(f"{_CIRCLED[n]}{offer.about}" for n, offer in enumerate(waiting[:9]))
    return f"有几件事在等你确认，是哪一件？\n{listed}\n回复数字选择"


def _not_found(
    db: Session,
    message: Message,
    heard: Heard,
    *,
    group: Group | None,
    roles: frozenset[Role],
    now: datetime,
    hint: str,
) -> Outcome | None:
    # An answer that quotes the bot mentions it too; that is talk, not a command gone wrong.
    if not heard.surely or message.reply_to:
        return None
    homes = [group] if group else _homes(db, message)
    held = roles if group else None
    call = _call(db, message, homes[0], held, now, said=heard.line) if homes else None
    said = (suggest(call, heard.line) if call and heard.line else None) or hint
    return Outcome("", _reply(db, message, said)) if said else None


def _call(
    db: Session,
    message: Message,
    group: Group,
    roles: frozenset[Role] | None,
    now: datetime,
    *,
    said: str,
    confirmed: bool = False,
) -> Call:
    platform = Address.of(message.chat).platform
    held = roles or _roles(db, group, platform, message.member)
    name = message.name or message.member
    return Call(
        db,
        now,
        group,
        message.chat,
        message.member,
        name,
        held,
        message,
        said,
        confirmed=confirmed,
    )


def _roles(db: Session, group: Group, platform: str, member: str) -> frozenset[Role]:
    """Every role of somebody who writes in private, those of an evening included."""
    host, guest = guests.part_in(db, group.id, member)
    of_evening = {Role.HOST} if host else set()
    of_evening |= {Role.GUEST} if guest else set()
    return members.roles_in(db, group, platform=platform, member=member) | of_evening


def _groups_of(
    db: Session, message: Message, known: Command, rest: str, now: datetime
) -> tuple[list[Group], str]:
    """The groups that a command in a direct chat may be about: by its evening, or by name."""
    homes = _homes(db, message)
    if named := _GROUP.search(rest):
        homes = [group for group in homes if group.name == named[1]]
        rest = _GROUP.sub("", rest)
    elif known.about_evening and (number := _number_in(known, rest, now)):
        homes = _of_evening(db, number, homes)
    if not homes:
        raise Refused("没有找到这一场或这个群，或者你不在里面")
    platform = Address.of(message.chat).platform
    may = [group for group in homes if known.who & _roles(db, group, platform, message.member)]
    return may or homes[:1], rest


def _of_evening(db: Session, number: int, homes: Sequence[Group]) -> list[Group]:
    """Those of the groups that the evening is for, its own first."""
    evening = guests.get(db, number)
    if evening is None:
        return []
    mine = {group.id for group in homes}
    return [group for group in guests.groups_of(db, evening) if group.id in mine]


def _number_in(known: Command, rest: str, now: datetime) -> int | None:
    for value in known.usage.values(rest, today=times.local(now, "UTC").date()):
        if isinstance(value, Number):
            return value
        if isinstance(value, Place):
            return value.number
    return None


def _homes(db: Session, message: Message) -> list[Group]:
    """Groups the writer has to do with: as a member, by set-up, as a guest, or as a relay."""
    address = Address.of(message.chat)
    chats = members.chats_with(
        db, platform=address.platform, account=address.account, member=message.member
    )
    ids = {chat.group_id for chat in chats}
    ids |= guests.invited_to(db, message.member)
    ids |= members.relays_for(db, platform=address.platform, member=message.member)
    return [
        group
        for group in groups.everyone(db)
        if group.id in ids or message.member in members.granted(db, group, address.platform)
    ]


def _actions(db: Session, message: Message, answer: Answer) -> Sequence[AnyAction]:
    if answer is None:
        return ()
    return _reply(db, message, answer) if isinstance(answer, str) else answer


def _reply(db: Session, message: Message, text: str) -> Sequence[AnyAction]:
    if not message.direct:
        return (Say(chat=message.chat, text=text, reply_to=message.id),)
    # Somebody who is not our friend is answered through a group we share.
    address = Address.of(message.chat)
    shared = members.chats_with(
        db, platform=address.platform, account=address.account, member=message.member
    )
    return (Say(chat=message.chat, text=text, via=shared[0].key if shared else ""),)
