"""While an evening runs: longer, later, Q&A now, over."""

from datetime import timedelta

from bot import times
from bot.people import Role
from handlers import wanted
from handlers.commands import PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Number
from schedules import muting, places, posts
from schedules.turn import MOST_EXTENSIONS, Turn
from storage import changes, outbox
from storage.guests import AHEAD, LIVE, STATE_NAMES, GuestSession, State

LONGEST_EXTENSION = 15
LONGEST_DELAY = 60
_NEAR = timedelta(hours=2)
"""An evening is put off for its guest only when it is about to begin, or has begun."""

LEADERS = frozenset({*PLANNERS, Role.HOST})
_DEED = "主持分享"


@command("主持 <编号> <主持人>", who=PLANNERS, aliases=("嘉宾 主持",), deed="定主持人")
def appoint(call: Call, number: Number, who: str) -> Answer:
    """定这一场的主持人，提示和选择都发给他；不定就是群主。"""
    one = evening(call, number, AHEAD)
    name, account = wanted.who(call, who)
    if not account or " " in account:
        raise Refused(f"群里没找到「{name}」，请 @ 那个人")
    what = f"主持人 #{one.id}"
    changes.change(call.db, one, by=call.member, what=what, now=call.now, host_account=account)
    return f"#{one.id} 由 {name} 主持"


def leading(call: Call, one: GuestSession) -> None:
    """Raises Refused for the host of another evening."""
    if not call.roles & PLANNERS and call.member != one.host_account:
        raise Refused(f"#{one.id} 不是你主持的")


@command("延长 <分钟> [编号]", who=LEADERS, deed=_DEED)
def extend(call: Call, minutes: int, number: Number | None) -> Answer:
    """延长今晚的分享，一次最多 15 分钟，最多两次。"""
    one = evening(call, number, LIVE, shared=True)
    leading(call, one)
    if one.state not in LIVE:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不能延长")
    if one.extended >= MOST_EXTENSIONS:
        raise Refused(f"#{one.id} 已经延长过 {MOST_EXTENSIONS} 次，不能再延长了")
    if not 1 <= minutes <= LONGEST_EXTENSION:
        raise Refused(f"一次最多延长 {LONGEST_EXTENSION} 分钟")
    ends = one.ends + timedelta(minutes=minutes)
    changes.settle(
        call.db,
        one,
        by=call.member,
        what=f"延长 #{one.id}",
        now=call.now,
        ends=ends,
        extended=one.extended + 1,
    )
    tell_all(call, one, "extended")
    return f"#{one.id} 延长到 {times.local(ends, call.group.zone):%H:%M}，后面的步骤顺延"


@command("收尾 [编号]", who=LEADERS, deed=_DEED)
def finish(call: Call, number: Number | None) -> Answer:
    """现在就收尾，结束今晚的分享。"""
    one = evening(call, number, LIVE, shared=True)
    leading(call, one)
    if one.state not in LIVE:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不用收尾")
    if one.ends > call.now:
        asks = min(one.asks, call.now)
        what = f"收尾 #{one.id}"
        changes.settle(
            call.db, one, by=call.member, what=what, now=call.now, ends=call.now, asks=asks
        )
    return f"好的，#{one.id} 到这里结束"


@command("开始答疑 [编号]", who=LEADERS, aliases=("答疑 开始",), deed=_DEED)
def ask_now(call: Call, number: Number | None) -> Answer:
    """不等时间到，现在就开始答疑。"""
    one = evening(call, number, (State.SHARING,), shared=True)
    leading(call, one)
    if one.state != State.SHARING:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不在分享中")
    what = f"开始答疑 #{one.id}"
    changes.settle(call.db, one, by=call.member, what=what, now=call.now, asks=call.now)
    return f"好的，#{one.id} 现在开始答疑"


@command("顺延 [分钟] [编号]", who=LEADERS, deed=_DEED)
def delay(call: Call, minutes: int | None, number: Number | None) -> Answer:
    """嘉宾晚到，整场顺延几分钟，不写就是 15 分钟。"""
    one = evening(call, number, (State.ANNOUNCED, State.SHARING))
    leading(call, one)
    if one.starts - call.now > _NEAR:
        raise Refused(f"离开始还早，改时间请用「嘉宾 修改 #{one.id} 时间=…」")
    if one.state not in (State.ANNOUNCED, State.SHARING) or one.arrived is not None:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不用顺延了")
    if not 1 <= (minutes or 15) <= LONGEST_DELAY:
        raise Refused(f"一次最多顺延 {LONGEST_DELAY} 分钟")
    least = call.now + timedelta(minutes=1) - one.starts
    by = max(timedelta(minutes=minutes or 15), least)
    muting.lift(Turn.of(call.db, one, call.now))
    moved = {name: getattr(one, name) + by for name in ("starts", "asks", "ends")}
    again = {"state": State.ANNOUNCED, "opened": None}
    what = f"顺延 #{one.id}"
    changes.settle(call.db, one, by=call.member, what=what, now=call.now, **moved, **again)
    tell_all(call, one, "delayed")
    return f"#{one.id} 顺延到 {times.local(one.starts, call.group.zone):%H:%M} 开始"


def tell_all(call: Call, one: GuestSession, name: str) -> None:
    """One word to every group of the evening, on each group's own clock."""
    turn = Turn.of(call.db, one, call.now)
    plans = [
        posts.plan(
            name,
            one,
            place,
            posts.text(name, one, turn.group, call.now, zone=place.zone),
            due=call.now,
            expires=one.ends,
            priority=1,
        )
        for place in places.chats(call.db, one)
    ]
    outbox.put(call.db, plans, now=call.now)
