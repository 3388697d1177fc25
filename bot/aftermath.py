"""What follows a delivery that did not arrive: something instead, and a word to the owner."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import times
from bot.actions import AnyAction, Say
from bot.gateways.degrade import instead
from bot.people import Address
from schedules import posts
from schedules.lifecycle import STEP_NAMES, Step
from storage import groups, outbox
from storage.outbox import STATE_NAMES, Delivery, Plan, State


def follow(
    db: Session, delivery: Delivery, action: AnyAction, state: State, why: str, now: datetime
) -> None:
    """Put into the outbox what takes the place of a delivery, and tell the owner why.

    To be called in the transaction that notes the state, so that neither is there alone.
    """
    result = instead(action, why)
    if state is State.FAILED and result.actions:
        _replace(db, delivery, result.actions, now)
    word = result.word if state is State.FAILED else ""
    if delivery.step in set(Step) and not (state is State.FAILED and result.actions):
        name = STEP_NAMES[Step(delivery.step)]
        number = delivery.cause.removeprefix("evening:")
        word = f"#{number} 的{name}{STATE_NAMES[state]}：{why}。发「今天」看全部"
    if word:
        _tell_owners(db, delivery, action, word, now)


def _replace(
    db: Session, delivery: Delivery, actions: tuple[AnyAction, ...], now: datetime
) -> None:
    day = now.date()
    plans = [
        Plan(
            # A person who cannot be reached is told so once a day, not once a message.
            key=f"unreachable/{delivery.chat}/{day}"
            if Address.of(delivery.chat).direct
            else f"{delivery.key}/instead{n}",
            cause=delivery.cause,
            step=delivery.step,
            revision=delivery.revision,
            action=action,
            due=delivery.due,
            expires=delivery.expires,
            priority=delivery.priority,
        )
        for n, action in enumerate(actions)
    ]
    outbox.put(db, plans, now=now)


def _tell_owners(
    db: Session, delivery: Delivery, action: AnyAction, word: str, now: datetime
) -> None:
    """Once a day for each kind of thing that does not work in a chat."""
    group = groups.at_chat(db, delivery.chat)
    if group is None:
        return
    day = times.local(now, group.zone).date()
    what = delivery.key if delivery.step else type(action).__name__
    plans = [
        Plan(
            key=f"degraded/{delivery.chat}/{what}/{day}/{place.name}",
            cause="degraded",
            action=Say(chat=place.chat, text=f"【{group.name}】{word}", via=place.via),
            due=now,
            priority=2,
        )
        for place in posts.owners(db, group)
        if place.chat != delivery.chat
    ]
    outbox.put(db, plans, now=now)
