"""The connecting side of the OneBot stand-in: a reverse WebSocket client, and real ports."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Literal, Self

import uvicorn
from starlette.types import ASGIApp
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException

from tests.standins.onebot import Params, Platform


class ReverseClient:
    """Keeps a reverse WebSocket up, as implementations do: it comes back after every break.

    `connected` tells whether it is up, `refused` the HTTP status of a handshake that was not let
    in, which ends the trying.
    """

    def __init__(
        self,
        platform: Platform,
        url: str,
        *,
        role: str = "Universal",
        token: str | None = None,
        pause: float = 0.02,
    ) -> None:
        self.platform, self.url, self.role, self.pause = platform, url, role, pause
        self.token = platform.token if token is None else token
        self.connected, self.refused, self.times = asyncio.Event(), 0, 0
        self._socket: ClientConnection | None = None
        self._answering: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self._run())
        up = asyncio.create_task(self.connected.wait())
        await asyncio.wait({self._running, up}, return_when=asyncio.FIRST_COMPLETED, timeout=5)
        up.cancel()
        return self

    async def __aexit__(self, *error: object) -> None:
        tasks = [self._running, *self._answering]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def push(self, event: Params | str) -> None:
        assert self._socket is not None
        frame = event if isinstance(event, str) else json.dumps(event, ensure_ascii=False)
        await self._socket.send(frame)

    async def drop(self) -> None:
        """Break the connection; after a pause the client tries again."""
        assert self._socket is not None
        self.connected.clear()
        await self._socket.close()

    async def heartbeat(self) -> None:
        beat = {"meta_event_type": "heartbeat", "status": {"online": True}, "interval": 30000}
        await self.push(self._meta(beat))

    def _meta(self, fields: Params) -> Params:
        own = {"time": 1764000000, "self_id": self.platform.self_id, "post_type": "meta_event"}
        return own | fields

    async def _run(self) -> None:
        headers = {"X-Self-ID": str(self.platform.self_id), "User-Agent": "OneBot/11"}
        if self.role:
            headers["X-Client-Role"] = self.role
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        while not self.refused:
            try:
                async with connect(self.url, additional_headers=headers, proxy=None) as link:
                    await self._live(link)
            except InvalidStatus as no:
                self.refused = no.response.status_code
            except (OSError, WebSocketException):
                pass
            await asyncio.sleep(0 if self.refused else self.pause)

    async def _live(self, link: ClientConnection) -> None:
        self._socket = link
        await self.push(self._meta({"meta_event_type": "lifecycle", "sub_type": "connect"}))
        await self.heartbeat()
        self.times += 1
        self.connected.set()
        try:
            async for frame in link:
                task = asyncio.create_task(self._answer(link, json.loads(frame)))
                self._answering.add(task)
                task.add_done_callback(self._answering.discard)
        finally:
            self.connected.clear()

    async def _answer(self, link: ClientConnection, call: Params) -> None:
        _, answer = await self.platform.ask(call["action"], call.get("params") or {}, socket=True)
        with suppress(WebSocketException):
            await link.send(json.dumps({**answer, "echo": call["echo"]}, ensure_ascii=False))


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@asynccontextmanager
async def served(app: ASGIApp, *, lifespan: Literal["on", "off"] = "off") -> AsyncIterator[str]:
    """The app on a real port of 127.0.0.1; gives `127.0.0.1:<port>`."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="warning", lifespan=lifespan, timeout_graceful_shutdown=1
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve([listener]))
    await server.up.wait()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
