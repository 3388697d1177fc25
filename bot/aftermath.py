"""What follows a delivery that did not arrive: something instead, and a word to the owner."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import times
from bot.actions import Announce, AnyAction, Say
from bot.gateways.degrade import instead
from bot.people import Address
from schedules import lifecycle, posts
from storage import groups, guests, members, outbox
from storage.groups import Group
from storage.outbox import STATE_NAMES, Delivery, Plan, State


def follow(db: Session, delivery: Delivery, state: State, why: str, now: datetime) -> None:
    """Put into the outbox what takes the place of a delivery, and tell the owner why.

    To be called in the transaction that notes the state, so that neither is there alone.
    """
    action = delivery.what
    result = instead(action, why) if state is State.FAILED else instead(action, "")
    replaced = state is State.FAILED and bool(result.actions)
    if replaced:
        _replace(db, delivery, result.actions, now)
    word = result.word if state is State.FAILED else ""
    evening = guests.of_cause(db, delivery.cause)
    if evening is not None and not (replaced and _in_a_group(delivery)):
        if state is State.FAILED:
            state = _hand_over(db, delivery, now)
        name = posts.name_of(delivery.step)
        word = f"#{evening.id} 的{name}{STATE_NAMES[state]}：{why}。发「@班长 今天」看全部"
    group = groups.get(db, evening.group_id) if evening else groups.at_chat(db, delivery.chat)
    if word and group is not None:
        _tell_owners(db, group, delivery, action, word, now)


def _in_a_group(delivery: Delivery) -> bool:
    return not Address.of(delivery.chat).direct


def _replace(
    db: Session, delivery: Delivery, actions: tuple[AnyAction, ...], now: datetime
) -> None:
    shared = _in_a_group(delivery)
    plans = [
        Plan(
            # A person who cannot be reached is told so once a day, not once a message.
            key=f"{delivery.key}/instead{n}"
            if shared
            else f"unreachable/{delivery.chat}/{now.date()}",
            cause=delivery.cause if shared else "unreachable",
            step=delivery.step if shared else "",
            revision=delivery.revision,
            action=action,
            due=delivery.due,
            after=now,
            expires=delivery.expires,
            priority=delivery.priority,
        )
        for n, action in enumerate(actions)
    ]
    outbox.put(db, plans, now=now)
    if isinstance(delivery.what, Announce):
        # The message does what the board was to do, so nothing is shown as failed.
        outbox.settle(
            db, delivery.id, State.SUPERSEDED, now=now, detail="未能发公告，已改用普通消息"
        )


def _hand_over(db: Session, delivery: Delivery, now: datetime) -> State:
    """Ask the person who posts where the bot cannot, if the chat has one; the state it is in."""
    person = members.relay_of(db, delivery.chat)
    action = delivery.what
    if person is None or not isinstance(action, Say):
        return State.FAILED
    words = f"【请转发】机器人发不到群里，请把下面这段转发过去：\n{action.text}"
    here = Address.of(delivery.chat)
    plans = [
        Plan(
            key=f"{delivery.key}/relay",
            cause="relay",
            action=Say(chat=str(here.to(account.external)), text=words, via=delivery.chat),
            due=now,
        )
        for account in members.accounts_of(db, person.id)
        if account.platform == here.platform
    ]
    if plans:
        outbox.put(db, plans, now=now)
        waiting = f"待{person.name}转发"
        outbox.settle(db, delivery.id, State.WAITING, now=now, detail=waiting)
    return State.WAITING if plans else State.FAILED


def _tell_owners(
    db: Session, group: Group, delivery: Delivery, action: AnyAction, word: str, now: datetime
) -> None:
    """Once for each post of an evening, else once a day for each kind of thing in a chat."""
    day = times.local(now, group.zone).date()
    what = delivery.key if delivery.step else f"{delivery.chat}/{type(action).__name__}/{day}"
    plans = [
        Plan(
            key=f"degraded/{what}/{place.name}",
            cause="degraded",
            action=Say(chat=place.chat, text=f"【{group.name}】{word}", via=place.via),
            due=now,
            after=lifecycle.loud(now, group.zone),
            priority=2,
        )
        for place in posts.owners(db, group)
        if place.chat != delivery.chat
    ]
    outbox.put(db, plans, now=now)
