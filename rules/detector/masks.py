"""Tricks of spelling: letters set apart, invisible or taken to pieces, and numbers dressed up."""

import re
from functools import cache, lru_cache

from bot.text import Folded, fold

Place = tuple[int, int]
"""Code points [start, end) of the text as it was written."""

# Not after a vowel, where a mark is an accent; and no marks of direction, which phones put
# around the numbers they copy.
_UNSEEN = re.compile(
    "(?<=[\u4e00-\u9fff0-9b-df-hj-np-tv-zB-DF-HJ-NP-TV-Z])"
    "[\u00ad\u0300-\u036f\u115f\u1160\u180e\u200b-\u200d\u2060-\u2064\u20d0-\u20ff\u2800\u3164\ufeff\uffa0]+"
    "(?=[\u4e00-\u9fff0-9a-zA-Z])"
)
_APART = re.compile(r"(?<![^\W_])[^\W_]([\W_]{1,4})(?:[^\W_]\1){2,}[^\W_](?![^\W_])")
_PIECES = re.compile("[扌氵亻刂忄犭纟讠钅饣冫丬攵灬礻衤疒阝](?![偏旁部字的是和])[\u4e00-\u9fff]")
_DIGIT = "[0-9零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖洞幺拐两]"
_NUMBER = re.compile(
    rf"(?<![周期第初a-z0-9.])(?:{_DIGIT}[\s.·*~、…|/_-]{{0,2}}){{6,11}}{_DIGIT}"
    rf"(?!{_DIGIT}|[十百千万亿年月])"
)
_COUNTING = ("0123456789", "一二三四五六七八九", "壹贰叁肆伍陆柒捌玖")


def hidden(source: str, start: int, end: int) -> bool:
    """Was the word at [start, end) spelled so that a plain search would miss it?

    Traditional characters and full width are how people type, not a trick.
    """
    piece = source[start:end]
    if _UNSEEN.search(piece) or any(map(_dressed_letter, piece)):
        return True
    return not piece.isalnum() and {start, end - 1} <= _apart(source)


@lru_cache(maxsize=64)
def _apart(source: str) -> frozenset[int]:
    return frozenset(at for run in _APART.finditer(source) for at in range(*run.span()))


def unseen(source: str) -> list[Place]:
    """Invisible characters inside words, where there are more than pasting leaves behind."""
    places = [match.span() for match in _UNSEEN.finditer(source)]
    return places if len(places) > 2 else []


def pieces(source: str) -> list[Place]:
    """Characters taken to pieces, such as 扌戈 for 找."""
    return [match.span() for match in _PIECES.finditer(source)]


def numbers(line: Folded) -> list[Place]:
    """Long numbers written half in words or in fancy digits, as nobody does in earnest."""
    places = [line.original(*match.span()) for match in _NUMBER.finditer(line.text)]
    return [(start, end) for start, end in places if _disguised(line.source[start:end])]


def _disguised(number: str) -> bool:
    digits = [char for char in number if char.isalnum()]
    plain = fold("".join(digits)).text
    fancy = sum(_dressed(char) or not fold(char).text.isascii() for char in digits)
    fancy += number.count("\u20e3")  # the box of a key cap
    return fancy >= 2 and len(set(plain)) > 3 and not any(plain in row for row in _COUNTING)


@cache
def _dressed(char: str) -> bool:
    """Does it only look like a plain letter or digit? Full width does not count."""
    plain = fold(char).text
    full_width = "\uff00" < char < "\uff5f"
    return not (char.isascii() or full_width) and plain.isascii() and plain.isalnum()


def _dressed_letter(char: str) -> bool:
    return _dressed(char) and not fold(char).text.isdigit()
