"""A summary as Markdown, in which nothing that members wrote has an effect."""

import re
from collections.abc import Sequence

from storage.exports import document as documents
from storage.exports.document import NOTHING, Document, Printed, Section

_ACTIVE = re.compile(r"[\\`*_\[\]~|$!{}]")
_AT_START = re.compile(r"^(?:[#+=>:-]|\d+(?=[.)]))")
_LINKS = re.compile(
    r"(?<=:)(?=//)|(?<=\w)(?=\.[^\W\d])|(?<=\w\.)(?=[^\W\d])|(?<=@)(?=\w)|(?<=mailto)(?=:)"
)
_BREAK = "\u200b"


def render(document: Document) -> str:
    parts = [f"# {inert(document.title)}", _facts(document)]
    parts += [_section(section) for section in documents.sections(document)]
    parts.append(f"## 来源说明\n\n{_sources(document)}")
    return "\n\n".join(parts) + "\n"


def inert(text: str) -> str:
    """The text as it reads, without a link, image, heading or tag in it.

    Some readers make links of bare addresses whatever was escaped, so these are broken unseen.
    """
    text = _LINKS.sub(_BREAK, text)
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _ACTIVE.sub(r"\\\g<0>", text)
    return _AT_START.sub(_escape_start, text)


def _escape_start(found: re.Match[str]) -> str:
    """A number at the beginning is escaped after its digits, a sign before itself."""
    return f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}"


def _facts(document: Document) -> str:
    return _table(("项目", "内容"), documents.facts(document))


def _section(section: Section) -> str:
    entries = [_entry(entry) for entry in section.entries]
    return "\n\n".join([f"## {section.title}", *(entries or [NOTHING])])


def _entry(entry: tuple[Printed, ...]) -> str:
    """A list item; its further lines are paragraphs of the same item."""
    first, *others = entry
    bullet = "" if first.label.endswith(".") else "- "
    return "\n\n".join([f"{bullet}{_printed(first)}", *(f"  {_printed(one)}" for one in others)])


def _printed(one: Printed) -> str:
    label = one.label if one.label.endswith(".") else f"**{one.label}**"
    return f"{label} {inert(one.text)} — {inert(one.source)}"


def _sources(document: Document) -> str:
    rows = [(str(one.number), one.at, one.who, one.words) for one in documents.sources(document)]
    return _table(("序号", "时间", "发言人", "原话"), rows) if rows else NOTHING


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *(tuple(map(inert, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
