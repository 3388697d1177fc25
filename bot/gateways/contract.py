"""What a gateway is, and what it can say it can do."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from starlette.websockets import WebSocket

from bot.actions import AnyAction
from bot.events import AnyEvent, Message, Segment
from bot.people import Member

Save = Callable[[Sequence[AnyEvent], bytes], Awaitable[None]]
"""Returns once the events, and the payload they came in, are committed."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A platform's call, as plain fields. Header names are lower case."""

    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Can:
    """The ceiling of a platform; what works in one chat may be less."""

    hears_all: bool = False
    recall: bool = False
    mute: bool = False
    mute_all: bool = False
    remove: bool = False
    answer_join: bool = False
    announce: bool = False
    send_file: bool = False
    set_card: bool = False
    mention: bool = False
    direct: bool = False


class Forged(Exception):
    """The call is not from the platform. `status` is what it is told: 401 unsigned, 403 wrong."""

    def __init__(self, reason: str, status: int = 403) -> None:
        super().__init__(reason)
        self.status = status


class Unreadable(Exception):
    """The call is signed, but is not what the platform promised."""


class TryLater(Exception):
    """It may work later: a timeout, a busy platform, nobody connected.

    `unsure` when the platform may have done it already, so that doing it again could double it.
    `pause` is how many seconds the platform wants to hear nothing more from this account.
    """

    def __init__(self, reason: str, *, unsure: bool = False, pause: float = 0.0) -> None:
        super().__init__(reason)
        self.unsure = unsure
        self.pause = pause


class Failed(Exception):
    """The platform said no, in the words kept here for the owner."""


class SwitchedOff(Failed):
    """A no that somebody in the group can turn into a yes; `fix` says who, and how."""

    def __init__(self, reason: str, *, fix: str) -> None:
        super().__init__(reason)
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Limit:
    """How many messages one account may post: never more than `per_minute` in any minute.

    `burst` of them may follow each other at once.
    """

    per_minute: int
    burst: int = 5


class Gateway(Protocol):
    """Turns one platform's calls into events, and actions into its calls."""

    name: str
    path: str
    can: Can
    limit: Limit | None

    def greet(self, hook: Webhook) -> str | None:
        """The platform's handshake, if this call is one."""
        ...

    def decode(self, hook: Webhook) -> list[AnyEvent]:
        """Check the signature, then read. Raises Forged or Unreadable."""
        ...

    async def perform(self, action: AnyAction) -> str:
        """Do it, and return the platform's id of the result. Raises TryLater or Failed."""
        ...

    def pace(self, action: AnyAction) -> float:
        """Seconds to leave after this action before the next to the same chat."""
        ...


@runtime_checkable
class TakesSockets(Protocol):
    """A gateway that platforms reach by WebSocket."""

    socket_path: str

    async def talk(self, socket: WebSocket, save: Save) -> None:
        """Hold one connection until it ends."""
        ...


@runtime_checkable
class KnowsMembers(Protocol):
    """A gateway that can list who is in a chat."""

    async def members(self, chat: str) -> list[Member]: ...


@runtime_checkable
class KnowsHistory(Protocol):
    """A gateway that can read back the last messages of a chat, oldest first."""

    async def history(self, chat: str) -> list[Message]: ...


@runtime_checkable
class KnowsBoard(Protocol):
    """A gateway that can read back the notices of a chat: their texts by id."""

    async def board(self, chat: str) -> Mapping[str, str]: ...


@runtime_checkable
class KnowsMutes(Protocol):
    """A gateway that can tell whether everybody in a chat is muted; None where it does not say."""

    async def all_muted(self, chat: str) -> bool | None: ...


@runtime_checkable
class HasMedia(Protocol):
    """A gateway that can fetch a picture that was posted."""

    async def media(self, chat: str, piece: Segment) -> bytes:
        """Its content. Raises TryLater or Failed."""
        ...


@runtime_checkable
class Closes(Protocol):
    """A gateway that holds connections of its own."""

    async def close(self) -> None: ...
