"""Strangers' words made fit to be shown: numbers of persons masked, nothing unseen in them."""

import re
import unicodedata
from functools import lru_cache

_UNSEEN = "[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*"
_GAP = f"{_UNSEEN}[ \u00a0\u3000._·/\\-\u2010-\u2015]?{_UNSEEN}"


def _groups(*lengths: int) -> str:
    """Digits in groups of these lengths, with one separator or none between them."""
    return _GAP.join(_UNSEEN.join([r"\d"] * length) for length in lengths)


def _alone(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\d)(?:{pattern})(?!\d)")


_MOBILE = _alone(
    rf"(?:(?:\+|00)?86{_GAP})?(?=1{_GAP}[3-9])"
    rf"(?P<number>{_groups(3, 4, 4)}|{_groups(3, 3, 5)}|{_groups(*[1] * 11)})"
)
_IDENTITY = _alone(
    rf"(?P<number>(?:{_groups(6, 8, 3)}|{_groups(6, 4, 4, 3)}|{_groups(3, 3, 4, 4, 3)})"
    rf"{_UNSEEN}[\dXx])"
)
_CARD = _alone(
    rf"(?P<number>(?:\d{_UNSEEN}){{14,}}\d|"
    # Years and round amounts come in fours too; cards begin otherwise.
    rf"(?=[3-69])(?!(?:\d\d00\D*){{4}})(?:{_groups(4)}{_GAP}){{3,4}}(?:\d{_UNSEEN}){{0,3}}\d)"
)
_KINDS = ((_IDENTITY, 3, 2), (_MOBILE, 3, 4), (_CARD, 0, 4))

_JOINER = "\u200d"
"""Holds the parts of an emoji together."""

_NUMERALS = dict(
    zip("零〇○一幺壹二两贰三叁四肆五伍六陆七柒八捌九玖", "00011122233445566778899", strict=True)
)


def readable(text: str) -> str:
    """One line of what can be seen, masked; any file format can hold it."""
    seen = "".join(char for char in text if char == _JOINER or not _unseen(char))
    return mask(" ".join(seen.split()))


def mask(text: str) -> str:
    """The text without its mobile, identity card and bank card numbers, as in 138****8000.

    However they are spaced and in whatever digits. Prices, dates and counts stay.
    """
    for pattern, head, tail in _KINDS:
        text = _hide(text, pattern, head, tail)
    return text


def _hide(text: str, pattern: re.Pattern[str], head: int, tail: int) -> str:
    plain = "".join(map(_digit, text))
    pieces, last = [], 0
    for found in pattern.finditer(plain):
        digits = "".join(filter(str.isalnum, found["number"]))
        pieces += [text[last : found.start()], digits[:head], "****", digits[-tail:]]
        last = found.end()
    return "".join([*pieces, text[last:]])


@lru_cache(4096)
def _unseen(char: str) -> bool:
    """Controls, direction marks, halves of characters, and what XML forbids; not line breaks."""
    if char.isspace():
        return False
    return unicodedata.category(char) in {"Cc", "Cf", "Cs"} or ord(char) & 0xFFFE == 0xFFFE


@lru_cache(4096)
def _digit(char: str) -> str:
    """The plain digit for a full-width, circled or Chinese one; other characters as they are."""
    value = unicodedata.digit(char, None)
    return _NUMERALS.get(char, char) if value is None else str(value)
