"""Words that settle it nearly alone, each with an example, a near miss, and how often it was met.

strong.txt has a line for each: the word, what it speaks for, a message that holds it, one that
only seems to, and in how many everyday messages of the training data it was found.
"""

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, MatchKind

from rules.detector.views import Place, View, spoken

MOST = 1 / 20_000
"""The share of everyday messages in which no word may be found."""

_SOUNDS_FROM = 4
"""Characters from which on a word is also known by its sound; shorter ones sound like too much."""


class Strong(NamedTuple):
    word: str
    label: str
    example: str
    near_miss: str
    met: int


@cache
def entries() -> tuple[Strong, ...]:
    lines = Path(__file__).with_name("strong.txt").read_text("utf-8").splitlines()
    parts = [line.split("\t") for line in lines]
    return tuple(
        Strong(word, label, one, other, int(met)) for word, label, one, other, met in parts
    )


def find(view: View) -> list[tuple[Strong, Place]]:
    """Every strong word in a message, with its place in the text as written."""
    automaton, meant = _searched()
    hits = automaton.find_matches_as_indexes(view.text)
    if not hits:
        return []
    places = view.places()
    found = {}
    for number, start, end in hits:
        place = places[start][0], places[end - 1][1]
        found[place] = meant[number]
    return [(entry, place) for place, entry in found.items()]


def met(texts: Iterable[str]) -> Counter[str]:
    """In how many of the texts each word is found that is found at all."""
    views = (View(spoken(text)) for text in texts)
    return Counter(word for view in views for word in {entry.word for entry, _ in find(view)})


@cache
def _searched() -> tuple[AhoCorasick, tuple[Strong, ...]]:
    patterns: dict[str, Strong] = {}
    for entry in entries():
        view = View(entry.word)
        patterns[view.letters] = entry
        if len(view.sounds) >= _SOUNDS_FROM:
            patterns[view.sounds] = entry
    automaton = AhoCorasick(list(patterns), matchkind=MatchKind.LeftmostLongest)
    return automaton, tuple(patterns.values())
