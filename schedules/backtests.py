"""Backtests that were asked for. Each is a word held back in the outbox: that it was broken off.

Who works on it holds it back for longer and longer, and puts the result in its place. So it is on
disk from the first moment, is taken up again after a crash, and never ends in silence.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import wording
from bot.actions import Say
from storage import outbox
from storage.groups import Group
from storage.outbox import PLANNED, Delivery, Plan, Priority, State

PATIENCE = timedelta(minutes=10)
"""So long nobody works on it, and whoever asked hears that nothing will come of it."""

MOST_TRIES = 3
_CAUSE = "backtest:"
_WORD_LASTS = timedelta(minutes=2)
_RESULT_LASTS = timedelta(days=1)


def ask(db: Session, group: Group, *, to: Say, line: str, key: str, now: datetime) -> None:
    """Note that a backtest is wanted. `to` says where the answer goes, `line` what is to be run."""
    broken = replace(to, text=wording.render("backtest_broken", line=line))
    plan = Plan(
        key=f"{key}/backtest",
        cause=f"{_CAUSE}{group.id}",
        action=broken,
        due=now,
        after=now + PATIENCE,
        revision=0,
        detail=line,
        priority=Priority.NORMAL,
    )
    outbox.put(db, [plan], now=now)


def waiting(db: Session) -> Sequence[Delivery]:
    """Backtests that are not done, of all groups, oldest first; `detail` is the line."""
    mine = Delivery.cause.startswith(_CAUSE, autoescape=True), Delivery.tried == 0
    return db.scalars(select(Delivery).where(PLANNED, *mine).order_by(Delivery.id)).all()


def of_group(db: Session, group_id: int) -> Delivery | None:
    """The backtest that a group waits for."""
    mine = (one for one in waiting(db) if group_of(one) == group_id)
    return next(mine, None)


def group_of(held: Delivery) -> int:
    return int(held.cause.removeprefix(_CAUSE))


def take(db: Session, now: datetime) -> Delivery | None:
    """The next one to work on; its `revision` is how often it was begun.

    One that was begun too often, so that it may be what ends the process, is told as broken off.
    """
    for held in waiting(db):
        if held.revision >= MOST_TRIES:
            broken_off(db, held, now)
            continue
        held.revision += 1
        held.after = now + PATIENCE
        if held.revision > 1:
            words = wording.render("backtest_again", line=held.detail)
            say(db, held, f"again{held.revision}", words, now)
        return held
    return None


def hold(db: Session, now: datetime) -> None:
    """Somebody works on them: let none of them end as broken off."""
    for held in waiting(db):
        held.after = now + PATIENCE


def say(db: Session, held: Delivery, name: str, words: str, now: datetime) -> None:
    """A word in between, to whoever asked."""
    _put(db, held, name, words, now, now + _WORD_LASTS)


def answer(db: Session, held: Delivery, words: str, now: datetime) -> None:
    """Say what came of it, in the place of what was held back."""
    drop(db, held, now, why="有了结果")
    _put(db, held, "result", words, now, now + _RESULT_LASTS)


def broken_off(db: Session, held: Delivery, now: datetime) -> None:
    """Let the word go that was held back."""
    answer(db, held, _word(held).text, now)


def drop(db: Session, held: Delivery, now: datetime, *, why: str) -> None:
    outbox.move(db, held, State.SUPERSEDED, now=now, why=why)


def _put(
    db: Session, held: Delivery, name: str, words: str, now: datetime, expires: datetime
) -> None:
    plan = Plan(
        key=f"{held.key}/{name}",
        cause="backtested",
        action=replace(_word(held), text=words),
        due=now,
        expires=expires,
        priority=Priority.NORMAL,
    )
    outbox.put(db, [plan], now=now)


def _word(held: Delivery) -> Say:
    action = held.what
    assert isinstance(action, Say)
    return action
