"""Name cards: a name that is itself an advertisement, such as 兼职日结找我."""

from functools import cached_property, lru_cache

from pydantic import Field

from bot.events import Message
from rules.ads import Listed
from rules.detector import explicit, sender
from rules.detector.explicit import House, Seen
from rules.detector.sender import Part
from rules.detector.verdict import Assessment, Trust, advertisement
from rules.engine import Context, Found, Params, breaks, keeps, rule

NAME = "名片"

LIKELY = 0.85
"""A name is short, and what people are called at work sounds like what is sold: signs and this."""


class Names(Params):
    phrases = ("允许词 {allow}",)

    allow: Listed = Field((), description="出现在名字里也不算广告的词")

    @cached_property
    def house(self) -> House:
        return House(allowed=self.allow)


@rule(
    NAME,
    aliases=["群名片"],
    on=Message,
    params=Names,
    renames=True,
    examples=[
        keeps("华东销售-王伟"),
        keeps("理财小王"),
        keeps("贷款专员刘洋"),
        keeps("代理记账-小刘"),
        keeps("代课老师-王芳"),
        keeps("兼职学生小陈"),
        keeps("微信运营-小鹿"),
        keeps("王伟 13800138000"),
        keeps("张磊 vx zl_88"),
        keeps("代写作业的小猫", allow=("代写作业的小猫",)),
        breaks("加V领资料wx888"),
        breaks("兼职日结找我"),
        breaks("办证刻章+V 8823"),
        breaks("代购加微wx_66"),
        breaks("兼★职★日★结"),
    ],
)
def nicknames(message: Message, context: Context, params: Names) -> Found | None:
    """群名片或昵称本身就是广告；只私下请群主决定要不要改名，不因为名字禁言。"""
    seen = _judged(message.name, params.house) if message.name else None
    found = sender.found(Part(message.name, None, True), seen) if seen else None
    return Found(found.reason, sure=False) if found else None


@lru_cache(maxsize=1024)
def _judged(name: str, house: House) -> Assessment | None:
    """People keep their names: each is read once."""
    seen = advertisement(name, house=house, trust=Trust.STRANGER)
    if seen.action == "none" or explicit.allowed(name, house):
        return None
    signs = explicit.read(name, house, frozenset()).seen
    settled = explicit.grounds(signs) or (seen.score >= LIKELY and _offers(name, signs))
    return seen if settled else None


def _offers(name: str, signs: Seen) -> bool:
    """The +Q of A1+Q2 calls nobody."""
    calls = [
        sign for sign in signs["call"] if not name[: sign.start][-1:].isascii() or not sign.start
    ]
    return bool(signs["illicit"] or calls) and not signs["work"]
