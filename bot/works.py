"""What runs while the server is up: the door, the road, the sender and the clock."""

import asyncio
import logging
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot import roster, work
from bot.aftermath import follow
from bot.clock import Clock, SystemClock
from bot.gateways.contract import Closes, Gateway
from bot.intake import Intake
from bot.pipeline import Pipeline
from bot.sender import PERFORM_TIMEOUT, Sender
from schedules.publishing import Publisher
from schedules.tick import tick
from storage import archive, outbox
from storage.database import Database
from storage.outbox import State

log = logging.getLogger(__name__)

RUSH = 8
"""So many events at once, and the next batch waits a little to become larger."""

_ROSTER_EVERY = timedelta(hours=6)
_STRANGERS_EVERY = timedelta(seconds=20)
"""How soon the members of a chat that was just set up are asked for."""

_STILL_AT_WORK = timedelta(seconds=2 * PERFORM_TIMEOUT)


class Works:
    """The parts, and the loops that drive them."""

    def __init__(
        self,
        database: Database,
        gateways: Iterable[Gateway],
        clock: Clock,
        publisher: Publisher,
    ) -> None:
        self.database = database
        self.gateways = {gateway.name: gateway for gateway in gateways}
        self.clock = clock
        self.publisher = publisher
        self.intake = Intake(database, clock.now, self._saved)
        self.pipeline = Pipeline(database, clock.now)
        self.sender = Sender(database, self.gateways, clock.now)
        self._new_events = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._ticking = asyncio.Lock()

    async def start(self) -> None:
        """Pick up what a crash left, then begin."""
        # Only SQLite has one process for sure; elsewhere another may be sending right now.
        at_work = timedelta() if self.database.near else _STILL_AT_WORK
        await asyncio.to_thread(self.recover, at_work)
        loops = (self.intake.run(), self._drain(), self.sender.run())
        self._tasks = [asyncio.create_task(loop) for loop in loops]
        self._saved()
        # A turned clock moves in jumps, so a test server looks at it every second.
        real = isinstance(self.clock, SystemClock)
        every = CronTrigger(second=0) if real else IntervalTrigger(seconds=1)
        self._scheduler.add_job(self.tick, every, coalesce=True, misfire_grace_time=None)
        for strangers, every in ((True, _STRANGERS_EVERY), (False, _ROSTER_EVERY)):
            seconds = int(every.total_seconds())
            self._scheduler.add_job(
                self._refresh_roster, IntervalTrigger(seconds=seconds), args=[strangers]
            )
        self._scheduler.start()
        await self.tick()

    async def stop(self) -> None:
        """Finish what is under way, then end."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        async with self._ticking:
            pass
        for gateway in self.gateways.values():
            if isinstance(gateway, Closes):
                await gateway.close()

    def idle(self) -> bool:
        """Whether everything that came in was handled, and all that followed from it was sent."""
        at_work = self._new_events.is_set() or self._ticking.locked() or self.pipeline.commanded
        with self.database.read() as db:
            waiting, _ = archive.counts(db)
        return not waiting and not at_work and self.sender.idle()

    async def tick(self) -> None:
        """Take every step that is due now, and publish what was approved."""
        async with self._ticking:
            try:
                await work.in_thread(self._tick)
            except Exception:
                log.exception("a tick did not go through; the next one tries again")
        self.sender.poke()

    def _tick(self) -> None:
        self.recover(_STILL_AT_WORK)
        tick(self.database, self.clock.now())
        self.publisher.publish(self.database, self.clock.now())

    def recover(self, at_work: timedelta) -> None:
        """Deliveries claimed longer ago than `at_work`: whoever claimed them is dead."""
        now = self.clock.now()
        with self.database.read() as db:
            if not outbox.claimed(db, before=now - at_work):
                return
        with self.database.write() as db:
            for lost in outbox.recover(db, before=now - at_work, now=now):
                follow(db, lost, State.UNKNOWN, lost.detail, now)

    def _saved(self) -> None:
        self._new_events.set()

    async def _drain(self) -> None:
        while True:
            await self._new_events.wait()
            self._new_events.clear()
            try:
                while await self._batch():
                    self.sender.poke()
            except Exception:
                log.exception("the road is blocked; trying again in a second")
                await asyncio.sleep(1)
                self._new_events.set()
            if self.pipeline.commanded:
                self.pipeline.commanded = False
                await self.tick()

    async def _batch(self) -> int:
        """Handle one batch. In a rush, rest as long as that took: new messages get their yes
        meanwhile, and fewer and larger batches cost less."""
        began = time.monotonic()
        count = await work.do(self.database, self.pipeline.drain)
        if count >= RUSH:
            await asyncio.sleep(time.monotonic() - began)
        return count

    async def _refresh_roster(self, strangers: bool) -> None:
        now = self.clock.now()
        await roster.refresh(self.database, self.gateways, now, strangers=strangers)
