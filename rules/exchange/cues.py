"""What one line of a talk sounds like: an insult, a retort, a laugh, a reason, a call for peace."""

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.text import compact

LONGEST = 400
"""Code points of a line that are read; nobody quarrels in essays."""

_YOU = re.compile(r"你们?|您|@")
_QUOTED = re.compile('“[^”]{1,80}”|「[^」]{1,80}」|『[^』]{1,80}』|"[^"]{1,80}"')
_LAUGHS = re.compile("[😂🤣😄😆😁😅😉😜😝🤪😎😌🥰🥳🎉👏🍵🍉🐶]")
_ALONE = re.compile(
    r"(?<![a-z])(?:s ?b|n ?t|f ?w|nmsl|cnm|tmd|wc?nm|nc|lj)(?![a-z])|4 ?🐎|🤡"
    r"|(?:^|[,，。!！?？~、\s])滚(?=$|[啊吧呀远出一你,，。!！?？~\s])"
)
"""Insults spelt by the first letters of their syllables; and 滚, which is also in 滚动 and 摇滚."""

_MAY_BE_ALONE = re.compile("[a-zA-Z🐎🤡滚]")
"""Without one of these none of them is there, as in most lines."""

_FIGURES = re.compile(r"\d+(?:\.\d+)?\s*(?:%|个点|万|分钟|页|条|次|家|天)")


class Cues(NamedTuple):
    """How often each kind of word was heard in one line.

    `you` when somebody is spoken to, `sharp` when one of the first five kinds was heard. insult:
    names for a person. threat: what will be done to them. retort: answers that answer nothing.
    scorn: looking down on somebody. blame: whose fault it is. peace: somebody calls for it. soft:
    laughter and what friends say. reason: what people argue with. thing: what complaints are about.
    """

    you: bool
    sharp: bool
    insult: int
    threat: int
    retort: int
    scorn: int
    blame: int
    peace: int
    soft: int
    reason: int
    thing: int


KINDS = Cues._fields[2:]
INSULT, BLAME, SOFT, REASON = map(KINDS.index, ("insult", "blame", "soft", "reason"))


@cache
def _automaton() -> tuple[AhoCorasick, list[int]]:
    """The words of words.txt, where a line in brackets names the kind of those below it."""
    kinds: dict[str, int] = {}
    kind = 0
    for line in Path(__file__).with_name("words.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            kind = KINDS.index(line.strip("[]"))
        else:
            for word in line.split():
                kinds.setdefault(compact(word).text, kind)
    return AhoCorasick(list(kinds), matchkind=MatchKind.LeftmostLongest), list(kinds.values())


@lru_cache(maxsize=8192)
def cues(text: str) -> Cues:
    """Read one line; what stands in quotation marks is somebody else's."""
    text = _QUOTED.sub(" ", text[:LONGEST])
    automaton, kinds = _automaton()
    counts = [0] * len(KINDS)
    for index, _, _ in automaton.find_matches_as_indexes(compact(text).text):
        counts[kinds[index]] += 1
    if _MAY_BE_ALONE.search(text):
        counts[INSULT] += len(_ALONE.findall(text.lower()))
    counts[SOFT] += bool(_LAUGHS.search(text))
    counts[REASON] += len(_FIGURES.findall(text))
    return Cues(bool(_YOU.search(text)), any(counts[INSULT : BLAME + 1]), *counts)
