"""What changed between two texts, word by word."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import StrEnum

_WORD = re.compile(r"[A-Za-z]+|\d+(?:[.,]\d+)*%?|\s+|.", re.DOTALL)


class Kind(StrEnum):
    SAME = "same"
    GONE = "gone"
    NEW = "new"


def compare(before: str, after: str) -> Iterator[tuple[Kind, str]]:
    """Pieces in reading order. A number or a Latin word is one word, so is a Chinese character."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    for change, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            yield Kind.SAME, "".join(old[i:j])
            continue
        if i < j:
            yield Kind.GONE, "".join(old[i:j])
        if k < m:
            yield Kind.NEW, "".join(new[k:m])
