"""The plan of a group's evenings: seeing it, switching steps off, shifting them."""

import re
from datetime import timedelta

from bot import times
from handlers import keeping
from handlers.commands import PLANNERS, Answer, Call, Refused, command, evening, nearest_of
from handlers.grammar import Number
from schedules import choices, holidays, steps
from schedules.holidays import Policy
from schedules.steps import NAMED, NEEDED, STEP_NAMES, Choice, Planned, Step
from schedules.turn import Turn
from storage.guests import AHEAD

FARTHEST = 3 * 24 * 60
"""Minutes. A step shifted further is another step."""

_SHIFT = re.compile(r"(提前|推迟)\s*(\d{1,4})\s*(分钟?|小时|天)")
_UNITS = {"分": 1, "分钟": 1, "小时": 60, "天": 24 * 60}
_DEED = "改步骤"


@command("步骤 [编号]", who=PLANNERS, aliases=("计划",), deed="看步骤")
def show(call: Call, number: Number | None) -> Answer:
    """看一场分享的全部步骤：什么时候、最晚什么时候、发给谁。"""
    one = evening(call, number, AHEAD, shared=True)
    turn = Turn.of(call.db, one, call.now)
    lines = [_line(step, call.group.zone) for step in steps.order(steps.plan(turn.timing))]
    off = [STEP_NAMES[step] for step, choice in turn.timing.choices.items() if not choice.on]
    lines += [f"本群关掉的：{'、'.join(off)}"] if off else []
    lines.append(f"改法：「步骤设置 当天提醒 提前30分钟」「步骤设置 {STEP_NAMES[Step.CODE_B]} 关」")
    return [call.privately("\n".join([f"#{one.id} 的步骤：", *lines]))]


def _line(step: Planned, zone: str) -> str:
    due = times.show_moment(step.due, zone)
    until = f"，最晚 {times.show_moment(step.expires, zone)}" if step.expires else ""
    return f"· {due} {STEP_NAMES[step.step]}{until}"


@command("步骤设置 <步骤> <设置>", who=PLANNERS, aliases=("步骤 设置",), deed=_DEED, sets=True)
def change(call: Call, name: str, wanted: str) -> Answer:
    """开、关或挪动本群每场分享的一个步骤，如：步骤设置 当天提醒 提前30分钟。"""
    step = named(name)
    kept = choices.read(keeping.in_force(call)).get(step, Choice())
    choice = read(step, kept, wanted)
    key = choices.key(STEP_NAMES[step])
    keeping.keep(call, {key: choices.kept(choice)}, f"{name} {wanted}")
    state = _shown(choice)
    return f"已改：{call.whose}的「{STEP_NAMES[step]}」{state}。改回去发{keeping.way_back(call)}"


@command("节假日 <办法>", who=PLANNERS, deed=_DEED, sets=True)
def policy(call: Call, words: str) -> Answer:
    """预告赶上放假怎么办：照发，或提前到最近工作日。对以后安排的场次生效。"""
    try:
        chosen: Policy = holidays.read_policy(words)
    except ValueError as problem:
        raise Refused(str(problem)) from None
    keeping.keep(call, {choices.HOLIDAYS: choices.kept_policy(chosen)}, f"节假日 {chosen}")
    return f"以后安排的场次，预告赶上放假时{chosen}。已经安排的不动"


def named(name: str) -> Step:
    """The step of that name. Raises Refused when there is none, or none that may be changed."""
    step = NAMED.get(name)
    if step is None:
        near = nearest_of(name, NAMED)
        raise Refused(f"没有「{name}」这个步骤" + (f"，是「{near}」吗？" if near else ""))
    if step in NEEDED:
        raise Refused(f"「{name}」关不掉也不能挪：没有它这一场就办不成")
    return step


def read(step: Step, kept: Choice, wanted: str) -> Choice:
    """关, 准时, or 提前30分钟; what is not said stays as `kept`."""
    if wanted in ("关", "关闭"):
        return Choice(on=False, minutes=kept.minutes)
    if wanted in ("开", "开启", "准时"):
        return Choice(minutes=0 if wanted == "准时" else kept.minutes)
    found = _SHIFT.fullmatch(wanted.strip())
    if not found:
        raise Refused("请写「开」「关」「准时」，或「提前30分钟」「推迟1小时」")
    minutes = int(found[2]) * _UNITS[found[3]]
    if minutes > FARTHEST:
        raise Refused("最多挪 3 天")
    return Choice(minutes=-minutes if found[1] == "提前" else minutes)


def written(choice: Choice) -> str:
    """A choice in the words that `read` takes."""
    if not choice.on:
        return "关"
    if not choice.minutes:
        return "准时"
    word = "提前" if choice.minutes < 0 else "推迟"
    minutes = abs(choice.minutes)
    unit = next(one for one in ("天", "小时", "分钟") if minutes % _UNITS[one] == 0)
    return f"{word}{minutes // _UNITS[unit]}{unit}"


def _shown(choice: Choice) -> str:
    if not choice.on:
        return "关掉了"
    if not choice.minutes:
        return "按默认时间"
    word = "提前" if choice.minutes < 0 else "推迟"
    span = times.show_seconds(int(timedelta(minutes=abs(choice.minutes)).total_seconds()))
    return f"{word} {span}"
