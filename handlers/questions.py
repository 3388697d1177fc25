"""提问: what members ask for an evening's queue, the queue itself, and what counts as answered."""

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot import times
from bot.actions import AnyAction
from bot.events import Message, Recalled
from bot.people import Role
from handlers.commands import EVERYONE, PLANNERS, Answer, Call, Refused, command, on
from handlers.grammar import Misread, Number, narrow
from schedules import queue
from storage import guests, members, questions, said
from storage.groups import Group
from storage.guests import AHEAD, LIVE, STATE_NAMES, GuestSession, State
from storage.questions import Question, one_line

MOST_WAITING = 3
LONGEST = 300
_LISTED = 30
_HOSTS = PLANNERS | {Role.HOST}
_WHICH = re.compile(r"#\s*(\d{1,9})(?!\d)\s*|(\d{1,9})号\s+")
_NTH = re.compile(r"[Qq第]?\s*(\d{1,4})[问条个]?")
_ANSWERS = re.compile(
    # Q3季度 is a part of the year.
    r"(?:@\S{1,50}\s{1,3})*(?:回答|答)?\s?((?:Q\d{1,4}[\s、,和及&/+]{0,3})*Q\d{1,4})(?![\d季])",
    re.IGNORECASE,
)


@command("提问 <内容>", who=EVERYONE, plain=r"提问\s*:\s*\S.*")
def ask(call: Call, words: str) -> Answer:
    """向嘉宾提问，先排队，嘉宾讲完统一回答；前面可以加编号，如「提问 #12 内容」。"""
    number, text = _numbered(words)
    if not text:
        raise Misread("还差「内容」。写法：提问 <内容>")
    if len(text) > LONGEST:
        raise Refused(f"问题有点长，请写在 {LONGEST} 个字以内")
    one = meant(call, number)
    if one.state not in AHEAD:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不再收问题")
    guests.get(call.db, one.id, to_change=True)
    if _waiting_of(call, one) >= MOST_WAITING:
        raise Refused(f"你已有 {MOST_WAITING} 个问题在排队，答了再提下一个")
    receipt = _receipt(call, one, _add(call, one, text))
    return [call.privately(receipt)] if one.state == State.SHARING else receipt


@command("问题 [编号]", who=EVERYONE, aliases=("问题列表", "提问列表"))
def show(call: Call, number: Number | None) -> Answer:
    """看一场分享还有哪些问题在排队。"""
    one = meant(call, number)
    waiting = len(questions.waiting(call.db, one.id))
    listed = queue.digest(call.db, one, call.now, limit=_LISTED)
    words = f"#{one.id} 有 {waiting} 问在排队：\n{listed}" if waiting else _nothing(call, one)
    # While it goes on the list is not to push what is said out of sight; the host may show it.
    hidden = one.state == State.SHARING or (one.state == State.ASKING and not call.roles & _HOSTS)
    return [call.privately(words)] if hidden else words


@command("答完 <第几问> [编号]", who=_HOSTS, aliases=("已答",), deed="标记已答的问题")
def close(call: Call, nth: str, number: Number | None) -> str:
    """把答过的问题移出队列，如「答完 Q3」。"""
    found = _NTH.fullmatch(narrow(nth))
    if not found:
        raise Misread(f"「{nth}」不是第几问，请写成 Q3")
    one = meant(call, number)
    question = questions.numbered(call.db, evening_id=one.id, number=int(found[1]))
    if question is None or question.state == questions.State.WITHDRAWN:
        raise Refused(f"#{one.id} 没有 Q{int(found[1])}。发{call.line(f'问题 {one.id}')}看全部")
    questions.answer(call.db, question, now=call.now)
    left = len(questions.waiting(call.db, one.id))
    return f"#{one.id} Q{question.number} 已答完，还有 {left} 问在排队"


@on(Message)
def answered(db: Session, group: Group, message: Message, now: datetime) -> Sequence[AnyAction]:
    """A guest who quotes a question while questions are answered, or names it first, answers it."""
    named = _ANSWERS.match(narrow(message.text.strip()))
    if not (message.reply_to or named):
        return ()
    for evening in said.live(db, group.id):
        if evening.state == State.ASKING and said.by_guest(db, evening, message):
            for one in _answered(db, evening, message, named[1] if named else ""):
                questions.answer(db, one, now=now)
    return ()


@on(Recalled)
def taken_back(db: Session, group: Group, event: Recalled, now: datetime) -> Sequence[AnyAction]:
    """Whose message is gone does not ask any more."""
    if one := questions.of_message(db, chat=event.chat, message=event.message):
        questions.withdraw(db, one)
    return ()


def homes(call: Call) -> list[int]:
    """Ids of the groups the caller may mean: the chat's, in a direct chat all they are in."""
    address = call.address
    if not address.direct:
        return [call.group.id]
    chats = members.chats_with(
        call.db, platform=address.platform, account=address.account, member=call.member
    )
    return list(dict.fromkeys([call.group.id, *(c.group_id for c in chats if c.group_id)]))


def meant(call: Call, number: int | None) -> GuestSession:
    """The evening with this number, or the one that goes on, or the next; Refused without one."""
    if number is not None:
        return _named(call, number)
    mine = [one for group_id in homes(call) for one in guests.ahead(call.db, group_id)]
    ahead = sorted({one.id: one for one in mine}.values(), key=lambda one: one.starts)
    live = [one for one in ahead if one.state in LIVE]
    if len(live) > 1:
        listed = "、".join(f"#{one.id} {one.shown_guest(call.now)}" for one in live)
        raise Refused(f"正在进行的不止一场：{listed}。请在命令后面带上编号")
    if not ahead:
        raise Refused("还没有排好的分享，排好后会预告")
    return (live or ahead)[0]


def _named(call: Call, number: int) -> GuestSession:
    """The evening itself, or the one it was moved to."""
    one = guests.get(call.db, number)
    while one is not None and one.state == State.MOVED and one.successor_id is not None:
        one = guests.get(call.db, one.successor_id)
    if one is None or not any(guests.takes_part(call.db, one, mine) for mine in homes(call)):
        raise Refused(f"没有 #{number} 这场分享。发{call.line('嘉宾 列表')}看全部")
    return one


def _numbered(words: str) -> tuple[int | None, str]:
    found = _WHICH.match(narrow(words))
    if not found:
        return None, one_line(words)
    return int(found[1] or found[2]), one_line(words[found.end() :])


def _waiting_of(call: Call, one: GuestSession) -> int:
    """How many of the caller's questions wait, from whichever account."""
    person = members.person_of(call.db, platform=call.address.platform, external=call.member)
    linked = members.accounts_of(call.db, person.id) if person else []
    accounts = {call.member, *(account.external for account in linked)}
    return sum(
        questions.open_by(call.db, evening_id=one.id, member=account) for account in accounts
    )


def _add(call: Call, one: GuestSession, text: str) -> Question:
    source = next(mine for mine in homes(call) if guests.takes_part(call.db, one, mine))
    return questions.add(
        call.db,
        evening_id=one.id,
        group_id=source,
        chat=call.chat,
        member=call.member,
        name=call.name,
        text=text,
        message=call.message.id,
        event_key=call.message.key,
        now=call.now,
    )


def _receipt(call: Call, one: GuestSession, question: Question) -> str:
    queued = f"已排队 Q{question.number}"
    if one.state == State.ASKING:
        return f"{queued}，正在答疑，请等嘉宾点到"
    if one.state == State.SHARING:
        return f"{queued}，嘉宾讲完统一回答"
    when = times.show_moment(one.starts, call.group.zone)
    return f"#{one.id} {queued}，{when} 开场，嘉宾讲完统一回答"


def _nothing(call: Call, one: GuestSession) -> str:
    return f"#{one.id} 没有问题在排队。想问就发{call.line('提问 内容')}"


def _answered(db: Session, evening: GuestSession, message: Message, named: str) -> list[Question]:
    numbers = {int(number) for number in re.findall(r"\d+", named)}
    return [
        one
        for one in questions.waiting(db, evening.id)
        if one.number in numbers or (message.reply_to == one.message and message.chat == one.chat)
    ]
