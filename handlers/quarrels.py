"""A quarrel begins: its owners are told in private, and nobody else."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import Say
from bot.events import Message
from bot.people import Address
from handlers.scene import Scene
from rules.engine import Verdict
from schedules import places, quiet
from storage import coolings, groups, offers
from storage.outbox import Plan, Priority
from storage.questions import one_line

NUDGE_EVERY = timedelta(hours=1)
"""So often at most the owner is told of the same two."""

ANSWER_WITHIN = timedelta(hours=1)
LINE, NAME = 30, 20
"""Characters shown of a line, and of a name."""


def nudge(
    db: Session, scene: Scene, message: Message, verdict: Verdict, now: datetime
) -> list[Plan]:
    """Tell the owners in private who is at it; not those who are in it themselves."""
    if len(verdict.who) != 2 or not verdict.lines:
        return []
    one, other = verdict.who
    noted = coolings.note(
        db,
        group_id=scene.group_id,
        chat=scene.chat,
        pair=(one, other),
        at=message.at,
        every=NUDGE_EVERY,
    )
    if noted is None:
        return []
    group = groups.get(db, scene.group_id)
    loud = quiet.loud(now, group.zone)
    words = _digest(scene, group.name, verdict)
    plans = []
    for place in places.owners(db, group):
        person = Address.of(place.chat).person
        if person in verdict.who:
            continue
        _offer(db, place.chat, person, group.name, loud)
        plans.append(
            Plan(
                key=f"quarrel:{noted.id}/{place.name}",
                cause=f"quarrel:{noted.id}",
                action=Say(chat=place.chat, text=words, via=place.via),
                due=now,
                after=loud,
                expires=loud + ANSWER_WITHIN,
                priority=Priority.SOON,
            )
        )
    return plans


def _offer(db: Session, chat: str, person: str, group: str, sent: datetime) -> None:
    command = f"冷静 不用 群={group}"
    expires = sent + ANSWER_WITHIN
    offers.make(
        db, chat=chat, member=person, word="不用", command=command, expires=expires, about="争吵"
    )


def _digest(scene: Scene, group: str, verdict: Verdict) -> str:
    one, other = (_name(scene.names, member) for member in verdict.who)
    lines = [
        {"who": _name(scene.names, line.member), "text": one_line(line.text, limit=LINE)}
        for line in verdict.lines
    ]
    since = times.local(verdict.lines[0].at, scene.zone)
    return wording.render(
        "quarrel", group=group, one=one, other=other, since=f"{since:%H:%M}", lines=lines
    )


def _name(names: Mapping[str, str], member: str) -> str:
    return one_line(names.get(member) or member, limit=NAME)
