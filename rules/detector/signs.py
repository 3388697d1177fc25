"""What in a message speaks for an advertisement: words, contacts, links, prices, disguises."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.text import Folded, compact, fold
from rules.detector import masks


class Sign(NamedTuple):
    """`text` is code points [start, end) of the message; `masked` when its spelling hides it."""

    kind: str
    start: int
    end: int
    text: str
    masked: bool = False


class Words:
    """Words of several kinds, found together in one pass."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        """`kinds` gives the kind of each word; what folds to nothing is left out."""
        folded = {compact(word).text: kind for word, kind in kinds.items()}
        folded.pop("", None)
        self._kinds = list(folded.values())
        self._automaton = AhoCorasick(list(folded), matchkind=MatchKind.LeftmostLongest)

    def find(self, flat: Folded) -> list[tuple[str, int, int]]:
        """Kind and place in compact text; of words that overlap, the first and longest."""
        hits = self._automaton.find_matches_as_indexes(flat.text)
        return [(self._kinds[index], start, end) for index, start, end in hits]


@cache
def vocabulary() -> Words:
    """The words of words.txt, where a line in brackets names the kind of those below it.

    illicit: what nobody in a study group offers in earnest. offer: trade. call: come to me.
    pull: what everyone says when calling people. hidden: matters only when its spelling is
    hidden. plain: not what it seems, such as 时代 in front of 开. warn, work: talk about ads,
    and what questions and daily work sound like.
    """
    kinds: dict[str, str] = {}
    kind = ""
    for line in Path(__file__).with_name("words.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
        else:
            kinds |= dict.fromkeys(line.split(), kind)
    return Words(kinds)


_VEILED = (
    r"[薇威徽溦维][信心芯]|[佳嘉家][微薇威维徽溦][信心芯]?|抠抠|丘丘|球球|君羊"
    # Alone these are the ends of names, as in 小薇, and of places, as in 安徽.
    r"|(?:(?<![\u4e00-\u9fff])|(?<=[我加进入扣]))[薇威徽溦裙]"
    r"|微[\W_]{1,3}信|v[\W_]{1,3}x|w[\W_]{1,3}x|q[\W_]{1,3}q"
)
_SLANG = r"(?:wx|vx|v|q)(?![a-z])群?|v ?信|绿泡泡|卫星|企鹅|扣扣?|微"
_NAMED = r"微信群?|wechat|weixin|qq群?|群"
_CALLED = r"[\W_]{0,3}(?:号码?|id)?[\W_]{0,3}[是为]?[\W_]{0,2}"
_ID = r"(?:(?=[a-z]{0,19}[0-9_-])[a-z][a-z0-9_-]{4,19}|[1-9]\d{5,11})"
_END = r"(?![a-z0-9_.@-])"
_CONTACT = re.compile(
    rf"(?<![a-z0-9])(?:(?P<veiled>{_VEILED})|(?P<slang>{_SLANG})|(?P<named>{_NAMED}))"
    rf"{_CALLED}{_ID}{_END}"
    rf"|(?<![a-z0-9])(?P<inside>[vw]x[_-]?(?=[a-z_-]{{0,18}}\d)[a-z0-9_-]{{3,19}}){_END}"
    r"|(?<!\d)(?P<phone>1[3-9]\d[ -]?\d{4}[ -]?\d{4})(?!\d)"
)
_LINK = re.compile(
    r"(?<![@a-z0-9.-])(?:[a-z0-9-]+\.)+(?:com|cn|net|org|top|xyz|club|shop|vip|cc|me|io|app|link"
    r"|site|info|tv|ltd|fun|pro|icu|live|online|co|ly)(?![a-z0-9@.-])"
)
_EACH = "一[条盒斤个单张支套份箱节天瓶包票千把台]"
_PRICE = re.compile(
    rf"\d(?:元|块|毛|折|{_EACH})|价\d"
    rf"|[一二两三四五六七八九十百千](?:块|毛|元|折)|[二两三四五六七八九十百千]{_EACH}"
)

MASKABLE = frozenset({"illicit", "offer", "call", "pull", "hidden"})
COMMON = frozenset({"offer", "pull", "hidden"})
"""Words everyone uses: written with spaces it is a style, with stars a disguise."""

TALK = frozenset({"warn", "work", "plain"})
"""Where these are does not matter, and they are the most frequent."""


def read(text: str) -> Iterator[Sign]:
    """Every sign in a message."""
    flat, line = compact(text), fold(text)
    for kind, first, last in vocabulary().find(flat):
        if kind in TALK:
            yield Sign(kind, 0, 0, "")
        else:
            yield _word(flat, kind, *flat.original(first, last))
    for match in _CONTACT.finditer(line.text):
        yield _contact(line, match)
    yield from links(line)
    for match in _PRICE.finditer(line.text):
        yield _sign("price", text, *line.original(*match.span()))
    for start, end in masks.numbers(line):
        yield _sign("number", text, start, end, masked=True)
    for start, end in masks.pieces(text) + masks.unseen(text):
        yield _sign("letters", text, start, end, masked=True)


def links(line: Folded) -> Iterator[Sign]:
    """The hosts of links, with or without a scheme."""
    for match in _LINK.finditer(line.text) if "." in line.text else ():
        yield _sign("link", line.source, *line.original(*match.span()))


def _sign(kind: str, text: str, start: int, end: int, masked: bool = False) -> Sign:
    return Sign(kind, start, end, text[start:end], masked)


def _word(flat: Folded, kind: str, start: int, end: int) -> Sign:
    masked = kind in MASKABLE and masks.hidden(flat.source, start, end)
    if masked and kind in COMMON:
        piece = flat.source[start:end]
        masked = any(c.isprintable() and not (c.isalnum() or c.isspace()) for c in piece)
    return _sign(kind, flat.source, start, end, masked)


def _contact(line: Folded, match: re.Match[str]) -> Sign:
    start, end = line.original(*match.span())
    veiled = match["veiled"] is not None or masks.hidden(line.source, start, end)
    kind = "phone" if match["phone"] else "named" if match["named"] else "slang"
    return _sign(kind, line.source, start, end, veiled)
