"""What a text is about: pairs of neighbouring characters, weighed by how often they come back."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

_PLAIN = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]")
_CLAUSE = re.compile(r"[^，,。！？!?；;\n]*[，,。！？!?；;\n]+|[^，,。！？!?；;\n]+")
_EMPTY_WORDS = frozenset(
    "的了是我们你他她它这那个就也都在有和不么什说吗呢啊吧嗯呃哎哦很还去来要会能可以到对得着把被"
    "给让跟与及或而且但因为所以如果然后其实一"
)
_EMPTY_SHARE = 0.2
_AGAIN_SHARE = 0.3
_LENGTH_POWER = 0.8
_LEAST = 6


def pairs(text: str) -> set[str]:
    """Neighbouring characters, punctuation left out."""
    plain = _PLAIN.sub("", text).lower()
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


def weigh(texts: Iterable[str], *, least: int = 1) -> dict[str, float]:
    """What each pair is worth: the texts that have it, at least `least`; little for empty words."""
    seen = Counter(pair for text in texts for pair in pairs(text))
    return {
        pair: count * _EMPTY_SHARE ** sum(char in _EMPTY_WORDS for char in pair)
        for pair, count in seen.items()
        if count >= least
    }


class Cover:
    """What was already said, so that the next choice adds to it."""

    def __init__(self, weights: dict[str, float]) -> None:
        self.weights = weights
        self._said: Counter[str] = Counter()

    def gain(self, text: str) -> float:
        """What the text would add; what was said before counts less each time."""
        return sum(
            self.weights.get(pair, 0) * _AGAIN_SHARE ** self._said[pair] for pair in pairs(text)
        )

    def add(self, text: str) -> None:
        self._said.update(pairs(text))


def telling(text: str) -> set[str]:
    """The pairs without empty words."""
    return {pair for pair in pairs(text) if _EMPTY_WORDS.isdisjoint(pair)}


def alike(one: str, other: str) -> float:
    """0 to 1: the share of the shorter text's telling pairs that the other has too."""
    first, second = telling(one), telling(other)
    least = min(len(first), len(second))
    return len(first & second) / least if least else 0.0


def clauses(text: str) -> list[str]:
    """The text cut after every comma and full stop; joined again it is the same text."""
    return _CLAUSE.findall(text)


def extract(sentences: Sequence[str], characters: int) -> list[str]:
    """The clauses that say most of it, in their order, within some `characters` (15 % over)."""
    parts = ["".join(part.split()) for text in sentences for part in clauses(text)]
    cover = Cover(weigh(parts, least=2))
    left = {number for number, part in enumerate(parts) if len(part) >= _LEAST}
    chosen: list[int] = []
    room = characters
    while left and room > 0:
        best = max(left, key=lambda n: (cover.gain(parts[n]) / len(parts[n]) ** _LENGTH_POWER, -n))
        left.remove(best)
        if len(parts[best]) <= room + characters * 0.15:
            chosen.append(best)
            cover.add(parts[best])
            room -= len(parts[best])
    return [parts[number] for number in sorted(chosen)]
