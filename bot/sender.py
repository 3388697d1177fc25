"""Drains the outbox: claim, pace, perform, and note what became of it."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from bot import work
from bot.actions import REPEATABLE, AnyAction
from bot.aftermath import follow
from bot.gateways.contract import Failed, Gateway, TryLater
from bot.gateways.degrade import UNSUPPORTED, able
from bot.people import Address
from storage import outbox
from storage.database import Database
from storage.outbox import Delivery, Ready, State

log = logging.getLogger(__name__)

AT_ONCE = 32
PERFORM_TIMEOUT = 60.0
LONGEST_WAIT = timedelta(minutes=5)
_IDLE = 1.0
_COOLING = 0.1
BETWEEN_CHATS = 2.5
"""Posts to one chat after another go this much slower than answers in one chat."""


class Sender:
    """Sends what is due. A chat gets one thing at a time, and a platform no more than it bears."""

    def __init__(
        self,
        database: Database,
        gateways: Mapping[str, Gateway],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._gateways = gateways
        self._now = now
        self._wake = asyncio.Event()
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._cool: dict[str, float] = {}

    def poke(self) -> None:
        """Look at the outbox now. To be called in the event loop."""
        self._wake.set()

    async def run(self) -> None:
        """Send what comes due, until cancelled; what is under way is finished first."""
        try:
            while True:
                self._wake.clear()
                if not await self.round():
                    await self._rest()
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks.values(), timeout=PERFORM_TIMEOUT)

    async def round(self) -> int:
        """Claim what is due and start sending it; how much that was."""
        claimed = await work.do(self._database, self._claim, set(self._tasks))
        for delivery in claimed:
            self._tasks[delivery.chat] = asyncio.create_task(self._deliver(delivery))
        return len(claimed)

    async def settled(self) -> None:
        """Wait until everything that was started is noted."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    def idle(self) -> bool:
        """Whether nothing is under way, and nothing that is due waits."""
        with self._database.read() as db:
            return not self._tasks and not outbox.busy(db, now=self._now())

    async def _rest(self) -> None:
        cooling = any(until > time.monotonic() for until in self._cool.values())
        # Not wait_for: before Python 3.12 it may swallow the cancellation that ends run().
        with suppress(TimeoutError):
            async with asyncio.timeout(_COOLING if cooling else _IDLE):
                await self._wake.wait()

    def _claim(self, busy: set[str]) -> list[Delivery]:
        now = self._now()
        with self._database.read() as db:
            ready = outbox.ready(db, now=now)
        late = any(one.expires and one.expires <= now for one in ready)
        if not late and not outbox.choose(ready, limit=1, busy=busy, may=self._lanes()):
            return []
        with self._database.write() as db:
            for expired in outbox.expire(db, now=now):
                follow(db, expired, State.EXPIRED, expired.detail, now)
            return outbox.claim(db, now=now, limit=AT_ONCE, busy=busy, may=self._lanes())

    def _lanes(self) -> Callable[[Ready], bool]:
        """Lets one thing into each lane that is free.

        What has no pace does not wait for what has: a recall goes past a queue of answers.
        """
        now = time.monotonic()
        taken = {lane for lane, until in self._cool.items() if until > now}

        def may(ready: Ready) -> bool:
            gateway = self._gateways.get(Address.of(ready.chat).platform)
            if gateway is None or (not ready.step and gateway.pace(ready.what) == 0):
                return True
            lane = _lane(ready)
            free = lane not in taken
            if gateway.pace(ready.what):
                taken.add(lane)
            return free

        return may

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            action = delivery.what
            gateway = self._gateways.get(Address.of(delivery.chat).platform)
            state, receipt, why = await _perform(gateway, action)
            if gateway is not None and (gap := _gap(gateway, delivery, action)):
                self._cool[_lane(delivery)] = time.monotonic() + gap
            await work.do(self._database, self._note, delivery, state, receipt, why)
        except Exception:
            log.exception("delivery %s could not be noted", delivery.key)
        finally:
            del self._tasks[delivery.chat]
            self._wake.set()

    def _note(self, delivery: Delivery, state: State, receipt: str, why: str) -> None:
        now = self._now()
        # A note that a power cut took away leaves a claim, and of a claim people are asked.
        with self._database.write(durable=False) as db:
            if state is State.PLANNED:
                wait = min(timedelta(seconds=2**delivery.tried), LONGEST_WAIT)
                outbox.postpone(db, delivery.id, after=now + wait, detail=why)
            else:
                outbox.settle(db, delivery.id, state, now=now, receipt=receipt, detail=why)
            if state in (State.FAILED, State.UNKNOWN):
                follow(db, delivery, state, why, now)
        log.info("delivery %s %s", delivery.key, state)


async def _perform(gateway: Gateway | None, action: AnyAction) -> tuple[State, str, str]:
    """Try once: the state it leads to, the platform's id, and why if it did not work."""
    if gateway is None:
        return State.FAILED, "", "这个平台没有接入"
    if not able(gateway.can, action):
        return State.FAILED, "", UNSUPPORTED
    try:
        async with asyncio.timeout(PERFORM_TIMEOUT):
            return State.DELIVERED, await gateway.perform(action), ""
    except Failed as no:
        return State.FAILED, "", str(no)
    except TryLater as later:
        unsure = later.unsure and not isinstance(action, REPEATABLE)
        return State.UNKNOWN if unsure else State.PLANNED, "", str(later)
    except TimeoutError:
        unsure = not isinstance(action, REPEATABLE)
        return State.UNKNOWN if unsure else State.PLANNED, "", "平台很久没有回答"
    except Exception as bug:
        log.exception("a gateway broke on %s", type(action).__name__)
        return State.FAILED, "", f"程序出错（{type(bug).__name__}）"


def _lane(delivery: Delivery | Ready) -> str:
    """What is paced together: answers by chat, posts to many chats by our account."""
    if delivery.step:
        address = Address.of(delivery.chat)
        return f"{address.platform}:{address.account}"
    return delivery.chat


def _gap(gateway: Gateway, delivery: Delivery, action: AnyAction) -> float:
    """Seconds to the next in this lane; jitter, so that it does not look like clockwork."""
    seconds = gateway.pace(action) * (BETWEEN_CHATS if delivery.step else 1)
    return seconds * random.uniform(0.5, 1.5)
