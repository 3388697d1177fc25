"""Quarrels: two people getting sharp with each other, seen in the exchange and not in one line."""

from pydantic import Field

from bot.events import Message
from rules.engine import Context, Found, Params, breaks, keeps, rule
from rules.exchange import heat

NAME = "争吵"
TELLING = 3
"""Lines shown to the owner."""


class Quarrel(Params):
    phrases = ("把握 {sure}%",)

    sure: int = Field(60, ge=1, le=99, description="有多大把握才告诉群主（百分之几）")


@rule(
    NAME,
    aliases=["吵架"],
    on=Message,
    params=Quarrel,
    nudges=True,
    examples=[
        keeps(
            "我不同意涨价，客户会流失", "凭什么不涨，成本涨了 12%", "数据呢", "在台账里", two=True
        ),
        keeps("你这个笨蛋哈哈哈哈", "你才笨蛋哈哈", "滚啦😂 晚上请我吃饭", two=True, every=9),
        keeps("系统又崩了，什么破系统", "每次都是月底崩", "谁做的，垃圾系统", two=True),
        breaks(
            "这张表你又填错了",
            "我按你给的模板填的，你自己没看吧",
            "你什么态度，每次都要我给你改",
            "嫌麻烦别改，你算老几",
            two=True,
            every=15,
        ),
    ],
)
def quarrel(message: Message, context: Context, params: Quarrel) -> Found | None:
    """两个人越说越冲、快吵起来时，只私下告诉群主；不在群里批评谁，也不处罚。"""
    if not context.talk or not heat.matters(context.talk):
        return None
    seen = heat.hottest(context.talk)
    if seen is None:
        return None
    sure = round(100 * heat.probability(seen.figures))
    if sure < params.sure:
        return None
    reason = f"两个人话越来越冲（把握 {sure}%）"
    margin = (sure - params.sure) / (100 - params.sure)
    who, lines = (seen.one, seen.other), seen.telling[-TELLING:]
    return Found(reason, margin=margin, who=who, lines=lines)
