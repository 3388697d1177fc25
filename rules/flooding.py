"""Flooding: one member saying too much in too short a time."""

from datetime import timedelta

from pydantic import Field

from bot.events import Message
from rules.engine import Context, Found, Params, breaks, keeps, rule


class Flooding(Params):
    phrases = ("上限 {limit}条/{seconds}秒",)

    limit: int = Field(6, ge=2, le=60, description="多少条")
    seconds: int = Field(10, ge=1, le=600, description="多少秒内")


@rule(
    "刷屏",
    on=Message,
    params=Flooding,
    examples=[
        keeps("1", "2", "3", "4", "5", "6", every=30),
        keeps("到", "到了", "刚到", "在", "来了", "好", every=1),
        breaks("哈", "哈", "哈", "哈", "哈", "哈", "哈", every=1),
        breaks("在吗", "有人吗", "回我", limit=2, every=2),
    ],
)
def flooding(message: Message, context: Context, params: Flooding) -> Found | None:
    """同一成员在短时间内连续发言超过上限。"""
    since = message.at - timedelta(seconds=params.seconds)
    count = 1 + sum(1 for earlier in context.mine if since < earlier.at <= message.at)
    if count <= params.limit:
        return None
    reason = f"{params.seconds} 秒内发了 {count} 条"
    return Found(reason, margin=1 - params.limit / count)
