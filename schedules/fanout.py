"""One step to many targets: when all will have it, and one honest summary for the owner."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.actions import Say
from bot.people import Address
from schedules import places, posts, quiet, relays
from schedules.places import Target
from schedules.steps import Step
from schedules.turn import Turn
from storage import abilities, outbox
from storage.moves import FINAL
from storage.outbox import STATE_NAMES, Delivery, Plan, State

PATIENCE = timedelta(minutes=10)
"""The summary waits so long for the last target."""

_SHARED = (Step.ANNOUNCE, Step.REMIND_EVE, Step.REMIND, Step.OPEN, Step.ASK, Step.CLOSE)
_NOTES = ("correction", "cancelled", "moved")
_MORE = 8


@dataclass(frozen=True, slots=True)
class Batch:
    """The deliveries of one step at one revision."""

    step: str
    revision: int
    deliveries: Sequence[Delivery]

    def ready(self, now: datetime) -> bool:
        """Whether it can be summed up: every target has an outcome, or it took too long."""
        began = max(one.after for one in self.deliveries)
        done = all(State(one.state) in FINAL for one in self.deliveries)
        return done or now - began >= PATIENCE

    @property
    def there(self) -> int:
        return sum(one.state == State.DELIVERED for one in self.deliveries)


def batches(deliveries: Sequence[Delivery]) -> list[Batch]:
    """What went, or is to go, to several targets at once."""
    found: dict[tuple[str, int], list[Delivery]] = {}
    for one in deliveries:
        if one.step in (*_SHARED, *_NOTES) and one.state != State.SUPERSEDED:
            found.setdefault((one.step, one.revision), []).append(one)
    return [
        Batch(step, revision, several)
        for (step, revision), several in found.items()
        if len({one.target for one in several}) > 1
    ]


def takes(db: Session, targets: Iterable[Target]) -> timedelta:
    """How long one post to all of them takes: each account of ours posts one after another."""
    by_account = Counter(Address.of(one.chat)[:2] for one in targets)
    seconds = [
        count * abilities.pace(db, platform=platform) for (platform, _), count in by_account.items()
    ]
    return timedelta(seconds=max(seconds, default=0.0))


def sum_up(turn: Turn) -> None:
    """Tell the owner once what became of each batch, if anything is not well; or all is told."""
    done = {one.key.rpartition("/")[0] for one in outbox.of_cause(turn.db, _cause(turn))}
    for batch in batches(turn.deliveries):
        if _key(turn, batch) in done:
            continue
        telling = batch.step in (Step.ANNOUNCE, *_NOTES)
        well = batch.there == len(batch.deliveries)
        if batch.ready(turn.now) and (telling or not well):
            outbox.put(turn.db, _summary(turn, batch), now=turn.now)


def _summary(turn: Turn, batch: Batch) -> list[Plan]:
    bad = [one for one in batch.deliveries if one.state != State.DELIVERED]
    words = posts.text(
        "summary",
        turn.evening,
        turn.group,
        turn.now,
        what=posts.name_of(batch.step),
        there=batch.there,
        all=len(batch.deliveries),
        bad=[_line(turn, one) for one in bad[:_MORE]],
        more=max(0, len(bad) - _MORE),
        again=any(one.state in (State.FAILED, State.EXPIRED) for one in bad),
    )
    return [
        Plan(
            key=f"{_key(turn, batch)}/{one.name}",
            cause=_cause(turn),
            action=Say(chat=one.chat, text=words, via=one.via),
            due=turn.now,
            after=quiet.loud(turn.now, turn.group.zone),
            priority=4,
        )
        for one in places.owners(turn.db, turn.group)
    ]


def _cause(turn: Turn) -> str:
    return f"summary/{turn.evening.id}"


def _key(turn: Turn, batch: Batch) -> str:
    return f"{turn.evening.cause}/summary/{batch.step}/r{batch.revision}"


def _line(turn: Turn, delivery: Delivery) -> str:
    """One target that is not well: its name, why, and what to say about it."""
    where = {one.name: one.group for one in places.told(turn.db, turn.evening)}
    name = where.get(delivery.target) or delivery.target
    state, code = State(delivery.state), relays.code(turn.db, turn.evening, delivery.target)
    todo = {State.WAITING: f"「已发 {code}」", State.UNKNOWN: f"「补发 {code}」或「不用 {code}」"}
    why = delivery.detail or STATE_NAMES[state]
    return f"{name}：{STATE_NAMES[state]}，{why}{todo.get(state, '')}"
