"""Turns the clock through the plan, and kills the server at random moments on the way."""

import asyncio
import json
import random
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks.process import Server, database_url
from bot.clock import FileClock
from storage.database import Database
from tests.rig import plan, waiting
from tests.rig.platform import SECRET, Platform, Post
from tests.rig.verdict import Evidence
from tests.rig.wire import Faults, Params, Wire

TOKEN = "rig-token"
IDLE_MOMENTS = 12
"""Moments at which nothing is due, somewhere in the three days."""

START, SOON = 1.5, 1.0
"""Seconds that a start takes, more or less; and within which a kill comes after that."""

AT_MOST = 30.0
"""Seconds until everything that is due must have come to rest."""


class Rig:
    """One run. The same seed draws the same moments; what the machine makes of them may differ."""

    def __init__(self, folder: Path, *, kills: int, seed: int, faults: Faults) -> None:
        self.chance = random.Random(seed)
        self.clock = FileClock(folder / "clock")
        self.platform = Platform(plan.ACCOUNTS, _members, self.clock.now)
        self.evidence = Evidence()
        self._folder, self._kills = folder, kills
        self._wire = Wire(self.platform.perform, TOKEN, self.chance, faults)
        self._database = Database(database_url(folder))
        self._server = Server(folder)
        self._starting: asyncio.Task[float] | None = None
        self._since = 0.0

    async def run(self) -> Evidence:
        """From the evening the plan is made to the morning after the last day."""
        self._server = Server(self._folder, settings=self._settings(await self._wire.start()))
        self.platform.hook = f"http://127.0.0.1:{self._server.port}/onebot/v11/"
        try:
            for moment, kills in self._moments():
                self._turn(moment)
                await self._live_through(kills)
            await self._come_to_rest()
        finally:
            self._server.stop()
            self._wire.stop()
            await self.platform.stop()
        return self._found()

    def _settings(self, api: str) -> dict[str, str]:
        accounts = [
            {
                "self_id": str(account.self_id),
                "secret": SECRET,
                "token": TOKEN,
                "api_url": f"{api}/{account.self_id}",
            }
            for account in plan.ACCOUNTS
        ]
        return {
            "BANZHANG_SIMULATOR": "1",
            "BANZHANG_CLOCK_FILE": str(self.clock.path),
            "BANZHANG_ONEBOT_ACCOUNTS": json.dumps(accounts),
            "BANZHANG_ONEBOT_PACE_SECONDS": "0.02",
            "BANZHANG_ONEBOT_TIMEOUT_SECONDS": "1",
        }

    def _moments(self) -> list[tuple[datetime, int]]:
        """When to stop and look, and how many kills to come there; most where most is due."""
        weights: dict[datetime, int] = {plan.OVER: 1}
        for promise in plan.promises():
            weights[promise.due] = weights.get(promise.due, 1) + 1
        for _ in range(IDLE_MOMENTS):
            weights[plan.PLANNED + (plan.OVER - plan.PLANNED) * self.chance.random()] = 2
        chosen = self.chance.choices(list(weights), list(weights.values()), k=self._kills)
        due = {promise.due for promise in plan.promises()} | {plan.OVER}
        return [(at, chosen.count(at)) for at in sorted({*due, *chosen})]

    async def _live_through(self, kills: int) -> None:
        for _ in range(kills):
            self._start()
            await self._kill()
            self.evidence.kills += 1
            self._stay_down()
        if not kills or self.chance.random() > 0.1:
            await self._come_to_rest()

    def _start(self) -> None:
        if self._starting is None:
            self.platform.restarting()
            self._since = time.monotonic()
            self._starting = asyncio.create_task(self._server.start())

    async def _kill(self) -> None:
        """After so many posts, before or soon after the last is answered; or at any moment."""
        assert self._starting is not None
        struck, left = asyncio.Event(), self.chance.choice((0, 1, 1, 2, 3))

        def accepted(post: Post) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                struck.set()
                if self.chance.random() < 0.5:
                    self._server.kill()

        self.platform.accepted = accepted
        with suppress(TimeoutError):
            async with asyncio.timeout(SOON if self._starting.done() else self._while_starting()):
                await struck.wait()
        self.platform.accepted = lambda post: None
        await asyncio.sleep(self.chance.choice((0, 0.01, 0.05)))
        self._server.kill()
        with suppress(RuntimeError):
            await self._starting
        self._starting = None

    def _while_starting(self) -> float:
        return self.chance.uniform(0.1, START + SOON)

    def _stay_down(self) -> None:
        """Time that passes without the server: mostly little, now and then a good part of a day."""
        longest = self.chance.choices((20, 600, 3 * 3600), (70, 27, 3))[0]
        self._turn(self.clock.now() + timedelta(seconds=self.chance.uniform(0, longest)))
        if self.chance.random() < 0.1:
            for place in plan.PLACES.values():
                self.platform.talk(place.room, 25)

    def _turn(self, to: datetime) -> None:
        if to > self.clock.now() or not self.clock.path.exists():
            self.clock.turn(to)

    async def _come_to_rest(self) -> None:
        """Until nothing is left to do; what is to be tried again soon is not waited for."""
        self._start()
        assert self._starting is not None
        await self._starting
        until = time.monotonic() + AT_MOST
        while (left := self._waiting()).what:
            if time.monotonic() > until:
                self.evidence.restless.append(f"{self.clock.now()}: {left.what}")
                return
            if left.until is not None:
                self._turn(min(left.until, self.clock.now() + timedelta(minutes=1)))
            await asyncio.sleep(0.05)
        self.evidence.calm.append(self.clock.now())
        if self._since:
            self.evidence.worst = max(self.evidence.worst, time.monotonic() - self._since)
            self._since = 0.0

    def _waiting(self) -> waiting.Left:
        with self._database.read() as db:
            return waiting.left(db, now=self.clock.now())

    def _found(self) -> Evidence:
        self.evidence.log = self.platform.log
        self.evidence.server_log = self._server.log.read_text(errors="replace")
        with self._database.read() as db:
            self.evidence.deliveries = waiting.everything(db)
        self._database.close()
        return self.evidence


def _members(room: int) -> list[Params]:
    there = next(place for place in plan.PLACES.values() if place.room == room)
    return [
        {"user_id": int(one.id), "nickname": one.name, "role": str(one.role)}
        for one in there.people
    ]
