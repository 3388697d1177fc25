"""From a transcript to what matters of it: points, questions with answers, things left to do."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from storage import cues, follow_ups, pairing, points, transcript
from storage.asked import Asked
from storage.masking import readable
from storage.transcript import Line

_QUESTION = 4


class Point(Struct, frozen=True):
    """Words of a speaker as they were said, and the messages they come from.

    `note` is what the guest put right afterwards.
    """

    text: str
    ids: tuple[int, ...]
    note: str = ""


class Pair(Struct, frozen=True):
    """A question and its answer. Where both are one message, the ids are the same."""

    q: str
    a: str
    q_ids: tuple[int, ...]
    a_ids: tuple[int, ...]


class FollowUp(Struct, frozen=True):
    """A promise, a task or a question put off."""

    text: str
    ids: tuple[int, ...]


class Draft(Struct, frozen=True):
    """What HR reviews. `unpaired` are questions that nobody answered.

    `notes` are corrections of the guest that belong to no one point. `model` is the language
    model that put the points in words, empty where they are the speakers' own.
    """

    points: tuple[Point, ...] = ()
    qa: tuple[Pair, ...] = ()
    unpaired: tuple[int, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    notes: tuple[str, ...] = ()
    model: str = ""


def draft(lines: Sequence[Line]) -> Draft:
    """Everything in it is quoted; numbers of persons are masked. The lines are in their order."""
    evening = transcript.phased(lines)
    questions = pairing.pair(evening)
    answers = {line.id: number for number, one in enumerate(questions) for line in one.answers}
    return Draft(
        points=tuple(
            Point(quote([passage.text]), passage.ids) for passage in points.choose(evening, answers)
        ),
        qa=tuple(_pair(one) for one in questions if one.answers),
        unpaired=tuple(one.lines[0].id for one in questions if _unanswered(one)),
        follow_ups=tuple(
            FollowUp(quote(line.words for line in group), tuple(line.id for line in group))
            for group in follow_ups.find(evening, questions)
        ),
    )


def quote(pieces: Iterable[str]) -> str:
    """What was said in several bubbles as one line, masked."""
    return readable(" ".join(pieces))


def _unanswered(one: Asked) -> bool:
    """What a listener only blurts out needs no answer."""
    return not one.answers and cues.substance(one.words) >= _QUESTION


def _pair(one: Asked) -> Pair:
    questions = tuple(line.id for line in one.lines)
    answers = tuple(line.id for line in one.answers)
    if questions == answers:
        words = one.words
        end = cues.question_end(words)
        return Pair(quote([words[:end]]), quote([words[end:]]), questions, answers)
    return Pair(
        quote([one.words]),
        quote(line.words or line.text for line in one.answers),
        questions,
        answers,
    )
