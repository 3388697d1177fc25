"""负责 and 请假: who answers for which subject, and who is away."""

import re
from datetime import timedelta

from bot import times
from bot.people import Role
from handlers import wanted
from handlers.commands import EVERYONE, KEEPERS, Call, Refused, command
from handlers.grammar import Misread, Options, narrow
from storage import duties
from storage.duties import Duty

LONGEST_LEAVE = timedelta(days=60)
_DEED = "安排谁负责答什么"
_WHO = KEEPERS | {Role.HR, Role.HR_LEAD}
_SUBJECT = re.compile(r"\w{1,10}")
_TO = re.compile(r"\s*(?:到|至|~|—|-(?=\s)|\s-)\s*")


@command("负责 [谁] [话题] [后备=]", who=_WHO, deed=_DEED)
def answer_for(call: Call, who: str | None, subject: str | None, options: Options) -> str:
    """谁负责答哪类问题，如「负责 @周航 报价 后备=@李娜」；话题写「其他」就是兜底。"""
    if who is None or subject is None:
        return _listed(call)
    if not _SUBJECT.fullmatch(subject):
        raise Refused("话题写一个词，10 个字以内，如：报价")
    member, name = _person(call, who)
    backup, backup_name = _person(call, options["后备"]) if "后备" in options else ("", "")
    if member == backup:
        raise Refused("后备要另一个人")
    new = Duty(
        group_id=call.group.id,
        subject=subject,
        platform=call.address.platform,
        member=member,
        name=name,
        backup=backup,
        backup_name=backup_name,
        by=call.member,
        made=call.now,
    )
    duties.put(call.db, new)
    stands_in = f"，{backup_name} 后备" if backup else ""
    return (
        f"已记下：{name} 负责「{subject}」{stands_in}。群里有人问到、工作时间 30 分钟没人答，"
        f"我私聊提醒；不用了发{call.line(f'不再负责 {subject}')}"
    )


@command("不再负责 <话题>", who=_WHO, deed=_DEED)
def drop(call: Call, subject: str) -> str:
    """取消一个话题的负责人，不再提醒。"""
    if not duties.drop(call.db, group_id=call.group.id, subject=subject.strip()):
        raise Refused(f"没有人负责「{subject}」。{_listed(call)}")
    return f"「{subject}」不再有人负责，也不再提醒"


@command("请假 <哪几天>", who=EVERYONE)
def leave(call: Call, when: str) -> str:
    """这几天别找我答问题，改找后备，如「请假 11-25 到 11-28」。"""
    today = times.local(call.message.at, call.group.zone).date()
    try:
        first, last = (times.read_day(one, today) for one in _ends(narrow(when)))
    except ValueError as problem:
        raise Misread(f"{problem}。写法：请假 11-25 到 11-28") from None
    if not timedelta() <= last - first <= LONGEST_LEAVE:
        raise Refused(f"最后一天不能早于第一天，也不能超过 {LONGEST_LEAVE.days} 天")
    duties.leave(
        call.db, platform=call.address.platform, member=call.member, first=first, last=last
    )
    days = times.show_day(first) + (f" 到 {times.show_day(last)}" if last != first else "")
    return f"{days} 的提问改找后备，不提醒你。提前回来发{call.line('销假')}"


@command("销假", who=EVERYONE)
def back(call: Call) -> str:
    """提前回来了，恢复提醒。"""
    today = times.local(call.now, call.group.zone).date()
    ended = duties.back(call.db, platform=call.address.platform, member=call.member, today=today)
    return "欢迎回来，恢复提醒" if ended else "你没有在请假"


def _ends(when: str) -> tuple[str, str]:
    first, _, last = _TO.sub("\n", when.strip(), count=1).partition("\n")
    return first, last or first


def _person(call: Call, who: str) -> tuple[str, str]:
    """Account and name. Raises Refused for somebody who is not in the group, or several are."""
    name, account = wanted.who(call, who)
    if not account or " " in account:
        raise Refused(f"群里没找到「{who}」，请在群里 @ 那个人")
    return account, name


def _listed(call: Call) -> str:
    there = duties.of_group(call.db, call.group.id)
    if not there:
        return f"还没有安排。写法：{call.line('负责 @周航 报价 后备=@李娜')}"
    lines = [
        f"· {one.subject}：{one.name}" + (f"（后备 {one.backup_name}）" if one.backup else "")
        for one in there
    ]
    return "\n".join(["负责答疑：", *lines])
