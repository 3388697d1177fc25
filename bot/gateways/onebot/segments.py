"""The pieces of a message, from the array form or from a CQ string, and back."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

import msgspec

from bot.events import Segment
from bot.gateways.onebot.payload import RawSegment

Data = Mapping[str, object]

LONGEST_CARD = 64 * 1024
"""Characters of a card that are looked into; the whole card is kept all the same."""

_code = re.compile(r"\[CQ:([^,\[\]]+)((?:,[^\[\]]*)?)\]")
_brief = re.compile(r"""\bbrief=(["'])(.*?)\1""")
_title = re.compile(r"<title>([^<]*)</title>")
_web = re.compile(r"https?://[^\s\"'<>]+")


def read(message: list[RawSegment] | str) -> tuple[Segment, ...]:
    raw = from_cq(message) if isinstance(message, str) else message
    return tuple(piece for piece in map(_piece, raw) if piece is not None)


def from_cq(text: str) -> Iterator[RawSegment]:
    """`[CQ:type,key=value,…]` codes and the text between them. What is no code is text."""
    end = 0
    for code in _code.finditer(text):
        if code.start() > end:
            yield RawSegment("text", {"text": unescaped(text[end : code.start()])})
        yield RawSegment(code[1], dict(_parameters(code[2])))
        end = code.end()
    if end < len(text):
        yield RawSegment("text", {"text": unescaped(text[end:])})


def unescaped(text: str) -> str:
    """The ampersand comes last, or `&amp;#91;` would become a bracket."""
    return text.replace("&#91;", "[").replace("&#93;", "]").replace("&amp;", "&")


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, text.split(",")):
        key, _, value = pair.partition("=")
        yield key, unescaped(value.replace("&#44;", ","))


def _piece(raw: RawSegment) -> Segment | None:
    data = raw.data or {}
    if raw.type == "text":
        text = _word(data, "text")
        return Segment("text", text) if text else None
    known = KNOWN.get(raw.type)
    return known(data) if known else Segment(raw.type[:40] or "unknown", data=dict(data))


def _word(data: Data, *names: str) -> str:
    """The first of these fields that says something."""
    for name in names:
        value = data.get(name)
        if isinstance(value, str | int) and value != "":
            return str(value)
    return ""


def _mention(data: Data) -> Segment:
    return Segment("at", _word(data, "name").removeprefix("@"), _word(data, "qq"))


def _media(kind: str) -> Callable[[Data], Segment]:
    def media(data: Data) -> Segment:
        return Segment(kind, ref=_word(data, "file", "file_id"), url=_word(data, "url"))

    return media


def _file(data: Data) -> Segment:
    name = _word(data, "name", "file_name", "file")
    return Segment("file", name, _word(data, "file_id", "id", "file"), _word(data, "url"))


def _forward(data: Data) -> Segment:
    inlined = {"content": data["content"]} if data.get("content") else None
    return Segment("forward", ref=_word(data, "id"), data=inlined)


def _card(kind: str) -> Callable[[Data], Segment]:
    def card(data: Data) -> Segment:
        raw = _word(data, "data")
        look = raw[:LONGEST_CARD]
        text, url = _json_card(look) if kind == "json" else _xml_card(look)
        return Segment("card", text, url=url, data={"type": kind, "data": raw})

    return card


def _json_card(raw: str) -> tuple[str, str]:
    """The prompt and titles that a reader sees, and where the card leads."""
    try:
        card = msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return "", ""
    if not isinstance(card, dict):
        return "", ""
    meta = card.get("meta")
    parts = meta.values() if isinstance(meta, dict) else ()
    views = [part for part in parts if isinstance(part, dict)]
    words = [_word(card, "prompt")]
    words += [_word(view, name) for view in views for name in ("title", "desc")]
    links = [_word(view, "jumpUrl", "qqdocurl", "url") for view in views]
    return _joined(words), next(filter(None, links), "")


def _xml_card(raw: str) -> tuple[str, str]:
    """By pattern and not by parser: a stranger's XML is not worth the dangers of one."""
    brief = _brief.search(raw)
    words = [brief[2] if brief else "", *_title.findall(raw)]
    link = _web.search(raw)
    return _joined(map(html.unescape, words)), html.unescape(link[0]) if link else ""


def _joined(words: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(word.strip() for word in words if word.strip()))


KNOWN: dict[str, Callable[[Data], Segment]] = {
    "at": _mention,
    "reply": lambda data: Segment("reply", ref=_word(data, "id")),
    "image": _media("image"),
    "record": _media("voice"),
    "video": _media("video"),
    "file": _file,
    "forward": _forward,
    "face": lambda data: Segment("face", ref=_word(data, "id")),
    "json": _card("json"),
    "xml": _card("xml"),
}


def to_send(
    text: str, *, reply_to: str = "", mention: Iterable[str] = (), image: str = ""
) -> list[dict[str, object]]:
    """The array form, in which text is literal: no member's brackets become a code."""
    quoted = [("reply", {"id": reply_to})] if reply_to else []
    named = [("at", {"qq": member}) for member in mention]
    typed = [("text", {"text": f" {text}" if named else text})] if text else []
    drawn = [("image", {"file": image})] if image else []
    return [{"type": kind, "data": data} for kind, data in [*quoted, *named, *typed, *drawn]]
