"""批量撤回 and 全员禁言: what hits many at once."""

import re
from collections.abc import Sequence
from datetime import timedelta

from bot import times
from bot.actions import LONGEST_MUTE, MuteAll, Recall, UnmuteAll
from handlers import danger
from handlers.commands import KEEPERS, Call, Refused, command
from handlers.grammar import narrow
from storage import deeds, outbox, spoken
from storage.deeds import Deed, Kind
from storage.groups import Chat
from storage.outbox import Plan, Priority
from storage.spoken import Heard

MOST = 20
USUAL = 10
_BACK = timedelta(hours=24)
_COUNT = re.compile(r"(.+?)\s+(?:最近)?(\d{1,4})\s*条?")
_UNITS = {"分钟": 60, "分": 60, "小时": 3600}
_LASTS = re.compile(r"(\d{1,4})\s*(分钟|分|小时)")


@command("批量撤回 <谁和几条>", who=KEEPERS, deed="批量撤回")
def recall(call: Call, words: str) -> str:
    """撤回一个人 24 小时内最近几条消息，如「批量撤回 @张磊 10条」，要确认码，最多 20 条。"""
    found = _COUNT.fullmatch(narrow(words).strip())
    who, wanted = (found[1], int(found[2])) if found else (words, USUAL)
    if not 1 <= wanted <= MOST:
        raise Refused(f"一次最多撤回 {MOST} 条")
    member = danger.somebody(call, who)
    danger.unprotected(call, member.id)
    there = danger.able(call, danger.chats(call), "recall", "请在群里手动撤回")
    said = _said(call, there, member.id)[-wanted:]
    if not said:
        raise Refused(f"{danger.shown(member)} 24 小时内没有可以撤回的消息")
    if not call.confirmed:
        line = f"批量撤回 {member.id} {len(said)}条"
        what = f"将撤回 {danger.shown(member)} 最近 {len(said)} 条消息，撤回后放不回来。"
        return danger.ask(call, what, line=line, about=f"批量撤回 {member.id}")
    new = _deed(call, Kind.RECALLED)
    new.member, new.name, new.count = member.id, member.name, len(said)
    deed = deeds.add(call.db, new)
    plans = [
        Plan(
            key=f"deed/{deed.id}/{one.id}",
            cause=f"deed:{deed.id}",
            action=Recall(chat=one.message.chat, message=one.message.id),
            due=call.now,
        )
        for one in said
    ]
    outbox.put(call.db, plans, now=call.now)
    return f"{deed.code} 正在撤回 {danger.shown(member)} 的 {len(said)} 条消息，撤不掉的会告诉群主"


def _said(call: Call, there: Sequence[Chat], member: str) -> list[Heard]:
    """What a member said of late and did not take back, oldest first."""
    ids = [chat.id for chat in there]
    since = call.now - _BACK
    lines = spoken.lines(call.db, chat_ids=ids, since=since, until=call.now)
    return [one for one in lines if one.message.member == member and one.talk]


@command("全员禁言 [多久]", who=KEEPERS, deed="全员禁言")
def mute(call: Call, words: str | None) -> str:
    """全员禁言一会儿，如「全员禁言 30分钟」，到时自动解除；不写多久要确认码。"""
    there = danger.able(call, danger.chats(call), "mute_all", "可以先用「软静音」请大家安静")
    if deeds.standing(call.db, group_id=call.group.id, kind=Kind.MUTED_ALL):
        raise Refused(f"已经在全员禁言。解除发{call.line('解除全员禁言')}")
    lasts = _lasts(words) if words else None
    if lasts is None and not call.confirmed:
        way = "写上多久会自动解除，如「全员禁言 30分钟」"
        what = f"将让「{call.group.name}」全员禁言，直到有人解除。{way}。"
        return danger.ask(call, what, line="全员禁言", about="全员禁言")
    new = _deed(call, Kind.MUTED_ALL)
    new.until = call.now + lasts if lasts else None
    deed = deeds.add(call.db, new)
    outbox.put(call.db, _plans(deed, there, call, on=True), now=call.now)
    until = times.show_moment(deed.until, call.group.zone) if deed.until else ""
    ends = f"，{until} 自动解除" if until else ""
    return f"{deed.code} 全员禁言{ends}。提前解除发{call.line('解除全员禁言')}"


@command("解除全员禁言", who=KEEPERS, deed="全员禁言", aliases=("全员禁言 解除",))
def lift(call: Call) -> str:
    """解除全员禁言；不知道是谁开的也照样解除。"""
    there = danger.able(call, danger.chats(call), "mute_all", "请在群管理里手动解除")
    found = deeds.standing(call.db, group_id=call.group.id, kind=Kind.MUTED_ALL)
    for deed in found:
        deeds.end(call.db, deed, by=call.name, now=call.now)
    by_hand = found[-1] if found else deeds.add(call.db, _ended(call))
    outbox.put(call.db, _plans(by_hand, there, call, on=False), now=call.now)
    return "正在解除全员禁言"


def _ended(call: Call) -> Deed:
    """A mute that somebody else had put on, on record as lifted."""
    new = _deed(call, Kind.MUTED_ALL)
    new.ended, new.ended_by = call.now, call.name
    return new


def _deed(call: Call, kind: Kind) -> Deed:
    return Deed(
        group_id=call.group.id,
        kind=kind,
        chat=call.chat,
        by=call.member,
        by_name=call.name,
        at=call.now,
    )


def _plans(deed: Deed, there: Sequence[Chat], call: Call, *, on: bool) -> list[Plan]:
    """Lifting comes before anything else, and is not given up."""
    return [
        Plan(
            key=f"deed/{deed.id}/{'on' if on else f'off/{call.message.id}'}/C{chat.id}",
            cause=f"deed:{deed.id}",
            action=MuteAll(chat=chat.key) if on else UnmuteAll(chat=chat.key),
            due=call.now,
            priority=Priority.NOW if on else Priority.UNMUTE,
        )
        for chat in there
    ]


def _lasts(words: str) -> timedelta:
    found = _LASTS.fullmatch(narrow(words).strip())
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 60 <= seconds <= LONGEST_MUTE:
        raise Refused(f"看不懂「{words}」，请写成 30分钟 或 2小时")
    return timedelta(seconds=seconds)
