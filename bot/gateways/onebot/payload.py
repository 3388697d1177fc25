"""What a OneBot implementation sends, read leniently: ids as numbers or words, anything absent."""

import json
import re
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
from msgspec import DecodeError, Struct

from bot.gateways.contract import Unreadable

Id = int | str | None

LONGEST_ID = 1 << 63


class RawSegment(Struct):
    type: str = ""
    data: dict[str, object] | None = None


class Sender(Struct):
    user_id: Id = None
    nickname: str | None = None
    card: str | None = None
    role: str | None = None


class Payload(Struct):
    """Every field that any event needs; which of them an event has is its own affair."""

    post_type: str = ""
    time: int | float | str | None = None
    self_id: Id = None
    message_type: str = ""
    notice_type: str = ""
    request_type: str = ""
    sub_type: str = ""
    message_id: Id = None
    group_id: Id = None
    user_id: Id = None
    operator_id: Id = None
    target_id: Id = None
    message: list[RawSegment] | str | None = None
    raw_message: str | None = None
    sender: Sender | None = None
    duration: Id = None
    comment: str | None = None
    flag: Id = None
    tag: str | None = None
    card_new: str | None = None

    @property
    def label(self) -> str:
        """What sort of event it says it is; short, whatever was sent."""
        kind = self.message_type or self.notice_type or self.request_type
        words = [word[:40] for word in (self.post_type, kind, self.sub_type) if word]
        return "/".join(words) or "empty"


_typed = msgspec.json.Decoder(Payload).decode
_untyped = msgspec.json.Decoder().decode
_is_id = re.compile(r"[\w.+/=-]{1,128}", re.ASCII).fullmatch


def read(body: bytes) -> Payload:
    """Raises Unreadable for what is not a JSON object; a field of a wrong type counts as absent."""
    try:
        return _typed(body)
    except (ValueError, RecursionError):
        return salvaged(mended(body))


def mended(body: bytes) -> object:
    """Also JSON with half an emoji in it, as a nickname cut in the middle leaves it."""
    with suppress(ValueError, RecursionError):
        return _untyped(body)
    try:
        whole = json.dumps(json.loads(body), ensure_ascii=False)
        return _untyped(whole.encode(errors="replace"))
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error


def salvaged(value: object) -> Payload:
    """What can be used of an object, field by field."""
    if not isinstance(value, dict):
        raise Unreadable("not a JSON object")
    payload = Payload()
    for field in msgspec.structs.fields(Payload):
        try:
            setattr(payload, field.name, msgspec.convert(value[field.name], field.type))
        except (KeyError, DecodeError):
            continue
    return payload


def ident(value: Id) -> str:
    """An id as a word, "" for none. QQ says 0 for nobody; a word that is no id counts as none."""
    if isinstance(value, str):
        return value if value != "0" and _is_id(value) else ""
    return str(value) if value and abs(value) < LONGEST_ID else ""


def number(value: Id) -> int:
    """A count that may be written as a word, 0 for none."""
    try:
        return int(value or 0)
    except ValueError:
        return 0


def instant(value: int | float | str | None) -> datetime | None:
    """Seconds since 1970 as aware UTC; none for nothing, and for what no calendar has."""
    try:
        return datetime.fromtimestamp(float(value), UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None
