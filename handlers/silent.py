"""沉默成员: who has not been heard for long, and a friendly word to them in private."""

import re

from bot import times
from handlers.commands import PLANNERS, Answer, Call, Refused, command
from schedules import digests, growth, silent
from schedules.silent import AGAIN, MOST, Silent
from storage import questions

_DEED = "看沉默成员"
_LISTED = 60
_DAYS = re.compile(r"(\d{1,3})\s*天?")
_LEAST, _LONGEST = 7, 180


def _read(days: str | None) -> bool:
    return not days or _DAYS.fullmatch(days.strip()) is not None


@command("沉默成员 [天数]", who=PLANNERS, deed=_DEED, fits=_read)
def show(call: Call, days: str | None) -> Answer:
    """看多少天没说话的成员、谁可以提醒和会发的话；不写天数按本群这一档（默认 30 天）。"""
    count = _days(call, days)
    found = _found(call, count)
    may = _may(call, found)
    if not found:
        return [call.privately(f"【{call.group.name}】{count} 天里大家都说过话")]
    names = [_name(one, fresh=one in may) for one in found[:_LISTED]]
    more = f" 等 {len(found)} 人" if len(found) > _LISTED else ""
    lines = [f"【{call.group.name}】{count} 天没说话的有 {len(found)} 人：{'、'.join(names)}{more}"]
    if may:
        word = f"沉默成员 提醒 {count}{digests.here(call.group)}"
        lines.append(
            f"可以提醒 {len(may)} 人，会私聊各发一句：\n{silent.words(call.group, may[0].one)}"
        )
        lines.append(f"发「{word}」就发；一个人一个月最多一次，不会移出任何人")
    else:
        lines.append(f"这些人 {AGAIN.days} 天内都提醒过了（标 ✓），先不再打扰")
    return [call.privately("\n".join(lines))]


@command("沉默成员 提醒 [天数]", who=PLANNERS, deed="提醒沉默成员", fits=_read)
def remind(call: Call, days: str | None) -> Answer:
    """私聊提醒沉默成员，每人每月最多一次，避开安静时段，慢慢发。"""
    count = _days(call, days)
    may = _may(call, _found(call, count))
    if not may:
        raise Refused(f"没有要提醒的人：{count} 天没说话的，{AGAIN.days} 天内都提醒过了，或者没有")
    last = silent.remind(call.db, call.group, may[:MOST], now=call.now)
    rest = f"，还有 {len(may) - MOST} 人下次再提醒" if len(may) > MOST else ""
    until = times.show_moment(last, call.group.zone)
    stop = call.line("沉默成员 停")
    return [
        call.privately(f"开始提醒 {min(len(may), MOST)} 人，{until} 前发完{rest}。不想发了发{stop}")
    ]


@command("沉默成员 停", who=PLANNERS, deed="停下提醒", fits=lambda rest: not rest)
def stop(call: Call) -> Answer:
    """停下还没发出的沉默成员提醒。"""
    count = silent.stop(call.db, call.group, now=call.now)
    if not count:
        raise Refused("没有还没发的提醒")
    return f"停了，还没发的 {count} 条不再发"


def _days(call: Call, text: str | None) -> int:
    """How many days are meant. Raises Refused where the bot did not listen for so long."""
    if not _read(text):
        raise Refused("天数请写成 30 或 30天")
    _, phase = growth.current(call.db, call.group.id)
    found = _DAYS.fullmatch(text.strip()) if text else None
    days = int(found[1]) if found else phase.silent
    if not _LEAST <= days <= _LONGEST:
        raise Refused(f"天数要在 {_LEAST} 到 {_LONGEST} 之间")
    return days


def _found(call: Call, days: int) -> list[Silent]:
    if silent.deaf(call.db, call.group):
        raise Refused("这个平台只让班长听到 @ 它的话，数不出谁没说话")
    begun = silent.heard_since(call.db, call.group)
    heard = (call.now - begun).days if begun else 0
    if heard < days:
        raise Refused(f"班长在这个群里才听了 {heard} 天，还说不准谁 {days} 天没说话")
    return silent.of_group(call.db, call.group, days=days, now=call.now)


def _may(call: Call, found: list[Silent]) -> list[Silent]:
    """Those who may be reminded now."""
    done = silent.reminded(call.db, now=call.now)
    return [one for one in found if one.one.who not in done]


def _name(one: Silent, *, fresh: bool) -> str:
    name = questions.one_line(one.one.name, limit=20)
    last = f"{one.last:%m-%d}" if one.last else "没说过话"
    return f"{name}({last}){'' if fresh else '✓'}"
