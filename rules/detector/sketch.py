"""A message as a few numbers, by which nearly the same text is known and nothing of it is told."""

from zlib import crc32

from bot.text import compact

SHORTEST = 16
"""Letters from which on a text is one's own; 收到，谢谢老师 is said by everyone."""

LONGEST = 400
KEPT, ALIKE = 8, 6
"""Of the numbers of a text, and how many of them two texts must share."""

_RUN = 4
_DIGITS = str.maketrans("123456789", "000000000")


def sketch(text: str) -> frozenset[int]:
    """The smallest hashes of its runs of letters, all digits alike; empty when it is short."""
    letters = compact(text).text[:LONGEST].translate(_DIGITS)
    if len(letters) < SHORTEST:
        return frozenset()
    runs = {letters[at : at + _RUN] for at in range(len(letters) - _RUN + 1)}
    return frozenset(sorted(crc32(run.encode()) for run in runs)[:KEPT])
