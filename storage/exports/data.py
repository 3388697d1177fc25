"""A summary as JSON, for other programs: each entry with the messages it rests on."""

from typing import Any

import msgspec

from bot import times
from storage.exports.document import Document, cited
from storage.masking import readable
from storage.transcript import Line


def render(document: Document) -> bytes:
    """Numbers of persons are masked, as in every other form of it."""
    facts = {
        "number": document.number,
        "topic": readable(document.topic),
        "guest": readable(document.guest),
        "group": readable(document.group),
        "starts": times.local(document.starts, document.zone),
        "ends": times.local(document.ends, document.zone),
        "version": document.version,
        "approved_by": document.approved_by,
        "approved_at": document.approved_at,
    }
    entries = msgspec.to_builtins(document.draft)
    sources = [_source(line, document.zone) for line in cited(document)]
    return msgspec.json.format(msgspec.json.encode(facts | _masked(entries) | {"sources": sources}))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return readable(value)
    if isinstance(value, dict):
        return {name: _masked(one) for name, one in value.items()}
    return [_masked(one) for one in value] if isinstance(value, list | tuple) else value


def _source(line: Line, zone: str) -> dict[str, object]:
    return {
        "id": line.id,
        "at": times.local(line.at, zone),
        "who": readable(line.who),
        "text": readable(line.text),
    }
