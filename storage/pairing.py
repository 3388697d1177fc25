"""Which answer belongs to which question: by quotation, by name, by its words, by nearness."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from storage import cues, follow_ups
from storage.asked import Asked
from storage.talk import Talk
from storage.transcript import Line, Phase

CALLED = timedelta(minutes=30)
IN_TURN = timedelta(minutes=15)
IN_PASSING = timedelta(minutes=2)
GOES_ON = timedelta(minutes=2, seconds=30)
AT_ONCE = timedelta(minutes=1)
BREATH = timedelta(seconds=20)
ADDS = timedelta(minutes=5)


def pair(lines: Sequence[Line]) -> list[Asked]:
    """Every question of the evening in order, with its answers; some have none."""
    talk = Talk(lines)
    for step in (_quoted, _named, _in_one, _worded, _known, _near, _added, _remarked):
        step(talk)
    for one in talk.questions:
        one.answers.sort(key=lambda line: talk.place[line.id])
    return sorted(talk.questions, key=lambda one: talk.place[one.lines[0].id])


def _quoted(talk: Talk) -> None:
    for line in talk.lines:
        place = None if line.reply_to is None else talk.place.get(line.reply_to)
        if place is None or line.id in talk.home:
            continue
        target = talk.lines[place]
        one = talk.home.get(target.id) or talk.remark(target, line)
        if one is None:
            continue
        # Who quotes an answer comments on it, unless there is something to add.
        if talk.may_answer(one, line) and (
            target in one.lines or line.member in talk.leads or cues.adds(line.words)
        ):
            talk.answer(one, line)


def _named(talk: Talk) -> None:
    for line in talk.free():
        if not (called := talk.called(line)):
            continue
        theirs = [one for one in talk.put_before(line, CALLED) if one.members & called]
        waiting = [one for one in theirs if _waits_for(one, line, called, talk)]
        if waiting:
            one = max(waiting, key=lambda one: (not one.answers, talk.related(one, line), one.at))
            if talk.may_answer(one, line):
                talk.answer(one, line)


def _waits_for(one: Asked, line: Line, called: set[str], talk: Talk) -> bool:
    """Not when it was answered long ago, or the speaker means what the asker said since."""
    if one.answers and line.at - one.answers[-1].at > GOES_ON:
        return False
    return talk.last_of(one.members & called, line) in one.lines or talk.close(one, line)


def _in_one(talk: Talk) -> None:
    """有人问……？其实……, question and answer in one message."""
    for line in talk.leading():
        if cues.question_end(line.words):
            talk.answer(talk.question(line), line)


def _worded(talk: Talk) -> None:
    """Answers with words of the question that few others use; the closest pair first."""
    near = [
        (talk.related(one, line), -talk.place[line.id], line, one)
        for line in talk.leading()
        for one in talk.open(line, IN_TURN if line.phase is Phase.ASK else IN_PASSING)
    ]
    for _, _, line, one in sorted(near, key=lambda it: it[:2], reverse=True):
        if talk.close(one, line) and not one.answers and line.id not in talk.home:
            talk.answer(one, line)


def _known(talk: Talk) -> None:
    """What other members know about a question, before or instead of the guest."""
    for line in talk.free():
        if line.member not in talk.leads and cues.tells(line.words):
            near = [one for one in talk.open(line, ADDS) if talk.close(one, line)]
            if near:
                talk.answer(near[-1], line)


def _near(talk: Talk) -> None:
    for line in talk.leading():
        one = _going_on(line, talk) or _in_turn(line, talk) or _just_before(line, talk)
        if one and talk.may_answer(one, line):
            talk.answer(one, line)


def _added(talk: Talk) -> None:
    """What hosts promise and members add, once it was answered."""
    for line in talk.free():
        if (line.hosting and follow_ups.promises(line)) or cues.adds(line.words):
            fresh = [(at, n) for n, one in enumerate(talk.questions) if (at := _fresh(one, line))]
            if fresh:
                talk.answer(talk.questions[max(fresh)[1]], line)


def _remarked(talk: Talk) -> None:
    """A guest in the Q&A who speaks to somebody by name answers what they said last."""
    for line in talk.leading():
        called = talk.called(line)
        last = talk.last_of(called, line) if called and cues.tells(line.words) else None
        if last and last.id not in talk.home and line.at - last.at <= IN_TURN:
            if one := talk.remark(last, line):
                talk.answer(one, line)


def _going_on(line: Line, talk: Talk) -> Asked | None:
    """The speaker is still answering, unless somebody else had the word."""
    last = talk.last_telling(line)
    if last and last.member != line.member:
        last = _asked_back(last, line, talk)
    one = talk.home.get(last.id) if last else None
    if last is None or one is None or last not in one.answers:
        return None
    pause = GOES_ON if line.phase is Phase.ASK else BREATH
    if talk.open(line, IN_TURN):
        pause = min(pause, AT_ONCE)
    return one if line.at - last.at <= pause else None


def _asked_back(reply: Line, line: Line, talk: Talk) -> Line | None:
    """What the speaker had asked the asker, when this reply is all that came between."""
    before = talk.last_telling(reply)
    if before is None or before.member != line.member or not cues.asks(before.words):
        return None
    one = talk.home.get(before.id)
    return before if one and reply.member in one.members else None


def _in_turn(line: Line, talk: Talk) -> Asked | None:
    """The question that has waited longest; in the middle of a talk, one just put."""
    if line.member not in talk.guests or talk.closed(line):
        return None
    if line.phase is Phase.ASK:
        waiting = talk.open(line, IN_TURN)
        return next(iter([*_not_passed(waiting, line, talk), *waiting]), None)
    spoke = next((o for o in talk.earlier(line) if o.member == line.member), None)
    since = talk.place[spoke.id] if spoke else -1
    put = [one for one in talk.open(line, IN_PASSING) if talk.place[one.lines[-1].id] > since]
    return put[-1] if put else None


def _not_passed(waiting: list[Asked], line: Line, talk: Talk) -> list[Asked]:
    """Those put after the last that was answered; the others were passed over."""
    answered = [
        talk.place[one.lines[-1].id]
        for one in talk.questions
        if any(talk.place[answer.id] < talk.place[line.id] for answer in one.answers)
    ]
    last = max(answered, default=-1)
    return [one for one in waiting if talk.place[one.lines[0].id] > last]


def _just_before(line: Line, talk: Talk) -> Asked | None:
    last = talk.last_telling(line)
    one = talk.home.get(last.id) if last else None
    if last is None or one is None or last not in one.lines:
        return None
    return one if line.at - last.at <= ADDS else None


def _fresh(one: Asked, line: Line) -> datetime | None:
    """When it was last answered, if that is not long ago. Askers may add to the answer too."""
    if line.member in one.members and not cues.supplements(line.words):
        return None
    said = [answer.at for answer in one.answers if answer.at <= line.at]
    return said[-1] if said and line.at - said[-1] <= ADDS else None
