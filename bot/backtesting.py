"""Works on the backtests that were asked for, in slices so small that nobody waits for them."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import findings, replay, wording, work
from bot.findings import Findings
from bot.people import Address
from bot.replay import Asked, Played
from handlers import backtest
from schedules import backtests
from storage import groups, past
from storage.database import Database
from storage.outbox import Delivery

log = logging.getLogger(__name__)

SLICE = 0.004
"""Seconds of work at a time. Half as long a rest follows, and messages are handled meanwhile."""

TOLD_EVERY = timedelta(seconds=15)
QUARTERS = (25, 50, 75)

_LOOK_EVERY = 1.0


class Job:
    """One backtest under way."""

    def __init__(self, database: Database, held: Delivery, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._held_id = held.id
        self._group_id = backtests.group_of(held)
        self._wanted = backtest.read(held.detail, {})
        since = held.made - timedelta(days=self._wanted.days)
        self._asked = Asked(self._group_id, self._wanted.rule.name, self._wanted.params, since)
        self._messages: Iterator[Played | None] = replay.play(database, self._asked)
        self._found = Findings()
        self._about = 0
        self._told, self._share = now(), 0

    def slice(self) -> bool:
        """Work for a moment; whether it is done."""
        until = time.perf_counter() + SLICE
        for played in self._messages:
            if played is not None:
                self._found.note(played)
            if time.perf_counter() >= until:
                return False
        return True

    def look(self) -> bool:
        """Whether it is still wanted; whoever asked is told now and then how far it is."""
        now = self._now()
        with self._database.read() as db:
            held = self._held(db)
            about = self._about = self._about or self._count(db)
        if held is None:
            return False
        share = 100 * self._found.heard // max(about, 1)
        passed = max((quarter for quarter in QUARTERS if quarter <= share), default=0)
        tells = passed > self._share and now - self._told >= TOLD_EVERY
        if tells or held.after - now < backtests.PATIENCE / 2:
            with self._database.write() as db:
                backtests.hold(db, now)
                if tells:
                    self._tell(db, passed, now)
        return True

    def finish(self) -> None:
        """Put what was found in the place of the word that was held back."""
        with self._database.write() as db:
            if held := self._held(db):
                shared = not Address.of(held.chat).direct
                words = findings.report(
                    self._found,
                    self._asked,
                    groups.get(db, self._group_id),
                    days=self._wanted.days,
                    shared=shared,
                )
                backtests.answer(db, held, words, self._now())

    def _tell(self, db: Session, share: int, now: datetime) -> None:
        self._told, self._share = now, share
        if held := self._held(db):
            words = wording.render(
                "backtest_progress", line=held.detail, share=share, hits=self._found.hits
            )
            backtests.say(db, held, f"{held.revision}/{share}", words, now)

    def _held(self, db: Session) -> Delivery | None:
        return next((one for one in backtests.waiting(db) if one.id == self._held_id), None)

    def _count(self, db: Session) -> int:
        chats = [chat.id for chat in groups.chats_of(db, self._group_id)]
        return past.about(db, chat_ids=chats, since=self._asked.since)


class Backtesting:
    """Does the backtests one after the other. One that breaks is told as broken off."""

    def __init__(
        self, database: Database, now: Callable[[], datetime], poke: Callable[[], None]
    ) -> None:
        self._database = database
        self._now = now
        self._poke = poke

    async def run(self) -> None:
        while True:
            try:
                while await self.one():
                    pass
            except Exception:
                log.exception("backtests do not work; trying again")
            await asyncio.sleep(_LOOK_EVERY)

    async def one(self) -> bool:
        """Do the one that waits longest; whether there was any."""
        held = await work.do(self._database, self._take)
        if held is None:
            return False
        log.info("backtest %s begins", held.key)
        try:
            await self._work(Job(self._database, held, self._now))
        except Exception:
            log.exception("backtest %s does not work", held.key)
            await work.do(self._database, self._break_off, held.id)
        self._poke()
        return True

    def idle(self) -> bool:
        """Whether nobody waits for one."""
        with self._database.read() as db:
            return not backtests.waiting(db)

    async def _work(self, job: Job) -> None:
        looked = time.monotonic()
        done = False
        while not done:
            began = time.monotonic()
            done = await work.do(self._database, job.slice)
            if time.monotonic() - looked >= _LOOK_EVERY:
                looked = time.monotonic()
                if not await work.do(self._database, job.look):
                    return
                self._poke()
            await asyncio.sleep((time.monotonic() - began) / 2)
        await work.do(self._database, job.finish)

    def _take(self) -> Delivery | None:
        with self._database.read() as db:
            if not backtests.waiting(db):
                return None
        with self._database.write() as db:
            return backtests.take(db, self._now())

    def _break_off(self, held_id: int) -> None:
        with self._database.write() as db:
            for held in backtests.waiting(db):
                if held.id == held_id:
                    backtests.broken_off(db, held, self._now())
