"""Reverse WebSocket connections: who is connected, and the calls that wait for an answer."""

import asyncio
import itertools
import logging
from collections.abc import Mapping

import msgspec
from msgspec import Raw, Struct
from starlette.responses import Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.gateways.contract import TryLater

logger = logging.getLogger(__name__)

HEARS, SPEAKS = "hears", "speaks"

ROLES = {"api": {SPEAKS}, "event": {HEARS}}
"""By X-Client-Role; whatever else it says, or no word at all, is Universal."""

_echoes = itertools.count(1)
_encode = msgspec.json.Encoder().encode


class Answer(Struct):
    """What an implementation says to a call, over HTTP or WebSocket."""

    status: object = None
    retcode: object = None
    data: Raw = Raw(b"null")
    message: object = None
    wording: object = None
    msg: object = None
    echo: object = None


class Frame(Struct):
    """Enough of a frame to tell an event from an answer."""

    post_type: object = None


read_answer = msgspec.json.Decoder(Answer).decode
peek = msgspec.json.Decoder(Frame).decode


class Link:
    """One live connection of an account."""

    def __init__(self, socket: WebSocket, self_id: str) -> None:
        self.self_id = self_id
        self.duties = ROLES.get(socket.headers.get("x-client-role", "").lower(), {HEARS, SPEAKS})
        self._socket = socket
        self._waiting: dict[str, asyncio.Future[Answer]] = {}

    async def frame(self) -> bytes | None:
        """The next frame, or None when the connection has ended."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text")
        return text.encode() if text is not None else message.get("bytes") or b""

    async def call(self, action: str, params: Mapping[str, object], *, seconds: float) -> Answer:
        """Raises TryLater: unsure once the call is on its way."""
        echo = f"banzhang-{next(_echoes)}"
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[echo] = answer
        try:
            async with asyncio.timeout(seconds):
                await self._send({"action": action, "params": params, "echo": echo})
                return await answer
        except TimeoutError:
            raise TryLater(f"{action} 在 {seconds:g} 秒内没有回音", unsure=True) from None
        finally:
            del self._waiting[echo]

    async def _send(self, frame: Mapping[str, object]) -> None:
        try:
            await self._socket.send_text(_encode(frame).decode())
        except (RuntimeError, WebSocketDisconnect, OSError) as error:
            raise TryLater("连接已断开") from error

    def answered(self, answer: Answer) -> None:
        """Give the answer to whoever waits for it; one that comes too late is dropped."""
        waiting = self._waiting.get(answer.echo) if isinstance(answer.echo, str) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    def drop(self) -> None:
        """Nobody will answer any more."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(TryLater("连接在等待回音时断开", unsure=True))

    async def close(self) -> None:
        try:
            await self._socket.close(reason="replaced")
        except (RuntimeError, WebSocketDisconnect, OSError):
            logger.debug("onebot %s: the older connection was gone already", self.self_id)


class Links:
    """The connections of all accounts; a newer one takes over the duties of an older."""

    def __init__(self) -> None:
        self._live: dict[tuple[str, str], Link] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def speaker(self, self_id: str) -> Link | None:
        """The connection that takes calls for this account."""
        return self._live.get((self_id, SPEAKS))

    def take(self, link: Link) -> None:
        """Close whatever this connection replaces, without waiting for a dead peer."""
        duties = [(link.self_id, duty) for duty in link.duties]
        replaced = {id(old): old for duty in duties if (old := self._live.get(duty))}
        for old in replaced.values():
            self.leave(old)
            closing = asyncio.create_task(old.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        self._live.update(dict.fromkeys(duties, link))

    def leave(self, link: Link) -> None:
        link.drop()
        self._live = {duty: held for duty, held in self._live.items() if held is not link}


async def refuse(socket: WebSocket, status: int) -> None:
    """Before the handshake is done, so that the other side sees an HTTP status."""
    if "websocket.http.response" in socket.scope.get("extensions", {}):
        await socket.send_denial_response(Response(status_code=status))
    else:
        await socket.close()
