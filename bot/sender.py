"""Drains the outbox: claim, pace, perform, and note what became of it."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from bot import work
from bot.actions import REPEATABLE, AnyAction, UnmuteAll
from bot.aftermath import Outcome, noted
from bot.gateways.contract import Failed, Gateway, KnowsMutes, SwitchedOff, TryLater
from bot.gateways.degrade import UNSUPPORTED, able
from bot.pacing import Pacing
from bot.people import Address
from storage import claims, outbox
from storage.claims import Ready
from storage.database import Database
from storage.outbox import Delivery, State

log = logging.getLogger(__name__)

AT_ONCE = 32
PERFORM_TIMEOUT = 60.0
LONGEST_WAIT = timedelta(minutes=5)
SETTLES = 3.0
"""Seconds that a platform is given to show what it may have done, before it is looked up."""

_IDLE = 1.0
_COOLING = 0.1


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
        self._under_way: set[int] = set()
        self._unsure: dict[int, float] = {}
        self._pacing = Pacing(gateways)

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
            self._under_way.add(delivery.id)
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

    def holds(self, delivery_id: int) -> bool | None:
        """Whether it is too soon to look for what became of a claim; None for another's claim."""
        if delivery_id in self._under_way:
            return True
        until = self._unsure.get(delivery_id)
        return None if until is None else until > time.monotonic()

    async def _rest(self) -> None:
        cooling = self._pacing.cooling(self._now())
        # Not wait_for: before Python 3.12 it may swallow the cancellation that ends run().
        with suppress(TimeoutError):
            async with asyncio.timeout(_COOLING if cooling else _IDLE):
                await self._wake.wait()

    def _claim(self, busy: set[str]) -> list[Delivery]:
        now = self._now()
        with self._database.read() as db:
            ready = claims.ready(db, now=now)
            unresolved = claims.unresolved(db) if ready else set()
        late = any(one.expires and one.expires <= now for one in ready)
        may = self._may(now, unresolved)
        if not late and not claims.choose(ready, limit=1, busy=busy, may=may):
            return []
        with self._database.write() as db:
            for expired in claims.expire(db, now=now):
                noted(db, expired, Outcome(State.EXPIRED, why=expired.detail), now)
            may = self._may(now, unresolved)
            claimed = claims.claim(db, now=now, limit=AT_ONCE, busy=busy, may=may)
        for delivery in claimed:
            self._pacing.took(delivery, now)
        return claimed

    def _may(self, now: datetime, unresolved: set[str]) -> Callable[[Ready], bool]:
        """Posts of an evening wait until it is known what became of the one before in their chat.

        Whether a correction is right depends on whether what it corrects was posted.
        """
        paced = self._pacing.lanes(now)

        def may(ready: Ready) -> bool:
            waits = bool(ready.step) and ready.chat in unresolved
            return (not waits or isinstance(ready.what, REPEATABLE)) and paced(ready)

        return may

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            action = delivery.what
            gateway = self._gateways.get(Address.of(delivery.chat).platform)
            outcome = await _perform(gateway, action)
            if gateway is not None:
                self._pacing.sent(gateway, delivery, self._now())
            if outcome.pause:
                self._pacing.pause(delivery.chat, outcome.pause, self._now())
            if outcome.unsure:
                # The claim stays; somebody has to look whether it is there.
                self._unsure[delivery.id] = time.monotonic() + SETTLES
                log.info("delivery %s unsure", delivery.key)
            else:
                await work.do(self._database, self._note, delivery, outcome)
        except Exception:
            log.exception("delivery %s could not be noted", delivery.key)
        finally:
            self._under_way.discard(delivery.id)
            del self._tasks[delivery.chat]
            self._wake.set()

    def _note(self, delivery: Delivery, outcome: Outcome) -> None:
        now = self._now()
        if outcome.state is State.FAILED and _never_given_up(delivery, outcome, now):
            outcome = replace(outcome, state=State.PLANNED)
        # A note that a power cut took away leaves a claim, and a claim is looked up.
        with self._database.write(durable=False) as db:
            if outcome.state is State.PLANNED:
                wait = min(timedelta(seconds=2**delivery.tried), LONGEST_WAIT)
                wait = max(wait, timedelta(seconds=outcome.pause))
                delivery = claims.postpone(
                    db, delivery.id, after=now + wait, now=now, detail=outcome.why
                )
            else:
                claims.settle(
                    db,
                    delivery,
                    outcome.state,
                    now=now,
                    receipt=outcome.receipt,
                    detail=outcome.why,
                )
            if delivery.step or outcome.state is not State.DELIVERED:
                noted(db, delivery, outcome, now)
        log.info("delivery %s %s", delivery.key, outcome.state)


def _never_given_up(delivery: Delivery, outcome: Outcome, now: datetime) -> bool:
    """Lifting a mute is tried for a day, whatever the platform says, unless it knows no mutes."""
    lifting = isinstance(delivery.what, UnmuteAll) and outcome.why != UNSUPPORTED
    return lifting and now - delivery.due < timedelta(days=1)


async def _perform(gateway: Gateway | None, action: AnyAction) -> Outcome:
    """Try once."""
    if gateway is None:
        return Outcome(State.FAILED, why="这个平台没有接入")
    if not able(gateway.can, action):
        return Outcome(State.FAILED, why=UNSUPPORTED)
    try:
        async with asyncio.timeout(PERFORM_TIMEOUT):
            receipt = await gateway.perform(action)
            return await _checked(gateway, action, receipt)
    except SwitchedOff as off:
        return Outcome(State.FAILED, why=str(off), fix=off.fix)
    except Failed as no:
        return Outcome(State.FAILED, why=str(no))
    except TryLater as later:
        unsure = later.unsure and not isinstance(action, REPEATABLE)
        return Outcome(State.PLANNED, why=str(later), unsure=unsure, pause=later.pause)
    except TimeoutError:
        unsure = not isinstance(action, REPEATABLE)
        return Outcome(State.PLANNED, why="平台很久没有回答", unsure=unsure)
    except Exception as bug:
        log.exception("a gateway broke on %s", type(action).__name__)
        return Outcome(State.FAILED, why=f"程序出错（{type(bug).__name__}）")


async def _checked(gateway: Gateway, action: AnyAction, receipt: str) -> Outcome:
    """A mute that was lifted is looked at once more, where the platform tells: nobody else will."""
    if isinstance(action, UnmuteAll) and isinstance(gateway, KnowsMutes):
        with suppress(Failed):
            if await gateway.all_muted(action.chat):
                return Outcome(State.PLANNED, why="平台说仍是全员禁言")
    return Outcome(State.DELIVERED, receipt=receipt)
