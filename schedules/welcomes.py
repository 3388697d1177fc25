"""One welcome for all who came within two minutes, and what they are told about their data."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import wording
from bot.actions import Say
from bot.people import Address
from bot.text import fold
from rules import raid
from rules.engine import RULES, Mode
from schedules import entry, quiet
from storage import abilities, consents, groups, guests, members, policy
from storage.consents import Consent
from storage.groups import Group
from storage.guests import State
from storage.outbox import Plan, put
from storage.rulebook import Choice, Rulebook

TOGETHER = timedelta(minutes=2)
"""Those who come so soon after the first are welcomed with them."""

_NAME = re.compile(r"[\w·.\-—_ （）()]{1,16}")
_LURE = re.compile(
    r"微.?信|[vw]x|qq|扣扣|加我|私聊|兼职|贷款|免费|领取|返利|http|www|@|\.(?:com|cn|net|top|xyz)|\d{4}"
)
"""What makes the name on a card an advertisement that the bot would read out to everyone."""


def give(db: Session, now: datetime) -> None:
    """Give every welcome that is owed, chat by chat, once the last of its two minutes is over."""
    by_chat: dict[str, list[Consent]] = {}
    for one in consents.owed(db):
        by_chat.setdefault(one.chat, []).append(one)
    for chat, there in by_chat.items():
        group = groups.at_chat(db, chat)
        if group is not None and _may(db, group, there, now):
            _give(db, group, chat, there, now)


def _may(db: Session, group: Group, there: Sequence[Consent], now: datetime) -> bool:
    """While a guest shares, and in the night, newcomers are many and the welcome waits."""
    sharing = any(one.state == State.SHARING for one in guests.ahead(db, group.id))
    return now >= there[0].came + TOGETHER and not sharing and not quiet.quiet(now, group.zone)


def _give(db: Session, group: Group, chat: str, there: Sequence[Consent], now: datetime) -> None:
    text = notice(policy.book(db, group.id))
    key = f"welcome:{there[0].id}-{there[-1].id}"
    put(db, [_plan(db, group, chat, there, text, key, now)], now=now)
    consents.shown(db, there, text=text, delivery=key, now=now)


def _plan(
    db: Session,
    group: Group,
    chat: str,
    there: Sequence[Consent],
    text: str,
    key: str,
    now: datetime,
) -> Plan:
    named = {one.member: name for one in there if (name := _shown(db, one))}
    nameless = [one.member for one in there if one.member not in named]
    calls = abilities.missing(db, chat=chat, name="mention") is None
    words = wording.render(
        "join_welcome",
        group=group.name,
        names=list(dict.fromkeys(named.values())),
        others=len(nameless),
        card=_card_wanted(db, group, chat, there),
        notice=text,
    )
    return Plan(
        key=key,
        cause=key,
        action=Say(chat=chat, text=words, mention=tuple(nameless) if calls else ()),
        due=now,
        expires=now + timedelta(hours=12),
        priority=3,
    )


def notice(book: Rulebook) -> str:
    """The part that is the same for everyone: rules, self-introduction, data."""
    return wording.render("join_notice", own=entry.own_words(book), rules=_rules(book))


def _rules(book: Rulebook) -> str:
    there = [name for name in RULES if book.get(name, Choice()).mode != Mode.OFF]
    return "、".join(name for name in there if name != raid.NAME)


def _shown(db: Session, one: Consent) -> str:
    """By the roster, else by their own name unless it is an advertisement; else by a mention."""
    if known := entry.known_name(db, chat=one.chat, member=one.member):
        return known
    safe = _NAME.fullmatch(one.name) and not _LURE.search(fold(one.name).text)
    return one.name if safe else ""


def _card_wanted(db: Session, group: Group, chat: str, there: Sequence[Consent]) -> str:
    """The pattern, if somebody's card could not be set for them."""
    pattern = entry.pattern(policy.book(db, group.id))
    able = abilities.missing(db, chat=chat, name="set_card") is None
    platform = Address.of(chat).platform
    people = (members.person_of(db, platform=platform, external=one.member) for one in there)
    done = able and all(entry.card(person, pattern) for person in people)
    return "" if done else pattern
