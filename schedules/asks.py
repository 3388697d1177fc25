"""Once a minute: questions that nobody answered find whoever answers for their subject."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import Say
from bot.people import Address
from schedules import quiet, working
from schedules.holidays import Table
from storage import asks, days, duties, groups, guests, outbox, spoken
from storage.asks import Ask, State
from storage.duties import ANYTHING, Duty
from storage.groups import Group
from storage.guests import GuestSession
from storage.masking import readable
from storage.outbox import Plan, Priority
from storage.questions import one_line

FIRST = timedelta(minutes=30)
"""Working time after which the one who answers for the subject hears of it."""

SECOND = timedelta(hours=4)
"""Working time after which their stand-in does."""

GIVEN_UP = timedelta(days=7)
_LOOK_BACK = timedelta(days=1)
_SHOWN = 120


def due(db: Session, _now: datetime) -> bool:
    """Whether anybody answers for anything."""
    return bool(duties.groups_with(db))


def tick(db: Session, now: datetime) -> None:
    table = days.table(db)
    for group_id in duties.groups_with(db):
        group = groups.get(db, group_id)
        there = duties.of_group(db, group_id)
        _listen(db, group, there, now)
        _settle(db, group, now)
        for ask in asks.waiting(db, group_id):
            _remind(db, group, ask, there, table, now)


def _listen(db: Session, group: Group, there: Sequence[Duty], now: datetime) -> None:
    """Note new questions. What was asked before somebody answered for anything is left alone."""
    since = asks.heard(db, group.id)
    asks.hear(db, group.id, now)
    if since is None:
        return
    evenings = guests.between(db, group_id=group.id, since=since - _LOOK_BACK, until=now)
    for one in spoken.lines(db, chat_ids=_chats(db, group), since=since, until=now):
        if one.talk and one.asks and not _within(one.message.at, evenings):
            duty = _answers_for(one.message.text, there)
            if duty is not None and one.message.member != duty.member:
                asks.add(db, _ask(group, one, duty))


def _ask(group: Group, one: spoken.Heard, duty: Duty) -> Ask:
    return Ask(
        number=one.id,
        group_id=group.id,
        chat=one.message.chat,
        message=one.message.id,
        member=one.message.member,
        name=one_line(one.message.name, limit=40),
        text=one_line(readable(one.message.text), limit=_SHOWN),
        asked=one.message.at,
        subject=duty.subject,
    )


def _answers_for(text: str, there: Iterable[Duty]) -> Duty | None:
    """Whose subject it is: the one named in it, or whoever answers for the rest."""
    named = [one for one in there if one.subject != ANYTHING and one.subject in text]
    rest = [one for one in there if one.subject == ANYTHING]
    return next(iter([*named, *rest]), None)


def _within(moment: datetime, evenings: Iterable[GuestSession]) -> bool:
    """An evening has a queue of its own."""
    return any(one.starts <= moment <= (one.ended or one.ends) for one in evenings)


def _settle(db: Session, group: Group, now: datetime) -> None:
    """Close what was answered, taken back, or waited for too long."""
    waiting = asks.waiting(db, group.id)
    if not waiting:
        return
    since = min(ask.asked for ask in waiting)
    talk = spoken.lines(db, chat_ids=_chats(db, group), since=since, until=now)
    bare = {one.id: one for one in talk if one.talk}
    for ask in waiting:
        question = bare.get(ask.number)
        if question is None or now - ask.asked > GIVEN_UP:
            ask.state, ask.closed = State.GONE, now
        elif answer := spoken.answer_to(question, list(bare.values())):
            ask.state, ask.closed = State.ANSWERED, now
            ask.answer, ask.answered_by = answer.message.id, answer.message.member
    db.flush()


def _remind(
    db: Session, group: Group, ask: Ask, there: Sequence[Duty], table: Table, now: datetime
) -> None:
    duty = next((one for one in there if one.subject == ask.subject), None)
    if duty is None:
        return
    waited = working.passed(ask.asked, now, group.zone, table)
    day = times.local(now, group.zone).date()
    here = not duties.away(db, platform=duty.platform, member=duty.member, day=day)
    if ask.told is None and waited >= FIRST and here:
        ask.told = now
        _tell(db, group, ask, duty, duty.member, "first", now)
    stands_in = waited >= (SECOND if here else FIRST)
    if ask.backed is None and stands_in and duty.backup:
        ask.backed = now
        _tell(db, group, ask, duty, duty.backup, "second", now)


def _tell(
    db: Session, group: Group, ask: Ask, duty: Duty, member: str, which: str, now: datetime
) -> None:
    words = wording.render(
        "ask_waiting",
        group=group.name,
        when=times.show_moment(ask.asked, group.zone),
        name=ask.name,
        text=ask.text,
        number=ask.number,
        instead=duty.name if which == "second" else "",
    )
    to = str(Address.of(ask.chat).to(member))
    plan = Plan(
        key=f"ask/{ask.number}/{which}",
        cause=f"ask:{ask.number}",
        action=Say(chat=to, text=words, via=ask.chat),
        due=now,
        after=quiet.loud(now, group.zone),
        priority=Priority.NORMAL,
    )
    outbox.put(db, [plan], now=now)


def _chats(db: Session, group: Group) -> list[int]:
    """The group's shared chats: what is said to the bot alone is put to nobody else."""
    there = groups.chats_of(db, group.id)
    return [chat.id for chat in there if not Address.of(chat.key).direct]
