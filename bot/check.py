"""banzhang check: what the rules say of each message, or each dialogue, in a file."""

import sys
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import click
from msgspec import Struct
from msgspec.json import encode

from bot import dialogues, jsonl
from bot.dialogues import Dialogue
from rules.detector.verdict import Assessment, assess


class Row(Struct, frozen=True):
    """Other fields of a line, such as what a person said of it, are not looked at."""

    id: str
    text: str


@click.command()
@click.argument("file", type=click.File("rb"))
@click.option("--dialogues", "talks", is_flag=True, help="Read dialogues, and look for quarrels.")
def check(file: BinaryIO, talks: bool) -> None:
    """Print what the rules would say of each message of FILE, one JSON object a line.

    A message is judged as an ordinary member's without history: label, score, action, spans. Of a
    dialogue the turn is printed at which the owner would be told of a quarrel, or null. Nothing
    is done, and nothing is kept.
    """
    found = (
        dialogues.checked(jsonl.read(file, Dialogue)) if talks else checked(jsonl.read(file, Row))
    )
    try:
        for one in found:
            sys.stdout.buffer.write(encode(one) + b"\n")
    except ValueError as problem:
        raise click.ClickException(str(problem)) from None


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
