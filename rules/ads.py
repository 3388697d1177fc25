"""Advertisements: something offered, a way to reach the seller, or either of them in disguise."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.events import Message
from bot.text import compact, fold
from rules.detector import signs
from rules.detector.signs import Sign, Words
from rules.engine import Context, Found, Params, Span, breaks, keeps, rule

TRUSTED = (
    "meeting.tencent.com", "docs.qq.com", "work.weixin.qq.com", "doc.weixin.qq.com",
    "mp.weixin.qq.com", "feishu.cn", "dingtalk.com", "shimo.im", "yuque.com", "kdocs.cn",
    "wjx.cn", "wjx.top", "zoom.us", "gov.cn", "edu.cn",
)  # fmt: skip

CONTACTS = frozenset({"slang", "named", "phone", "number"})
SELLING = frozenset({"illicit", "offer", "call"})

MOST = 20
"""Spans shown, however long the message."""

_QUOTED = re.compile('“[^”]{1,80}”|「[^」]{1,80}」|『[^』]{1,80}』|‘[^’]{1,80}’|"[^"]{1,80}"')

Seen = defaultdict[str, list[Sign]]


def _listed(items: tuple[str, ...]) -> tuple[str, ...]:
    for item in items:
        if set(item) & set(" \t\n/、,，") or len(compact(item).text) < 2:
            raise ValueError(f"「{item}」至少要有两个字，不能有空格、斜杠和逗号")
    return items


Listed = Annotated[tuple[str, ...], AfterValidator(_listed)]


class Ads(Params):
    phrases = ("允许域名 {domains}", "允许词 {allow}", "禁词 {words}")
    widens = ("words",)

    domains: Listed = Field((), description="常用会议和文档网址之外，还允许的域名")
    allow: Listed = Field((), description="出现了也不算广告的词、号码或句子")
    words: Listed = Field((), description="一出现就算广告的词")


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
        keeps("加V领资料 wx_888", allow=("wx_888", "加V领资料")),
        breaks("加V领资料 wx_888"),
        breaks("想学的佳薇：kecheng_01"),
        breaks("兼★职★日★结，打字就行"),
        breaks("日结兼职，需要的私我"),
        breaks("会员半价，看 deal.example.top，手慢无"),
        breaks("团购 神仙水", words=("神仙水",)),
    ],
)
def ads(message: Message, context: Context, params: Ads) -> Found | None:
    """推销、拉人、留联系方式揽客，换着写法也算；允许的网址和词先放行。"""
    found = grounds(_seen(message, params))
    if not found:
        return None
    first = found[0]
    spans = (Span(sign.start, sign.end, _why(sign)) for sign in found[:MOST])
    return Found(f"{_why(first)}「{_short(first.text)}」", tuple(dict.fromkeys(spans)))


def grounds(seen: Seen) -> Sequence[Sign]:
    """The signs that together make an advertisement, the most telling first; or none.

    A contact, a link or a word alone is talk. Nobody hides what he may say, so a disguise is
    enough. Warnings are let pass, and so are questions and work, but for a contact in slang.
    """
    if seen["banned"]:
        return seen["banned"]
    if masked := [sign for found in seen.values() for sign in found if _disguise(sign, seen)]:
        return sorted(masked, key=lambda sign: sign.kind not in CONTACTS)
    if seen["warn"]:
        return []
    illicit, offer, call = seen["illicit"], seen["offer"], seen["call"]
    if seen["slang"] and (illicit or offer or call):
        return seen["slang"] + call + offer + illicit
    if seen["work"]:
        return []
    contacts = seen["named"] + seen["phone"]
    if contacts and (illicit or offer):
        return contacts + illicit + offer
    if seen["link"] and (illicit or call):
        return seen["link"] + illicit + call
    if illicit and (_several(illicit) or offer or call or seen["pull"] or seen["price"]):
        return illicit + offer + call
    if offer and (call or (_several(offer) and seen["pull"])):
        return offer + call + seen["pull"]
    return []


def _disguise(sign: Sign, seen: Seen) -> bool:
    """A number in fancy digits is no disguise by itself: people type so, and so do their phones."""
    selling = any(seen.get(kind) for kind in (*SELLING, "slang", "named"))
    return sign.masked and (sign.kind not in ("number", "phone") or selling)


def _several(found: list[Sign]) -> bool:
    return len({sign.text for sign in found}) > 1


def _seen(message: Message, params: Ads) -> Seen:
    """What the message holds, by kind, less what is allowed, quoted, or the name of someone."""
    text = message.text
    found = list(signs.read(text, _own(params.words, params.allow)))
    passed = _covered((sign.start, sign.end) for sign in found if sign.kind == "allow")
    passed |= _covered(_names(message))
    quoted = _covered(match.span() for match in _QUOTED.finditer(text))
    seen: Seen = defaultdict(list)
    for sign in found:
        talk = sign.kind in SELLING and not sign.masked and sign.start in quoted
        trusted = sign.kind == "link" and _trusted(sign.text, params.domains)
        if not talk and not trusted and passed.isdisjoint(range(sign.start, sign.end)):
            seen[sign.kind].append(sign)
    return seen


def _names(message: Message) -> Iterable[tuple[int, int]]:
    """Where others are mentioned: what a member is called is not what the sender says."""
    names = {f"@{piece.text}" for piece in message.segments if piece.kind == "at" and piece.text}
    for name in names:
        for match in re.finditer(re.escape(name), message.text):
            yield match.span()


def _covered(places: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in places for at in range(start, end)}


def _trusted(host: str, domains: tuple[str, ...]) -> bool:
    host = fold(host).text
    known = (*TRUSTED, *map(str.lower, domains))
    return any(host == domain or host.endswith(f".{domain}") for domain in known)


@lru_cache(maxsize=256)
def _own(banned: tuple[str, ...], allowed: tuple[str, ...]) -> Words:
    return Words(dict.fromkeys(banned, "banned") | dict.fromkeys(allowed, "allow"))


def _why(sign: Sign) -> str:
    if sign.kind == "banned":
        return "含本群禁词"
    if sign.kind in CONTACTS:
        return "含揽客的联系方式"
    if sign.masked:
        return "换着写法像是广告"
    return "含推广链接" if sign.kind == "link" else "像是推销"


def _short(text: str) -> str:
    text = "".join(char for char in " ".join(text.split()) if char.isprintable())
    return text if len(text) <= 20 else f"{text[:20]}…"
