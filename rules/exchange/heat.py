"""How near the talk of two people is to a quarrel: a few figures, and one probability."""

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from rules.engine import Line
from rules.exchange.cues import Cues, cues

FADES = 8
"""After so many lines a line counts half."""

ANSWERED_WITHIN = timedelta(minutes=5)
"""Who speaks after somebody else answers them, when nothing else tells whom."""

MOST_BACK = 4.0
"""Two who talk to each other for an hour are not nearer to a quarrel than after ten lines."""

MEANT_KINDLY = 0.1
"""How little it counts to speak to somebody, beside being sharp with them."""


class Figures(NamedTuple):
    """Of the lines between two people and around them; each fades as others follow.

    strong: insults and threats. mild: retorts, scorn, blame. back: how often the word went back
    and forth. reason: lines that argue. things: the share of lines about things rather than the
    other. fun: sharp words as far as people laugh, which is how friends talk.
    """

    strong: float = 0.0
    mild: float = 0.0
    back: float = 0.0
    reason: float = 0.0
    things: float = 0.0
    fun: float = 0.0


# Fitted by logistic regression on labelled dialogues (benchmarks/quarrels.py) and rounded.
# An insult tells less than a retort: friends call each other names, and do not answer 关你什么事.
WEIGHTS = Figures(strong=1.2, mild=2.15, back=1.3, reason=-0.6, things=-5.0, fun=-7.3)
BIAS = -5.5


class Exchange(NamedTuple):
    """Two people: `one` was the last of them to speak. `telling` are their sharp lines."""

    one: str
    other: str
    figures: Figures
    telling: tuple[Line, ...]


class _Heard(NamedTuple):
    line: Line
    to: str
    cues: Cues
    weight: float

    @property
    def aimed(self) -> bool:
        """Whether it surely speaks to somebody, and not of somebody."""
        return _aimed(self.line, self.cues)

    @property
    def heat(self) -> float:
        kindly = MEANT_KINDLY * self.cues.you
        return self.weight * (2 * _strong(self.cues) + _mild(self.cues) + kindly)


def _aimed(line: Line, found: Cues) -> bool:
    return found.you or bool(line.to or line.mentions)


def probability(figures: Figures) -> float:
    """How sure it is that somebody should look: 0 to 1."""
    score = BIAS + sum(weight * value for weight, value in zip(WEIGHTS, figures, strict=True))
    return 1 / (1 + math.exp(-score))


def matters(talk: Sequence[Line]) -> bool:
    """Whether the last line can make this talk a quarrel. Cheap, for most lines cannot."""
    last = cues(talk[-1].text)
    if not (last.sharp or last.you or last.peace):
        return False
    sharp = [line for line in talk if cues(line.text).sharp]
    return len(sharp) > 1 or any(_aimed(line, cues(line.text)) for line in sharp)


def hottest(talk: Sequence[Line]) -> Exchange | None:
    """The two who are sharpest with each other; None when nobody is, or only once."""
    heard = _heard(talk)
    heat: dict[frozenset[str], float] = defaultdict(float)
    for one in heard:
        if one.to:
            heat[frozenset((one.line.member, one.to))] += one.heat
    if not heat:
        return None
    pair = max(heat, key=lambda two: heat[two])
    theirs = [one for one in heard if one.line.member in pair]
    sharp = [one for one in theirs if one.cues.sharp]
    if len(sharp) < 2 and not any(one.aimed for one in sharp):
        return None
    last, telling = theirs[-1].line.member, tuple(one.line for one in sharp)
    return Exchange(last, next(iter(pair - {last})), _figures(heard, theirs), telling)


def _heard(talk: Sequence[Line]) -> list[_Heard]:
    heard: list[_Heard] = []
    for number, line in enumerate(talk):
        weight = 0.5 ** ((len(talk) - 1 - number) / FADES)
        heard.append(_Heard(line, _to(line, heard), cues(line.text), weight))
    return heard


def _to(line: Line, before: Sequence[_Heard]) -> str:
    """Whom a line answers: as it says, or else who spoke before."""
    for named in (line.to, *line.mentions):
        if named and named != line.member:
            return named
    for one in reversed(before[-3:]):
        if line.at - one.line.at > ANSWERED_WITHIN:
            break
        if one.line.member != line.member:
            return one.line.member
    return ""


def _strong(found: Cues) -> float:
    aimed = found.you or not found.thing
    return float(bool(found.insult) and aimed) + float(bool(found.threat))


def _mild(found: Cues) -> float:
    return float(bool(found.retort)) + float(bool(found.scorn)) + float(bool(found.blame))


def _figures(heard: Sequence[_Heard], theirs: Sequence[_Heard]) -> Figures:
    all_lines = sum(one.weight for one in heard)
    strong = sum(one.weight * _strong(one.cues) for one in theirs)
    laughs = sum(one.weight * bool(one.cues.soft) for one in heard) / all_lines
    blame = sum(one.weight * bool(one.cues.blame) for one in theirs)
    about = sum(one.weight * (bool(one.cues.thing) and not one.cues.you) for one in heard)
    return Figures(
        strong=strong,
        mild=sum(one.weight * _mild(one.cues) for one in theirs),
        back=_back(theirs),
        reason=sum(one.weight * bool(one.cues.reason) for one in theirs),
        things=about / all_lines,
        fun=laughs * (strong + blame),
    )


def _back(theirs: Sequence[_Heard]) -> float:
    turns = pairwise(theirs)
    back = sum(now.weight for before, now in turns if before.line.member != now.line.member)
    return min(back, MOST_BACK)
