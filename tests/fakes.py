"""A gateway that remembers, and a clock that is moved by hand."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from bot.actions import Announce, AnyAction, MuteAll, Recall, Say, SendFile, UnmuteAll
from bot.events import AnyEvent, Message, Segment, typed
from bot.gateways.contract import Can, Failed, Limit, TryLater, Webhook
from bot.people import Address

EARLY = datetime(2026, 11, 20, 2, tzinfo=UTC)


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_(self, **time: float) -> datetime:
        self.at += timedelta(**time)
        return self.at


class FakeGateway:
    """Does everything, and keeps what it did in `done`. `answer` may raise instead.

    `pictures` are what is at which address.

    `said`, `notices` and `muted_all` are what became of the chats; they can be read back unless
    `reads_back` is off. What `loses` says yes to is done, and its answer never comes.
    """

    path = "/fake/"
    can = Can(**dict.fromkeys(Can.__slots__, True))

    def __init__(self, name: str = "fake", now: Callable[[], datetime] = lambda: EARLY) -> None:
        self.name = name
        self.limit: Limit | None = None
        self.done: list[AnyAction] = []
        self.answer: Callable[[AnyAction], str] = lambda action: f"m{len(self.done)}"
        self.loses: Callable[[AnyAction], bool] = lambda action: False
        self.reads_back = True
        self.said: dict[str, list[Message]] = {}
        self.notices: dict[str, dict[str, str]] = {}
        self.muted_all: set[str] = set()
        self.pictures: dict[str, bytes | Exception] = {}
        self._now = now

    def greet(self, hook: Webhook) -> str | None:
        return None

    def decode(self, hook: Webhook) -> list[AnyEvent]:
        return []

    async def perform(self, action: AnyAction) -> str:
        await asyncio.sleep(0)
        receipt = self.answer(action)
        self.done.append(action)
        self._keep(action, receipt)
        if self.loses(action):
            raise TryLater("没有回音", unsure=True)
        return receipt

    def pace(self, action: AnyAction) -> float:
        return 0

    async def media(self, chat: str, piece: Segment) -> bytes:
        """What was put into `pictures` under the piece's address; an exception is raised."""
        found = self.pictures.get(piece.url, Failed("没有这张图片"))
        if isinstance(found, Exception):
            raise found
        return found

    async def history(self, chat: str) -> list[Message]:
        self._read()
        return list(self.said.get(chat, ()))

    async def board(self, chat: str) -> Mapping[str, str]:
        self._read()
        return dict(self.notices.get(chat, {}))

    async def all_muted(self, chat: str) -> bool | None:
        self._read()
        return chat in self.muted_all

    def _read(self) -> None:
        if not self.reads_back:
            raise Failed("读不到")

    def _keep(self, action: AnyAction, id: str) -> None:
        match action:
            case Say() | SendFile():
                self.said.setdefault(action.chat, []).append(self._posted(action, id))
            case Announce():
                self.notices.setdefault(action.chat, {})[id] = action.text
            case Recall():
                there = self.said.get(action.chat, [])
                self.said[action.chat] = [one for one in there if one.id != action.message]
            case MuteAll():
                self.muted_all.add(action.chat)
            case UnmuteAll():
                self.muted_all.discard(action.chat)

    def _posted(self, action: Say | SendFile, id: str) -> Message:
        """As platforms report what our own account posted."""
        account = Address.of(action.chat).account
        pieces = _pieces(action)
        return Message(
            key=f"{self.name}:{account}:{id}",
            chat=action.chat,
            at=self._now(),
            id=id,
            member=account,
            text=typed(pieces, us=account),
            segments=pieces,
            reply_to=action.reply_to if isinstance(action, Say) else "",
            own=True,
        )


def _pieces(action: Say | SendFile) -> tuple[Segment, ...]:
    if isinstance(action, SendFile):
        return (Segment("file", action.name, action.path),)
    named = [Segment("at", ref=member) for member in action.mention]
    drawn = [Segment("image", ref=action.picture)] if action.picture else []
    return (*named, Segment("text", action.text), *drawn)
