"""What a group wants of those who join: kept in its rulebook, compared with the roster."""

import re
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.people import Address, Role
from schedules import admission, places
from schedules.admission import Conditions, Facts, Judged
from schedules.places import Target
from storage import abilities, groups, members, policy
from storage.groups import Group
from storage.members import GONE, Person
from storage.rulebook import Choice, Rulebook

CONDITIONS, LEVELS, DECIDES, CARD, GRACE, WORDS = (
    "入群条件",
    "级别顺序",
    "入群处理人",
    "名片格式",
    "入群宽限",
    "欢迎群规",
)
"""How the rulebook names these."""

USUAL_GRACE = timedelta(days=3)
KEEPERS = frozenset({Role.OWNER, Role.DEPUTY})
ROSTER = {
    "公司": "company",
    "片区": "region",
    "级别": "level",
    "项目组": "project",
    "岗位": "post",
    "批次": "cohort",
    "姓名": "name",
    "工号": "number",
}
LONGEST_CARD = 20
"""Characters: a card on QQ takes 60 bytes, and a Chinese character is three of them."""

_PART = re.compile("|".join(ROSTER))


def _text(book: Rulebook, key: str, name: str) -> str:
    value = book.get(key, Choice()).params.get(name, "")
    return value if isinstance(value, str) else ""


def conditions(book: Rulebook) -> Conditions:
    """The conditions the group set, by field, in the order people know."""
    return {field: words for field in admission.FIELDS if (words := _text(book, CONDITIONS, field))}


def levels(book: Rulebook, company: str = "") -> tuple[str, ...]:
    """A company's levels from low to high: its own order, or the one for all, or the usual."""
    own = _text(book, LEVELS, company) or _text(book, LEVELS, "")
    return tuple(own.split("、")) if own else admission.USUAL_LEVELS


def grace(book: Rulebook) -> timedelta:
    """How long somebody who came in unasked and does not fit is left alone."""
    days = book.get(GRACE, Choice()).params.get("days")
    return timedelta(days=days) if isinstance(days, int) else USUAL_GRACE


def decider(book: Rulebook) -> str:
    """What people call who decides here."""
    return _text(book, DECIDES, "name") or "群主"


def own_words(book: Rulebook) -> str:
    """The group's rules in the owner's words, for the welcome."""
    return _text(book, WORDS, "text")


def pattern(book: Rulebook) -> str:
    """How cards are to look in this group, such as 片区-姓名; empty when it does not matter."""
    return _text(book, CARD, "pattern")


def card(person: Person | None, pattern: str) -> str:
    """A person's card by the pattern; empty when the roster does not say enough."""
    if person is None or not pattern:
        return ""
    values = {word: str(getattr(person, name)) for word, name in ROSTER.items()}
    if not all(values[word] for word in _PART.findall(pattern)):
        return ""
    return _PART.sub(lambda found: values[found[0]], pattern)[:LONGEST_CARD]


def facts(person: Person | None) -> Facts | None:
    """What conditions look at."""
    if person is None:
        return None
    values = {word: str(getattr(person, name)) for word, name in ROSTER.items()}
    return Facts(person.name, values, person.hired, person.status in GONE)


def judge(
    db: Session, group: Group, *, chat: str, member: str, answer: str = "", inside: bool = False
) -> Judged:
    """Whether somebody fits the group's conditions.

    Of who is `inside` already nobody knows an answer, and where nothing is wanted they fit.
    """
    book = policy.book(db, group.id)
    platform = Address.of(chat).platform
    person = members.person_of(db, platform=platform, external=member)
    order = levels(book, person.company if person else "")
    wants = dict(conditions(book))
    if inside:
        wants.pop(admission.ANSWER, None)
        if not wants:
            return Judged(True)
    return admission.judge(facts(person), wants, answer=answer, levels=order)


def answers(db: Session, chat: str) -> bool:
    """Whether the bot can answer requests to join there."""
    return abilities.missing(db, chat=chat, name="answer_join") is None


def deciders(db: Session, group: Group) -> list[Target]:
    """Who is asked: the one who was named, while they still keep the group, else its owners."""
    book = policy.book(db, group.id)
    platform, member = _text(book, DECIDES, "platform"), _text(book, DECIDES, "account")
    held = members.roles_in(db, group, platform=platform, member=member) if member else frozenset()
    if held & KEEPERS:
        for chat in groups.chats_of(db, group.id):
            address = Address.of(chat.key)
            if address.platform == platform:
                to = str(address.to(member))
                return [Target(to, f"@{member}", group.zone, via=chat.key)]
    return places.owners(db, group)


def known_name(db: Session, *, chat: str, member: str) -> str:
    """What the roster calls somebody; empty for a stranger."""
    person = members.person_of(db, platform=Address.of(chat).platform, external=member)
    return person.name if person else ""
