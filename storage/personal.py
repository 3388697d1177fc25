"""How much is kept of one person, by kind, over all their accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import ColumnElement, LargeBinary, Select, func, literal, select
from sqlalchemy.orm import Session

from bot.people import Address
from storage import attendance, consents, joins, members
from storage.archive import Record
from storage.attendance import Mark
from storage.consents import Consent
from storage.feedback import Feedback
from storage.groups import Chat
from storage.members import Membership
from storage.questions import Question
from storage.sign_ups import SignUp
from storage.strikes import Strike

Account = tuple[str, str]
"""A platform and the platform's id."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How many rows there are of each kind; `roster` when the person is on the company's list."""

    roster: bool
    messages: int
    questions: int
    sign_ups: int
    marks: int
    feedback: int
    strikes: int
    joins: int
    shown: Sequence[Consent]


def kept(db: Session, *, platform: str, member: str) -> Kept:
    """What is kept of the person behind an account."""
    person = members.person_of(db, platform=platform, external=member)
    linked = members.accounts_of(db, person.id) if person else []
    accounts = [(one.platform, one.external) for one in linked] or [(platform, member)]
    # Marks from before two accounts were linked carry the account's own name.
    words = {attendance.who(db, platform=platform, member=member)}
    words |= {f"{where}:{who}" for where, who in accounts}
    chats = {account: _chats(db, account) for account in accounts}
    keys = {account: [chat.key for chat in there] for account, there in chats.items()}
    seen = [consents.of_member(db, member=a[1], chats=keys[a]) for a in accounts]
    return Kept(
        roster=person is not None,
        messages=sum(_messages(db, a[1], [chat.id for chat in chats[a]]) for a in accounts),
        questions=sum(_questions(db, a) for a in accounts),
        sign_ups=_number(db, select(func.count(SignUp.id)).where(SignUp.who.in_(words))),
        marks=_number(db, select(func.count(Mark.id)).where(Mark.who.in_(words))),
        feedback=_number(db, select(func.count(Feedback.id)).where(Feedback.who.in_(words))),
        strikes=sum(_strikes(db, a[1], chats[a]) for a in accounts),
        joins=sum(joins.count(db, member=a[1], chats=keys[a]) for a in accounts),
        shown=[one for there in seen for one in there],
    )


def _chats(db: Session, account: Account) -> list[Chat]:
    """Chats somebody is or was in, and their direct one with each of our accounts."""
    platform, member = account
    there = select(Chat).join(Membership, Membership.chat_id == Chat.id)
    shared = list(db.scalars(there.where(Membership.member == member).order_by(Chat.id)))
    shared = [chat for chat in shared if Address.of(chat.key).platform == platform]
    asked = select(Chat).join(joins.Request, joins.Request.chat == Chat.key)
    asked = asked.where(joins.Request.member == member).distinct()
    more = [chat for chat in db.scalars(asked) if Address.of(chat.key).platform == platform]
    ours = {str(Address.of(chat.key).to(member)) for chat in (*shared, *more)}
    private = list(db.scalars(select(Chat).where(Chat.key.in_(ours))))
    return list({chat.id: chat for chat in (*shared, *more, *private)}.values())


def _messages(db: Session, member: str, chats: Sequence[int]) -> int:
    found = select(func.count(Record.id)).where(
        Record.chat_id.in_(chats), Record.kind == "message", _says(db, member)
    )
    return _number(db, found)


def _says(db: Session, member: str) -> ColumnElement[bool]:
    """Events are kept as JSON, in which a quote within words is escaped: only the field fits."""
    field = b'"member":' + msgspec.json.encode(member)
    wanted = literal(field, LargeBinary)
    if db.get_bind().dialect.name == "sqlite":
        return func.instr(Record.body, wanted) > 0
    return func.position(wanted.op("IN")(Record.body)) > 0


def _questions(db: Session, account: Account) -> int:
    platform, member = account
    found = select(func.count(Question.id)).where(Question.member == member)
    return _number(db, found.where(Question.chat.startswith(f"{platform}:")))


def _strikes(db: Session, member: str, chats: Sequence[Chat]) -> int:
    ids = {chat.group_id for chat in chats if chat.group_id is not None}
    found = select(func.count(Strike.id)).where(Strike.member == member)
    return _number(db, found.where(Strike.group_id.in_(ids)))


def _number(db: Session, query: Select[int]) -> int:
    return db.scalar(query) or 0
