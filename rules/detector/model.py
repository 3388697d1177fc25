"""A linear model over short runs of letters and sounds: weights for each of two heads, no more.

The file (model.bin, made by rules.detector.train) is compressed: a line of JSON, the runs joined
by line feeds, and for each head one 16-bit weight a run.
"""

import json
import zlib
from array import array
from collections.abc import Mapping, Sequence
from functools import cache
from math import exp, sqrt
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from rules.detector.features import marks
from rules.detector.views import Place, View

FILE = Path(__file__).with_name("model.bin")
FEWEST = 30
"""A message of fewer runs is taken to have so many: a single word proves little."""

_LARGEST = 32767
_HALF = 2**31
_WHOLE = 2 * _HALF
_FIRST = itemgetter(0)


class Head(NamedTuple):
    """One question the model answers. `ask` and `act` are the scores from which to do so.

    `slope` and `offset` make a probability of the sum of weights; a strong word adds `word`.
    """

    unit: float
    bias: float
    slope: float
    offset: float
    word: float
    ask: float
    act: float


class Scores(NamedTuple):
    """How sure the model is, from 0 to 1, that a message is an advertisement, or an insult."""

    ad: float
    abuse: float


class Model:
    """Read-only once loaded; one is shared by all."""

    def __init__(self, data: bytes) -> None:
        head, _, rest = zlib.decompress(data).partition(b"\n")
        about = json.loads(head)
        runs = rest[: about["bytes"]].decode().split("\n")
        numbers = array("h", rest[about["bytes"] :])
        self.heads = {name: Head(**about["heads"][name]) for name in Scores._fields}
        self._weights = [numbers[: len(runs)], numbers[len(runs) :]]
        pairs = zip(*self._weights, strict=True)
        # Both heads in one number: one sum is half the work of two. The last one is of no run.
        self._both = array("q", [*(ad * _WHOLE + abuse for ad, abuse in pairs), 0])
        self._marks = {run: at for at, run in enumerate(runs) if run.startswith("#")}
        self._automaton = AhoCorasick(
            runs,
            matchkind=MatchKind.Standard,
            implementation=Implementation.ContiguousNFA,
            store_patterns=False,
        )

    def scores(self, view: View) -> Scores:
        known = set(map(_FIRST, self._hits(view)))
        for mark in marks(view):
            if mark in self._marks:
                known.add(self._marks[mark])
        size = sqrt(max(len(known), FEWEST))
        # With two more, as an itemgetter of less than two gives no tuple.
        weights = itemgetter(-1, -1, *known)(self._both)
        ad, abuse = divmod(sum(weights) + _HALF, _WHOLE)
        return Scores(
            _probability(self.heads["ad"], ad / size),
            _probability(self.heads["abuse"], (abuse - _HALF) / size),
        )

    def telling(self, view: View, name: str, most: int) -> list[Place]:
        """Where the runs stand that speak most for it, as places in the text as written."""
        weights = self._weights[Scores._fields.index(name)]
        hits = sorted(self._hits(view), key=lambda hit: -weights[hit[0]])
        places = view.places()
        found = [
            (places[start][0], places[end - 1][1])
            for number, start, end in hits[: most * 4]
            if weights[number] > 0 and "\x02" not in view.text[start:end]
        ]
        return _merged([(start, end) for start, end in found if start < end])[:most]

    def _hits(self, view: View) -> Sequence[tuple[int, int, int]]:
        hits: Sequence[tuple[int, int, int]] = self._automaton.find_matches_as_indexes(
            view.text, overlapping=True
        )
        return hits


def _probability(head: Head, value: float) -> float:
    return 1 / (1 + exp(-head.slope * (head.unit * value + head.bias) - head.offset))


def _merged(places: Sequence[Place]) -> list[Place]:
    """The same places without overlaps, in order of first mention."""
    merged: list[Place] = []
    for start, end in places:
        touching = [place for place in merged if place[0] <= end and start <= place[1]]
        for place in touching:
            merged.remove(place)
            start, end = min(start, place[0]), max(end, place[1])
        merged.append((start, end))
    return merged


def pack(
    runs: Sequence[str], weights: Mapping[str, Sequence[float]], heads: Mapping[str, Head]
) -> bytes:
    """The bytes of a model file; `unit` of each head is set so that its weights fit."""
    numbers = array("h")
    about = {}
    for name, head in heads.items():
        unit = max(map(abs, weights[name])) / _LARGEST
        numbers.extend(round(weight / unit) for weight in weights[name])
        about[name] = head._replace(unit=unit)._asdict()
    words = "\n".join(runs).encode()
    header = json.dumps({"bytes": len(words), "heads": about}).encode()
    return zlib.compress(header + b"\n" + words + numbers.tobytes(), 9)


@cache
def model() -> Model:
    """The model that is shipped, loaded when it is first asked for."""
    return Model(FILE.read_bytes())
