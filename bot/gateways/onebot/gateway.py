"""OneBot 11, for QQ: events by webhook or reverse WebSocket, actions by either's API."""

import asyncio
import logging
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import httpx
from msgspec import Struct
from starlette.websockets import WebSocket

from bot.actions import Announce, AnyAction, Say, SendFile
from bot.events import AnyEvent, Message, Segment
from bot.gateways.contract import (
    Can,
    Failed,
    Forged,
    Limit,
    Save,
    TryLater,
    Unreadable,
    Webhook,
)
from bot.gateways.download import Downloader
from bot.gateways.onebot import calls, decode, errands, readback
from bot.gateways.onebot.api import Api
from bot.gateways.onebot.links import Link, Links, peek, read_answer, refuse
from bot.gateways.onebot.payload import ident, read
from bot.gateways.onebot.readback import Ask
from bot.gateways.onebot.settings import OneBotSettings
from bot.gateways.onebot.trust import Trust
from bot.people import Address, Member

logger = logging.getLogger(__name__)

IN_FLIGHT = 256
"""Events of one connection that may wait for their commit while the next frames are read."""

PATIENCE_FOR_FILES = 6
"""Times the ordinary time limit of a call."""


class Version(Struct):
    app_name: str = ""


class OneBot:
    """One gateway for all our OneBot accounts; a chat key says which account is meant.

    `unknown` counts what was understood to be an event and is none of ours.
    """

    name = decode.NAME
    path = "/onebot/v11/"
    socket_path = "/onebot/v11/ws"
    can = Can(
        hears_all=True,
        recall=True,
        mute=True,
        mute_all=True,
        remove=True,
        answer_join=True,
        announce=True,
        send_file=True,
        set_card=True,
        mention=True,
        direct=True,
    )

    limit: Limit | None = None

    def __init__(
        self,
        settings: OneBotSettings,
        data_dir: Path,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        seconds: float | None = None,
        download: Downloader | None = None,
    ) -> None:
        """`seconds` is the time limit of one call, where it is not the one that is set."""
        self.unknown: Counter[str] = Counter()
        self._settings = settings
        self._data_dir = data_dir
        self._trust = Trust(settings)
        self._links = Links()
        limit = settings.timeout_seconds if seconds is None else seconds
        self._api = Api(settings, self._links, transport=transport, seconds=limit)
        self._apps: dict[str, str] = {}
        self._download = download or Downloader()

    def greet(self, hook: Webhook) -> str | None:
        return None

    def decode(self, hook: Webhook) -> list[AnyEvent]:
        """Raises Forged or Unreadable. Unknown events are counted and come to nothing."""
        self._trust.signed(hook)
        return self._events(hook.body, hook.headers.get("x-self-id", ""))

    async def perform(self, action: AnyAction) -> str:
        account = Address.of(action.chat).account
        if isinstance(action, SendFile):
            app = await self._app(account)
            slow = self._ask(action.chat, PATIENCE_FOR_FILES)
            return await errands.upload(slow, action, data_dir=self._data_dir, app=app)
        image = await self._image(action)
        ask = self._ask(action.chat, PATIENCE_FOR_FILES if image else 1)
        if isinstance(action, Announce):
            return await errands.announce(ask, action, image)
        data = await ask(*calls.of(action, image=image))
        return readback.told(data, "message_id") if isinstance(action, Say) else ""

    async def _image(self, action: AnyAction) -> str:
        name = action.picture if isinstance(action, Say | Announce) else ""
        return await errands.picture(self._data_dir, name) if name else ""

    def _ask(self, chat: str, patience: float = 1) -> Ask:
        return partial(self._api.call, Address.of(chat).account, patience=patience)

    def pace(self, action: AnyAction) -> float:
        """Only what members see as a message counts with the platform's risk control."""
        return self._settings.pace_seconds if isinstance(action, Say | SendFile | Announce) else 0

    async def members(self, chat: str) -> list[Member]:
        return await readback.members(self._ask(chat), chat)

    async def history(self, chat: str) -> list[Message]:
        return await readback.history(self._ask(chat), chat)

    async def board(self, chat: str) -> Mapping[str, str]:
        return await readback.board(self._ask(chat), chat)

    async def all_muted(self, chat: str) -> bool | None:
        return await readback.all_muted(self._ask(chat), chat)

    async def media(self, chat: str, piece: Segment) -> bytes:
        """By its address, or where that has expired by asking the implementation."""
        try:
            return await self._download.get(piece.url)
        except Failed:
            if not piece.ref:
                raise
        image = await readback.image(self._ask(chat), piece.ref)
        return image.content or await self._download.get(image.url or "")

    async def close(self) -> None:
        await self._api.close()
        await self._download.close()

    async def talk(self, socket: WebSocket, save: Save) -> None:
        """Hold one reverse WebSocket. Calls to `save` begin in the order of the frames."""
        try:
            self_id = self._trust.admitted(socket)
        except Forged as forged:
            logger.warning("onebot: a connection was refused: %s", forged)
            await refuse(socket, forged.status)
            return
        await socket.accept()
        link = Link(socket, self_id)
        self._links.take(link)
        self._apps.pop(self_id, None)
        try:
            await self._listen(link, save)
        finally:
            self._links.leave(link)

    async def _listen(self, link: Link, save: Save) -> None:
        room, saving = asyncio.Semaphore(IN_FLIGHT), set[asyncio.Task[None]]()
        try:
            while (frame := await link.frame()) is not None:
                if not (events := self._frame(link, frame)):
                    continue
                await room.acquire()
                task = asyncio.create_task(_saved(save, events, frame))
                saving.add(task)
                task.add_done_callback(saving.discard)
                task.add_done_callback(lambda _: room.release())
        finally:
            await asyncio.gather(*saving)

    def _frame(self, link: Link, frame: bytes) -> list[AnyEvent]:
        try:
            if peek(frame).post_type:
                return self._events(frame, link.self_id)
            link.answered(read_answer(frame))
        except (Forged, Unreadable, ValueError, RecursionError) as error:
            logger.warning("onebot %s: a frame was ignored: %s", link.self_id, type(error).__name__)
        return []

    def _events(self, body: bytes, self_id: str) -> list[AnyEvent]:
        """Whoever may speak for one account does not speak for another."""
        if not body.strip():
            self.unknown["empty"] += 1
            return []
        payload = read(body)
        if self_id and ident(payload.self_id) not in ("", self_id):
            raise Forged("the event is of another account")
        event = decode.event(payload, self_id)
        if event is None and payload.post_type != "meta_event":
            self.unknown[payload.label] += 1
        return [event] if event else []

    async def _app(self, account: str) -> str:
        """What implementation the account runs on; "" (the standard) where it does not say."""
        if account not in self._apps:
            try:
                data = await self._api.call(account, "get_version_info", {})
                self._apps[account] = readback.read(data, Version).app_name
            except (Failed, TryLater):
                return ""
        return self._apps[account]


async def _saved(save: Save, events: list[AnyEvent], frame: bytes) -> None:
    """A socket has no way to say no: what could not be saved is said in the log."""
    try:
        await save(events, frame)
    except Exception as error:
        logger.error("onebot: %s was not saved: %s", events[0].key, type(error).__name__)
