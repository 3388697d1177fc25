"""The questions of an evening: found by their wording, or because a guest answered them."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from storage import cues, gist
from storage.transcript import Line

_SAME = 0.6
_ECHOED = 0.3
_SUBSTANCE = 6
_BREATH = timedelta(minutes=1)
_ECHO = re.compile(r"同问|同求|蹲|我也想[知问]|\+1|＋1")


class Asked:
    """One question and what was answered.

    `wording` is how it was put first, `lines` all the times it was.
    """

    def __init__(self, *wording: Line) -> None:
        self.wording = wording
        self.lines = list(wording)
        self.answers: list[Line] = []

    @property
    def members(self) -> set[str]:
        return {line.member for line in self.lines}

    @property
    def at(self) -> datetime:
        return self.lines[0].at

    @property
    def words(self) -> str:
        return " ".join(line.words for line in self.wording)


def find(lines: Sequence[Line], guests: Iterable[str]) -> list[Asked]:
    """In the order they were first put; what guests ask is part of their talk."""
    found: list[Asked] = []
    before: dict[str, Line] = {}
    for line in lines:
        if line.member in guests:
            continue
        echoed = _echoed(found, line) if _ECHO.match(line.words) else None
        if echoed:
            echoed.lines.append(line)
        elif _asks(line):
            _put(found, line, before.get(line.member))
        before[line.member] = line
    return found


def _asks(line: Line) -> bool:
    if line.hosting:
        return cues.asks_surely(line.words) and not (line.reply_to or cues.hosts(line.words))
    return cues.asks(line.words)


def _put(found: list[Asked], line: Line, before: Line | None) -> None:
    for asked in found:
        if _same(asked, line):
            asked.lines.append(line)
            return
    if before and _completes(line, before) and not any(before in one.lines for one in found):
        found.append(Asked(before, line))
    else:
        found.append(Asked(line))


def _completes(line: Line, before: Line) -> bool:
    """怎么办？ alone says nothing without the bubble before it."""
    return _short(line) and not _short(before) and line.at - before.at <= _BREATH


def _same(asked: Asked, line: Line) -> bool:
    return not _short(line) and any(
        not _short(other) and gist.alike(other.words, line.words) >= _SAME for other in asked.lines
    )


def _short(line: Line) -> bool:
    return cues.substance(line.words) < _SUBSTANCE


def _echoed(found: Sequence[Asked], line: Line) -> Asked | None:
    """The question that 同问 means: the one quoted, the one repeated, or the last."""
    quoted = [one for one in found if line.reply_to in {put.id for put in one.lines}]
    like = [one for one in found if gist.alike(one.words, line.words) >= _ECHOED]
    last = [one for one in found if _short(line) and line.at - one.lines[-1].at <= _BREATH]
    return next((group[-1] for group in (quoted, like, last) if group), None)
