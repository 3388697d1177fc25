"""Requests to join, and those who came in unasked: judged at once, or decided by a person."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import AnswerJoin, AnyAction, Say
from bot.events import Joined, JoinRequest
from bot.people import PROTECTED, Address
from handlers.commands import KEEPERS, Answer, Call, NoneHere, Refused, command, on
from handlers.grammar import Misread, Options, narrow
from schedules import admission, entry
from schedules.joins import LASTS, line
from storage import abilities, invites, joins, members, outbox, raids, rulebook
from storage.groups import Group
from storage.joins import STATE_NAMES, Request, State
from storage.outbox import Plan
from storage.questions import one_line

LONGEST_ANSWER, LONGEST_REASON = 200, 60
_LISTED = 20
_ANSWER_LASTS = timedelta(hours=1)
_JUST_DECIDED = timedelta(days=7)
_NUMBERED = re.compile(r"#?\s*(\d{1,9})\s*号?(?:申请|核验)?(?:\s+(.*))?", re.DOTALL)
_DEED = "决定谁能进群"
_IN_RAID = "入群警戒中"


@on(JoinRequest)
def asked(db: Session, group: Group, event: JoinRequest, now: datetime) -> Sequence[AnyAction]:
    """Somebody asks to be let in: who fits is, anybody else waits for a person."""
    answer = one_line(admission.answer_in(event.comment), limit=LONGEST_ANSWER)
    judged = entry.judge(db, group, chat=event.chat, member=event.member, answer=answer)
    invited = invites.good(db, group_id=group.id, answer=answer, now=now)
    raid = raids.standing(db, group.id) is not None
    admit = (judged.admit or (invited is not None and not judged.never)) and not raid
    again = joins.waiting_of(db, chat=event.chat, member=event.member)
    request = (
        _again(db, again, event, answer, now)
        if again
        else _new(
            db, group, event, answer, "；".join(filter(None, [_IN_RAID * raid, judged.why])), now
        )
    )
    if admit and entry.answers(db, event.chat):
        why = f"#{invited.evening_id} 的邀请码" if invited and not judged.admit else "符合条件"
        joins.decide(db, request, State.ADMITTED, by="", reason=why, now=now)
        _answer(db, request, accept=True, reason="", now=now)
    elif not again:
        hours = int(LASTS.total_seconds()) // 3600
        words = wording.render("join_why", group=group.name, why=request.why, hours=hours)
        _tell_applicant(db, request, "why", words, now)
    return ()


def _new(
    db: Session, group: Group, event: JoinRequest, answer: str, why: str, now: datetime
) -> Request:
    return joins.add(
        db,
        group_id=group.id,
        chat=event.chat,
        member=event.member,
        name="",
        flag=event.flag,
        answer=answer,
        why=why or "符合条件",
        now=now,
        lasts=LASTS,
    )


def _again(
    db: Session, request: Request, event: JoinRequest, answer: str, now: datetime
) -> Request:
    """Who asks again while the first request waits has no second place in the list."""
    request.flag, request.answer = event.flag, answer
    joins.note(db, request, "asked again", now=now)
    return request


def _answer(db: Session, request: Request, *, accept: bool, reason: str, now: datetime) -> None:
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


def _tell_applicant(db: Session, request: Request, name: str, words: str, now: datetime) -> None:
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
        name=one_line(name, limit=LONGEST_REASON),
        why=judged.why,
        now=now,
        lasts=entry.grace(rulebook.book(db, group.id)),
    )
    until = times.show_moment(request.expires, group.zone)
    words = wording.render("join_check", group=group.name, why=judged.why, until=until)
    _tell_applicant(db, request, "check", words, now)


def _numbered(line: str) -> bool:
    return _NUMBERED.fullmatch(narrow(line).partition("理由")[0].strip()) is not None


def _wanted(call: Call, words: str) -> tuple[Request, str]:
    """The request meant, and what else was written. Raises Refused once it is decided."""
    found = _NUMBERED.fullmatch(narrow(words))
    if found is None:
        raise Misread("请写上几号申请，如「同意 3」")
    request = joins.get(call.db, int(found[1]))
    if request is None or request.group_id != call.group.id:
        raise NoneHere(f"本群没有 {found[1]} 号申请。发{call.line('入群 待办')}看全部")
    return request, (found[2] or "").strip()


def _decide(call: Call, request: Request, state: State, reason: str) -> None:
    before = STATE_NAMES[State(request.state)]
    if not joins.decide(call.db, request, state, by=call.member, reason=reason, now=call.now):
        by = f"（{request.decided_by}）" if request.decided_by else ""
        raise Refused(f"{request.id} 号{before}{by}，不能再改")


@command("同意 <编号>", who=KEEPERS, deed=_DEED, fits=_numbered)
def admit(call: Call, number: str) -> Answer:
    """让一位申请人进群，或让一位没对上条件的人留下，如：同意 3。"""
    request, _ = _wanted(call, number)
    _decide(call, request, State.ADMITTED, "")
    if request.inside:
        return [call.privately(f"{request.id} 号已同意，留在群里")]
    if not entry.answers(call.db, request.chat):
        return [call.privately(f"{request.id} 号已记为同意，请在群管理里通过")]
    _answer(call.db, request, accept=True, reason="", now=call.now)
    return [call.privately(f"{request.id} 号已同意，马上放进来")]


@command("拒绝 <编号> [理由=]", who=KEEPERS, deed=_DEED, fits=_numbered)
def refuse(call: Call, number: str, options: Options) -> Answer:
    """拒绝一位申请人，如：拒绝 3 理由=请先联系片区经理。"""
    request, more = _wanted(call, number)
    reason = one_line(options.get("理由", "") or more, limit=LONGEST_REASON)
    _decide(call, request, State.REFUSED, reason)
    if request.inside:
        words = f"{request.id} 号已记为不留。我不会移人，请在群里手动移出"
        return [call.privately(words)]
    if not entry.answers(call.db, request.chat):
        return [call.privately(f"{request.id} 号已记为拒绝，请在群管理里拒绝")]
    _answer(
        call.db, request, accept=False, reason=reason or request.why[:LONGEST_REASON], now=call.now
    )
    words = wording.render("join_refused", group=call.group.name, reason=reason)
    _tell_applicant(call.db, request, "refused", words, call.now)
    return [call.privately(f"{request.id} 号已拒绝" + (f"：{reason}" if reason else ""))]


@command("入群 待办", who=KEEPERS, aliases=("入群待办", "入群"), deed=_DEED)
def show(call: Call) -> Answer:
    """看还有谁在等着进群，和谁进来后没对上条件。"""
    there = joins.waiting(call.db, call.group.id)
    if not there:
        raise NoneHere("没有等着处理的入群申请")
    lines = [line(call.db, one, call.group.zone) for one in there[:_LISTED]]
    more = [f"还有 {len(there) - _LISTED} 个"] if len(there) > _LISTED else []
    todo = f"回复「同意 {there[0].id}」「拒绝 {there[0].id} 理由=…」"
    return [call.privately("\n".join([f"{call.group.name} 待处理：", *lines, *more, todo]))]
