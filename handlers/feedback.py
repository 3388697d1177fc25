"""评分: what those who came thought of an evening, told to the bot alone."""

import re

from bot.people import Role
from handlers.commands import EVERYONE, PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Misread, Number, narrow
from handlers.questions import meant
from storage import attendance, feedback, groups, guests, members
from storage.feedback import BEST, FLOOR
from storage.guests import HELD, STATE_NAMES, GuestSession, State

LONGEST = 500
_LISTED = 40
_HR = frozenset({Role.HR, Role.HR_LEAD})
_HOUR = re.compile(r"\d{1,2}[:：点]\d{0,2}分?")
_SCORE = re.compile(r"([1-5])[分星]?")


@command("评分 <编号> <分数> [感想]", who=EVERYONE, aliases=("打分",))
def rate(call: Call, number: Number, score: str, text: str | None) -> str:
    """给听过的一场打 1-5 分，可以写感想；只在私聊里收。"""
    if not call.address.direct:
        raise Refused(f"评分请私聊我：评分 {number} 分数 感想。别人看不到")
    found = _SCORE.fullmatch(narrow(score))
    if not found:
        raise Misread(f"「{score}」不是分数，请写 1 到 {BEST}")
    if text and len(text) > LONGEST:
        raise Refused(f"感想请写在 {LONGEST} 个字以内")
    one = meant(call, number)
    if one.state not in HELD:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，结束后才能评分")
    who = attendance.who(call.db, platform=call.address.platform, member=call.member)
    if who not in attendance.came(call.db, one):
        raise Refused(f"#{one.id} 没有你到场的记录，评分只收到场的人")
    feedback.put(
        call.db, evening_id=one.id, who=who, rating=int(found[1]), text=text or "", now=call.now
    )
    return f"谢谢！满 {FLOOR} 人评分后，只看得到汇总；再发一次会换成新的"


@command("反馈 [编号]", who=PLANNERS, deed="看反馈")
def show(call: Call, number: Number | None) -> Answer:
    """看一场的平均分；满 5 人评分才显示，具体的话只给 HR，不写是谁、什么时候说的。"""
    one = evening(call, number, HELD, shared=True)
    found = feedback.total(call.db, one.id)
    if found is None:
        there = feedback.count(call.db, one.id)
        return [call.privately(f"#{one.id} 有 {there} 人评分，满 {FLOOR} 人才显示")]
    each = "，".join(f"{n} 分 {found.ratings[n]} 人" for n in sorted(found.ratings, reverse=True))
    lines = [f"#{one.id}《{one.topic}》{found.count} 人评分，平均 {found.average:.1f} 分：{each}"]
    if call.roles & _HR:
        lines += [f"· {_unsigned(call, one, words)}" for words in found.words[:_LISTED]]
    return [call.privately("\n".join(lines))]


def _unsigned(call: Call, one: GuestSession, words: str) -> str:
    """Without the names of members, the writer's own among them."""
    for name in _names(call, one):
        words = words.replace(name, "某人")
    return _HOUR.sub("某时", words)


def _names(call: Call, one: GuestSession) -> list[str]:
    """Names people go by in the evening's groups, the longest first; the guest's may stand."""
    held = {
        member.name
        for group in guests.groups_of(call.db, one, joint=True)
        for chat in groups.chats_of(call.db, group.id)
        for member in members.in_chat(call.db, chat.id).values()
    }
    parts = {part for name in held for part in (name, *re.split(r"[\W_]+", name)) if len(part) > 1}
    return sorted(parts - set(re.split(r"[、\W]+", one.guest)), key=len, reverse=True)
