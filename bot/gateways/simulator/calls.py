"""The calls by which people and scripts move the members of the made-up platform."""

from typing import Literal

import msgspec
from msgspec import Struct

from bot.gateways.contract import Unreadable

LONGEST_TEXT = 4000
LONGEST_NAME = 100
MOST_SEGMENTS = 20


class Attachment(Struct):
    """What a message has besides text."""

    kind: Literal["image", "voice", "video", "file", "forward", "card", "face"]
    name: str = ""


class Call(Struct):
    """A member speaks, unless one of `edit` to `switch` says that something else happens.

    `chat` is a chat key or its last part; without it the one group there is. People are named by
    id or by name. `edit` and `recall` are ids of messages; `join`, `leave` and `request` are
    people, and who leaves by the hand of `member` was taken out. `switch` is turned `on` or off
    for the bot, by owner or deputy.
    """

    chat: str = ""
    member: str = ""
    text: str = ""
    reply_to: str | None = None
    segments: list[Attachment] = []
    edit: str = ""
    recall: str = ""
    join: str = ""
    leave: str = ""
    request: str = ""
    role: Literal["", "owner", "deputy", "member"] = ""
    switch: Literal["", "push", "notice"] = ""
    on: bool = True
    name: str = ""
    comment: str = ""


_read = msgspec.json.Decoder(Call).decode


def read(body: bytes) -> Call:
    """Raises Unreadable for what is not such a call, or is longer than people write."""
    try:
        call = _read(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not a call of the simulator") from error
    texts = [call.text, call.comment]
    names = [call.member, call.name, call.reply_to or "", *(one.name for one in call.segments)]
    if max(map(len, texts)) > LONGEST_TEXT or len(call.segments) > MOST_SEGMENTS:
        raise Unreadable("too long")
    if max(map(len, names)) > LONGEST_NAME:
        raise Unreadable("a name is too long")
    if any("\0" in word for word in (*texts, *names)):
        raise Unreadable("a NUL is no character")
    return call


def word(text: str) -> str:
    """The name or id of somebody or something. Raises Unreadable for none."""
    found = text.strip()
    if not found or len(found) > LONGEST_NAME or "\0" in found:
        raise Unreadable("somebody or something has no name")
    return found
