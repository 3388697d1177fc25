"""The other side of the server: lines that post events, and the API that the server calls."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast
from zlib import crc32

from msgspec.json import decode, encode

from benchmarks.traffic import SELF_ID, Call, signature

PATH = "/onebot/v11/"
TOKEN = "benchmark-token"
CLOSING = 10.0
"""Seconds to wait for answers after the last call."""


Posted = tuple[Call, bytes]
"""A call, and the request that carries it."""


def request(call: Call) -> bytes:
    """The call as bytes on a wire."""
    return (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"X-Self-ID: {SELF_ID}\r\nX-Signature: {signature(call.body)}\r\n"
        f"Content-Length: {len(call.body)}\r\n\r\n"
    ).encode() + call.body


@dataclass(slots=True)
class Run:
    """What became of a series of calls. Times are of `time.perf_counter`, in seconds.

    `sent` has the first time of each message id; `statuses` counts the answers.
    """

    sent: dict[int, float] = field(default_factory=dict)
    acked: set[int] = field(default_factory=set)
    waits: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    began: float = 0.0
    ended: float = 0.0

    @property
    def acked_a_second(self) -> float:
        return self.statuses[204] / (self.ended - self.began)


class Line(asyncio.Protocol):
    """One keep-alive connection with one call on its way.

    `over` is called with the status of each answer, and with 0 when the line broke before it.
    """

    def __init__(self, over: Callable[["Line", int], None]) -> None:
        self.over = over
        self.call: Call | None = None
        self.due = 0.0
        self.transport: asyncio.Transport | None = None
        self._read = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def post(self, call: Call, data: bytes, due: float) -> None:
        self.call, self.due = call, due
        if self.transport is not None:
            self.transport.write(data)

    def data_received(self, data: bytes) -> None:
        """Answers of the webhook have no body, whatever their status."""
        self._read += data
        if self._read.endswith(b"\r\n\r\n"):
            status, self._read = int(self._read[9:12]), b""
            self.over(self, status)

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        if self.call is not None:
            self.over(self, 0)


class Load:
    """Posts calls over so many lines: as fast as they are answered, or at a steady rate."""

    def __init__(self, port: int, lines: int) -> None:
        self.port, self.count = port, lines
        self.run = Run()
        self._lines: list[Line] = []
        self._free: deque[Line] = deque()
        self._backlog: deque[tuple[Call, bytes, float]] = deque()
        self._quiet = asyncio.Event()

    async def saturate(self, calls: Iterable[Posted], seconds: float) -> Run:
        """A closed loop: every line sends its next call when the last one is answered."""
        queue = iter(calls)

        def follow(line: Line) -> None:
            now = time.perf_counter()
            if now < until and line.transport and (following := next(queue, None)):
                self._send(line, *following, now)

        await self._connect(follow)
        until = self.run.began + seconds
        for line in self._lines:
            follow(line)
        return await self._finish(seconds)

    async def pace(self, calls: Iterable[Posted], rate: float) -> Run:
        """An open loop: waits count from the moment a call was due, free line or not."""
        await self._connect(self._release)
        for n, (call, data) in enumerate(calls):
            due = self.run.began + n / rate
            await asyncio.sleep(due - time.perf_counter())
            self._backlog.append((call, data, due))
            if self._free:
                self._release(self._free.popleft())
        return await self._finish(0)

    async def _connect(self, answered: Callable[[Line], None]) -> None:
        def over(line: Line, status: int) -> None:
            self._note(line, status)
            answered(line)
            if all(line.call is None for line in self._lines):
                self._quiet.set()

        loop = asyncio.get_running_loop()
        for _ in range(self.count):
            _, line = await loop.create_connection(lambda: Line(over), "127.0.0.1", self.port)
            self._lines.append(line)
        self._free.extend(self._lines)
        self.run.began = time.perf_counter()

    def _note(self, line: Line, status: int) -> None:
        assert line.call is not None
        now = self.run.ended = time.perf_counter()
        self.run.statuses[status] += 1
        self.run.waits.append(now - line.due)
        if status == 204:
            self.run.acked.add(line.call.id)
        line.call = None

    def _release(self, line: Line) -> None:
        if self._backlog:
            self._send(line, *self._backlog.popleft())
        else:
            self._free.append(line)

    def _send(self, line: Line, call: Call, data: bytes, due: float) -> None:
        self._quiet.clear()
        self.run.sent.setdefault(call.id, due)
        line.post(call, data, due)

    async def _finish(self, seconds: float) -> Run:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds + CLOSING):
                await self._quiet.wait()
        for line in self._lines:
            if line.transport:
                line.transport.close()
        return self.run


@dataclass(frozen=True, slots=True)
class Heard:
    """A call of the server: about a message by id, about a user (a mute), or neither (0).

    A post that answers nobody, such as a notice, has a number below zero made from its words.
    """

    action: str
    about: int
    at: float


class Api:
    """A minimal OneBot HTTP API that says yes, and remembers what was asked and when."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.refused = 0
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._ids = 900_000_000

    async def start(self) -> str:
        """Listen; gives the address."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._open):
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    def answer(self, action: str, params: dict[str, object]) -> dict[str, object]:
        self.heard.append(Heard(action, _about(action, params), time.perf_counter()))
        self._ids += 1
        return {"status": "ok", "retcode": 0, "data": {"message_id": self._ids}}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                headers = {
                    name.lower(): value for name, _, value in (x.partition(": ") for x in lines)
                }
                params = decode(await reader.readexactly(int(headers.get("content-length", 0))))
                trusted = headers.get("authorization") == f"Bearer {TOKEN}"
                self.refused += not trusted
                answer = (
                    encode(self.answer(first.split("/")[1].split()[0], params)) if trusted else b""
                )
                status = "200 OK" if trusted else "403 Forbidden"
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(answer)}\r\n\r\n".encode()
                    + answer
                )
        self._open.discard(writer)
        writer.close()


def _about(action: str, params: dict[str, object]) -> int:
    """The message a call recalls or answers, the user it mutes, or the words it posts."""
    if action in ("delete_msg", "set_group_ban"):
        return int(str(params.get("message_id") or params.get("user_id")))
    pieces = params.get("message")
    for piece in pieces if isinstance(pieces, list) else ():
        if piece["type"] == "reply":
            return int(piece["data"]["id"])
    return -crc32(encode(params)) if action == "send_group_msg" else 0
