"""Once a minute: every step of every evening that is due goes into the outbox."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot import times
from schedules import lifecycle, posts
from schedules.drafting import draft
from schedules.lifecycle import STEP_NAMES, Decision, Now, Planned, Step, To
from schedules.posts import Target
from storage import groups, guests, outbox
from storage.database import Database
from storage.groups import Group
from storage.guests import GuestSession, State
from storage.outbox import Delivery


def tick(database: Database, now: datetime) -> None:
    """Take every step that is due. A step once taken, or dropped, is not taken again."""
    with database.read() as db:
        waiting = [evening.id for evening in guests.unfinished(db)]
    for number in waiting:
        with database.write() as db:
            advance(db, number, now)


def advance(db: Session, number: int, now: datetime) -> None:
    """Take the steps of one evening that are due."""
    evening = guests.get(db, number)
    if evening is None or evening.state not in guests.UNFINISHED:
        return
    group = groups.get(db, evening.group_id)
    deliveries = outbox.of_cause(db, evening.cause)
    announced = announced_at(deliveries)
    dropped = []
    for step in lifecycle.plan(posts.timing(evening, group)):
        places = _remaining(db, evening, group, step, deliveries)
        if not places and _passed(evening, step.step):
            continue
        decision = lifecycle.decide(step, now=now, zone=group.zone, announced=announced)
        if decision.what is Now.SEND:
            _take(db, evening, group, step, places, decision, now)
            announced = now if step.step is Step.ANNOUNCE else announced
        elif decision.what is Now.DROP:
            _drop(db, evening, group, step, places, decision, now)
            dropped.append((step, decision.why))
    _tell_owner_of_dropped(db, evening, group, dropped, now)


def _remaining(
    db: Session,
    evening: GuestSession,
    group: Group,
    step: Planned,
    deliveries: Sequence[Delivery],
) -> list[Target]:
    places = posts.targets(db, evening, group, step.to)
    return [place for place in places if not taken(step, place.chat, deliveries)]


def taken(step: Planned, chat: str, deliveries: Sequence[Delivery]) -> bool:
    """Whether this step was decided for this chat and this hour already.

    A changed time is a new step, but nobody is told of an evening for the first time twice.
    """
    return any(
        delivery.step == step.step
        and delivery.chat == chat
        and delivery.state != outbox.State.SUPERSEDED
        and (step.step is Step.ANNOUNCE or delivery.due == step.due)
        for delivery in deliveries
    )


def _passed(evening: GuestSession, step: Step) -> bool:
    """Whether the evening is past this step, whoever was there to be told."""
    moments = {Step.OPEN: evening.opened, Step.ASK: evening.asked, Step.CLOSE: evening.ended}
    return step is not Step.DRAFT and moments.get(step, evening.planned) is not None


def announced_at(deliveries: Sequence[Delivery]) -> datetime | None:
    """When the announcement went out, or was about to."""
    return next(
        (
            delivery.done or delivery.made
            for delivery in deliveries
            if delivery.step == Step.ANNOUNCE
            and delivery.state not in (outbox.State.EXPIRED, outbox.State.SUPERSEDED)
        ),
        None,
    )


def _take(
    db: Session,
    evening: GuestSession,
    group: Group,
    step: Planned,
    places: Sequence[Target],
    decision: Decision,
    now: datetime,
) -> None:
    begun = evening.opened is not None or evening.asked is not None
    _move(evening, step.step, now)
    if step.step is Step.DRAFT:
        counts = draft(db, evening, now=now)
        words = posts.text("draft", evening, group, now, **counts)
        step = replace(step, due=lifecycle.loud(now, group.zone))
    else:
        late = decision.late or _behind(step, now)
        words = posts.text(step.step, evening, group, now, late=late)
    if step.step is Step.CLOSE and not begun:
        _keep_silent(db, evening, step, places, words, now)
        return
    outbox.put(db, posts.step_plans(step, evening, places, words), now=now)
    if decision.late and step.step is Step.ANNOUNCE:
        _tell_owner_it_was_late(db, evening, group, step, now)


def _behind(step: Planned, now: datetime) -> bool:
    # An opening has twenty minutes, not two hours, before it has to be excused.
    return step.step is Step.OPEN and (now - step.due).total_seconds() >= 120


def _move(evening: GuestSession, step: Step, now: datetime) -> None:
    if step is Step.ANNOUNCE and evening.state == State.PLANNED:
        evening.state = State.ANNOUNCED
    elif step is Step.OPEN:
        evening.state, evening.opened = State.SHARING, now
    elif step is Step.ASK:
        evening.state, evening.asked = State.ASKING, now
    elif step is Step.CLOSE:
        evening.state, evening.ended = State.CLOSED, evening.ends
    elif step is Step.DRAFT:
        evening.state = State.DRAFTED


def _keep_silent(
    db: Session,
    evening: GuestSession,
    step: Planned,
    places: Sequence[Target],
    words: str,
    now: datetime,
) -> None:
    """An evening that the bot never opened is not closed aloud either."""
    plans = posts.step_plans(
        step, evening, places, words, state=outbox.State.EXPIRED, detail="没有开场，不再宣布结束"
    )
    outbox.put(db, plans, now=now)


def _drop(
    db: Session,
    evening: GuestSession,
    group: Group,
    step: Planned,
    places: Sequence[Target],
    decision: Decision,
    now: datetime,
) -> None:
    """Write down that a step was not taken, so that people can see it."""
    if step.step is Step.CLOSE:
        _move(evening, Step.CLOSE, now)
    words = posts.text(step.step, evening, group, now, late=True)
    expired = outbox.State.EXPIRED
    plans = posts.step_plans(step, evening, places, words, state=expired, detail=decision.why)
    outbox.put(db, plans, now=now)


def _tell_owner_it_was_late(
    db: Session, evening: GuestSession, group: Group, step: Planned, now: datetime
) -> None:
    words = posts.text(
        "owner_late",
        evening,
        group,
        now,
        step=STEP_NAMES[step.step],
        due=_clock(step.due, now, group.zone),
        sent=_clock(now, now, group.zone),
    )
    places = posts.owners(db, group)
    outbox.put(db, posts.note_plans("late", evening, places, words, due=now), now=now)


def _tell_owner_of_dropped(
    db: Session,
    evening: GuestSession,
    group: Group,
    dropped: Sequence[tuple[Planned, str]],
    now: datetime,
) -> None:
    """One line for all that was dropped; a reminder that was not needed is not worth one."""
    lost = [(step, why) for step, why in dropped if why != "刚发过预告" and step.to is To.CHATS]
    if not lost:
        return
    what = "；".join(
        f"{_clock(step.due, now, group.zone)} 的{STEP_NAMES[step.step]}（{why}）"
        for step, why in lost
    )
    words = posts.text("owner_dropped", evening, group, now, what=what)
    plans = posts.note_plans(
        f"dropped-{lost[0][0].step}", evening, posts.owners(db, group), words, due=now
    )
    outbox.put(db, plans, now=now)


def _clock(moment: datetime, now: datetime, zone: str) -> str:
    there, here = times.local(moment, zone), times.local(now, zone)
    return f"{there:%H:%M}" if there.date() == here.date() else f"{there:%m-%d %H:%M}"
