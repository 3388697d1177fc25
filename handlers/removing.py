"""移出: an owner takes somebody out of the group, with a code and a receipt."""

from datetime import time

from bot import times
from bot.actions import Remove
from handlers import danger
from handlers.commands import Call, Refused, command
from handlers.danger import OWNERS
from handlers.grammar import Options
from storage import blacklist, deeds, outbox
from storage.deeds import Deed, Kind
from storage.outbox import Plan
from storage.questions import one_line

MOST_A_DAY = 5
"""So many people an owner can have removed from a group on one day."""

LONGEST = 100


@command("移出 <谁> [理由=] [拉黑=]", who=OWNERS, deed="移出成员")
def remove(call: Call, who: str, options: Options) -> str:
    """把一位成员移出群，要确认码；加「拉黑=是」就不再放进来。群主、HR、导师、嘉宾不能移。"""
    member = danger.somebody(call, who)
    danger.unprotected(call, member.id)
    there = danger.able(call, danger.chats(call), "remove", "请在群管理里手动移出")
    reason = one_line(options.get("理由", ""), limit=LONGEST)
    black = options.get("拉黑") == "是"
    _within_bounds(call)
    if not call.confirmed:
        more = "，并拉黑，申请再进会被拒绝" if black else ""
        line = f"移出 {member.id}" + (f" 理由={reason}" if reason else "")
        return danger.ask(
            call,
            f"将把 {danger.shown(member)}移出「{call.group.name}」{more}。撤不回，只能重新邀请。",
            line=line + (" 拉黑=是" if black else ""),
            about=f"移出 {member.id}",
        )
    deed = _note(call, member.id, member.name, reason)
    plans = [
        Plan(
            key=f"deed/{deed.id}/C{chat.id}",
            cause=f"deed:{deed.id}",
            action=Remove(chat=chat.key, member=member.id),
            due=call.now,
        )
        for chat in there
    ]
    outbox.put(call.db, plans, now=call.now)
    if black:
        blacklist.add(
            call.db,
            group_id=call.group.id,
            platform=call.address.platform,
            member=member.id,
            name=member.name,
            reason=reason,
            by=call.name,
            now=call.now,
        )
    return f"{deed.code} 正在移出 {danger.shown(member)}" + ("，已拉黑" if black else "")


def _within_bounds(call: Call) -> None:
    today = times.at(times.local(call.now, call.group.zone).date(), time(0), call.group.zone)
    done = deeds.count(call.db, group_id=call.group.id, kind=Kind.REMOVED, since=today)
    if done >= MOST_A_DAY:
        raise Refused(f"今天已经移出 {done} 位，到上限了。再多请在群管理里手动移出")


def _note(call: Call, member: str, name: str, reason: str) -> Deed:
    new = Deed(
        group_id=call.group.id,
        kind=Kind.REMOVED,
        member=member,
        name=name,
        reason=reason,
        by=call.member,
        by_name=call.name,
        at=call.now,
    )
    return deeds.add(call.db, new)
