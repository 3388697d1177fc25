"""Turns the clock through the plan, and kills the server at random moments on the way."""

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from storage.outbox import Delivery
from tests.rig import waiting
from tests.rig.plan import OVER, PLACES, PLANNED, Plan
from tests.rig.platform import Post
from tests.rig.verdict import Evidence
from tests.rig.world import World, hook, walk

IDLE_MOMENTS = 6
"""Moments at which nothing is due, somewhere in the three days."""

START, SOON = 1.3, 0.8
"""Seconds that a start takes, more or less; and within which a kill comes after that."""

AT_MOST = 30.0
"""Seconds until everything that is due must have come to rest."""

HOPELESS = 3
"""Moments without rest, after which there is nothing more to be learned."""


async def run(folder: Path, plan: Plan, *, kills: int, trouble: float, seed: int) -> Evidence:
    """The three days. The same seed draws the same moments; what comes of them may differ.

    `trouble` is the share of the way on which the wire is in trouble.
    """
    chance = random.Random(seed)
    world = World(folder, plan, chance)
    await world.begin()
    try:
        return await Rig(world, chance, trouble).run(kills)
    finally:
        await world.end()


class Rig:
    """One server, and what becomes of it."""

    def __init__(self, world: World, chance: random.Random, trouble: float) -> None:
        self._world, self._chance, self._trouble = world, chance, trouble
        self._clock, self._platform = world.clock, world.platform
        self._promises = world.plan.promises()
        self._server = world.server()
        world.platform.hook = hook(self._server)
        self._starting: asyncio.Task[float] | None = None
        self._since = 0.0
        self._found = Evidence()

    async def run(self, kills: int) -> Evidence:
        """From the moment the plan is made to the morning after the last day."""
        try:
            for moment, count in [*self._moments(kills), (OVER, 0)]:
                if len(self._found.restless) < HOPELESS:
                    await self._live_until(moment, count)
        finally:
            self._server.kill()
        self._found.log, self._found.deliveries = self._platform.log, self._deliveries()
        self._found.unread = self._platform.unread
        self._found.errors = self._world.errors()
        return self._found

    def _moments(self, kills: int) -> list[tuple[datetime, int]]:
        """When to stop and look, and how many kills come there: several, where much is due."""
        weights: dict[datetime, int] = {OVER: 1}
        for promise in self._promises:
            weights[promise.due] = weights.get(promise.due, 1) + 1
        due = list(weights)
        for _ in range(IDLE_MOMENTS):
            weights[PLANNED + (OVER - PLANNED) * self._chance.random()] = 2
        drawn = self._chance.choices(list(weights), list(weights.values()), k=kills // 2 + 1)
        chosen = self._chance.choices(drawn, k=kills)
        return [(at, chosen.count(at)) for at in sorted({*due, *chosen})]

    async def _live_until(self, moment: datetime, kills: int) -> None:
        self._world.trouble(self._chance.random() < self._trouble)
        for _ in range(kills):
            self._start()
            await self._kill_on_the_way(moment)
            self._found.kills += 1
            self._stay_down(moment)
        if not kills or self._chance.random() > 0.1:
            await self._come_to_rest(moment)

    def _start(self) -> None:
        if self._starting is None:
            self._platform.restarting()
            self._since = time.monotonic()
            self._starting = asyncio.create_task(self._server.start())

    async def _kill_on_the_way(self, moment: datetime) -> None:
        """After so many posts, before or soon after the last is answered; or at any moment."""
        assert self._starting is not None
        longest = SOON if self._starting.done() else self._chance.uniform(0.1, START + SOON)
        walking = asyncio.create_task(self._walk(moment))
        struck = self._after_posts(self._chance.choice((0, 1, 1, 2, 3)))
        with suppress(TimeoutError):
            async with asyncio.timeout(longest):
                await struck.wait()
        await asyncio.sleep(self._chance.choice((0, 0.01, 0.05)))
        self._platform.accepted = lambda post: None
        self._server.kill()
        with suppress(RuntimeError, httpx.HTTPError):
            await walking
        self._starting = None

    def _after_posts(self, count: int) -> asyncio.Event:
        """Set once so many more were accepted; 0 is never. One time in two it is a kill, too."""
        struck, left = asyncio.Event(), count

        def accepted(post: Post) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                struck.set()
                if self._chance.random() < 0.5:
                    self._server.kill()

        self._platform.accepted = accepted
        return struck

    async def _walk(self, to: datetime) -> None:
        assert self._starting is not None
        await self._starting
        if to > self._clock.now():
            await walk(self._server, to.isoformat())

    def _stay_down(self, moment: datetime) -> None:
        """Time that passes without the server: mostly little, now and then a good part of a day."""
        longest = self._chance.choices((10, 120, 2 * 3600), (75, 24, 1))[0]
        later = self._clock.now() + timedelta(seconds=self._chance.uniform(0, longest))
        self._turn(max(later, moment) if self._chance.random() < 0.5 else later)
        if self._chance.random() < 0.1:
            for place in PLACES.values():
                self._platform.talk(place.room, 25)

    def _turn(self, to: datetime) -> None:
        if to > self._clock.now():
            self._clock.turn(to)

    async def _come_to_rest(self, moment: datetime) -> None:
        """Until nothing is left to do; what is to be tried again soon is not waited for."""
        self._start()
        await self._walk(moment)
        until = time.monotonic() + AT_MOST
        while (left := self._waiting()).what:
            if time.monotonic() > until:
                self._found.restless.append(f"{self._clock.now()}: {left.what}")
                return
            if left.until is not None:
                self._turn(min(left.until, self._clock.now() + timedelta(minutes=1)))
            await asyncio.sleep(0.05)
        self._found.calm.append(self._clock.now())
        if self._since:
            self._found.worst = max(self._found.worst, time.monotonic() - self._since)
            self._since = 0.0

    def _waiting(self) -> waiting.Left:
        return waiting.left(self._promises, self._deliveries(), now=self._clock.now())

    def _deliveries(self) -> Sequence[Delivery]:
        with self._world.database.read() as db:
            return waiting.everything(db)
