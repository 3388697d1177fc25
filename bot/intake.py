"""The door: events are committed, many to a commit, before the platform is told yes."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import datetime

from bot import work
from bot.events import AnyEvent
from storage import archive
from storage.archive import Arrival
from storage.database import Database

log = logging.getLogger(__name__)

FULL = 2000
"""Calls that may wait for a commit; more are turned away, to come again."""


class Full(Exception):
    """More calls are waiting than can be served in a moment."""


class Intake:
    """One writer. Whatever arrived while the last commit ran goes together into the next."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], saved: Callable[[], None]
    ) -> None:
        self._database = database
        self._now = now
        self._saved = saved
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._wake = asyncio.Event()
        self._chats: dict[str, int] = {}

    async def save(self, events: Sequence[AnyEvent], raw: bytes) -> None:
        """Return once the events are committed. Raises Full, or what the database raised."""
        if not events:
            return
        if len(self._waiting) >= FULL:
            raise Full
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((Arrival(events, raw), done))
        self._wake.set()
        await done

    async def run(self) -> None:
        """Commit what comes, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            batch, self._waiting = self._waiting, []
            if batch:
                await self._commit(batch)

    async def _commit(self, batch: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        problems = await work.do(self._database, self._keep, [arrival for arrival, _ in batch])
        for (_, done), problem in zip(batch, problems, strict=True):
            if done.done():
                continue
            if problem is None:
                done.set_result(None)
            else:
                done.set_exception(problem)
        self._saved()

    def _keep(self, arrivals: list[Arrival]) -> list[Exception | None]:
        """What was wrong with each call; one that cannot be kept does not spoil the others."""
        try:
            self._write(arrivals)
        except Exception as problem:
            self._chats.clear()
            if len(arrivals) == 1:
                log.exception("a call could not be archived")
                return [problem]
            return [self._keep([arrival])[0] for arrival in arrivals]
        return [None] * len(arrivals)

    def _write(self, arrivals: list[Arrival]) -> None:
        with self._database.write() as db:
            archive.save(db, arrivals, now=self._now(), chats=self._chats)
