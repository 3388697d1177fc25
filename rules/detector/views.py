"""A message as the detector reads it: its letters, how they sound, and where each was written.

Tricks of spelling end here: width, look-alikes and unseen characters (bot/text.py), characters
taken to pieces, pictures for words, marks between letters, and other characters of one sound.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

from bot.text import Becomes, becomes, compact

Place = tuple[int, int]
"""Code points [start, end) of the text as it was written."""

LONGEST = 2000
"""Code points that are read: whoever writes more is judged by the beginning."""

DIGITS = 4
"""Of a longer number only so many digits are told apart: it is a number like any other."""

_HERE = Path(__file__).parent
_FIRST_SOUND = 0xE000
"""Syllables are private characters from here on, so that both views are searched in one pass."""

_BLURRED = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))
"""Which sounds count as one: half of the country does not tell them apart either."""

_QUOTED = re.compile(
    "(?<=“)[^”]{2,80}(?=”)|(?<=「)[^」]{2,80}(?=」)|(?<=『)[^』]{2,80}(?=』)"
    '|(?<=‘)[^’]{2,80}(?=’)|(?<=")[^"]{2,80}(?=")|(?<=《)[^》]{2,40}(?=》)'
)
_MARK_OF_QUOTING = re.compile('[“「『‘"《]')
_SOMETHING = "\x05"
_OWN_WORDS = 4
"""With fewer letters outside of its quotation marks, a message is what stands within them."""

_LONG = "0" * (DIGITS + 1)
_LONG_NUMBER = re.compile(rf"(?<=0{{{DIGITS}}})0+")
_LATIN = re.compile("[a-z]{2,30}")


def spoken(text: str) -> str:
    """The text with blanks for what it only quotes, so that each place stays where it was."""
    if not _MARK_OF_QUOTING.search(text):
        return text
    own = _QUOTED.sub(lambda quote: _SOMETHING.ljust(len(quote[0])), text)
    return own if sum(map(str.isalnum, own)) >= _OWN_WORDS else text


class View:
    """`letters` are folded, with 0 for each digit; `sounds` the same with syllables.

    `text` is both, with marks at the ends that no message holds; it is what is searched.
    """

    __slots__ = ("letters", "sounds", "source", "text")

    def __init__(self, source: str) -> None:
        self.source = source[:LONGEST]
        whole = self.source
        if _half().search(whole):
            whole = joined().sub(_whole, whole)
        letters = whole.translate(_LETTERS)
        self.letters = _LONG_NUMBER.sub("", letters) if _LONG in letters else letters
        self.sounds = _LATIN.sub(_spoken, self.letters).translate(sounds())
        self.text = f"\x02{self.letters}\x03{self.sounds}\x04"

    def places(self) -> list[Place]:
        """For each character of `text`, where it was written; the marks are nowhere."""
        letters = self._letter_places()
        spoken: list[Place] = []
        at = 0
        for match in _LATIN.finditer(self.letters):
            spoken += letters[at : match.start()]
            word = letters[match.start() : match.end()]
            spoken += _spread(word, len(_spoken(match)))
            at = match.end()
        spoken += letters[at:]
        return [(0, 0), *letters, (0, 0), *spoken, (0, 0)]

    def _letter_places(self) -> list[Place]:
        places: list[Place] = []
        digits = 0
        for piece, start, end in self._pieces():
            for letter in piece.translate(_LETTERS):
                digits = digits + 1 if letter == "0" else 0
                if digits > DIGITS:
                    places[-1] = (places[-1][0], end)
                else:
                    places.append((start, end))
        return places

    def _pieces(self) -> list[tuple[str, int, int]]:
        pieces = []
        at = 0
        for match in joined().finditer(self.source):
            pieces += [(self.source[n], n, n + 1) for n in range(at, match.start())]
            pieces.append((_whole(match), *match.span()))
            at = match.end()
        return pieces + [(self.source[n], n, n + 1) for n in range(at, len(self.source))]


def _spread(places: list[Place], count: int) -> list[Place]:
    """The places of a word for its syllables; which letter made which does not matter."""
    if count == len(places):
        return places
    return [(places[0][0], places[-1][1])] * count


class _Letters(dict[int, Becomes]):
    """What each code point becomes, worked out once; rare planes are kept only for pictures."""

    def __missing__(self, code: int) -> Becomes:
        letters = becomes(_letters(chr(code)))
        if code < 0x20000:
            self[code] = letters
        return letters


def _letters(char: str) -> str:
    if char == _SOMETHING:
        return char
    if char in pictures():
        return pictures()[char]
    plain = "".join("0" if part.isdigit() else part for part in compact(char).text)
    if plain or unicodedata.category(char) != "So":
        return plain
    return char


_LETTERS = _Letters()


@cache
def joined() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, pairs())))


@cache
def _half() -> re.Pattern[str]:
    """The first of two such characters; most messages have none of them."""
    return re.compile(f"[{re.escape(''.join(pair[0] for pair in pairs()))}]")


@cache
def pairs() -> dict[str, str]:
    """Two characters that are the halves of a third, from joined.txt."""
    return {word[:2]: word[2] for word in _words("joined.txt")}


def _whole(match: re.Match[str]) -> str:
    return pairs()[match[0]]


@cache
def pictures() -> dict[str, str]:
    """The words that emoji are written for, from pictures.txt."""
    return {word[0]: word[1:] for word in _words("pictures.txt")}


@cache
def syllables() -> dict[str, str]:
    """Each syllable in Latin letters, and the private character that stands for it."""
    blurred = sorted({_blur(line.split()[0]) for line in _lines("sounds.txt")})
    numbers = {sound: chr(_FIRST_SOUND + number) for number, sound in enumerate(blurred)}
    return {word: numbers[_blur(word)] for word in (x.split()[0] for x in _lines("sounds.txt"))}


class _Sounds(dict[int, int]):
    """For each Chinese character the private character of its sound; the rest as it is."""

    def __missing__(self, code: int) -> int:
        # Kept for the common planes: an answer that has to be raised costs more than all others.
        if code < 0x20000:
            self[code] = code
        return code


@cache
def sounds() -> dict[int, int]:
    """The table for str.translate from letters to sounds."""
    return _Sounds({ord(char): ord(syllables()[sound]) for char, sound in readings().items()})


def readings() -> dict[str, str]:
    """Each Chinese character in pinyin without tone, from sounds.txt; one reading for each."""
    table: dict[str, str] = {}
    for line in _lines("sounds.txt"):
        sound, characters = line.split()
        table |= dict.fromkeys(characters, sound)
    return table


def _blur(sound: str) -> str:
    for clear, blurred in _BLURRED:
        sound = sound.replace(clear, blurred)
    return sound


@cache
def _syllable() -> re.Pattern[str]:
    longest_first = sorted(syllables(), key=len, reverse=True)
    return re.compile("|".join(longest_first))


@cache
def _only_syllables() -> re.Pattern[str]:
    # Atomic, so that no word takes longer than its length.
    return re.compile(f"(?>{_syllable().pattern})+")


def _spoken(match: re.Match[str]) -> str:
    """Pinyin as its syllables; other words, and what begins like pinyin only, as they are."""
    if not _only_syllables().fullmatch(match[0]):
        return match[0]
    return _syllable().sub(lambda sound: syllables()[sound[0]], match[0])


def _lines(name: str) -> list[str]:
    return (_HERE / name).read_text("utf-8").splitlines()


def _words(name: str) -> list[str]:
    return (_HERE / name).read_text("utf-8").split()
