"""回测: what a rule would have caught of what the group said, with any settings."""

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.actions import Say
from handlers import rulelines, settings
from handlers.commands import KEEPERS, Answer, Call, NoneHere, Refused, command
from handlers.grammar import narrow
from rules.engine import Params, Rule, show_phrases
from schedules import backtests
from storage import abilities, groups, past, policy
from storage.rulebook import Choice, Rulebook

DAYS, MOST_DAYS = 30, 366
_DEED = "回测"
_DAYS = re.compile(r"(?:^|(?<=\s))最?近\s*(\d{1,4})\s*天(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One rule with settings, over so many days."""

    rule: Rule
    params: Params
    days: int

    @property
    def line(self) -> str:
        """As it would be asked for in a group that changed nothing."""
        parts = (self.rule.name, show_phrases(self.params), f"近{self.days}天")
        return " ".join(part for part in parts if part)


def read(line: str, book: Rulebook) -> Wanted:
    """A line such as 刷屏 上限=6条/30秒 近7天; what it leaves out is as the group has it.

    Raises Refused when a part of it is not understood.
    """
    days = [int(found) for found in _DAYS.findall(narrow(line))]
    name, *rest = _DAYS.sub(" ", narrow(line)).split(maxsplit=1) or [""]
    if len(days) > 1 or not all(1 <= count <= MOST_DAYS for count in days):
        raise Refused(f"天数写一个，1 到 {MOST_DAYS}，如：近{DAYS}天")
    rule = settings.rule_named(name)
    before = book.get(rule.name, Choice())
    choice = rulelines.read(rule, before, rest[0] if rest else "")
    chosen = rulelines.setting(rule, choice)
    # What the line widens was read as to be tried first.
    return Wanted(rule, chosen.trial or chosen.params, days[0] if days else DAYS)


def _fits(rest: str) -> bool:
    return bool(rest) and settings.named(rest.split()[0]) is not None


@command("回测 <规则和设置>", who=KEEPERS, deed=_DEED, fits=_fits)
def start(call: Call, wanted: str) -> Answer:
    """拿群里说过的话试一条规则，只算不处理，如：回测 刷屏 上限=6条/30秒 近7天；默认近 30 天。"""
    asked = read(wanted, policy.book(call.db, call.group.id))
    if running := backtests.of_group(call.db, call.group.id):
        stop_it = call.line("回测 停")
        raise Refused(f"「{running.detail}」还在回测，一次一个。不等了发{stop_it}")
    chats = [chat.id for chat in groups.chats_of(call.db, call.group.id)]
    since = call.now - timedelta(days=asked.days)
    count = past.about(call.db, chat_ids=chats, since=since)
    if not count:
        raise Refused(f"近 {asked.days} 天没有存下消息，没有可以回测的")
    backtests.ask(
        call.db, call.group, to=_back(call), line=asked.line, key=call.message.key, now=call.now
    )
    where = "私下发给你" if _privately(call) else "发在这里"
    return (
        f"开始回测「{asked.line}」，约 {count:,} 条消息，只算不处理，好了{where}。"
        f"不要了发{call.line('回测 停')}"
    )


@command("回测 停", who=KEEPERS, deed=_DEED, fits=lambda rest: not rest)
def stop(call: Call) -> Answer:
    """停下正在做的回测。"""
    running = backtests.of_group(call.db, call.group.id)
    if running is None:
        raise NoneHere(f"{call.group.name} 没有在回测")
    line = running.detail
    backtests.drop(call.db, running, call.now, why=f"{call.name} 不要了")
    return f"回测「{line}」停了，没有结果"


def _privately(call: Call) -> bool:
    return call.address.direct or not abilities.missing(call.db, chat=call.chat, name="direct")


def _back(call: Call) -> Say:
    """Where the result goes."""
    return call.privately("") if _privately(call) else Say(chat=call.chat, text="")
