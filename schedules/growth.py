"""Telling owners that their group grew, or shrank, into another phase, with its checklist."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import wording
from bot.actions import Say
from bot.people import Role
from schedules import phases, places, quiet
from schedules.phases import PHASES, Phase
from schedules.places import Target
from storage import groups, members, policy, sizes
from storage.database import Database
from storage.groups import Group
from storage.outbox import Plan, Priority, put
from storage.sizes import Placed, Size

HELPERS = frozenset({Role.DEPUTY, Role.MENTOR})


def phase_in(db: Session, group_id: int, phase: Phase) -> Phase:
    """A phase as the group wants it."""
    kept = policy.book(db, group_id).get(phases.key(phase))
    return phases.wanted(phase, kept.params) if kept else phase


def all_in(db: Session, group_id: int) -> list[Phase]:
    """Every phase as the group wants it, the smallest first."""
    return [phase_in(db, group_id, phase) for phase in PHASES]


def current(db: Session, group_id: int) -> tuple[int, Phase]:
    """How many members a group has now, and the phase it is in."""
    count, known = sizes.count(db, group_id), sizes.of_group(db, group_id)
    floor = phases.floor_of(count, known.floor if known else 0)
    return count, phase_in(db, group_id, phases.BY_FLOOR[floor])


def helpers(db: Session, group: Group) -> int:
    """How many deputies and mentors a group has."""
    found: set[str] = set()
    granted: dict[str, dict[str, frozenset[Role]]] = {}
    for one in sizes.placed(db, group.id):
        platform = one.who.partition(":")[0]
        if platform not in granted:
            granted[platform] = members.granted(db, group, platform)
        if _held(one, granted[platform]) & HELPERS:
            found.add(one.who)
    return len(found)


def _held(one: Placed, granted: dict[str, frozenset[Role]]) -> frozenset[Role]:
    return granted.get(one.member, frozenset()) | {one.role}


def look(database: Database, now: datetime) -> None:
    """Note every group that entered another phase, and tell its owners.

    An owner who is not known yet is told as soon as they are.
    """
    with database.read() as db:
        known, there = sizes.sizes(db), sizes.counts(db)
        changed = [one for one, count in there.items() if _changes(known.get(one), count)]
        changed = [one for one in changed if places.owners(db, groups.get(db, one))]
    if not changed:
        return
    with database.write() as db:
        for group_id in changed:
            _enter(db, groups.get(db, group_id), there[group_id], now)


def _changes(known: Size | None, count: int) -> bool:
    floor, split = (known.floor, known.split is not None) if known else (0, False)
    return phases.floor_of(count, floor) != floor or phases.splits(count, split) != split


def _enter(db: Session, group: Group, count: int, now: datetime) -> None:
    owners = places.owners(db, group)
    known = sizes.of_group(db, group.id)
    before, told = (known.floor, known.split is not None) if known else (0, False)
    floor, splits = phases.floor_of(count, before), phases.splits(count, told)
    if floor != before or known is None:
        sizes.enter(db, group_id=group.id, floor=floor, now=now)
    if floor != before:
        words = checklist(db, group, count, phase_in(db, group.id, phases.BY_FLOOR[floor]), before)
        _tell(db, group, f"phase-{floor}", owners, words, now)
    if splits != told:
        sizes.splits(db, group_id=group.id, when=now if splits else None)
    if splits and not told:
        words = wording.render("phase_split", group=group.name, count=count, at=phases.SPLIT_AT)
        _tell(db, group, "phase-split", owners, words, now)


def checklist(db: Session, group: Group, count: int, phase: Phase, before: int = 0) -> str:
    """What the owner is told on entering a phase, with the word that applies its settings."""
    return wording.render(
        "phase",
        group=group.name,
        count=count,
        phase=phase,
        fell=phase.floor < before,
        helpers=helpers(db, group),
    )


def _tell(
    db: Session, group: Group, what: str, owners: list[Target], words: str, now: datetime
) -> None:
    plans = [
        Plan(
            key=f"{what}/{group.id}/{now:%Y%m%dT%H%M}/{owner.name}",
            cause=f"phase:{group.id}",
            action=Say(chat=owner.chat, text=words, via=owner.via),
            due=now,
            after=quiet.loud(now, group.zone),
            priority=Priority.LATER,
        )
        for owner in owners
    ]
    put(db, plans, now=now)
