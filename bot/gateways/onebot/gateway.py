"""OneBot 11, for QQ: events by webhook or reverse WebSocket, actions by either's API."""

import asyncio
import logging
from collections import Counter
from functools import partial
from pathlib import Path

import httpx
import msgspec
from msgspec import Struct
from starlette.responses import Response
from starlette.websockets import WebSocket

from bot.actions import Announce, AnyAction, Say, SendFile
from bot.events import AnyEvent, Message
from bot.gateways.contract import Can, Failed, Forged, Save, TryLater, Unreadable, Webhook
from bot.gateways.onebot import calls, decode, errands, readback
from bot.gateways.onebot.api import Api
from bot.gateways.onebot.links import Link, Links, read_answer
from bot.gateways.onebot.payload import ident, read
from bot.gateways.onebot.settings import OneBotSettings
from bot.gateways.onebot.trust import Trust
from bot.people import Address, Member

logger = logging.getLogger(__name__)

IN_FLIGHT = 256
"""Events of one connection that may wait for their commit while the next frames are read."""

PATIENCE_FOR_FILES = 6
"""Times the ordinary time limit of a call."""


class Frame(Struct):
    """Enough of a frame to tell an event from an answer."""

    post_type: object = None


class Version(Struct):
    app_name: str = ""


_peek = msgspec.json.Decoder(Frame).decode


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

    def __init__(
        self,
        settings: OneBotSettings,
        data_dir: Path,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        seconds: float = 10.0,
    ) -> None:
        """`seconds` is the time limit of one call."""
        self.unknown: Counter[str] = Counter()
        self._settings = settings
        self._data_dir = data_dir
        self._trust = Trust(settings)
        self._links = Links()
        self._api = Api(settings, self._links, transport=transport, seconds=seconds)
        self._apps: dict[str, str] = {}

    def greet(self, hook: Webhook) -> str | None:
        return None

    def decode(self, hook: Webhook) -> list[AnyEvent]:
        """Raises Forged or Unreadable. Unknown events are counted and come to nothing."""
        self._trust.signed(hook)
        return self._events(hook.body, hook.headers.get("x-self-id", ""))

    async def perform(self, action: AnyAction) -> str:
        account = Address.of(action.chat).account
        ask = partial(self._api.call, account)
        match action:
            case Announce():
                return await errands.announce(ask, action)
            case SendFile():
                app = await self._app(account)
                slow = partial(ask, patience=PATIENCE_FOR_FILES)
                return await errands.upload(slow, action, data_dir=self._data_dir, app=app)
        data = await ask(*calls.of(action))
        return readback.told(data, "message_id") if isinstance(action, Say) else ""

    def pace(self, action: AnyAction) -> float:
        """Only what members see as a message counts with the platform's risk control."""
        return self._settings.pace_seconds if isinstance(action, Say | SendFile | Announce) else 0

    async def members(self, chat: str) -> list[Member]:
        return await readback.members(partial(self._api.call, Address.of(chat).account), chat)

    async def history(self, chat: str) -> list[Message]:
        return await readback.history(partial(self._api.call, Address.of(chat).account), chat)

    async def close(self) -> None:
        await self._api.close()

    async def talk(self, socket: WebSocket, save: Save) -> None:
        """Hold one reverse WebSocket. Calls to `save` begin in the order of the frames."""
        try:
            self_id = self._trust.admitted(socket)
        except Forged as forged:
            logger.warning("onebot: a connection was refused: %s", forged)
            await _refuse(socket, forged.status)
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
            if _peek(frame).post_type:
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


async def _refuse(socket: WebSocket, status: int) -> None:
    """Before the handshake is done, so that the other side sees an HTTP status."""
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(Response(status_code=status))
    else:
        await socket.close()
