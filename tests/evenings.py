"""Evenings that stand somewhere in their life, for tests that begin in the middle of one."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from storage import groups
from storage.groups import Group
from storage.guests import GuestSession, State
from tests.build import GUEST, OWNER, ZONE, at

STARTS = at("2026-11-26 19:30")


def home(db: Session, name: str = "新人2611群") -> Group:
    """The group of this name, made when it is not there."""
    return groups.named(db, name) or groups.add(db, name=name, zone=ZONE, kind="newhire")


def standing(
    db: Session,
    state: State,
    *,
    group: Group | None = None,
    days: int = 0,
    guest: str = "王总",
    account: str = GUEST,
) -> GuestSession:
    """An evening in this state, so many days after the usual one."""
    starts = STARTS + timedelta(days=days)
    one = GuestSession(
        group_id=(group or home(db)).id,
        guest=guest,
        guest_account=account,
        topic="我的第一单",
        starts=starts,
        asks=starts + timedelta(hours=1),
        ends=starts + timedelta(minutes=90),
        planned_by=OWNER,
        planned=starts - timedelta(days=6),
        timed=starts - timedelta(days=6),
    )
    db.add(one)
    take(one, state)
    db.flush()
    groups.touch(db, one.group_id)
    return one


def take(one: GuestSession, state: State, *, asked: datetime | None = None) -> None:
    """Take an evening to a state, with the moments that belong to it."""
    held = (State.CLOSED, State.DRAFTED, State.PUBLISHED)
    one.state = state
    one.opened = one.starts if state in (State.SHARING, State.ASKING, *held) else None
    one.asked = (asked or one.asks) if state in (State.ASKING, *held) else None
    one.ended = one.ends if state in held else None
