"""Requests to join, and those who came in unasked: who fits the conditions, and who waits."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import AnswerJoin, AnyAction, Say
from bot.events import Joined, JoinRequest
from bot.people import PROTECTED, Address
from handlers.commands import on
from schedules import admission, entry, places, quiet
from schedules.joins import LASTS
from storage import abilities, blacklist, invites, joins, members, outbox, policy, raids
from storage.blacklist import Blacklisted
from storage.groups import Group
from storage.joins import Request, State
from storage.outbox import Plan
from storage.questions import one_line

LONGEST_ANSWER, LONGEST_NAME = 200, 60
MOST_TRIES = 5
"""After so many answers to one question somebody is guessing, and a person looks at it."""

_ANSWER_LASTS = timedelta(hours=1)
_JUST_DECIDED = timedelta(days=7)
_FITS = "符合条件"


@on(JoinRequest)
def asked(db: Session, group: Group, event: JoinRequest, now: datetime) -> Sequence[AnyAction]:
    """Somebody asks to be let in: who fits is, anybody else waits for a person."""
    said = one_line(admission.answer_in(event.comment), limit=LONGEST_ANSWER)
    judged = entry.judge(db, group, chat=event.chat, member=event.member, answer=said)
    invited = invites.good(db, group_id=group.id, answer=said, now=now)
    raid = raids.standing(db, group.id) is not None
    platform = Address.of(event.chat).platform
    black = blacklist.find(db, group_id=group.id, platform=platform, member=event.member)
    if black is not None:
        return _keep_out(db, group, event, black, now)
    admit = (judged.admit or (invited is not None and not judged.never)) and not raid
    again = joins.waiting_of(db, chat=event.chat, member=event.member)
    why = "；".join(filter(None, ("入群警戒中" if raid else "", judged.why)))
    if again:
        request = _again(db, again, event, said, now)
    else:
        request = _new(db, group, event, said, why or _FITS, now)
    guessing = joins.times_asked(db, request.id) > MOST_TRIES
    if admit and not guessing and entry.answers(db, event.chat):
        how = f"#{invited.evening_id} 的邀请码" if invited and not judged.admit else _FITS
        joins.decide(db, request, State.ADMITTED, by="", reason=how, now=now)
        answer(db, request, accept=True, reason="", now=now)
    elif not again:
        hours = int(LASTS.total_seconds()) // 3600
        words = wording.render("join_why", group=group.name, why=request.why, hours=hours)
        tell_applicant(db, request, "why", words, now)
    return ()


def _keep_out(
    db: Session, group: Group, event: JoinRequest, black: Blacklisted, now: datetime
) -> Sequence[AnyAction]:
    """Whoever is on the list is refused at once where that works, and is for a person elsewhere."""
    waiting = joins.waiting_of(db, chat=event.chat, member=event.member)
    why = f"在黑名单里（{black.reason or '没写理由'}）"
    request = waiting or _new(db, group, event, "", why, now)
    if entry.answers(db, event.chat):
        joins.decide(db, request, State.REFUSED, by="", reason="在黑名单里", now=now)
        answer(db, request, accept=False, reason="本群暂不接受这个账号", now=now)
    return ()


def _new(
    db: Session, group: Group, event: JoinRequest, said: str, why: str, now: datetime
) -> Request:
    return joins.add(
        db,
        group_id=group.id,
        chat=event.chat,
        member=event.member,
        name="",
        flag=event.flag,
        answer=said,
        why=why,
        now=now,
        lasts=LASTS,
    )


def _again(db: Session, request: Request, event: JoinRequest, said: str, now: datetime) -> Request:
    """Who asks again while the first request waits has no second place in the list."""
    request.flag, request.answer = event.flag, said
    joins.note(db, request, joins.AGAIN, now=now)
    return request


def answer(db: Session, request: Request, *, accept: bool, reason: str, now: datetime) -> None:
    """Give the platform the answer it waits for."""
    action = AnswerJoin(chat=request.chat, flag=request.flag, accept=accept, reason=reason)
    outbox.put(db, [_plan(request, "answer", action, now)], now=now)


def _plan(request: Request, name: str, action: AnyAction, now: datetime) -> Plan:
    return Plan(
        key=f"join:{request.id}/{name}",
        cause=f"join:{request.id}",
        action=action,
        due=now,
        expires=now + _ANSWER_LASTS,
    )


def tell_applicant(db: Session, request: Request, name: str, words: str, now: datetime) -> None:
    """In private, through a group we share; where there is none nobody can write to them."""
    here = Address.of(request.chat)
    shared = members.chats_with(
        db, platform=here.platform, account=here.account, member=request.member
    )
    if not shared or abilities.missing(db, chat=request.chat, name="direct"):
        return
    say = Say(chat=str(here.to(request.member)), text=words, via=shared[0].key)
    outbox.put(db, [_plan(request, name, say, now)], now=now)


@on(Joined)
def came(db: Session, group: Group, event: Joined, now: datetime) -> Sequence[AnyAction]:
    """Somebody is in: whatever waited for them is done, and who was not asked is looked at now."""
    address = Address.of(event.chat)
    if event.member == address.account:
        return ()
    if waiting := joins.waiting_of(db, chat=event.chat, member=event.member):
        let_in = "在平台上通过" if not waiting.inside else "又进群了"
        joins.decide(db, waiting, State.ADMITTED, by=event.operator, reason=let_in, now=now)
        return ()
    black = blacklist.find(db, group_id=group.id, platform=address.platform, member=event.member)
    if black is not None:
        _came_back(db, group, event, now)
        return ()
    since = now - _JUST_DECIDED
    if not joins.admitted(db, chat=event.chat, member=event.member, since=since):
        check(db, group, chat=event.chat, member=event.member, name=event.name, now=now)
    return ()


def check(db: Session, group: Group, *, chat: str, member: str, name: str, now: datetime) -> None:
    """Put somebody who is in and does not fit on the list, with time to put it right."""
    platform = Address.of(chat).platform
    held = members.roles_in(db, group, platform=platform, member=member)
    judged = entry.judge(db, group, chat=chat, member=member, inside=True)
    if judged.admit or held & PROTECTED:
        return
    request = joins.add(
        db,
        group_id=group.id,
        chat=chat,
        member=member,
        name=one_line(name, limit=LONGEST_NAME),
        why=judged.why,
        now=now,
        lasts=entry.grace(policy.book(db, group.id)),
    )
    until = times.show_moment(request.expires, group.zone)
    words = wording.render("join_check", group=group.name, why=judged.why, until=until)
    tell_applicant(db, request, "check", words, now)


def _came_back(db: Session, group: Group, event: Joined, now: datetime) -> None:
    """Somebody on the list is in: the owner hears, and nobody is removed by itself."""
    who = one_line(event.name, limit=LONGEST_NAME) or event.member
    words = wording.render("blacklisted", group=group.name, who=who, member=event.member)
    plans = [
        Plan(
            key=f"{event.key}/blacklisted/{place.name}",
            cause=event.key,
            action=Say(chat=place.chat, text=words, via=place.via),
            due=now,
            after=quiet.loud(now, group.zone),
        )
        for place in places.owners(db, group)
    ]
    outbox.put(db, plans, now=now)
