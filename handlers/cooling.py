"""冷静: the owner slows two members for a while, kindly and in private."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import AnyAction, Mute, Recall, Say
from bot.events import Message
from bot.people import PROTECTED, ROLE_NAMES, Address, Member, Role
from handlers.commands import KEEPERS, ROLE_ORDER, Answer, Call, NoneHere, Refused, command
from storage import abilities, coolings, groups, guests, members
from storage.groups import Chat
from storage.outbox import Plan
from storage.questions import one_line

NAME = "冷静"
MINUTES, LONGEST = 10, 24 * 60
PACE = timedelta(minutes=1)
NUDGED_WITHIN = timedelta(hours=2)
"""So long 冷静 without names means the two of the last word to the owner."""

_LASTS = timedelta(minutes=10)
_MINUTES = re.compile(r"(\d{1,4})(?:分钟?)?")


@command("冷静 [谁和多久]", who=KEEPERS, deed="请人冷静")
def cool(call: Call, words: str | None) -> Answer:
    """让刚吵起来的两位各每分钟发一条，到时自动恢复；或「冷静 @甲 @乙 15分钟」「冷静 结束」。"""
    wanted = (words or "").split()
    if wanted == ["结束"]:
        return _end(call)
    if wanted == ["不用"]:
        return "好，先不管。要的时候发「冷静」"
    minutes = next((int(m[1]) for word in wanted if (m := _MINUTES.fullmatch(word))), MINUTES)
    if not 1 <= minutes <= LONGEST:
        raise Refused(f"要在 1 到 {LONGEST} 分钟之间")
    chat, asked = _asked(call, [word for word in wanted if not _MINUTES.fullmatch(word)])
    return _slow(call, chat, asked, call.now + timedelta(minutes=minutes))


def _end(call: Call) -> str:
    ended = coolings.end(call.db, group_id=call.group.id, now=call.now)
    if not ended:
        raise NoneHere(f"{call.group.name} 现在没有人在冷静")
    return f"已恢复正常，{len(ended)} 位可以照常发言"


def _asked(call: Call, words: Sequence[str]) -> tuple[Chat, list[Member]]:
    """The chat, and whom to slow: those named, or else the two of the last quarrel there."""
    chats = {chat.key: chat for chat in groups.chats_of(call.db, call.group.id)}
    if words:
        here = chats.get(call.chat) or next(iter(chats.values()))
        return here, _named(call, here, words)
    quarrel = coolings.last(call.db, group_id=call.group.id, since=call.now - NUDGED_WITHIN)
    if quarrel is None or quarrel.chat not in chats:
        raise NoneHere("最近没有提醒过争吵。请写上是谁，如：冷静 @甲 @乙 10分钟")
    here = chats[quarrel.chat]
    known = members.in_chat(call.db, here.id)
    return here, [known.get(who, Member(id=who)) for who in (quarrel.one, quarrel.other)]


def _named(call: Call, chat: Chat, words: Sequence[str]) -> list[Member]:
    """By mention, or by the name on the card, which is all there is in a private chat."""
    known = members.in_chat(call.db, chat.id)
    if mentioned := [who for who in dict.fromkeys(call.message.mentions) if who in known]:
        return [known[who] for who in mentioned]
    found = []
    for word in words:
        name = word.removeprefix("@")
        same = [one for one in known.values() if name in (one.id, one.name)]
        if len(same) != 1:
            raise Refused(f"{'有几位' if same else '群里没有'}叫「{name}」的，请在群里 @ 一下")
        found += same
    return found


def _slow(call: Call, chat: Chat, asked: Iterable[Member], until: datetime) -> Answer:
    kept, slowed = [], []
    for one in asked:
        held = _roles(call, one.id) & PROTECTED
        if held:
            kept.append(f"{_shown(one)}是{_first(held)}，不受限")
        else:
            slowed.append(one)
    if not slowed:
        raise Refused("；".join(kept) + "。没有改动")
    for one in slowed:
        coolings.slow(
            call.db,
            group_id=call.group.id,
            chat=chat.key,
            member=one.id,
            by=call.member,
            now=call.now,
            until=until,
        )
    clock = f"{times.local(until, call.group.zone):%H:%M}"
    names = "、".join(map(_shown, slowed))
    parts = [
        f"{names} 到 {clock} 为止各每分钟一条，到时自动恢复；提前恢复发{call.line('冷静 结束')}"
    ]
    parts += [*kept, *_limits(call.db, chat.key)]
    return [call.privately("。".join(parts)), *_told(call, chat, slowed, clock)]


def _roles(call: Call, member: str) -> frozenset[Role]:
    platform = call.address.platform
    host, guest = guests.part_in(call.db, call.group.id, member)
    of_evening = {Role.HOST} if host else set()
    of_evening |= {Role.GUEST} if guest else set()
    return members.roles_in(call.db, call.group, platform=platform, member=member) | of_evening


def _first(held: Iterable[Role]) -> str:
    here = set(held)
    return next((ROLE_NAMES[role] for role in (*ROLE_ORDER, *Role) if role in here), "")


def _limits(db: Session, chat: str) -> list[str]:
    """What cannot be done in this chat, said beforehand."""
    if abilities.missing(db, chat=chat, name="recall") is None:
        return []
    if abilities.missing(db, chat=chat, name="mute") is None:
        return ["本群不能撤回别人的话，多发的人会禁言一分钟"]
    return ["本群既不能撤回也不能禁言，只能私下劝，多发的消息会留着"]


def _told(call: Call, chat: Chat, slowed: Iterable[Member], clock: str) -> list[AnyAction]:
    words = wording.render("cooling", by=call.name, until=clock, group=call.group.name)
    here = Address.of(chat.key)
    return [Say(chat=str(here.to(one.id)), text=words, via=chat.key) for one in slowed]


def _shown(one: Member) -> str:
    return one_line(one.name or one.id, limit=20)


def held(
    db: Session, *, chat_id: int, message: Message, zone: str, now: datetime
) -> list[Plan] | None:
    """What becomes of a message of somebody slowed; None when it may stand.

    The first in a minute may. Of the others only the first of all is explained.
    """
    slowed = coolings.of(db, chat=message.chat, member=message.member, at=message.at)
    if slowed is None or now - message.at > _LASTS:
        return None
    if slowed.spoke is None or message.at - slowed.spoke >= PACE:
        slowed.spoke = message.at
        return None
    done = _too_soon(db, message)
    if done is None:
        return None
    plans = [_plan(message, f"slow/C{chat_id}", done, now)]
    if slowed.told is None:
        slowed.told = now
        plans.append(_plan(message, "slow/why", _why(db, slowed, message, zone), now))
    return plans


def _too_soon(db: Session, message: Message) -> AnyAction | None:
    if abilities.missing(db, chat=message.chat, name="recall") is None:
        return Recall(chat=message.chat, message=message.id)
    if abilities.missing(db, chat=message.chat, name="mute") is None:
        seconds = int(PACE.total_seconds())
        return Mute(chat=message.chat, member=message.member, seconds=seconds)
    return None


def _why(db: Session, slowed: coolings.Slowed, message: Message, zone: str) -> Say:
    words = wording.render(
        "cooling_over",
        until=f"{times.local(slowed.until, zone):%H:%M}",
        group=groups.get(db, slowed.group_id).name,
    )
    here = Address.of(message.chat)
    return Say(chat=str(here.to(message.member)), text=words, via=message.chat)


def _plan(message: Message, name: str, action: AnyAction, now: datetime) -> Plan:
    return Plan(
        key=f"{message.key}/{name}",
        cause=message.key,
        action=action,
        due=now,
        expires=now + _LASTS,
    )
