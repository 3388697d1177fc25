"""One message, one answer: advertisement, insult or neither, how sure, and which words say so.

The signs of an advertisement, the strong words and the model come together here and nowhere else.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from math import exp, log
from typing import NamedTuple

from rules.detector import explicit, strong
from rules.detector.explicit import NOTHING, House
from rules.detector.model import Head, Scores, model
from rules.detector.strong import Strong
from rules.detector.views import Place, View, spoken
from rules.engine import Span

MOST = 20
"""Spans shown, however long the message."""

TELLING = 3
"""Places shown for what only the model sees."""

BEYOND_DOUBT = 0.99
UNLIKELY = 0.1
"""So little, by the model, that nobody looks for signs: most of what is said in a group."""

_WHY = {"ad": "整句读起来像是推销", "abuse": "读起来像是在骂人或威胁人"}
_WHY_WORD = {"ad": "广告里常见的词", "abuse": "骂人或威胁人的词"}


class Trust(StrEnum):
    """How well the group knows the sender. A stranger's first words weigh more."""

    STRANGER = "stranger"
    MEMBER = "member"
    REGULAR = "regular"


_BONUS = {Trust.STRANGER: 0.7, Trust.MEMBER: 0.0, Trust.REGULAR: -0.7}
"""Added to the logarithm of the odds: with 0.7 they double."""

ECHOED = 1.4
"""The same for what several say, or one says in several groups."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """`label` is ad, abuse or normal, `score` how likely that is; `action` act, ask or none.

    Spans count code points of the text as written; the first is the most telling. `margin` is how
    far the score is beyond what is asked about: 0 just so, 1 beyond doubt.
    """

    label: str
    score: float
    action: str
    spans: tuple[Span, ...] = ()
    margin: float = 1.0


def assess(
    text: str,
    *,
    house: House = NOTHING,
    names: tuple[str, ...] = (),
    trust: Trust = Trust.MEMBER,
) -> Assessment:
    """What a message is. `names` are those of the people it mentions, which are not its words."""
    answers = (
        advertisement(text, house=house, names=names, trust=trust),
        insult(text, house=house, names=names, trust=trust),
    )
    worst = max(answers, key=lambda one: (one.action != "none", one.score))
    if worst.action != "none":
        return worst
    return Assessment("normal", round(1 - worst.score, 4), "none")


def advertisement(
    text: str,
    *,
    house: House = NOTHING,
    names: tuple[str, ...] = (),
    trust: Trust = Trust.MEMBER,
    more: float = 0.0,
) -> Assessment:
    """What speaks for an advertisement; the label is ad even when too little does.

    `more` is added to the logarithm of the odds, beside what the sender's standing adds. Where
    the group allows a word, the model has no say: it would judge what is left of a text.
    """
    allowed = explicit.allowed(text, house)
    passed = allowed | explicit.mentions(text, names)
    banned = explicit.banned(text, house, passed)
    likely = _weighed(_blanked(text, passed)).scores.ad
    if not banned and likely < UNLIKELY:
        return Assessment("ad", round(likely, 4), "none")
    reading = explicit.read(text, house, passed)
    if found := banned or explicit.grounds(reading.seen):
        spans = [Span(sign.start, sign.end, explicit.why(sign)) for sign in found[:MOST]]
        return Assessment("ad", BEYOND_DOUBT, "act", tuple(dict.fromkeys(spans)))
    if allowed:
        return Assessment("ad", 0.0, "none")
    return _judged("ad", _weighed(_blanked(text, reading.passed)), trust, more)


def insult(
    text: str,
    *,
    house: House = NOTHING,
    names: tuple[str, ...] = (),
    trust: Trust = Trust.MEMBER,
) -> Assessment:
    """What speaks for an insult or a threat; the label is abuse even when too little does."""
    if explicit.allowed(text, house):
        return Assessment("abuse", 0.0, "none")
    return _judged("abuse", _weighed(_blanked(text, explicit.mentions(text, names))), trust)


class _Weighed(NamedTuple):
    view: View
    words: list[tuple[Strong, Place]]
    scores: Scores


@lru_cache(maxsize=16)
def _weighed(text: str) -> _Weighed:
    """Kept for the moment, as two rules ask about the same message."""
    view = View(spoken(text))
    return _Weighed(view, strong.find(view), model().scores(view))


def _judged(label: str, weighed: _Weighed, trust: Trust, more: float = 0.0) -> Assessment:
    head = model().heads[label]
    words = [place for entry, place in weighed.words if entry.label == label]
    score = getattr(weighed.scores, label)
    score = _shifted(score, _BONUS[trust] + more + (head.word if words else 0.0))
    action = _action(head, score)
    if action == "none":
        return Assessment(label, round(score, 4), action)
    spans = [Span(*place, _WHY_WORD[label]) for place in words]
    spans += [Span(*place, _WHY[label]) for place in model().telling(weighed.view, label, TELLING)]
    margin = (score - head.ask) / (1 - head.ask)
    return Assessment(label, round(score, 4), action, tuple(spans[:MOST]), margin)


def _action(head: Head, score: float) -> str:
    return "act" if score >= head.act else "ask" if score >= head.ask else "none"


def _shifted(score: float, by: float) -> float:
    if not by:
        return score
    score = min(max(score, 1e-9), 1 - 1e-9)
    return 1 / (1 + exp(-log(score / (1 - score)) - by))


def _blanked(text: str, places: frozenset[int]) -> str:
    """What the group lets pass is not there for the model."""
    if not places:
        return text
    return "".join(" " if at in places else char for at, char in enumerate(text))
