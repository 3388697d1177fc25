"""banzhang check --dialogues: at which turn of a dialogue the owner would be told of a quarrel."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from bot.echoes import Echoes
from bot.events import Message, Segment
from bot.rooms import Room
from rules.engine import Context, Line
from rules.quarrel import Quarrel, quarrel
from storage.archive import Claim

_AS_SHIPPED = Quarrel()
_CHAT = "file:1:1"
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_MENTION = re.compile(r"@([\w-]{1,50})")


class Turn(Struct, frozen=True):
    """`at` is in seconds from the first turn; `reply_to` the number of the turn answered."""

    at: float
    who: str
    text: str
    reply_to: int | None = None


class Dialogue(Struct, frozen=True):
    """Other fields of a line, such as what a person said of it, are not looked at."""

    id: str
    turns: tuple[Turn, ...]


def checked(dialogues: Iterable[Dialogue]) -> Iterator[dict[str, object]]:
    """What is printed of each: its id, and the turn of the first alert, counted from 0, or None."""
    for one in dialogues:
        yield {"id": one.id, "alert_at": alert_at(one.turns)}


def alert_at(turns: Sequence[Turn], params: Quarrel = _AS_SHIPPED) -> int | None:
    """The number of the first turn at which the rule speaks."""
    for number, (message, context) in enumerate(_heard(turns)):
        if quarrel(message, context, params) is not None:
            return number
    return None


def talks(turns: Sequence[Turn]) -> Iterator[Sequence[Line]]:
    """What a rule sees of the talk at each turn."""
    return (context.talk for _, context in _heard(turns))


def _heard(turns: Sequence[Turn]) -> Iterator[tuple[Message, Context]]:
    """The turns go through a room, as messages of a chat do."""
    room = Room(Claim(0, _CHAT, None, 0, 0), None, (), Echoes())
    cast = frozenset(turn.who for turn in turns)
    for number, turn in enumerate(turns):
        message = _message(number, turn, cast)
        yield message, room.context(message)
        room.remember(message)


def _message(number: int, turn: Turn, cast: frozenset[str]) -> Message:
    named = [name for name in _MENTION.findall(turn.text) if name in cast]
    return Message(
        key=f"{_CHAT}:{number}",
        chat=_CHAT,
        at=_BEGIN + timedelta(seconds=turn.at),
        id=str(number),
        member=turn.who,
        text=turn.text,
        segments=(Segment("text", turn.text), *(Segment("at", ref=name) for name in named)),
        reply_to="" if turn.reply_to is None else str(turn.reply_to),
    )
