"""What the bot promised to post: 预览 of a text, and 今天's list with what became of each."""

from bot import times
from handlers.commands import PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Number
from schedules import places, promises, steps
from schedules.lifecycle import Decision, Now
from schedules.steps import Step
from schedules.turn import Turn
from storage import guests
from storage.guests import AHEAD


@command("预览 [编号]", who=PLANNERS, deed="预览公告")
def preview(call: Call, number: Number | None) -> Answer:
    """把预告的文字先发给你一个人看。"""
    one = evening(call, number, AHEAD, shared=True)
    now = Turn.of(call.db, one, call.now)
    announce = next((s for s in steps.plan(now.timing) if s.step is Step.ANNOUNCE), None)
    there = places.chats(call.db, one)
    if announce is None or not there:
        raise Refused(f"#{one.id} 不发预告")
    then = Turn.of(call.db, one, max(announce.due, call.now))
    return [call.privately(then.words(announce, there[0], Decision(Now.SEND)))]


@command("今天", who=PLANNERS, aliases=("今日",), deed="看今天的安排")
def today(call: Call) -> str:
    """今天要发什么、发了没有、要不要你做什么。"""
    day = times.local(call.now, call.group.zone).date()
    mine = promises.on(call.db, day, group_id=call.group.id)
    found = promises.of_day(call.db, mine, day, call.now)
    if not found:
        return f"今天没有要发的。{_coming(call)}"
    head = f"今天 {times.show_day(day)}，{len(found)} 项："
    return "\n".join([head, *(one.line for one in found)])


def _coming(call: Call) -> str:
    ahead = guests.ahead(call.db, call.group.id)
    if not ahead:
        return "也没有排好的嘉宾，发「嘉宾 安排」排一场吧"
    one = ahead[0]
    when = times.show_moment(one.starts, call.group.zone)
    return f"下一场是 #{one.id} {when} {one.shown_guest(call.now)}《{one.topic}》"
