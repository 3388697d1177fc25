"""What runs while the server is up: the door, the road, the sender and the clock."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot import pacing, roster, work
from bot.backtesting import Backtesting
from bot.clock import Clock, SystemClock
from bot.gateways.contract import Closes, Gateway
from bot.intake import Intake
from bot.looking import Looking
from bot.pipeline import Pipeline
from bot.sender import PERFORM_TIMEOUT, Sender
from bot.watch import Watch
from schedules.publishing import Publisher
from schedules.tick import tick
from storage import abilities, archive
from storage.database import Database
from storage.leadership import Leadership

log = logging.getLogger(__name__)

RUSH = 8
"""So many events at once, and the next batch waits a little to become larger."""

_ROSTER_EVERY = timedelta(hours=6)
_STRANGERS_EVERY = timedelta(seconds=20)
"""How soon the members of a chat that was just set up are asked for."""

_STILL_AT_WORK = timedelta(seconds=2 * PERFORM_TIMEOUT)
_TAKE_EVERY = 5.0
"""Seconds between two looks whether another process still acts."""

_LOOK_EVERY = 1.0
_OTHERS_EVENTS = 1.0
"""Seconds after which new events are seen that another process let in."""


Loop = Callable[[], Coroutine[Any, Any, None]]


class Works:
    """The parts, and the loops that drive them; `more` are loops of what is optional.

    Of several processes on one database one acts; the others only let events in, and stand by.
    """

    def __init__(
        self,
        database: Database,
        gateways: Iterable[Gateway],
        clock: Clock,
        publisher: Publisher,
        more: Sequence[Loop] = (),
        words: Callable[[bytes], str] | None = None,
    ) -> None:
        self.database = database
        self.gateways = {gateway.name: gateway for gateway in gateways}
        self.clock = clock
        self.publisher = publisher
        self._more = more
        self.acting = False
        self.intake = Intake(database, clock.now, self._saved)
        self.pipeline = Pipeline(database, clock.now)
        self.sender = Sender(database, self.gateways, clock.now)
        self.looking = Looking(database, self.gateways, clock.now, self.intake.save, words)
        self.backtesting = Backtesting(database, clock.now, self.sender.poke)
        # A process across the network that lost its turn may be finishing what it had claimed.
        at_work = timedelta() if database.near else _STILL_AT_WORK
        self.watch = Watch(database, self.gateways, clock.now, self.sender.holds, at_work)
        self._leadership = Leadership(database)
        self._new_events = asyncio.Event()
        self._door: list[asyncio.Task[None]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._scheduler: AsyncIOScheduler | None = None
        self._ticking = asyncio.Lock()

    async def start(self) -> None:
        """Open the door, and act unless another process does."""
        await asyncio.to_thread(self._declare)
        self._door = [asyncio.create_task(self.intake.run())]
        await self._take_turns_once()
        self._door.append(asyncio.create_task(self._take_turns()))

    async def stop(self) -> None:
        """Finish what is under way, then end."""
        await _end(self._door)
        await self._stand_down()
        await asyncio.to_thread(self._leadership.release)
        for gateway in self.gateways.values():
            if isinstance(gateway, Closes):
                await gateway.close()

    def idle(self) -> bool:
        """Whether everything that came in was handled, and all that followed from it was sent."""
        at_work = self._new_events.is_set() or self._ticking.locked() or self.pipeline.commanded
        with self.database.read() as db:
            waiting, _ = archive.counts(db)
        at_work = at_work or not self.backtesting.idle()
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
        self.watch.repeat()
        tick(self.database, self.clock.now())
        self.publisher.publish(self.database, self.clock.now())

    def _declare(self) -> None:
        """Write down what each platform can do, for those who plan without knowing gateways."""
        with self.database.write() as db:
            for gateway in self.gateways.values():
                abilities.declare(
                    db,
                    platform=gateway.name,
                    can=asdict(gateway.can),
                    seconds=pacing.seconds_between(gateway),
                    now=self.clock.now(),
                )

    async def _take_turns(self) -> None:
        while True:
            await asyncio.sleep(_TAKE_EVERY)
            await self._take_turns_once()

    async def _take_turns_once(self) -> None:
        mine = await asyncio.to_thread(self._leadership.take)
        if mine and not self.acting:
            log.info("this process acts")
            await self._act()
        elif self.acting and not mine:
            log.warning("this process acts no more; another one may")
            await self._stand_down()

    async def _act(self) -> None:
        """Pick up what a crash left: mutes are lifted first, then what is due goes out."""
        self.acting = True
        await self.tick()
        loops: tuple[Coroutine[Any, Any, None], ...] = (
            self._drain(),
            self.sender.run(),
            self._look(),
            self.backtesting.run(),
            self.looking.run(),
            *(loop() for loop in self._more),
        )
        self._tasks = [asyncio.create_task(loop) for loop in loops]
        self._saved()
        self._scheduler = self._jobs()
        self._scheduler.start()

    def _jobs(self) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(timezone="UTC")
        # A turned clock moves in jumps, so a test server looks at it every second.
        real = isinstance(self.clock, SystemClock)
        every = CronTrigger(second=0) if real else IntervalTrigger(seconds=1)
        scheduler.add_job(self.tick, every, coalesce=True, misfire_grace_time=None)
        for strangers, often in ((True, _STRANGERS_EVERY), (False, _ROSTER_EVERY)):
            seconds = int(often.total_seconds())
            scheduler.add_job(
                self._refresh_roster, IntervalTrigger(seconds=seconds), args=[strangers]
            )
        return scheduler

    async def _stand_down(self) -> None:
        if self._scheduler is not None and self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._scheduler = None
        tasks, self._tasks = self._tasks, []
        await _end(tasks)
        async with self._ticking:
            pass
        self.acting = False

    def _saved(self) -> None:
        self._new_events.set()

    async def _drain(self) -> None:
        while True:
            await self._events()
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

    async def _events(self) -> None:
        """Wait for new events; those that another process let in are looked for."""
        with suppress(TimeoutError):
            async with asyncio.timeout(None if self.database.near else _OTHERS_EVENTS):
                await self._new_events.wait()
        self._new_events.clear()

    async def _batch(self) -> int:
        """Handle one batch. In a rush, rest as long as that took: new messages get their yes
        meanwhile, and fewer and larger batches cost less."""
        began = time.monotonic()
        count = await work.do(self.database, self.pipeline.drain)
        if count >= RUSH:
            await asyncio.sleep(time.monotonic() - began)
        return count

    async def _look(self) -> None:
        """Look for what was claimed and never noted, first of all what a crash left."""
        while True:
            try:
                if await self.watch.look():
                    self.sender.poke()
            except Exception:
                log.exception("looking for lost posts did not go through")
            await asyncio.sleep(_LOOK_EVERY)

    async def _refresh_roster(self, strangers: bool) -> None:
        now = self.clock.now()
        await roster.refresh(self.database, self.gateways, now, strangers=strangers)


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    for task in tasks:
        with suppress(asyncio.CancelledError):
            await task
