"""What is left to do after an evening: promises, tasks, and questions nobody could answer."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot.people import Role
from storage import cues
from storage.asked import Asked
from storage.transcript import Line, Phase

_JUST_BEFORE = timedelta(minutes=2)
_SHORT = 6
_BRIEF = 40

_QUOTED = re.compile(r"[\"“「『][^\"”」』]*[\"”」』]")
_LATER = (
    r"(?:回头|稍后|稍晚|晚点|晚些|会后|课后|待会|等会|一会儿?|结束后|散会后?|明[天早晚]|后天|"
    r"下周[一二三四五六日天]?|周[一二三四五六日天]|改天|过两天|月底|尽快|马上|这就)"
)
_DO = (
    r"(?:发|传|整理|补|问|换|分享|同步|答复|回复|确认|核实|统计|安排|约|拉群|寄|反馈|公布|汇总|"
    r"改|查)"
)
_PROMISE = re.compile(
    rf"{_LATER}[^，,。！!？?；;]{{0,8}}{_DO}|"
    r"今[天晚][^，,。！!？?；;]{0,4}(?:发|传|整理|补|回复|答复)|"
    rf"我(?:们|这边)?(?:来|去|会|再)[^，,。！!？?；;]{{0,4}}{_DO}|"
    r"我(?:整理|汇总|统计|核实|确认)(?:一下|好|完|个)"
)
_FOR_ALL = re.compile(
    r"(?:发|传|分享|给|同步).{0,8}(?:群|大家|你们|各位)|资料|模板|清单|文件|表格|链接|话术|电子版|PPT",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"作业|课后任务|(?:记得|别忘了?|请(?:大家|各位|每人)?|每[人位]|务必|大家)"
    r".{0,24}(?:交|填|报名|上传|完成|打卡|发[到给我群])|"
    r"(?:[日号天一二三四五六]|之)前.{0,6}(?:交|填好|完成|发给?我)|"
    r"下周[一二三四五六日天]?.{0,3}(?:交|检查|抽查)"
)
_UNSETTLED = re.compile(
    r"没法答|答不了|答不上|不好说|说不准|不清楚|不确定|不太?了解|要问|得问|去问|核实|"
    r"确认(?:一下|后|完)|查一?下再|有争议|等通知|还没定|没定下来"
)


def find(lines: Sequence[Line], questions: Iterable[Asked]) -> list[list[Line]]:
    """The lines of each thing left to do, in order; no line is in two of them."""
    found = [left for one in questions if (left := _left_open(one))]
    taken = {line.id for group in found for line in group}
    for number, line in enumerate(lines):
        if line.id in taken or not (promises(line) or _assigns(line)):
            continue
        before = lines[number - 1] if number else line
        short = cues.substance(line.words) < _SHORT and line.at - before.at <= _JUST_BEFORE
        found.append([before, line] if short and before is not line else [line])
    return sorted(found, key=lambda group: (group[-1].at, group[-1].id))


def promises(line: Line) -> bool:
    """Somebody says what they will do; a guest's tale of what they did is none."""
    words = _QUOTED.sub("", line.words)
    if not _PROMISE.search(words) or cues.asks(words):
        return False
    if line.role is not Role.GUEST or (line.phase is Phase.ASK and len(words) <= _BRIEF):
        return True
    return bool(_FOR_ALL.search(words))


def _assigns(line: Line) -> bool:
    """Only hosts and guests give tasks."""
    leading = line.hosting or line.role is Role.GUEST
    return leading and bool(_TASK.search(line.words)) and not cues.asks(line.words)


def _left_open(one: Asked) -> list[Line]:
    """The question with the words that put it off; nothing when it was answered."""
    off = [
        line
        for line in one.answers
        if promises(line) or (len(line.words) <= _BRIEF and _UNSETTLED.search(line.words))
    ]
    return [one.lines[0], *off] if off else []
