"""A guest who is not named before the opening."""

from datetime import datetime

from bot import times
from handlers import wanted
from handlers.commands import PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Number, Options, narrow
from schedules import corrections, standing
from schedules.turn import Turn
from storage import changes
from storage.guests import BEFORE, STATE_NAMES, State


@command(
    "神秘 <编号> <开或关> [提示=] [揭晓=]", who=PLANNERS, aliases=("神秘嘉宾",), deed="设神秘嘉宾"
)
def mystery(call: Call, number: Number, word: str, options: Options) -> Answer:
    """开场前（或到「揭晓=20:00」）不公布嘉宾是谁，可以给一句提示。"""
    one = evening(call, number, BEFORE)
    if one.state not in BEFORE:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不能再设")
    if word not in ("开", "关"):
        raise Refused("请写「开」或「关」，如：神秘 #12 开 提示=公司第3号员工")
    turn = Turn.of(call.db, one, call.now, to_change=True)
    known = {*standing.told(turn.deliveries), *standing.waiting(turn.deliveries)}
    if word == "开" and known and not one.mystery:
        raise Refused(f"#{one.id} 已经预告过嘉宾的名字，不能再设成神秘嘉宾")
    values: dict[str, object] = {"mystery": word == "开"}
    if hint := options.get("提示"):
        values["hint"] = _hint(hint, one.guest)
    if reveal := options.get("揭晓"):
        values["reveal"] = _moment(call, reveal, one.starts)
    what = f"神秘嘉宾 #{one.id} {word}"
    changes.change(call.db, one, by=call.member, what=what, now=call.now, **values)
    # What waits already would name the guest; it is planned again in other words.
    corrections.withdraw(turn)
    if word == "关":
        return [call.privately(f"#{one.id} 不再是神秘嘉宾，还没发的内容会写上名字")]
    when = f"{times.local(one.reveal, call.group.zone):%H:%M}" if one.reveal else "开场"
    return [call.privately(f"#{one.id} 已设为神秘嘉宾，{when}揭晓；在那之前不写姓名、账号和海报")]


def _hint(hint: str, guest: str) -> str:
    line = wanted.short(hint, "提示")
    if any(name and name in line for name in guest.split("、")):
        raise Refused("提示里不能有嘉宾的名字")
    return line


def _moment(call: Call, clock: str, starts: datetime) -> datetime:
    try:
        wanted_clock = times.read_clock(narrow(clock))
    except ValueError as problem:
        raise Refused(str(problem)) from None
    return times.at(times.local(starts, call.group.zone).date(), wanted_clock, call.group.zone)
