"""Advertisements: something offered, a way to reach the seller, or either of them in disguise."""

from dataclasses import replace
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.events import Message
from bot.text import compact
from rules.detector import sender
from rules.detector.explicit import House
from rules.detector.sender import Part
from rules.detector.verdict import ECHOED, UNLIKELY, advertisement
from rules.engine import Context, Found, Params, breaks, keeps, rule


def _listed(items: tuple[str, ...]) -> tuple[str, ...]:
    for item in items:
        if set(item) & set(" \t\n/、,，") or len(compact(item).text) < 2:
            raise ValueError(f"「{item}」至少要有两个字，不能有空格、斜杠和逗号")
    return items


Listed = Annotated[tuple[str, ...], AfterValidator(_listed)]


ECHOES = 2
"""With so many others who said nearly the same, it weighs more; and a person decides."""


class Ads(Params):
    phrases = (
        "允许域名 {domains}",
        "允许词 {allow}",
        "禁词 {words}",
        "禁止域名 {blocked}",
        "新人 {new}小时",
    )
    widens = ("words", "blocked")

    domains: Listed = Field((), description="常用会议和文档网址之外，还允许的域名")
    allow: Listed = Field((), description="出现了也不算广告的词、号码或句子")
    words: Listed = Field((), description="一出现就算广告的词")
    blocked: Listed = Field((), description="一出现就算广告的域名")
    new: int = Field(24, ge=0, le=720, description="进群多少小时内算新人，看得严一些")

    @cached_property
    def house(self) -> House:
        return House(self.words, self.allow, self.domains, self.blocked)


@rule(
    "广告",
    on=Message,
    params=Ads,
    recalls=True,
    examples=[
        keeps("遇到加V领资料的怎么办"),
        keeps("我的微信是 lin_yue88，方便对作业"),
        keeps("今晚的会 https://meeting.tencent.com/dm/abc 会议号 330 874 519"),
        keeps("听懂的扣1"),
        keeps("在吗", "有人吗", "急", "怎么没人", "看看我", every=3),
        keeps("加V领资料 wx_888", allow=("wx_888", "加V领资料")),
        breaks("加V领资料 wx_888"),
        breaks("想学的佳薇：kecheng_01"),
        breaks("兼★职★日★结，打字就行"),
        breaks("日结兼职，需要的私我"),
        breaks("会员半价，看 deal.example.top，手慢无"),
        breaks("兼职日结", "打字就行", "想做的加V", "wx_888", every=10),
        breaks("团购 神仙水", words=("神仙水",)),
        breaks("课件在 pan.example.top", blocked=("example.top",)),
    ],
)
def ads(message: Message, context: Context, params: Ads) -> Found | None:
    """推销、拉人、留联系方式揽客，换着写法、分几条、到几个群里发也算；允许的网址和词先放行。"""
    names, trust = sender.mentioned(message), sender.trust(message, context, new=params.new)
    house, score = params.house, 0.0
    for part in sender.parts(message):
        seen = advertisement(part.text, house=house, names=names, trust=trust)
        if found := sender.found(part, seen):
            return found
        score = max(score, seen.score)
    if score >= UNLIKELY and context.elsewhere >= ECHOES:
        seen = advertisement(message.text, house=house, names=names, trust=trust, more=ECHOED)
        if found := sender.found(Part(message.text, 0, False), seen):
            reason = f"另有 {context.elsewhere} 处发过差不多的话，{found.reason}"
            return replace(found, reason=reason)
    whole = sender.put_together(message, context) if score >= UNLIKELY else None
    if whole is None:
        return None
    return sender.found(whole, advertisement(whole.text, house=house, names=names, trust=trust))
