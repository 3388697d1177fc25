"""What the bot promised to post: 预览 of a text, and 今天's list with what became of each."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from bot import times
from handlers.commands import PLANNERS, Answer, Call, command, evening
from handlers.grammar import Number
from schedules import lifecycle, posts, standing
from schedules.lifecycle import STEP_NAMES, Planned
from storage import guests, outbox
from storage.guests import AHEAD, GuestSession
from storage.outbox import STATE_NAMES, Delivery, State

_NEXT = {
    State.FAILED: "请检查机器人是否还在群里、是否有权限",
    State.UNKNOWN: "请在群里看一眼是否已发出",
    State.WAITING: "等人转发",
    State.EXPIRED: "需要的话请在群里说一声",
    State.PLANNED: "到点自动发",
    State.CLAIMED: "正在发",
    State.DELIVERED: "无需操作",
    State.SUPERSEDED: "无需操作",
}


@command("预览 [编号]", who=PLANNERS, deed="预览公告")
def preview(call: Call, number: Number | None) -> Answer:
    """把预告的文字先发给你一个人看。"""
    one = evening(call, number, AHEAD)
    announce = lifecycle.plan(posts.timing(one, call.group))[0]
    words = posts.text(announce.step, one, call.group, max(announce.due, call.now), late=False)
    return [call.privately(words)]


@command("今天", who=PLANNERS, aliases=("今日",), deed="看今天的安排")
def today(call: Call) -> str:
    """今天要发什么、发了没有、要不要你做什么。"""
    day = times.local(call.now, call.group.zone).date()
    since = times.at(day, time(0), call.group.zone)
    until = times.at(day + timedelta(days=1), time(0), call.group.zone)
    lines = [
        line
        for one in guests.around(call.db, group_id=call.group.id, now=call.now)
        for line in _promises(call, one, since, until)
    ]
    if not lines:
        return f"今天没有要发的。{_coming(call)}"
    return "\n".join([f"今天 {times.show_day(day)}，{len(lines)} 项：", *sorted(lines)])


def _promises(call: Call, one: GuestSession, since: datetime, until: datetime) -> list[str]:
    deliveries = outbox.of_cause(call.db, one.cause)
    steps = lifecycle.order(lifecycle.plan(posts.timing(one, call.group)))
    return [
        _line(call, one, step, [d for d in deliveries if d.step == step.step])
        for step in steps
        if since <= step.due < until
    ]


def _line(call: Call, one: GuestSession, step: Planned, deliveries: Sequence[Delivery]) -> str:
    state, why = standing.worst(deliveries)
    reason = f"（{why}）" if why else ""
    clock = times.local(step.due, call.group.zone)
    what = f"{clock:%H:%M} #{one.id} {STEP_NAMES[step.step]}"
    return f"{what}：{STATE_NAMES[state]}{reason} → {_NEXT[state]}"


def _coming(call: Call) -> str:
    ahead = guests.ahead(call.db, call.group.id)
    if not ahead:
        return "也没有排好的嘉宾，发「嘉宾 安排」排一场吧"
    one = ahead[0]
    when = times.show_moment(one.starts, call.group.zone)
    return f"下一场是 #{one.id} {when} {one.guest}《{one.topic}》"
