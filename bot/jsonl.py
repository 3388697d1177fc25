"""Files with one JSON object a line."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from msgspec import DecodeError
from msgspec.json import Decoder

T = TypeVar("T")


def read(lines: Iterable[str | bytes], kind: type[T]) -> Iterator[T]:
    """What stands on each line; empty lines are passed over.

    Raises ValueError, in words for whoever gave the file, that names the line which does not fit.
    """
    decode = Decoder(kind).decode
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield decode(line)
        except (DecodeError, UnicodeError) as problem:
            raise ValueError(f"第 {number} 行读不懂：{problem}") from None
