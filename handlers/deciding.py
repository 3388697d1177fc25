"""同意 and 拒绝: a person decides who may join, once; and the list of those who wait."""

import re

from bot import wording
from handlers import joining
from handlers.commands import KEEPERS, Answer, Call, NoneHere, Refused, command
from handlers.grammar import Misread, Options, narrow
from schedules import entry
from schedules.joins import line
from storage import groups, joins, members
from storage.joins import STATE_NAMES, Request, State
from storage.questions import one_line

LONGEST_REASON = 60
_LISTED = 20
_NUMBERED = re.compile(r"#?\s*(\d{1,9})\s*号?(?:申请|核验)?(?:\s+(.*))?", re.DOTALL)
_DEED = "决定谁能进群"


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
        raise Refused(f"{request.id} 号{before}{_by(call, request)}，不能再改")


def _by(call: Call, request: Request) -> str:
    if not request.decided_by:
        return ""
    there = members.in_chat(call.db, groups.chat_for(call.db, request.chat).id)
    who = there.get(request.decided_by)
    return f"（{who.name if who and who.name else request.decided_by}）"


@command("同意 <编号>", who=KEEPERS, deed=_DEED, fits=_numbered)
def admit(call: Call, number: str) -> Answer:
    """让一位申请人进群，或让一位没对上条件的人留下，如：同意 3。"""
    request, _ = _wanted(call, number)
    _decide(call, request, State.ADMITTED, "")
    if request.inside:
        return [call.privately(f"{request.id} 号已同意，留在群里")]
    if not entry.answers(call.db, request.chat):
        return [call.privately(f"{request.id} 号已记为同意，请在群管理里通过")]
    joining.answer(call.db, request, accept=True, reason="", now=call.now)
    return [call.privately(f"{request.id} 号已同意，马上放进来")]


@command("拒绝 <编号> [理由=]", who=KEEPERS, deed=_DEED, fits=_numbered)
def refuse(call: Call, number: str, options: Options) -> Answer:
    """拒绝一位申请人，如：拒绝 3 理由=请先联系片区经理。"""
    request, more = _wanted(call, number)
    reason = one_line(options.get("理由", "") or more, limit=LONGEST_REASON)
    _decide(call, request, State.REFUSED, reason)
    if request.inside:
        how = f"群主发「移出 {request.member}」或在群里手动移出"
        return [call.privately(f"{request.id} 号已记为不留。我不会自己移人，{how}")]
    if not entry.answers(call.db, request.chat):
        return [call.privately(f"{request.id} 号已记为拒绝，请在群管理里拒绝")]
    why = reason or request.why[:LONGEST_REASON]
    joining.answer(call.db, request, accept=False, reason=why, now=call.now)
    words = wording.render("join_refused", group=call.group.name, reason=reason)
    joining.tell_applicant(call.db, request, "refused", words, call.now)
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
