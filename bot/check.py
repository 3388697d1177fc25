"""banzhang check: what the rules say of each message in a file, as of an ordinary member's."""

from collections.abc import Iterable, Iterator

from msgspec import Struct, ValidationError
from msgspec.json import Decoder

from rules.detector.verdict import Assessment, assess


class Row(Struct, frozen=True):
    """Other fields of a line, such as what a person said of it, are not looked at."""

    id: str
    text: str


_decode = Decoder(Row).decode


def read(lines: Iterable[str]) -> Iterator[Row]:
    """One message a line. Raises ValueError that names the line which cannot be read."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _decode(line)
        except ValidationError as problem:
            raise ValueError(f"第 {number} 行：{problem}") from None


def checked(rows: Iterable[Row]) -> Iterator[dict[str, object]]:
    """What is printed of each message."""
    for row in rows:
        yield {"id": row.id} | _shown(assess(row.text))


def _shown(seen: Assessment) -> dict[str, object]:
    """`score` is that of the label; spans are half-open, in code points of the original text."""
    return {
        "label": seen.label,
        "score": seen.score,
        "action": seen.action,
        "spans": [[span.start, span.end, span.why] for span in seen.spans],
    }
