"""Choosing the points of an evening: passages in the speakers' own words, from all its parts."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import dropwhile, pairwise
from math import sqrt
from statistics import median

from msgspec import Struct

from storage import cues, gist, transcript
from storage.masking import mask
from storage.transcript import Line, Phase

FEWEST, MOST = 5, 8
LONGEST = 120
"""Characters of a passage."""

_SHORTEST = 20
_BUBBLES = 3
_PIECES_A_POINT = 2
_PAUSE = timedelta(minutes=3)
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+")
_HOST, _MEMBER = 0.4, 0.25
_ANSWER = 0.5
_QUESTION = 0.4
_HEARD = 0.5
_WORTH = 0.1


class Passage(Struct, frozen=True):
    """Words of one speaker, from one to three bubbles.

    `weight` is who said them, and when; `answer` is the question they answer.
    """

    lines: tuple[Line, ...]
    pieces: frozenset[tuple[int, int]]
    text: str
    weight: float
    answer: int | None = None

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(line.id for line in self.lines)

    def then(self, other: "Passage") -> "Passage":
        same = self.lines[-1] is other.lines[0]
        return Passage(
            self.lines if same else self.lines + other.lines,
            self.pieces | other.pieces,
            f"{self.text}{'' if same else ' '}{other.text}",
            min(self.weight, other.weight),
            self.answer,
        )


def choose(lines: Sequence[Line], answers: Mapping[int, int]) -> list[Passage]:
    """Five to eight passages, in the order they were said; fewer when less was worth it.

    `answers` says which of the lines answer a question, and which.
    """
    found = parts(lines, answers)
    left = [(number, passage) for number, part in enumerate(found) for passage in _passages(part)]
    telling = sum(_telling(piece) for part in found for piece in part)
    wanted = min(telling, max(FEWEST, min(MOST, telling // _PIECES_A_POINT)))
    cover = gist.Cover(gist.weigh(line.words for line in lines))
    chosen: list[Passage] = []
    heard: set[int] = set()
    least = 0.0
    while left and len(chosen) < wanted:
        # A part that had its say waits for the others.
        ranked = [
            (_worth(passage, cover) * (_HEARD if number in heard else 1), -place)
            for place, (number, passage) in enumerate(left)
        ]
        worth, place = max(ranked)
        if worth < least:
            break
        number, best = left[-place]
        least = max(least, worth * _WORTH)
        chosen.append(best)
        heard.add(number)
        cover.add(best.text)
        left = [one for one in left if not one[1].pieces & best.pieces]
    return sorted(chosen, key=lambda passage: (passage.lines[0].at, passage.ids))


def parts(lines: Sequence[Line], answers: Mapping[int, int]) -> list[list[Passage]]:
    """The evening cut at new subjects, at the host's turns and at silence, into single pieces."""
    guests = transcript.guests(lines)
    heard = dropwhile(lambda line: bool(guests) and line.member not in guests, lines)
    told = [line for line in heard if _tells(line, guests)]
    pause = _long_pause(told)
    found: list[list[Line]] = []
    for before, line in zip([None, *told], told, strict=False):
        if before is None or _turns(before, line, guests, pause):
            found.append([])
        found[-1].append(line)
    while len(found) < MOST and (longest := max(found, key=len, default=[])) and len(longest) > 3:
        at = found.index(longest)
        found[at : at + 1] = _halves(longest)
    return [[piece for line in part for piece in _pieces(line, guests, answers)] for part in found]


def _tells(line: Line, guests: frozenset[str]) -> bool:
    """Guests are heard with their headings too, others when they tell or ask something."""
    words = line.words
    if line.member in guests:
        return cues.substance(words) > 1
    return cues.tells(words) or cues.asks(words)


def _long_pause(lines: Sequence[Line]) -> timedelta:
    gaps = [(after.at - before.at).total_seconds() for before, after in pairwise(lines)]
    return max(_PAUSE, timedelta(seconds=3 * median(gaps))) if gaps else _PAUSE


def _turns(before: Line, line: Line, guests: frozenset[str], pause: timedelta) -> bool:
    return (
        line.at - before.at > pause
        or line.phase is not before.phase
        or (line.member in guests and cues.new_subject(line.words))
        or (before.hosting and before.member not in guests)
    )


def _halves(part: list[Line]) -> tuple[list[Line], list[Line]]:
    """Cut at the longest pause, not at the edges."""
    cut = max(range(1, len(part)), key=lambda n: (part[n].at - part[n - 1].at, -n))
    middle = min(max(cut, len(part) // 4), len(part) - len(part) // 4)
    return part[:middle], part[middle:]


def _pieces(line: Line, guests: frozenset[str], answers: Mapping[int, int]) -> list[Passage]:
    """The line whole, or sentence by sentence where it is long."""
    answer = answers.get(line.id)
    weight = _weight(line, guests) * (
        1 if answer is None and line.phase is Phase.SHARE else _ANSWER
    )
    return [
        Passage((line,), frozenset({(line.id, number)}), text, weight, answer)
        for number, text in enumerate(_cut(line.words))
    ]


def _cut(words: str) -> list[str]:
    """Sentences, clauses where one is too long, and if need be just so many characters."""
    if len(words) <= LONGEST:
        return [words]
    texts: list[str] = []
    for sentence in _SENTENCE.findall(words):
        clauses = [sentence] if len(sentence) <= LONGEST else gist.clauses(sentence)
        for clause in clauses:
            for start in range(0, len(clause), LONGEST):
                text = clause[start : start + LONGEST]
                if texts and len(texts[-1]) < _SHORTEST:
                    texts[-1] += text
                else:
                    texts.append(text)
    return texts


def _weight(line: Line, guests: frozenset[str]) -> float:
    """Questions and leading through the evening weigh nothing; they part what guests said."""
    guest = line.member in guests or not guests
    if line.member not in guests and (cues.asks(line.words) or cues.hosts(line.words)):
        return 0
    return 1.0 if guest else _HOST if line.hosting else _MEMBER


def _passages(part: Sequence[Passage]) -> Iterator[Passage]:
    """Each piece that tells something, alone and with what follows at once."""
    for start, first in enumerate(part):
        passage = first
        if _telling(passage):
            yield passage
        for following in part[start + 1 :]:
            if not _follows(passage, following):
                break
            passage = passage.then(following)
            if _telling(passage):
                yield passage


def _follows(passage: Passage, following: Passage) -> bool:
    last, line = passage.lines[-1], following.lines[0]
    return (
        line.member == last.member
        and following.answer == passage.answer
        and line.at - last.at <= _PAUSE
        and len({*passage.ids, line.id}) <= _BUBBLES
        and len(passage.text) + len(following.text) < LONGEST
    )


def _telling(passage: Passage) -> bool:
    """What tells somebody's number is an address, no point."""
    text = passage.text
    return bool(passage.weight) and cues.tells(text) and mask(text) == text


def _worth(passage: Passage, cover: gist.Cover) -> float:
    text = passage.text
    asking = _QUESTION if text.endswith(("?", "？", "吗", "呢")) else 1
    gain = cover.gain(text) / sqrt(len(text))
    return gain * cues.stress(text) * passage.weight * asking
