"""Who sent a message, and what belongs to it: how far he is trusted, his last lines, his cards."""

from datetime import timedelta
from itertools import takewhile
from typing import NamedTuple

from bot.events import Message
from rules.detector.verdict import BEYOND_DOUBT, Assessment, Trust
from rules.engine import Context, Found, Span

SPLIT_WITHIN = timedelta(minutes=2)
PIECES = 4
PIECE = 30
"""Code points of a line that may be part of a text cut up to pass."""

REGULAR_AFTER = timedelta(days=30)
_CARRIED = frozenset({"card", "forward"})


class Part(NamedTuple):
    """A text to judge. The message's own words begin at `offset`; None when they are elsewhere."""

    text: str
    offset: int | None
    whole: bool


def trust(message: Message, context: Context, *, new: int = 24) -> Trust:
    """How well the group knows the sender; `new` in hours. Unknown is a member like any other."""
    if context.joined is None:
        return Trust.MEMBER
    here = message.at - context.joined
    if here < timedelta(hours=new):
        return Trust.STRANGER
    return Trust.REGULAR if here > REGULAR_AFTER else Trust.MEMBER


def mentioned(message: Message) -> tuple[str, ...]:
    """What the people in a message are called: that is not what the sender says."""
    if not message.segments:
        return ()
    return tuple(piece.text for piece in message.segments if piece.kind == "at" and piece.text)


def parts(message: Message) -> list[Part]:
    """The message, and what its cards and forwarded lines say."""
    own = [Part(message.text, 0, True)] if message.text else []
    if not message.segments:
        return own
    carried = [piece for piece in message.segments if piece.kind in _CARRIED and piece.text]
    return own + [Part(piece.text, None, piece.kind == "card") for piece in carried]


def put_together(message: Message, context: Context) -> Part | None:
    """The sender's last lines and this one as one text, when it could have been cut up to pass."""
    before = _before(message, context) if message.text else []
    if not before:
        return None
    start = "\n".join(before) + "\n"
    return Part(start + message.text, len(start), False)


def _before(message: Message, context: Context) -> list[str]:
    """The sender's last lines, when they and this one are as short as pieces of one text."""
    since = message.at - SPLIT_WITHIN
    recent = takewhile(
        lambda said: since <= said.at <= message.at and 0 < len(said.text) <= PIECE,
        reversed(context.mine),
    )
    pieces = [said.text for said, _ in zip(recent, range(PIECES), strict=False)]
    return pieces[::-1] if len(message.text) <= PIECE else []


def found(part: Part, seen: Assessment) -> Found | None:
    """What a rule says of a part; what was put together or forwarded is for a person to decide.

    Signs beyond doubt are enough for lines put together, if the last of them has one; and what is
    only a little like an advertisement once it is put together is no more than somebody in a hurry.
    """
    if seen.action == "none" or (part.offset and seen.action == "ask"):
        return None
    spans = _within(part, seen)
    if part.offset and not spans:
        return None
    whole = part.whole or (bool(part.offset) and seen.score >= BEYOND_DOUBT)
    return Found(_reason(part, seen), spans, seen.action == "act" and whole, seen.margin)


def _within(part: Part, seen: Assessment) -> tuple[Span, ...]:
    """The spans as places of the message's own text, as far as they are in it."""
    if part.offset is None:
        return ()
    moved = (
        Span(max(span.start - part.offset, 0), span.end - part.offset, span.why)
        for span in seen.spans
        if span.end > part.offset
    )
    return tuple(dict.fromkeys(moved))


def _reason(part: Part, seen: Assessment) -> str:
    first = seen.spans[0]
    what = f"{first.why}「{_short(part.text[first.start : first.end])}」"
    return f"几条连起来，{what}" if part.offset else what


def _short(text: str) -> str:
    text = "".join(char for char in " ".join(text.split()) if char.isprintable())
    return text if len(text) <= 20 else f"{text[:20]}…"
