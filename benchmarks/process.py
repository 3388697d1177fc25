"""The server as a process of its own: set up, started, watched, and stopped by its id."""

import asyncio
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import httpx
from msgspec.json import decode

from benchmarks.traffic import (
    FIRST_GROUP,
    MEMBERS,
    OWNER,
    SELF_ID,
    card_of,
    user_id,
)
from bot.clock import SystemClock
from bot.people import Member, Role
from storage import groups, members, migrate
from storage.database import Database

ROOT = Path(__file__).parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE = 60.0
"""Seconds for the server to come up, or to have handled everything."""


async def until(condition: Callable[[], bool], *, seconds: float = PATIENCE) -> None:
    """Raises TimeoutError when it does not come true in time."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


class Server:
    """`banzhang serve` on a folder of its own; `settings` are environment variables.

    Another command serves something to compare with.
    """

    def __init__(
        self, folder: Path, *command: str, settings: Mapping[str, str] | None = None
    ) -> None:
        self.command = command or ("bot", "serve")
        own = {"BANZHANG_DATA_DIR": str(folder), "BANZHANG_DATABASE_URL": database_url(folder)}
        clean = {k: v for k, v in os.environ.items() if not k.startswith("BANZHANG_")}
        self.environment = clean | own | dict(settings or {})
        self.folder = folder
        self.port = _free_port()
        self.log = folder / "server.log"
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> float:
        """Seconds from the start of the process to its first sign of health."""
        began = time.perf_counter()
        self._spawn()
        await self.drained()
        return time.perf_counter() - began

    def _spawn(self) -> None:
        command = [sys.executable, "-m", *self.command, "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )

    async def drained(self) -> None:
        """Until the server answers, and nothing waits to be handled."""
        async with asyncio.timeout(PATIENCE), httpx.AsyncClient(trust_env=False) as client:
            while await self._waiting(client):
                self.check()
                await asyncio.sleep(0.02)

    async def _waiting(self, client: httpx.AsyncClient) -> bool:
        try:
            answer = await client.get(f"http://127.0.0.1:{self.port}/healthz")
        except httpx.TransportError:
            return True
        return bool(answer.json()["waiting"])

    def check(self) -> None:
        """Raises RuntimeError with the end of the log when the server has ended."""
        if self.process is None or self.process.poll() is not None:
            raise RuntimeError(f"the server is gone:\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """As a power cut would, as far as the process can tell."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self, what: str = "VmRSS") -> float:
        """MiB; VmHWM is the peak."""
        assert self.process is not None
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"no {what}")

    def handled(self, message_id: int) -> bool:
        """Whether a message was handled; those that came before it were too."""
        with closing(sqlite3.connect(self.folder / "banzhang.db")) as connection:
            found = connection.execute(
                "SELECT state FROM events WHERE key = ?", (f"onebot:{SELF_ID}:{message_id}",)
            ).fetchone()
        return bool(found == ("handled",))

    def archived(self) -> list[dict[str, str]]:
        """What `banzhang export archive --jsonl` prints."""
        command = [sys.executable, "-m", "bot", "export", "archive", "--jsonl"]
        done = subprocess.run(
            command, env=self.environment, cwd=ROOT, stdout=subprocess.PIPE, check=True
        )
        return [decode(line) for line in done.stdout.splitlines()]


def database_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'banzhang.db'}"


def set_up(folder: Path, count: int) -> None:
    """So many groups, each with its members, as `group add` and the nightly roster leave them."""
    migrate.upgrade(database_url(folder))
    database = Database(database_url(folder))
    with database.write() as db:
        for n in range(count):
            group = groups.add(db, name=f"学习{n + 1}群", zone="Asia/Shanghai", kind="newhire")
            chat = groups.connect(db, group=group, key=f"onebot:{SELF_ID}:{FIRST_GROUP + n}")
            members.replace(db, chat_id=chat.id, members=_people(n), now=SystemClock().now())
    database.close()


def _people(group: int) -> list[Member]:
    users = [user_id(group, place) for place in range(MEMBERS)]
    owner = users[OWNER]
    return [
        Member(id=str(user), name=card_of(user), role=Role.OWNER if user == owner else Role.MEMBER)
        for user in users
    ]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
