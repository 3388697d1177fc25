"""A message as a few numbers, by which nearly the same text is known and nothing of it is told."""

from functools import lru_cache

from bot.text import compact

SHORTEST, LONGEST = 16, 120
"""Letters from which on a text is one's own and no 收到，谢谢老师; and how many are read."""

KEPT, ALIKE = 8, 6
"""Of the numbers of a text, and how many of them two texts must share."""

_DIGITS = str.maketrans("123456789", "000000000")


@lru_cache(maxsize=16)
def sketch(text: str) -> frozenset[int]:
    """The smallest hashes of its runs of four letters, all digits alike; empty when it is short.

    They mean something in this process only.
    """
    letters = compact(text).text[:LONGEST].translate(_DIGITS)
    if len(letters) < SHORTEST:
        return frozenset()
    runs = map("".join, zip(letters, letters[1:], letters[2:], letters[3:], strict=False))
    return frozenset(sorted(set(map(hash, runs)))[:KEPT])
