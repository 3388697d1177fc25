"""What follows the outcome of a delivery: something instead, a person asked, the owner told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import Announce, AnyAction, Say, SendFile, UnmuteAll
from bot.gateways.degrade import instead
from bot.people import Address
from schedules import corrections, fanout, places, posts, quiet, relays
from schedules.standing import CORRECTION, MOVED
from schedules.steps import Step
from schedules.turn import Turn
from storage import abilities, groups, guests, outbox
from storage.groups import Group
from storage.guests import GuestSession
from storage.outbox import REPLACED, STATE_NAMES, Delivery, Plan, State

TRIES_BEFORE_A_PERSON = 3
_SOON = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of trying to perform one delivery.

    `receipt` is the platform's id; `why` says what went wrong, `fix` who can mend it, and how.
    `unsure` when nobody knows yet whether it happened; `pause` is how many seconds the platform
    wants to hear nothing from this account.
    """

    state: State
    receipt: str = ""
    why: str = ""
    fix: str = ""
    unsure: bool = False
    pause: float = 0.0


def noted(db: Session, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """To be called in the transaction that notes an outcome, so that neither is there alone."""
    evening = guests.of_cause(db, delivery.cause)
    if isinstance(delivery.what, UnmuteAll):
        _lifted(db, delivery, outcome, now)
    if outcome.fix and delivery.step:
        _switched_off(db, delivery, outcome, now)
    elif outcome.state is State.DELIVERED and delivery.step:
        _works_again(db, delivery, now)
    if evening is not None:
        _mend_what_follows(db, delivery, evening, now)
    if outcome.state in (State.FAILED, State.UNKNOWN):
        _not_there(db, delivery, evening, outcome, now)
    if outcome.state is State.EXPIRED and evening is not None and _in_a_group(delivery):
        _too_late(db, delivery, evening, outcome, now)


def _not_there(
    db: Session, delivery: Delivery, evening: GuestSession | None, outcome: Outcome, now: datetime
) -> None:
    """Put into the outbox what takes the place of a delivery, and tell the owner why."""
    action, state = delivery.what, outcome.state
    failed = state is State.FAILED
    result = instead(action, outcome.why if failed else "")
    replaced = failed and bool(result.actions)
    if replaced:
        _replace(db, delivery, result.actions, now)
    here = groups.at_chat(db, delivery.chat)
    word = f"【{here.name}】{result.word}" if failed and result.word and here else ""
    if evening is not None and replaced and _to_several(db, delivery, evening):
        word = ""
    elif evening is not None and not (replaced and _in_a_group(delivery)):
        relay = relays.of_chat(db, delivery.chat, owner=bool(outcome.fix)) if failed else None
        row = db.get_one(Delivery, delivery.id, populate_existing=True)
        if relay and relays.hand_over(db, row, evening, relay, outcome.why, now):
            state = State.WAITING
        by_owner = relay is not None and relay.owner and state is State.WAITING
        word = "" if by_owner else _of_evening(db, delivery, evening, state, outcome)
    group = groups.get(db, evening.group_id) if evening else here
    if word and group is not None:
        _tell_owners(db, group, delivery, action, word, now)


def _too_late(
    db: Session, delivery: Delivery, evening: GuestSession, outcome: Outcome, now: datetime
) -> None:
    """A post waited for its platform until nobody needed it: once for each step, not silently."""
    group = groups.get(db, evening.group_id)
    word = wording.render(
        "too_late",
        number=evening.id,
        what=posts.name_of(delivery.step),
        group=(groups.at_chat(db, delivery.chat) or group).name,
        why=outcome.why,
    )
    key = f"too-late/{delivery.cause}/{delivery.step}/r{delivery.revision}"
    _tell(db, group, key, word, now)


def _of_evening(
    db: Session, delivery: Delivery, evening: GuestSession, state: State, outcome: Outcome
) -> str:
    """What the owner is told of one post; of a post to several at once there is a summary."""
    code = relays.code(db, evening, delivery.target)
    name = posts.name_of(delivery.step)
    if state is State.UNKNOWN and _in_a_group(delivery):
        place = groups.at_chat(db, delivery.chat)
        where = place.name if place else delivery.chat
        return wording.render("unknown", group=where, what=name, number=evening.id, code=code)
    if _to_several(db, delivery, evening):
        return ""
    todo = {State.WAITING: f"发出后回复「已发 {code}」", State.FAILED: f"回复「重试 {evening.id}」"}
    next_word = todo.get(state, "发「@班长 今天」看全部")
    return f"#{evening.id} 的{name}{STATE_NAMES[state]}：{outcome.why}。{next_word}"


def _to_several(db: Session, delivery: Delivery, evening: GuestSession) -> bool:
    """Whether it is one of several posts at once, of which the owner gets a summary."""
    same = [one for one in outbox.of_cause(db, evening.cause) if one.step == delivery.step]
    return bool(fanout.batches(same))


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
            target=delivery.target if shared else "",
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
        here = db.get_one(Delivery, delivery.id, populate_existing=True)
        outbox.move(db, here, State.SUPERSEDED, now=now, why="未能发公告，已改用普通消息")


def _mend_what_follows(
    db: Session, delivery: Delivery, evening: GuestSession, now: datetime
) -> None:
    """An edit while a post was on its way planned what to say if it arrived; it did not."""
    if delivery.step not in (Step.ANNOUNCE, MOVED, CORRECTION):
        return
    here = db.get_one(Delivery, delivery.id, populate_existing=True)
    if here.state == State.SUPERSEDED and here.detail == REPLACED:
        corrections.mend(Turn.of(db, evening, now, to_change=True), delivery.target)


def _switched_off(db: Session, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """Remember what the group forbids, and tell its owner which switch it is."""
    group = groups.at_chat(db, delivery.chat)
    if group is None:
        return
    name = _ability(delivery.what)
    abilities.note(
        db,
        place=delivery.chat,
        name=name,
        works=False,
        why=outcome.why,
        fix=outcome.fix,
        now=now,
    )
    word = wording.render("switched_off", group=group.name, why=outcome.why, fix=outcome.fix)
    day = times.local(now, group.zone).date()
    _tell(db, group, f"switched-off/{delivery.chat}/{name}/{day}", word, now)


def _works_again(db: Session, delivery: Delivery, now: datetime) -> None:
    name = _ability(delivery.what)
    known = abilities.missing(db, chat=delivery.chat, name=name)
    if known is not None and known.place == delivery.chat:
        abilities.note(db, place=delivery.chat, name=name, works=True, now=now)


def _ability(action: AnyAction) -> str:
    spoken = isinstance(action, Say | Announce | SendFile)
    return abilities.PUSH if spoken else str(action.__struct_config__.tag).removeprefix("un")


def _lifted(db: Session, delivery: Delivery, outcome: Outcome, now: datetime) -> None:
    """A whole group that cannot speak is nobody's wish: late or not at all, the owner hears."""
    group = groups.at_chat(db, delivery.chat)
    if group is None:
        return
    if outcome.state is State.DELIVERED:
        if now - delivery.due >= _SOON:
            due, there = (times.local(one, group.zone) for one in (delivery.due, now))
            word = wording.render(
                "unmuted_late", group=group.name, due=f"{due:%H:%M}", now=f"{there:%H:%M}"
            )
            _tell(db, group, f"{delivery.key}/late", word, now, loud=True)
    elif delivery.tried >= TRIES_BEFORE_A_PERSON:
        word = wording.render("still_muted", group=group.name, why=outcome.why)
        _tell(db, group, f"{delivery.key}/still", word, now, loud=True)


def _tell_owners(
    db: Session, group: Group, delivery: Delivery, action: AnyAction, word: str, now: datetime
) -> None:
    """Once for each post of an evening, else once a day for each kind of thing in a chat."""
    day = times.local(now, group.zone).date()
    what = delivery.key if delivery.step else f"{delivery.chat}/{type(action).__name__}/{day}"
    _tell(db, group, f"degraded/{what}", word, now, but=delivery.chat)


def _tell(
    db: Session,
    group: Group,
    key: str,
    words: str,
    now: datetime,
    *,
    but: str = "",
    loud: bool = False,
) -> None:
    """Tell the owners in private; `loud` also in the night. `but` is a chat that did not work."""
    plans = [
        Plan(
            key=f"{key}/{place.name}",
            cause="degraded",
            action=Say(chat=place.chat, text=words, via=place.via),
            due=now,
            after=now if loud else quiet.loud(now, group.zone),
            priority=2,
        )
        for place in places.owners(db, group)
        if place.chat != but
    ]
    outbox.put(db, plans, now=now)
