"""Join waves: how many at once are too many, and links of those who came with them."""

import re
from datetime import timedelta

from pydantic import Field

from bot.events import Message
from bot.text import fold
from rules.engine import Context, Found, Params, Span, breaks, keeps, rule

_LINK = re.compile(
    r"https?://\S+|(?<![@a-z0-9.-])(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,12}(?![a-z0-9@.-])"
)

NAME = "入群警戒"
"""It judges messages only while its group is on its guard."""


class Raid(Params):
    phrases = ("上限 {limit}人/{minutes}分钟", "持续 {lasts}分钟", "新人 {new}分钟")

    limit: int = Field(10, ge=2, le=500, description="多少人")
    minutes: int = Field(5, ge=1, le=120, description="多少分钟内")
    lasts: int = Field(60, ge=2, le=1440, description="警戒多少分钟")
    new: int = Field(60, ge=0, le=1440, description="进群多少分钟内算新人，0 是所有人")


@rule(
    NAME,
    on=Message,
    params=Raid,
    recalls=True,
    examples=[
        keeps("看这里 www.example.com/abc"),
        keeps("大家好，我是新来的林悦", new=0),
        breaks("看这里 www.example.com/abc", new=0),
    ],
)
def raid(message: Message, context: Context, params: Raid) -> Found | None:
    """短时间内进来太多人时，一小时内入群申请都由人处理，新成员的链接先不放行。"""
    new, margin = timedelta(minutes=params.new), 1.0
    if new:
        if context.joined is None or message.at - context.joined >= new:
            return None
        margin = min(1 - (message.at - context.joined) / new, 1.0)
    line = fold(message.text)
    found = _LINK.search(line.text)
    if found is None:
        return None
    span = Span(*line.original(*found.span()), "链接")
    return Found("入群警戒中，新成员的链接过一会儿再发", (span,), margin=margin)
