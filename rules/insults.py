"""Insults and threats: said to a person, not quoted, and not said of a printer."""

from functools import cached_property

from pydantic import Field

from bot.events import Message
from rules.ads import Listed
from rules.detector import sender
from rules.detector.explicit import House
from rules.detector.sender import Part
from rules.detector.verdict import insult
from rules.engine import Context, Found, Params, breaks, keeps, rule


class Insults(Params):
    phrases = ("允许词 {allow}",)

    allow: Listed = Field((), description="本群拿来开玩笑、不算骂人的词")

    @cached_property
    def house(self) -> House:
        return House(allowed=self.allow)


@rule(
    "骂人",
    aliases=["辱骂"],
    on=Message,
    params=Insults,
    recalls=True,
    examples=[
        keeps("这打印机真蠢，又卡纸了"),
        keeps("我真笨，又把日期写错了"),
        keeps("客户骂我“没脑子”，我该怎么回"),
        keeps("我不同意，凭什么每次都是我们组加班"),
        keeps("你这个蠢货闭嘴", allow=("你这个蠢货",)),
        breaks("你这个蠢货闭嘴"),
        breaks("闭嘴吧，再多话看我不打断你的腿"),
    ],
)
def insults(message: Message, context: Context, params: Insults) -> Found | None:
    """辱骂、威胁人或一群人；引用别人的话、说自己、骂东西、好好争论都不算。"""
    names, trust = sender.mentioned(message), sender.trust(message, context)
    seen = insult(message.text, house=params.house, names=names, trust=trust)
    return sender.found(Part(message.text, 0, True), seen)
