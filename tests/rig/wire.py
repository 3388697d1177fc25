"""The stand-in's end of the wire: HTTP calls with answers that may come late, wrong or never."""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

Params = dict[str, Any]

Perform = Callable[[str, str, Params], Awaitable[Params]]
"""Account, action and parameters in, the body of the answer out."""

Failing = Callable[[str, Params], None]
"""Told of each call that is not answered as it should be."""

PROMPT, LATE = 0.01, (0.2, 0.6)
"""Seconds to an answer."""


@dataclass(frozen=True, slots=True)
class Faults:
    """How many of a hundred posts go wrong, and how; what is read back has half the trouble.

    `late` and `never` are answered so; of `lost` the answer is cut off, or replaced by a proxy's
    502; `busy` are turned away with 429 or 503. All but the last were done.
    """

    late: int = 0
    never: int = 0
    lost: int = 0
    busy: int = 0

    def draw(self, chance: random.Random, *, reading: bool) -> str:
        """What happens to one call; "" is nothing."""
        dice = chance.uniform(0, 200 if reading else 100)
        for name in ("late", "never", "lost", "busy"):
            dice -= getattr(self, name)
            if dice < 0:
                return name
        return ""


CALM = Faults(late=5, busy=2)
TROUBLE = Faults(late=15, never=3, lost=8, busy=8)


class Wire:
    """One port for the APIs of all accounts, each below /<self id>/."""

    def __init__(
        self,
        perform: Perform,
        failing: Failing,
        token: str,
        chance: random.Random,
    ) -> None:
        self._perform, self._failing, self._token = perform, failing, token
        self._chance, self.faults = chance, Faults()
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen; gives the address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while answer := await self._answer(*await _request(reader), reader):
                    writer.write(answer)
        finally:  # also when the run ends with a line open
            writer.close()

    async def _answer(
        self, path: str, token: str, params: Params, reader: asyncio.StreamReader
    ) -> bytes:
        """The answer; nothing when the line is to be cut."""
        if token != f"Bearer {self._token}":
            return _response(403)
        _, self_id, action = path.split("/")
        fault = self.faults.draw(self._chance, reading="send" not in action)
        if fault and fault != "late":
            self._failing(action.removeprefix("_"), params)
        if fault == "busy":
            return _response(self._chance.choice((429, 503)))
        wait = self._chance.uniform(*LATE) if fault == "late" else PROMPT
        before = wait * self._chance.random()
        await asyncio.sleep(before)
        body = await self._perform(self_id, action.removeprefix("_"), params)
        await asyncio.sleep(wait - before)
        if fault == "never":
            await reader.read(1)
        if fault == "lost" and self._chance.random() < 0.3:
            return _response(502)
        return b"" if fault in ("never", "lost") else _response(200, body)


async def _request(reader: asyncio.StreamReader) -> tuple[str, str, Params]:
    """Path, authorization and parameters of the next call."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    named = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in named}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return first.split()[1], headers.get("authorization", ""), json.loads(body)


def _response(status: int, body: Params | None = None) -> bytes:
    content = json.dumps(body or {}, ensure_ascii=False).encode()
    head = f"HTTP/1.1 {status} -\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content
