"""预告日: choosing the day on which an evening is announced."""

from datetime import date

from bot import times
from handlers.commands import PLANNERS, Call, Refused, command, evening
from handlers.grammar import Number
from handlers.guests import DEED
from schedules import proposals
from schedules.steps import Planned
from schedules.turn import Turn
from storage import changes
from storage.guests import STATE_NAMES, GuestSession, State


@command("预告日 <编号> <日期>", who=PLANNERS, aliases=("嘉宾 预告日",), deed=DEED)
def announce_day(call: Call, number: Number, day: date) -> str:
    """把一场的预告改到另一天发，钟点不变，如：预告日 12 12-31。"""
    one = evening(call, number, (State.PLANNED,))
    if one.state != State.PLANNED:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，预告日不能再改")
    turn = Turn.of(call.db, one, call.now)
    before, zone = turn.announce_due(), turn.group.zone
    new = _planned(turn, day)
    if before is None or new.due == before:
        raise Refused("和原来一样，没有改动")
    then, now = (times.show_moment(moment, zone) for moment in (before, new.due))
    # An evening of old without a day of its own: so that taking this back finds one.
    one.announce_on = one.announce_on or times.local(before, zone).date()
    what = f"{proposals.BY_HAND} #{one.id} {times.show_day(day)}"
    changes.change(call.db, one, by=call.member, what=what, now=call.now, announce_on=day)
    return f"#{one.id} 的预告改到 {now} 发（原定 {then}）。不改了发{call.line('撤销')}"


def _planned(turn: Turn, day: date) -> Planned:
    """The announcement on this day. Raises Refused where it would say nothing any more."""
    zone = turn.group.zone
    new = proposals.announcement(turn.timing, day)
    if new is None:
        raise Refused("本群关掉了预告，没有预告日可改")
    if day > _day(turn.evening, zone):
        raise Refused(f"预告日不能晚于分享当天 {times.show_day(_day(turn.evening, zone))}")
    if new.due <= turn.now:
        raise Refused(f"{times.show_moment(new.due, zone)} 已经过了，请选以后的一天")
    if new.expires is not None and new.due >= new.expires:
        raise Refused("那天发就太晚了，预告最迟在开始前 30 分钟发，请选早一点的一天")
    return new


def _day(one: GuestSession, zone: str) -> date:
    return times.local(one.starts, zone).date()
