"""Signs that together make an advertisement beyond doubt, and what a group lets pass or bans."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from bot.text import compact, fold
from rules.detector import signs
from rules.detector.signs import Sign, Words

TRUSTED = (
    "meeting.tencent.com", "docs.qq.com", "work.weixin.qq.com", "doc.weixin.qq.com",
    "mp.weixin.qq.com", "feishu.cn", "dingtalk.com", "shimo.im", "yuque.com", "kdocs.cn",
    "wjx.cn", "wjx.top", "zoom.us", "gov.cn", "edu.cn",
)  # fmt: skip

CONTACTS = frozenset({"slang", "named", "phone", "number"})
SELLING = frozenset({"illicit", "offer", "call"})

_QUOTED = re.compile('“[^”]{1,80}”|「[^」]{1,80}」|『[^』]{1,80}』|‘[^’]{1,80}’|"[^"]{1,80}"')

_NOWHERE: frozenset[int] = frozenset()

Seen = defaultdict[str, list[Sign]]


@dataclass(frozen=True, eq=False)
class House:
    """What one group wants: words and domains banned, words and domains let pass.

    To be made once for a group's settings: what is looked for is put together at first use.
    """

    banned: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()

    @cached_property
    def banned_words(self) -> Words:
        return Words(dict.fromkeys(self.banned, "banned"))

    @cached_property
    def allowed_words(self) -> Words:
        return Words(dict.fromkeys(self.allowed, "allowed"))


NOTHING = House()


class Reading(NamedTuple):
    """The signs of a message by kind, and which places speak for nobody."""

    seen: Seen
    passed: frozenset[int]


def read(text: str, house: House, passed: frozenset[int]) -> Reading:
    """The signs of a message, less what is `passed` over, quoted, or a link to be trusted."""
    found = list(signs.read(text))
    fine = [sign for sign in found if sign.kind == "link" and trusted(sign.text, house)]
    passed |= _covered((sign.start, sign.end) for sign in fine)
    quoted = _covered(match.span() for match in _QUOTED.finditer(text))
    seen: Seen = defaultdict(list)
    for sign in found:
        talk = sign.kind in SELLING and not sign.masked and sign.start in quoted
        if not talk and passed.isdisjoint(range(sign.start, sign.end)):
            seen[sign.kind].append(sign)
    return Reading(seen, passed)


def banned(text: str, house: House, passed: frozenset[int]) -> list[Sign]:
    """Words and domains the group bans, wherever they stand and however they are spelled."""
    if not house.banned and not house.blocked:
        return []
    places = _words(text, house.banned_words)
    found = [Sign("banned", start, end, text[start:end]) for start, end in places]
    if house.blocked:
        links = (sign for sign in signs.links(fold(text)) if _under(sign.text, house.blocked))
        found += [sign._replace(kind="banned") for sign in links]
    return [sign for sign in found if passed.isdisjoint(range(sign.start, sign.end))]


def allowed(text: str, house: House) -> frozenset[int]:
    """Places of the words a group allows, however they are spelled."""
    return _covered(_words(text, house.allowed_words)) if house.allowed else _NOWHERE


def mentions(text: str, names: Sequence[str]) -> frozenset[int]:
    """Places of the names of those who are mentioned."""
    if not names:
        return _NOWHERE
    return _covered(place for name in names for place in _places(f"@{name}", text))


def _words(text: str, words: Words) -> list[tuple[int, int]]:
    flat = compact(text)
    return [flat.original(start, end) for _, start, end in words.find(flat)]


def grounds(seen: Seen) -> Sequence[Sign]:
    """The signs that together make an advertisement, the most telling first; or none.

    A contact, a link or a word alone is talk. Nobody hides what he may say, so a disguise is
    enough. Warnings are let pass, and so are questions and work, but for a contact in slang.
    """
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


def why(sign: Sign) -> str:
    """What a sign is, in words a member understands."""
    if sign.kind == "banned":
        return "含本群禁词"
    if sign.kind in CONTACTS:
        return "含揽客的联系方式"
    if sign.masked:
        return "换着写法像是广告"
    return "含推广链接" if sign.kind == "link" else "像是推销"


def trusted(host: str, house: House) -> bool:
    return _under(host, (*TRUSTED, *house.domains)) and not _under(host, house.blocked)


def _under(host: str, domains: Iterable[str]) -> bool:
    host = fold(host).text
    return any(host == name or host.endswith(f".{name}") for name in map(str.lower, domains))


def _disguise(sign: Sign, seen: Seen) -> bool:
    """A number in fancy digits is no disguise by itself: people type so, and so do their phones."""
    selling = any(seen.get(kind) for kind in (*SELLING, "slang", "named"))
    return sign.masked and (sign.kind not in ("number", "phone") or selling)


def _several(found: list[Sign]) -> bool:
    return len({sign.text for sign in found}) > 1


def _places(piece: str, text: str) -> Iterable[tuple[int, int]]:
    return (match.span() for match in re.finditer(re.escape(piece), text))


def _covered(places: Iterable[tuple[int, int]]) -> frozenset[int]:
    return frozenset(at for start, end in places for at in range(start, end))
