"""Which answer belongs to which question: by quotation, by name, by its words, by nearness."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from storage import asked, cues, follow_ups, gist, transcript
from storage.asked import Asked
from storage.transcript import Line, Phase

CALLED = timedelta(minutes=30)
IN_TURN = timedelta(minutes=15)
IN_PASSING = timedelta(minutes=2)
GOES_ON = timedelta(minutes=2, seconds=30)
AT_ONCE = timedelta(minutes=1)
BREATH = timedelta(seconds=20)
ADDS = timedelta(minutes=3)
RELATED = 0.5
_REMARK = 6


def pair(lines: Sequence[Line]) -> list[Asked]:
    """Every question of the evening in order, with its answers; some have none."""
    evening = _Evening(lines)
    evening.quoted()
    evening.named()
    evening.in_one()
    evening.worded()
    evening.near()
    evening.added()
    return evening.done()


class _Evening:
    """The questions, while answers are being found for them, the surest first.

    `home` says which question a line belongs to, be it as question or as answer.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.guests = transcript.guests(lines)
        self.leads = self.guests | {line.member for line in lines if line.hosting}
        self.names = transcript.names(lines)
        self.place = {line.id: number for number, line in enumerate(lines)}
        self.told = {line.id: gist.telling(line.words) for line in lines}
        self.common = gist.weigh(line.words for line in lines)
        self.found = asked.find(lines, self.guests)
        self.home = {line.id: one for one in self.found for line in one.lines}

    def quoted(self) -> None:
        for line in self.lines:
            place = self.place.get(line.reply_to or 0)
            if place is None or line.id in self.home:
                continue
            target = self.lines[place]
            one = self.home.get(target.id) or self._remark(target, line)
            if one and self._may_answer(one, line, sure=target in one.lines):
                self._link(one, line)

    def named(self) -> None:
        for line in self._free():
            called = self._called(line) - {line.member}
            if called and (one := self._asked_by(called, line)):
                if self._may_answer(one, line, sure=True):
                    self._link(one, line)

    def in_one(self) -> None:
        """有人问……？其实……, question and answer in one message."""
        for line in self._leading():
            if cues.question_end(line.words):
                self._link(self._new(line), line)

    def worded(self) -> None:
        """Answers with words of the question that few others use; the closest pair first."""
        close = [
            (self._related(one, line), -self.place[line.id], line, one)
            for line in self._leading()
            for one in self._open(line, IN_TURN if line.phase is Phase.ASK else IN_PASSING)
        ]
        for strength, _, line, one in sorted(close, key=lambda it: it[:2], reverse=True):
            if strength >= RELATED and not one.answers and line.id not in self.home:
                self._link(one, line)

    def near(self) -> None:
        for line in self._leading():
            one = self._going_on(line) or self._in_turn(line) or self._just_before(line)
            if one and self._may_answer(one, line, sure=True):
                self._link(one, line)

    def added(self) -> None:
        """What hosts promise and members know, once the guest has spoken or has not."""
        for line in self._free():
            if (line.hosting and follow_ups.promises(line)) or cues.adds(line.words):
                answered = [one for one in self.found if self._answered_before(one, line)]
                if answered:
                    self._link(max(answered, key=lambda one: one.answers[-1].at), line)
            elif cues.tells(line.words):
                open_ = [
                    one for one in self._open(line, ADDS) if self._related(one, line) >= RELATED
                ]
                if open_:
                    self._link(open_[-1], line)

    def done(self) -> list[Asked]:
        for one in self.found:
            one.answers.sort(key=lambda line: self.place[line.id])
        return sorted(self.found, key=lambda one: self.place[one.lines[0].id])

    def _link(self, one: Asked, line: Line) -> None:
        one.answers.append(line)
        self.home[line.id] = one

    def _new(self, line: Line) -> Asked:
        one = Asked(line)
        self.found.append(one)
        self.home[line.id] = one
        return one

    def _free(self) -> Iterator[Line]:
        return (line for line in self.lines if line.id not in self.home)

    def _leading(self) -> Iterator[Line]:
        """What guests and hosts said that may answer something, and does not yet."""
        for line in self._free():
            words = line.words
            if line.member in self.guests:
                if line.phase is Phase.ASK or not cues.new_subject(words):
                    yield line
            elif line.hosting and not cues.prompts(words) and not cues.opens_asking(words):
                yield line

    def _may_answer(self, one: Asked, line: Line, *, sure: bool) -> bool:
        """A lead may say little, even a picture; others must tell, or add to an answer."""
        words = line.words
        if line.member in one.members:
            return False
        if line.member in self.leads:
            short = not words or (cues.polar(one.words) and words[0].isalnum())
            return bool(short or cues.substance(words) > 1)
        return cues.adds(words) or (sure and cues.substance(words) >= _REMARK)

    def _remark(self, target: Line, line: Line) -> Asked | None:
        """During the Q&A a guest who quotes somebody makes a question of it."""
        asking = line.phase is Phase.ASK and line.member in self.guests
        if not asking or target.member in self.leads or cues.substance(target.words) < _REMARK:
            return None
        return self._new(target)

    def _called(self, line: Line) -> set[str]:
        """Whom the line is said to: mentioned, or named at its beginning."""
        start = cues.addressed(line.text)
        named = {member for name, member in self.names.items() if start.startswith(name)}
        return {*line.mentions, *named} - {line.member}

    def _asked_by(self, called: set[str], line: Line) -> Asked | None:
        theirs = [
            one
            for one in self._before(line, CALLED)
            if one.members & called and (not one.answers or line.at - one.answers[-1].at <= GOES_ON)
        ]
        if theirs:
            return max(theirs, key=lambda one: (not one.answers, self._related(one, line), one.at))
        said = [
            other
            for other in self.lines[: self.place[line.id]]
            if other.member in called and line.at - other.at <= IN_TURN
        ]
        if not said or said[-1].id in self.home or not cues.tells(line.words):
            return None
        return self._remark(said[-1], line)

    def _before(self, line: Line, window: timedelta) -> list[Asked]:
        place = self.place[line.id]
        return [
            one
            for one in self.found
            if any(self.place[put.id] < place and line.at - put.at <= window for put in one.lines)
        ]

    def _open(self, line: Line, window: timedelta) -> list[Asked]:
        return [
            one
            for one in self._before(line, window)
            if not one.answers and line.member not in one.members
        ]

    def _related(self, one: Asked, line: Line) -> float:
        """Shared pairs of characters; the fewer lines have one, the more it tells."""
        theirs = set().union(*(self.told[put.id] for put in one.lines))
        return sum(1 / self.common[pair] for pair in theirs & self.told[line.id])

    def _going_on(self, line: Line) -> Asked | None:
        """The speaker is still answering, unless somebody else had the word."""
        last = self._last_telling(line)
        if last and last.member != line.member:
            last = self._asked_back(last, line)
        one = self.home.get(last.id) if last else None
        if last is None or one is None or last not in one.answers:
            return None
        pause = GOES_ON if line.phase is Phase.ASK else BREATH
        if self._open(line, IN_TURN):
            pause = min(pause, AT_ONCE)
        return one if line.at - last.at <= pause else None

    def _asked_back(self, reply: Line, line: Line) -> Line | None:
        """What the speaker had asked the asker, when this reply is all that came between."""
        before = self._last_telling(reply)
        if before is None or before.member != line.member or not cues.asks(before.words):
            return None
        one = self.home.get(before.id)
        return before if one and reply.member in one.members else None

    def _in_turn(self, line: Line) -> Asked | None:
        """The question that has waited longest; in the middle of a talk, one just put."""
        if line.member not in self.guests:
            return None
        if line.phase is Phase.ASK:
            return next(iter(self._open(line, IN_TURN)), None)
        place = self.place[line.id]
        spoke = max((n for n in range(place) if self.lines[n].member == line.member), default=0)
        put = [one for one in self._open(line, IN_PASSING) if self.place[one.lines[-1].id] > spoke]
        return put[-1] if put else None

    def _just_before(self, line: Line) -> Asked | None:
        last = self._last_telling(line)
        one = self.home.get(last.id) if last else None
        if last is None or one is None or last not in one.lines:
            return None
        return one if line.at - last.at <= ADDS else None

    def _last_telling(self, line: Line) -> Line | None:
        """The line before, applause and the like left out."""
        for other in reversed(self.lines[: self.place[line.id]]):
            if other.id in self.home or cues.substance(other.words) > 3:
                return other
        return None

    def _answered_before(self, one: Asked, line: Line) -> bool:
        answers = [a for a in one.answers if self.place[a.id] < self.place[line.id]]
        own = line.member in one.members and "补充" not in line.words
        return bool(answers) and line.at - answers[-1].at <= ADDS and not own
