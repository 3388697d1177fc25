"""Mentions as people type them, made into the segments that a chat client sends. Pure."""

import re
from collections.abc import Mapping

from bot.events import Segment


def read(text: str, names: Mapping[str, str]) -> tuple[Segment, ...]:
    """Split text at every `@name` into text and mentions; `names` are ids by name.

    The blank that ends a mention belongs to it. An @ inside an address such as a@b.cn is text.
    """
    if "@" not in text and "＠" not in text:
        return (Segment("text", text),)
    longest_first = sorted(filter(None, names), key=len, reverse=True)
    words = "|".join(map(re.escape, longest_first))
    mention = re.compile(rf"(?<![A-Za-z0-9._-])[@＠]({words})(?![A-Za-z0-9_])\s?")
    pieces, end = [], 0
    for found in mention.finditer(text):
        pieces += [Segment("text", text[end : found.start()])]
        pieces += [Segment("at", found[1], names[found[1]])]
        end = found.end()
    pieces.append(Segment("text", text[end:]))
    return tuple(piece for piece in pieces if piece.text)
