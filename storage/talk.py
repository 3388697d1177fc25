"""The talk of an evening while answers are sought: which line belongs to which question."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from storage import asked, cues, gist, transcript
from storage.asked import Asked
from storage.transcript import Line, Phase

RELATED = 0.5
REMARK = 6


class Talk:
    """`home` says which question a line belongs to, be it as question or as answer."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.guests = transcript.guests(lines)
        self.leads = self.guests | {line.member for line in lines if line.hosting}
        self.names = transcript.names(lines)
        self.place = {line.id: number for number, line in enumerate(lines)}
        self.told = {line.id: gist.telling(line.words) for line in lines}
        self.common = gist.weigh(line.words for line in lines)
        self.questions = asked.find(lines, self.guests)
        self.home = {line.id: one for one in self.questions for line in one.lines}

    def answer(self, one: Asked, line: Line) -> None:
        one.answers.append(line)
        self.home[line.id] = one

    def question(self, line: Line) -> Asked:
        one = Asked(line)
        self.questions.append(one)
        self.home[line.id] = one
        return one

    def free(self) -> Iterator[Line]:
        return (line for line in self.lines if line.id not in self.home)

    def leading(self) -> Iterator[Line]:
        """What guests and hosts said that may answer something, and does not yet."""
        for line in self.free():
            if line.member in self.guests:
                if line.phase is Phase.ASK or not cues.new_subject(line.words):
                    yield line
            elif line.hosting and not cues.hosts(line.words):
                yield line

    def earlier(self, line: Line) -> Iterator[Line]:
        """What was said before, the newest first."""
        return (self.lines[n] for n in range(self.place[line.id] - 1, -1, -1))

    def last_telling(self, line: Line) -> Line | None:
        """The line before, applause and the like left out."""
        told = (o for o in self.earlier(line) if o.id in self.home or cues.substance(o.words) > 3)
        return next(told, None)

    def closed(self, line: Line) -> bool:
        """Whether the host ended the evening just before."""
        last = self.last_telling(line)
        return bool(last and last.hosting and cues.closes(last.words))

    def last_of(self, members: set[str], line: Line) -> Line | None:
        """What these members said last before the line, applause and the like left out."""
        theirs = (other for other in self.earlier(line) if other.member in members)
        return next((o for o in theirs if o.id in self.home or cues.tells(o.words)), None)

    def put_before(self, line: Line, window: timedelta) -> list[Asked]:
        place = self.place[line.id]
        return [
            one
            for one in self.questions
            if any(self.place[put.id] < place and line.at - put.at <= window for put in one.lines)
        ]

    def open(self, line: Line, window: timedelta) -> list[Asked]:
        """What the speaker might answer. A member's answer leaves room for the guest's."""
        leads = line.member in self.leads
        return [
            one
            for one in self.put_before(line, window)
            if line.member not in one.members
            and not any(not leads or answer.member in self.leads for answer in one.answers)
        ]

    def may_answer(self, one: Asked, line: Line) -> bool:
        """A lead may say little, or send a picture; others must say something."""
        words = line.words
        if line.member in one.members:
            return False
        if line.member in self.leads:
            brief = not words or (cues.polar(one.words) and words[0].isalnum())
            return brief or cues.substance(words) > 1
        return cues.substance(words) >= REMARK

    def remark(self, target: Line, line: Line) -> Asked | None:
        """During the Q&A a guest who turns to what somebody said makes a question of it."""
        asking = line.phase is Phase.ASK and line.member in self.guests
        if not asking or target.member in self.leads or cues.substance(target.words) < REMARK:
            return None
        return self.question(target)

    def called(self, line: Line) -> set[str]:
        """Whom the line is said to: mentioned, or named at its beginning."""
        start = cues.addressed(line.text)
        named = {member for name, member in self.names.items() if start.startswith(name)}
        return {*line.mentions, *named} - {line.member}

    def related(self, one: Asked, line: Line) -> float:
        """Shared pairs of characters; the fewer lines have one, the more it tells."""
        theirs = set[str]().union(*(self.told[put.id] for put in one.lines))
        return sum(1 / self.common[pair] for pair in theirs & self.told[line.id])

    def close(self, one: Asked, line: Line) -> bool:
        return self.related(one, line) >= RELATED
