"""Folding text, so tricks of spelling do not matter."""

import re
import unicodedata
from functools import cache, cached_property, lru_cache

from opencc import OpenCC

LOOK_ALIKES = dict(
    zip(
        "АВЕЅІЈКМНОРСТУХѴԌԜ"
        + "авеѕіјкмнорсԛгтухѵԁһӏԝ"
        # A capital Ν looks like N, but a small ν like v: so before small letters are made.
        + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
        + "αβεικνορτυχω"
        + "ıɑɡʋ∨➕✚✙﹢",
        "abesijkmhopctyxvgw"
        + "abesijkmhopcqrtyxvdhlw"
        + "abezhikmnoptyx"
        + "abeikvoptuxw"
        + "iagvv++++",
        strict=True,
    )
)
"""Letters of other scripts that pass for Latin ones, and thick plus signs."""

BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Called letters or symbols by Unicode, and seen as nothing."""

_ENCLOSED = re.compile(
    r"(?:(?:CIRCLED|SQUARED) LATIN CAPITAL|SMALL CAPITAL|INDICATOR SYMBOL)(?: LETTER)? ([A-Z])$"
)


class Folded:
    """Text as a rule reads it, and the way back to the text as it was written.

    All indexes count code points; `spans[i]` is the piece of `source` that became `text[i]`.
    """

    def __init__(self, source: str, table: "_Table") -> None:
        self.source = source
        self.text = source.translate(table)
        self._table = table

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Worked out only when asked for: most messages are folded and found harmless."""
        return tuple(
            (index, index + 1)
            for index, char in enumerate(self.source)
            for _ in range(_width(self._table[ord(char)]))
        )

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where the folded [start, end), not empty, was written, what was dropped between kept."""
        return self.spans[start][0], self.spans[end - 1][1]


def fold(text: str) -> Folded:
    """Half width, small letters, simplified characters, look-alikes as Latin, nothing unseen.

    Chinese numerals, punctuation and emoji stay. A character can become none or several.
    """
    return Folded(text, _FOLD)


@lru_cache(maxsize=16)
def compact(text: str) -> Folded:
    """Folded, and only its letters, digits and plus signs. Kept for the moment: rules share it."""
    return Folded(text, _COMPACT)


Becomes = int | str
"""What a code point becomes: another code point, which is the fastest to translate to, or text."""


def becomes(text: str) -> Becomes:
    return ord(text) if len(text) == 1 else text


def _width(part: Becomes) -> int:
    return 1 if isinstance(part, int) else len(part)


class _Table(dict[int, Becomes]):
    """What each code point becomes, worked out once.

    The rarer planes are not kept, so that nobody fills the memory by typing through them.
    """

    def __missing__(self, code: int) -> Becomes:
        folded = becomes(self.folded(chr(code)))
        if code < 0x20000:
            self[code] = folded
        return folded

    def folded(self, char: str) -> str:
        if char in LOOK_ALIKES:
            return LOOK_ALIKES[char]
        if char in BLANKS or _unseen(char):
            return ""
        plain = _plain(char).casefold()
        plain = "".join(LOOK_ALIKES.get(part, part) for part in plain)
        return _simplified().convert(plain) if plain > "\u2e80" else plain


class _CompactTable(_Table):
    def folded(self, char: str) -> str:
        return "".join(part for part in fold(char).text if part.isalnum() or part == "+")


_FOLD = _Table()
_COMPACT = _CompactTable()


def _unseen(char: str) -> bool:
    """Zero-width characters, variation selectors, soft hyphens, marks set on other characters."""
    return unicodedata.category(char) in {"Cf", "Cc", "Cs", "Mn", "Me"} and not char.isspace()


def _plain(char: str) -> str:
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    enclosed = _ENCLOSED.search(unicodedata.name(char, ""))
    if enclosed:
        return enclosed[1]
    parts = unicodedata.normalize("NFKD", char)
    if parts[0].isascii():
        return "".join(part for part in parts if not unicodedata.combining(part))
    return unicodedata.normalize("NFKC", char)


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")
