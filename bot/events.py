"""What happened: the events that every gateway speaks."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.json import Decoder, Encoder

from bot.people import Address, Role

PLACEHOLDERS = {
    "image": "[图片]",
    "voice": "[语音]",
    "video": "[视频]",
    "file": "[文件]",
    "forward": "[聊天记录]",
    "card": "[卡片]",
    "face": "[表情]",
}


class Segment(Struct, frozen=True, omit_defaults=True):
    """One piece of a message.

    `kind` is text, at, reply, image, voice, video, file, forward, card or face; any other word is
    the platform's own and the piece is kept as it came, in `data`. `ref` is the member mentioned
    ("all" for everyone), the message answered, or the platform's id of the file.
    """

    kind: str
    text: str = ""
    ref: str = ""
    url: str = ""
    data: dict[str, object] | None = None


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """`key` is given by the platform and the same on every redelivery; `at` is aware UTC."""

    key: str
    chat: str
    at: datetime


class Message(Event, tag="message", frozen=True, kw_only=True):
    """`text` is what was typed, mentions of others included and mentions of us left out."""

    id: str
    member: str
    text: str
    name: str = ""
    role: Role | None = None
    segments: tuple[Segment, ...] = ()
    reply_to: str = ""
    addressed: bool = False
    own: bool = False

    @property
    def direct(self) -> bool:
        return Address.of(self.chat).direct

    @property
    def mentions(self) -> tuple[str, ...]:
        return tuple(s.ref for s in self.segments if s.kind == "at")


class Edited(Event, tag="edited", frozen=True, kw_only=True):
    message: str
    member: str
    text: str


class Recalled(Event, tag="recalled", frozen=True, kw_only=True):
    message: str
    member: str
    operator: str = ""


class Joined(Event, tag="joined", frozen=True, kw_only=True):
    member: str
    name: str = ""
    operator: str = ""


class Left(Event, tag="left", frozen=True, kw_only=True):
    """`member` is our own account when the bot itself was taken out."""

    member: str
    operator: str = ""
    removed: bool = False


class JoinRequest(Event, tag="join_request", frozen=True, kw_only=True):
    """`flag` is what the platform wants back with the answer."""

    member: str
    flag: str
    comment: str = ""


class RoleChanged(Event, tag="role_changed", frozen=True, kw_only=True):
    member: str
    role: Role


class Renamed(Event, tag="renamed", frozen=True, kw_only=True):
    """A member is called something else in the chat from now on."""

    member: str
    name: str


class Muted(Event, tag="muted", frozen=True, kw_only=True):
    """`member` is empty when everyone was muted; `seconds` is 0 when a mute was lifted."""

    member: str
    seconds: int
    operator: str = ""


class AccountState(Event, tag="account_state", frozen=True, kw_only=True):
    """Our own account went on or off line, or left a chat."""

    online: bool
    detail: str = ""


class PictureRead(Event, tag="picture_read", frozen=True, kw_only=True):
    """What the codes in a picture say, and the words in it where those are read. From ourselves.

    `message` is the one it was posted in.
    """

    message: str
    member: str
    name: str = ""
    codes: tuple[str, ...] = ()
    words: str = ""


AnyEvent = (
    Message
    | Edited
    | Recalled
    | Joined
    | Left
    | JoinRequest
    | RoleChanged
    | Renamed
    | Muted
    | AccountState
    | PictureRead
)

encode = Encoder().encode
decode = Decoder(AnyEvent).decode


def shown(message: Message) -> str:
    """The message as a reader sees it: its words, with a placeholder for each thing unseen."""
    parts = [message.text.strip(), *map(_placeholder, message.segments)]
    return " ".join(part for part in parts if part)


def _placeholder(segment: Segment) -> str:
    if segment.kind in ("text", "at", "reply"):
        return ""
    word = PLACEHOLDERS.get(segment.kind, f"[{segment.kind}]")
    return f"{word} {segment.text}".strip() if segment.kind in ("file", "card") else word


def typed(segments: Sequence[Segment], *, us: str) -> str:
    """The words of a message: text and mentions, without the mention of our own account."""
    parts = []
    for segment in segments:
        if segment.kind == "text":
            parts.append(segment.text)
        elif segment.kind == "at" and segment.ref != us:
            parts.append(f"@{segment.text or segment.ref} ")
    return "".join(parts).strip()
