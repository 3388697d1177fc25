"""One day of talk, counted: who spoke, what was asked, and which questions nobody answered."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot import events
from bot.events import Message, shown
from bot.people import Address
from storage import cues
from storage.archive import TABLE
from storage.guests import HELD, GuestSession
from storage.health import Count
from storage.questions import Question, State

PATIENCE = timedelta(hours=24)
"""So long somebody may take to quote a question, or to call the one who asked."""

SOON = timedelta(minutes=30)
"""Whoever speaks so soon after a question is taken to have answered it."""

_ANSWERS = ("image", "voice", "video", "file", "forward", "card")


@dataclass(frozen=True, slots=True)
class Heard:
    """An archived message. `talk` unless it was a command, caught by a rule, or taken back."""

    id: int
    message: Message
    talk: bool = True

    @property
    def who(self) -> str:
        return who(self.message.chat, self.message.member)

    @property
    def asks(self) -> bool:
        words = cues.spoken(self.message.text)
        return cues.asks(words) and not cues.hosts(words)

    @property
    def tells(self) -> bool:
        """Whether it may be an answer: some words that are no greeting, or a picture or file."""
        if any(segment.kind in _ANSWERS for segment in self.message.segments):
            return True
        return cues.substance(cues.spoken(shown(self.message))) > 1


def who(chat: str, member: str) -> str:
    """An account, as figures name it: `onebot:20002`."""
    return f"{Address.of(chat).platform}:{member}"


def first(db: Session, chat_ids: Sequence[int]) -> datetime | None:
    """When the first message was heard in one of these chats."""
    found = select(func.min(TABLE.c.at)).where(TABLE.c.chat_id.in_(chat_ids))
    moment: datetime | None = db.scalar(found.where(TABLE.c.kind == "message"))
    return moment


def lines(db: Session, *, chat_ids: Sequence[int], since: datetime, until: datetime) -> list[Heard]:
    """What members wrote in [since, until), in order; our own account is nobody."""
    here = TABLE.c.chat_id.in_(chat_ids), TABLE.c.at >= since
    gone = db.execute(
        select(TABLE.c.chat_id, TABLE.c.message).where(*here, TABLE.c.kind == "recalled")
    )
    taken_back = {tuple(row) for row in gone}
    rows = db.execute(
        select(TABLE.c.id, TABLE.c.chat_id, TABLE.c.body, TABLE.c.rule, TABLE.c.command)
        .where(*here, TABLE.c.at < until, TABLE.c.kind == "message")
        .order_by(TABLE.c.at, TABLE.c.id)
    )
    found = []
    for row in rows:
        message = events.decode(row.body)
        if isinstance(message, Message) and not message.own:
            bare = not (row.rule or row.command) and (row.chat_id, message.id) not in taken_back
            found.append(Heard(row.id, message, bare))
    return found


def numbered(db: Session, ids: Sequence[int]) -> list[Heard]:
    """These archived messages in this order, without those that were taken back since."""
    found: dict[int, Heard] = {}
    columns = (TABLE.c.id, TABLE.c.chat_id, TABLE.c.body, TABLE.c.message)
    for row in db.execute(select(*columns).where(TABLE.c.id.in_(ids))):
        message = events.decode(row.body)
        if isinstance(message, Message) and not _taken_back(db, row.chat_id, row.message):
            found[row.id] = Heard(row.id, message)
    return [found[one] for one in ids if one in found]


def _taken_back(db: Session, chat_id: int, message: str) -> bool:
    gone = select(TABLE.c.id).where(TABLE.c.chat_id == chat_id, TABLE.c.message == message)
    return db.scalar(gone.where(TABLE.c.kind == "recalled").limit(1)) is not None


def count(heard: Sequence[Heard], *, begins: datetime) -> Count:
    """Count the day that `begins` then. `heard` is that day and the one before it. Pure."""
    said: Counter[str] = Counter()
    for one in heard:
        if one.message.at >= begins:
            said[one.who] += one.talk
    talk = [one for one in heard if one.talk]
    questions = [one for one in talk if one.message.at < begins and one.asks]
    waiting = _unanswered(talk, questions)
    return Count(said, len(questions), len(waiting), [one.id for one in waiting])


def answer_to(question: Heard, talk: Sequence[Heard]) -> Heard | None:
    """What answers a question, of the talk in order: quoting it, calling the asker, or soon after.

    None while nobody has answered. Pure.
    """
    for other in talk:
        pointed = other.message.reply_to == question.message.id and (
            other.message.chat == question.message.chat
        )
        pointed = pointed or question.message.member in other.message.mentions
        if pointed and _answers(question, other):
            return other
    place = next((n for n, one in enumerate(talk) if one.id == question.id), len(talk))
    return _next_soon(talk, place, question)


def _unanswered(talk: Sequence[Heard], questions: Iterable[Heard]) -> list[Heard]:
    pointed = _pointed(talk)
    place = {one.id: n for n, one in enumerate(talk)}
    return [
        one
        for one in questions
        if not _soon(talk, place[one.id], one)
        and not any(_answers(one, other) for other in pointed.get(_to(one), ()))
        and not any(_answers(one, other) for other in pointed.get(_asker(one), ()))
    ]


def _pointed(talk: Sequence[Heard]) -> dict[tuple[str, str], list[Heard]]:
    """What was said to somebody: by the message it quotes, and by the member it calls."""
    found: dict[tuple[str, str], list[Heard]] = {}
    for one in talk:
        chat = one.message.chat
        keys = {(chat, f"@{ref}") for ref in one.message.mentions}
        keys |= {(chat, one.message.reply_to)} if one.message.reply_to else set()
        for key in keys:
            found.setdefault(key, []).append(one)
    return found


def _to(question: Heard) -> tuple[str, str]:
    return question.message.chat, question.message.id


def _asker(question: Heard) -> tuple[str, str]:
    return question.message.chat, f"@{question.message.member}"


def _answers(question: Heard, other: Heard) -> bool:
    after = other.message.at - question.message.at
    return timedelta() <= after <= PATIENCE and other.who != question.who


def _soon(talk: Sequence[Heard], place: int, question: Heard) -> bool:
    return _next_soon(talk, place, question) is not None


def _next_soon(talk: Sequence[Heard], place: int, question: Heard) -> Heard | None:
    for other in talk[place + 1 :]:
        if other.message.at - question.message.at > SOON:
            return None
        if other.message.chat == question.message.chat and other.who != question.who:
            # Somebody who asks as well has not answered.
            if other.tells and not other.asks:
                return other
    return None


def queued(db: Session, *, group_id: int, since: datetime, until: datetime) -> tuple[int, int]:
    """Questions in the queues of evenings that ended then; and how many were left waiting."""
    found = (
        select(Question.state, func.count())
        .join(GuestSession, GuestSession.id == Question.evening_id)
        .where(Question.group_id == group_id, Question.state != State.WITHDRAWN)
        .where(GuestSession.state.in_(HELD))
        .where(GuestSession.ended >= since, GuestSession.ended < until)
        .group_by(Question.state)
    )
    there = {row[0]: row[1] for row in db.execute(found)}
    return sum(there.values()), there.get(State.WAITING, 0)
