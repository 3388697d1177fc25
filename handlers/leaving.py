"""Somebody left: what waited for them is closed, and who planned hears when a guest went."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import AnyAction, Say
from bot.events import Left
from bot.people import Address
from handlers.commands import on
from schedules import places, quiet
from schedules.places import Target
from storage import consents, guests, joins, members, outbox
from storage.groups import Group
from storage.guests import LIVE, GuestSession
from storage.outbox import Plan


@on(Left)
def left(db: Session, group: Group, event: Left, now: datetime) -> Sequence[AnyAction]:
    """Nothing waits any more for somebody who is gone; tonight's guest or host is missed."""
    if event.member == Address.of(event.chat).account:
        return ()
    waiting = joins.waiting_of(db, chat=event.chat, member=event.member)
    # A request of somebody who was in before, and asks anew, is not touched by an old leaving.
    if waiting is not None and waiting.inside:
        joins.decide(db, waiting, joins.State.GONE, by=event.operator, reason="已离开", now=now)
    consents.drop(db, chat=event.chat, member=event.member)
    for one in guests.ahead(db, group.id):
        role = _role(one, event.member)
        if role and _tonight(one, group, now):
            _tell(db, group, one, event, role, now)
    return ()


def _tonight(one: GuestSession, group: Group, now: datetime) -> bool:
    day = times.local(one.starts, group.zone).date()
    return one.state in LIVE or times.days_until(day, now, group.zone) == 0


def _role(one: GuestSession, member: str) -> str:
    if member in one.accounts:
        return "嘉宾"
    return "主持人" if member == one.host_account else ""


def _tell(
    db: Session, group: Group, one: GuestSession, event: Left, role: str, now: datetime
) -> None:
    """Whoever planned it in private, and the owners where that is not one of them, or who left."""
    person = members.person_of(db, platform=Address.of(event.chat).platform, external=event.member)
    name = one.guest if role == "嘉宾" else (person.name if person else event.member)
    words = wording.render(
        "left_evening",
        group=group.name,
        number=one.id,
        topic=one.topic,
        when=times.show_moment(one.starts, group.zone),
        role=role,
        who=name,
        removed=event.removed,
        fix=f"嘉宾 修改 {one.id} 嘉宾=…" if role == "嘉宾" else f"主持 {one.id} @某人",
    )
    plans = [
        Plan(
            key=f"{event.key}/left/{one.id}/{place.name}",
            cause=event.key,
            action=Say(chat=place.chat, text=words, via=place.via),
            due=now,
            # An evening that goes on cannot wait for the morning.
            after=now if one.state in LIVE else quiet.loud(now, group.zone),
        )
        for place in _planners(db, group, one, event)
    ]
    outbox.put(db, plans, now=now)


def _planners(db: Session, group: Group, one: GuestSession, event: Left) -> list[Target]:
    owners = [place for place in places.owners(db, group) if place.name != f"@{event.member}"]
    if one.planned_by == event.member or any(p.name == f"@{one.planned_by}" for p in owners):
        return owners
    here = str(Address.of(event.chat).to(one.planned_by))
    return [Target(here, f"@{one.planned_by}", group.zone, via=event.chat), *owners]
