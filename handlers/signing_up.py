"""报名: members say that they mean to come, and those who plan see how many will."""

from handlers.commands import EVERYONE, PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Number
from handlers.guests import when
from handlers.questions import homes, meant
from storage import attendance, guests, sign_ups
from storage.guests import AHEAD, BEFORE, STATE_NAMES, GuestSession, State

_LISTED = 60


@command("报名 [编号]", who=EVERYONE, fits=lambda rest: not rest or rest.isdecimal())
def sign_up(call: Call, number: Number | None) -> Answer:
    """报名听一场分享，不报名也能来；改期会跟着改到新的一场。"""
    one = _ahead(call, number)
    source = next(mine for mine in homes(call) if guests.takes_part(call.db, one, mine))
    new = sign_ups.add(
        call.db,
        evening_id=one.id,
        group_id=source,
        who=_who(call),
        name=call.name,
        now=call.now,
    )
    done = "已报名" if new else "你已经报过名"
    # A reply to each of sixty people would push what is said out of sight.
    return [call.privately(f"#{one.id} {done}：{when(call, one)}。不去了发「取消报名 {one.id}」")]


@command("取消报名 [编号]", who=EVERYONE, aliases=("报名 取消",))
def withdraw(call: Call, number: Number | None) -> Answer:
    """不去了就说一声，名额和名单会跟着改。"""
    one = _ahead(call, number)
    gone = sign_ups.remove(call.db, evening_id=one.id, who=_who(call))
    return [call.privately(f"#{one.id} " + ("报名已取消" if gone else "没有你的报名"))]


@command("报名名单 [编号]", who=PLANNERS, aliases=("报名 名单",), deed="看报名名单")
def show(call: Call, number: Number | None) -> Answer:
    """看一场有多少人报名、是哪些人；只发给你自己。"""
    one = evening(call, number, AHEAD, shared=True)
    listed = sign_ups.of_evening(call.db, one.id)
    names = "、".join(each.name for each in listed[:_LISTED])
    more = f" 等 {len(listed)} 人" if len(listed) > _LISTED else ""
    words = f"#{one.id} 有 {len(listed)} 人报名" + (f"：{names}{more}" if listed else "")
    return [call.privately(words)]


def _ahead(call: Call, number: int | None) -> GuestSession:
    one = meant(call, number)
    if one.state not in BEFORE:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不用报名，直接来就行")
    return one


def _who(call: Call) -> str:
    return attendance.who(call.db, platform=call.address.platform, member=call.member)
