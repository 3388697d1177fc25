"""The questions of an evening: found by their wording, or because a guest answered them."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from storage import cues, gist
from storage.transcript import Line

_SAME = 0.7
_SUBSTANCE = 6
_BREATH = timedelta(minutes=1)
_ECHO = re.compile(r"(?:同问|同求|蹲|我也想[知问]|\+1|＋1|顶)\W*")


class Asked:
    """One question, once or more often put, and what was answered."""

    def __init__(self, line: Line) -> None:
        self.lines = [line]
        self.answers: list[Line] = []

    @property
    def members(self) -> set[str]:
        return {line.member for line in self.lines}

    @property
    def at(self) -> datetime:
        return self.lines[0].at

    @property
    def words(self) -> str:
        return " ".join(line.words for line in self.lines)


def find(lines: Sequence[Line], guests: Iterable[str]) -> list[Asked]:
    """In the order they were first put; what guests ask is part of their talk."""
    found: list[Asked] = []
    before: dict[str, Line] = {}
    for line in lines:
        if line.member in guests:
            continue
        if _asks(line):
            _put(found, line, before.get(line.member))
        elif found and _ECHO.fullmatch(line.words):
            _echo(found, line)
        before[line.member] = line
    return found


def _asks(line: Line) -> bool:
    return cues.asks(line.words) and not (line.hosting and cues.prompts(line.words))


def _put(found: list[Asked], line: Line, before: Line | None) -> None:
    for asked in found:
        if _same(asked, line):
            asked.lines.append(line)
            return
    asked = Asked(line)
    if before and _short(line) and not _short(before) and line.at - before.at <= _BREATH:
        # 怎么办？ alone says nothing without the bubble before it.
        if not any(before in other.lines for other in found):
            asked.lines.insert(0, before)
    found.append(asked)


def _same(asked: Asked, line: Line) -> bool:
    return not _short(line) and any(
        not _short(other) and gist.alike(other.words, line.words) >= _SAME for other in asked.lines
    )


def _short(line: Line) -> bool:
    return cues.substance(line.words) < _SUBSTANCE


def _echo(found: list[Asked], line: Line) -> None:
    quoted = [asked for asked in found if line.reply_to in {one.id for one in asked.lines}]
    asked = quoted[0] if quoted else found[-1]
    if quoted or line.at - asked.lines[-1].at <= _BREATH:
        asked.lines.append(line)
