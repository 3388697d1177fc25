"""Which answer belongs to which question: by quotation, by name, by its words, by nearness."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from storage import asked, cues, gist, transcript
from storage.asked import Asked
from storage.transcript import Line, Phase

_CALLED = timedelta(minutes=30)
_ASK_WINDOW = timedelta(minutes=15)
_SHARE_WINDOW = timedelta(minutes=2)
_CONTINUED = timedelta(minutes=2, seconds=30)
_RELATED = 0.4
_QUOTED = 6
_ONE_MESSAGE = re.compile(r"问[^?？]{2,60}[?？]\s*\S.{7,}", re.DOTALL)


def pair(lines: Sequence[Line]) -> list[Asked]:
    """Every question of the evening with its answers; those without have none."""
    return _Pairing(lines).done()


class _Pairing:
    """One evening's questions while answers are being found for them, the surest first."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.guests = transcript.guests(lines)
        self.leads = self.guests | {line.member for line in lines if line.hosting}
        self.names = transcript.names(lines)
        self.by_id = {line.id: line for line in lines}
        self.found = asked.find(lines, self.guests)
        self.home = {line.id: one for one in self.found for line in one.lines}
        self.rarity = _rarity(lines)

    def done(self) -> list[Asked]:
        for step in (self._quoted, self._named, self._in_one, self._worded, self._near):
            step()
        self._added()
        for one in self.found:
            one.answers.sort(key=lambda line: (line.at, line.id))
        return sorted(self.found, key=lambda one: (one.at, one.lines[0].id))

    def _link(self, one: Asked, line: Line) -> None:
        one.answers.append(line)
        self.home[line.id] = one

    def _new(self, line: Line) -> Asked:
        one = Asked(line)
        self.found.append(one)
        self.home[line.id] = one
        return one

    def _free(self) -> Iterator[Line]:
        """What the guests and hosts said that answers nothing yet."""
        for line in self.lines:
            if line.member in self.leads and line.id not in self.home:
                if not (line.hosting and _directs(line.words)):
                    yield line
    ...
