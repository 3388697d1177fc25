"""邀请码: letting the guests of one evening in without a question, until it ends."""

from handlers.commands import PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Number
from storage import invites
from storage.guests import AHEAD


@command("邀请码 [编号]", who=PLANNERS, deed="发邀请码")
def invite(call: Call, number: Number | None) -> Answer:
    """要一场分享的邀请码，申请入群时写在答案里就通过，到这场结束为止。"""
    one = evening(call, number, AHEAD)
    if one.state not in AHEAD or one.ends <= call.now:
        raise Refused(f"#{one.id} 已经结束，没有邀请码")
    made = invites.of(
        call.db, evening_id=one.id, group_id=call.group.id, by=call.member, now=call.now
    )
    text = (
        f"#{one.id}《{one.topic}》进「{call.group.name}」的邀请码：{made.code}\n"
        "申请入群时写在答案里就自动通过，到这场结束为止"
    )
    return [call.privately(text)]
