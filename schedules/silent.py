"""Members who have not been heard for long: who they are, and a friendly word in private."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import Say
from bot.people import PROTECTED, Address
from schedules import counting, quiet
from storage import abilities, groups, guests, health, members, outbox, questions, sizes, spoken
from storage.groups import Group
from storage.members import GONE
from storage.outbox import Delivery, Plan, Priority, State
from storage.sizes import Placed

AGAIN = timedelta(days=30)
"""Nobody is reminded more often, in whatever group."""

MOST = 50
"""People reminded at one time."""

APART = timedelta(seconds=40)
_LASTS = timedelta(days=2)
_CAUSE = "silent:"


@dataclass(frozen=True, slots=True)
class Silent:
    """Somebody who was not heard; `last` is None when they never were."""

    one: Placed
    last: date | None


def heard_since(db: Session, group: Group) -> datetime | None:
    """When the bot began to hear a group; None while it has not heard a word."""
    chats = counting.shared_chats(db, group)
    return spoken.first(db, chats) if chats else None


def deaf(db: Session, group: Group) -> bool:
    """Whether the bot hears only some of what is said, so that nobody can be called silent."""
    return any(
        abilities.missing(db, chat=chat.key, name="hears_all") is not None
        for chat in groups.chats_of(db, group.id)
    )


def of_group(db: Session, group: Group, *, days: int, now: datetime) -> list[Silent]:
    """Who said nothing for so many days, the longest silent first.

    Nobody who is protected, who joined since, or who left the company. Commands count as a sign
    of life here.
    """
    edge = now - timedelta(days=days)
    day = times.local(edge, group.zone).date()
    last = health.last_spoke(db, group.id)
    lately = {who for who, when in last.items() if when >= day}
    lately |= _uncounted(db, group, day, now)
    kept = _kept(db, group)
    found = [
        Silent(one, last.get(one.who))
        for one in sizes.placed(db, group.id)
        if one.who not in lately
        and one.who not in kept
        and one.role not in PROTECTED
        and one.status not in GONE
        and (one.joined is None or one.joined < edge)
    ]
    return sorted(found, key=lambda silent: (silent.last or date.min, silent.one.who))


def _uncounted(db: Session, group: Group, day: date, now: datetime) -> set[str]:
    """Who was heard since `day`, and since the last day that was counted."""
    known = health.counted(db, since=day).get(group.id)
    first = known + timedelta(days=1) if known else day
    since = times.at(first, time(0), group.zone)
    # A platform's clock may be ahead of ours.
    until = now + timedelta(days=1)
    chats = counting.shared_chats(db, group)
    return {one.who for one in spoken.lines(db, chat_ids=chats, since=since, until=until)}


def _kept(db: Session, group: Group) -> set[str]:
    """Who holds a role by set-up, or a part in an evening ahead."""
    parts = {
        account
        for evening in guests.ahead(db, group.id)
        for account in (evening.host_account, *evening.accounts)
    }
    found = set()
    for chat in groups.chats_of(db, group.id):
        platform = Address.of(chat.key).platform
        held = members.granted(db, group, platform)
        found |= {f"{platform}:{one}" for one, roles in held.items() if roles & PROTECTED}
        found |= {f"{platform}:{one}" for one in parts}
    return found


def reminded(db: Session, *, now: datetime) -> set[str]:
    """Who got such a word within the last month, or is about to."""
    gone = (State.FAILED, State.EXPIRED, State.SUPERSEDED)
    rows = db.scalars(
        select(Delivery.chat).where(
            Delivery.cause.startswith(_CAUSE, autoescape=True),
            Delivery.made > now - AGAIN,
            Delivery.state.not_in(gone),
        )
    )
    return {spoken.who(chat, Address.of(chat).person) for chat in rows}


def remind(db: Session, group: Group, people: Sequence[Silent], *, now: datetime) -> datetime:
    """Write to these people, one after the other and not in quiet hours; when the last is due.

    Without a group to go through: what cannot be delivered must not be said aloud in the group.
    """
    after, plans = now, []
    for silent in people:
        after = quiet.loud(after, group.zone)
        one = silent.one
        to = str(Address.of(one.via).to(one.member))
        plans.append(
            Plan(
                key=f"silent/{group.id}/{one.who}/{now:%Y%m%dT%H%M%S}",
                cause=f"{_CAUSE}{group.id}",
                action=Say(chat=to, text=words(group, one)),
                due=now,
                after=after,
                expires=after + _LASTS,
                priority=Priority.LATER,
            )
        )
        after += APART
    outbox.put(db, plans, now=now)
    return plans[-1].after or now


def words(group: Group, one: Placed) -> str:
    """What somebody is told."""
    return wording.render("silent", name=questions.one_line(one.name, limit=20), group=group.name)


def stop(db: Session, group: Group, *, now: datetime) -> int:
    """Take back what was not sent yet; how many words that are."""
    cause = f"{_CAUSE}{group.id}"
    waiting = [one for one in outbox.of_cause(db, cause) if one.state == State.PLANNED]
    outbox.supersede(db, cause=cause, now=now)
    return len(waiting)
