"""Choosing the points of an evening: passages in the speakers' own words, from all its parts."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import dropwhile, pairwise
from statistics import median

from msgspec import Struct

from storage import cues, gist, transcript
from storage.transcript import Line, Phase

FEWEST, MOST = 5, 8
LONGEST = 120
"""Characters of a passage; one sentence that is longer stays whole."""

_BUBBLES = 3
_PAUSE = timedelta(minutes=3)
_ANSWER_PAUSE = timedelta(minutes=1)
_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+")
_LENGTH_POWER = 0.5
_HOST, _MEMBER = 0.4, 0.25
_ANSWER = 0.6
_QUESTION = 0.4
_HEARD = 0.4
_WORTH = 0.2


class Passage(Struct, frozen=True):
    """Words of one speaker, from one to three bubbles; `weight` is who said them, and when."""

    lines: tuple[Line, ...]
    text: str
    weight: float

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(line.id for line in self.lines)

    def then(self, other: "Passage") -> "Passage":
        same = self.lines[-1] is other.lines[0]
        return Passage(
            self.lines if same else self.lines + other.lines,
            f"{self.text}{'' if same else ' '}{other.text}",
            min(self.weight, other.weight),
        )


def choose(lines: Sequence[Line]) -> list[Passage]:
    """Five to eight passages, in the order they were said; fewer when less was worth it."""
    found = parts(lines)
    left = [(number, passage) for number, part in enumerate(found) for passage in _passages(part)]
    telling = sum(_telling(piece) for part in found for piece in part)
    wanted = min(telling, max(FEWEST, min(MOST, len(found))))
    cover = gist.Cover(gist.weigh(line.words for line in lines))
    chosen: list[Passage] = []
    heard: set[int] = set()
    least = 0.0
    while left and len(chosen) < wanted:
        # A part that had its say waits for the others.
        worth, number, best = max(
            (
                (_worth(passage, cover) * (_HEARD if number in heard else 1), number, passage)
                for number, passage in left
            ),
            key=lambda one: one[0],
        )
        if worth < least:
            break
        least = max(least, worth * _WORTH)
        chosen.append(best)
        heard.add(number)
        cover.add(best.text)
        left = [one for one in left if not set(one[1].lines) & set(best.lines)]
    return sorted(chosen, key=lambda passage: passage.lines[0].at)


def parts(lines: Sequence[Line]) -> list[list[Passage]]:
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
    while len(found) < FEWEST and (longest := max(found, key=len, default=[])) and len(longest) > 3:
        at = found.index(longest)
        found[at : at + 1] = _halves(longest)
    return [[piece for line in part for piece in _pieces(line, guests)] for part in found]


def _tells(line: Line, guests: frozenset[str]) -> bool:
    """Guests are heard with their headings too, others when they tell something."""
    words = line.words
    if line.member in guests:
        return cues.substance(words) > 1
    return cues.substance(words) >= cues.TELLING and not cues.asks(words)


def _long_pause(lines: Sequence[Line]) -> timedelta:
    gaps = [after.at - before.at for before, after in pairwise(lines)]
    return max(_PAUSE, 3 * median(gaps)) if gaps else _PAUSE


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


def _pieces(line: Line, guests: frozenset[str]) -> Iterator[Passage]:
    """The line whole, or cut into runs of sentences where it is long."""
    weight = 1.0 if line.member in guests or not guests else _HOST if line.hosting else _MEMBER
    weight *= _ANSWER if line.phase is Phase.ASK or line.reply_to or line.mentions else 1
    run = ""
    for sentence in _SENTENCE.findall(line.words):
        if run and len(run) + len(sentence) > LONGEST:
            yield Passage((line,), run, weight)
            run = ""
        run += sentence
    if run:
        yield Passage((line,), run, weight)


def _passages(part: Sequence[Passage]) -> Iterator[Passage]:
    """Each piece that tells something, alone and with one or two that follow at once."""
    for start, first in enumerate(part):
        passage = first
        if _telling(passage):
            yield passage
        for following in part[start + 1 : start + _BUBBLES]:
            if not _follows(passage, following):
                break
            passage = passage.then(following)
            if _telling(passage):
                yield passage


def _follows(passage: Passage, following: Passage) -> bool:
    last, line = passage.lines[-1], following.lines[0]
    pause = _PAUSE if line.phase is Phase.SHARE else _ANSWER_PAUSE
    return (
        line.member == last.member
        and line.at - last.at <= pause
        # What answers somebody is about something else than what was said just before.
        and (line is last or not (line.reply_to or line.mentions))
        and not (line is not last and last.reply_to)
        and len(passage.text) + len(following.text) < LONGEST
    )


def _telling(passage: Passage) -> bool:
    return cues.substance(passage.text) >= cues.TELLING


def _worth(passage: Passage, cover: gist.Cover) -> float:
    text = passage.text
    asking = _QUESTION if cues.asks(text) else 1
    gain = cover.gain(text) / len(text) ** _LENGTH_POWER
    return gain * cues.stress(text) * passage.weight * asking
