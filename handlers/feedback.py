"""评分: what those who came thought of an evening, told to the bot alone."""

import re

from handlers.commands import EVERYONE, Call, Refused, command
from handlers.grammar import Misread, Number, narrow
from handlers.questions import meant
from storage import attendance, feedback
from storage.feedback import BEST, FLOOR
from storage.guests import HELD, STATE_NAMES, State

LONGEST = 500
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
    return f"谢谢！满 {FLOOR} 人评分后，只有 HR 能看到汇总；再发一次会换成新的"
