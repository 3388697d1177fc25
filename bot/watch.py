"""Claims that nobody noted: what is harmless is done again, the rest is looked up."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot import lookup, work
from bot.actions import REPEATABLE
from bot.aftermath import Outcome, noted
from bot.events import Message
from bot.gateways.contract import Gateway
from bot.lookup import Finding, Seen
from bot.people import Address
from schedules.steps import Step
from storage import archive, claims, outbox
from storage.database import Database
from storage.outbox import REPLACED, Delivery, State

log = logging.getLogger(__name__)

_BEFORE = timedelta(hours=1)
_MOST_TRIES = 2
FOUND = "核对聊天记录，确认已送达"
NOBODY_KNOWS = "发送时中断，查不到是否已送达"


class Watch:
    """`holds` says which claims are still being worked on here, and None of those of others.

    `at_work` is how long another process may still be working on what it claimed.
    """

    def __init__(
        self,
        database: Database,
        gateways: Mapping[str, Gateway],
        now: Callable[[], datetime],
        holds: Callable[[int], bool | None],
        at_work: timedelta = timedelta(),
    ) -> None:
        self._database = database
        self._gateways = gateways
        self._now = now
        self._holds = holds
        self._at_work = at_work

    def repeat(self) -> None:
        """Plan again at once what may be done twice: lifting a mute waits for no look-up."""
        now = self._now()
        with self._database.read() as db:
            if not claims.abandoned(db, before=now):
                return
        with self._database.write() as db:
            for delivery in claims.abandoned(db, before=now):
                if isinstance(delivery.what, REPEATABLE) and self._left_behind(delivery):
                    claims.postpone(
                        db, delivery.id, after=now, now=now, detail="发送时中断，再做一次"
                    )

    async def look(self) -> int:
        """Look for every post whose claim was left behind; how many there were."""
        left = await work.do(self._database, self._left)
        for delivery in left:
            gateway = self._gateways.get(Address.of(delivery.chat).platform)
            echoes, taken = await work.do(self._database, self._known, delivery)
            finding = await lookup.find(gateway, delivery, echoes=echoes, taken=taken)
            await work.do(self._database, self._settle, delivery.id, finding)
        return len(left)

    def _left(self) -> list[Delivery]:
        with self._database.read() as db:
            found = claims.abandoned(db, before=self._now())
        posts = (one for one in found if not isinstance(one.what, REPEATABLE))
        return [one for one in posts if self._left_behind(one)]

    def _left_behind(self, delivery: Delivery) -> bool:
        held = self._holds(delivery.id)
        if held is None and delivery.claimed is not None:
            return delivery.claimed <= self._now() - self._at_work
        return not held

    def _known(self, delivery: Delivery) -> tuple[list[Message], set[str]]:
        since = (delivery.claimed or self._now()) - _BEFORE
        with self._database.read() as db:
            echoes = archive.own(db, chat=delivery.chat, since=since)
            return echoes, outbox.receipts(db, chat=delivery.chat, since=since)

    def _settle(self, delivery_id: int, finding: Finding) -> None:
        now = self._now()
        with self._database.write() as db:
            delivery = db.get_one(Delivery, delivery_id, with_for_update=True)
            if delivery.state != State.CLAIMED:
                return
            outcome = _outcome(delivery, finding)
            if outcome.state is State.PLANNED:
                claims.postpone(db, delivery.id, after=now, now=now, detail=outcome.why)
            else:
                outbox.move(
                    db, delivery, outcome.state, now=now, why=outcome.why, receipt=outcome.receipt
                )
            noted(db, delivery, outcome, now)
            log.info("delivery %s was looked up: %s", delivery.key, outcome.state)


def _outcome(delivery: Delivery, finding: Finding) -> Outcome:
    if finding.seen is Seen.THERE:
        return Outcome(State.DELIVERED, receipt=finding.id, why=FOUND)
    if finding.seen is Seen.ABSENT:
        return Outcome(State.PLANNED, why="核对聊天记录，没有发出，再发一次")
    if _rather_twice(delivery) and delivery.detail != REPLACED:
        return Outcome(State.PLANNED, why="查不到是否已送达，再发一次")
    return Outcome(State.UNKNOWN, why=NOBODY_KNOWS)


def _rather_twice(delivery: Delivery) -> bool:
    """An evening has to begin, and one person is better told twice than never."""
    private = Address.of(delivery.chat).direct and delivery.step != ""
    return (private or delivery.step == Step.OPEN) and delivery.tried < _MOST_TRIES
