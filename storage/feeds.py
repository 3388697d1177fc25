"""Which evenings stand in a calendar feed: a group's, or those that concern one person."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from bot.people import Address
from storage import members
from storage.audience import Audience
from storage.groups import Chat, Group
from storage.guests import GuestSession, State
from storage.members import Membership

BACK = timedelta(days=90)
"""So long an evening stays in a feed after its day, called off or not: clients come by seldom."""

_COLUMNS = (GuestSession.guest_account, GuestSession.host_account, GuestSession.standby_account)

Account = tuple[str, str]
"""A platform, and the id of someone there."""

Row = tuple[GuestSession, Group]


@dataclass(frozen=True, slots=True)
class Entry:
    """One evening as one reader may see it: `guest` is no name while the reader must not know it.

    `group` and `zone` are the home group's.
    """

    number: int
    revision: int
    state: State
    guest: str
    topic: str
    group: str
    zone: str
    starts: datetime
    asks: datetime
    ends: datetime
    successor: int | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """What stands in one calendar, soonest first."""

    name: str
    entries: tuple[Entry, ...]


def of_group(db: Session, group_id: int, *, now: datetime) -> Feed | None:
    """A group's own evenings and those it shares or is told of; None when there is no such group.

    Everybody may read it, so a mystery guest is one to all.
    """
    group = db.get(Group, group_id)
    if group is None:
        return None
    rows = _evenings(db, _for_groups([group_id]), now=now)
    return Feed(f"{group.name} 嘉宾分享", _entries(rows, now=now))


def of_person(db: Session, *, platform: str, member: str, now: datetime) -> Feed:
    """The evenings of all groups someone is in, and those where they are guest, host or standby.

    Somebody unknown has an empty feed. A mystery guest is named to themself alone.
    """
    accounts = _accounts(db, platform, member)
    theirs = _evenings(db, _for_groups(_groups_with(db, accounts)), now=now)
    named = _evenings(db, _naming([external for _, external in accounts]), now=now)
    homes = _platforms(db, {evening.group_id for evening, _ in (*theirs, *named)})
    found = {row[0].id: row for row in theirs} | {
        row[0].id: row for row in named if _among(_names(row[0]), accounts, homes[row[1].id])
    }
    rows = sorted(found.values(), key=lambda row: (row[0].starts, row[0].id))
    own = {row[0].id for row in rows if _among(row[0].accounts, accounts, homes[row[1].id])}
    return Feed("我的嘉宾分享", _entries(rows, now=now, own=own))


def _entries(rows: Iterable[Row], *, now: datetime, own: Collection[int] = ()) -> tuple[Entry, ...]:
    """`own` are the numbers of the evenings whose guest is the reader."""
    return tuple(
        Entry(
            number=evening.id,
            revision=evening.revision,
            state=State(evening.state),
            guest=evening.guest if evening.id in own else evening.shown_guest(now),
            topic=evening.topic,
            group=group.name,
            zone=group.zone,
            starts=evening.starts,
            asks=evening.asks,
            ends=evening.ends,
            successor=evening.successor_id,
        )
        for evening, group in rows
    )


def _evenings(db: Session, those: ColumnElement[bool], *, now: datetime) -> list[Row]:
    """Evenings that are not long over, with their home groups."""
    rows = db.execute(
        select(GuestSession, Group)
        .join(Group, Group.id == GuestSession.group_id)
        .where(GuestSession.starts >= now - BACK, those)
        .order_by(GuestSession.starts, GuestSession.id)
    )
    return [(row.GuestSession, row.Group) for row in rows]


def _for_groups(ids: Collection[int]) -> ColumnElement[bool]:
    told = select(Audience.evening_id).where(Audience.group_id.in_(ids))
    return or_(GuestSession.group_id.in_(ids), GuestSession.id.in_(told))


def _naming(externals: Iterable[str]) -> ColumnElement[bool]:
    """Evenings that may name one of these accounts; 12 is also found in 123."""
    return or_(*(column.contains(one, autoescape=True) for one in externals for column in _COLUMNS))


def _names(evening: GuestSession) -> list[str]:
    return f"{evening.guest_account} {evening.host_account} {evening.standby_account}".split()


def _among(names: Collection[str], accounts: Iterable[Account], platforms: Collection[str]) -> bool:
    """Whether one of the accounts is named, for an evening at home on these platforms."""
    return any(external in names and platform in platforms for platform, external in accounts)


def _accounts(db: Session, platform: str, member: str) -> set[Account]:
    """Every account of whoever this one belongs to."""
    person = members.person_of(db, platform=platform, external=member)
    linked = members.accounts_of(db, person.id) if person else []
    return {(platform, member), *((one.platform, one.external) for one in linked)}


def _groups_with(db: Session, accounts: Collection[Account]) -> set[int]:
    rows = db.execute(
        select(Chat.group_id, Chat.key, Membership.member)
        .join(Membership, Membership.chat_id == Chat.id)
        .where(
            Membership.member.in_([external for _, external in accounts]),
            Membership.left.is_(None),
            Chat.group_id.is_not(None),
        )
    )
    return {
        group_id
        for group_id, key, member in rows
        if group_id is not None and (Address.of(key).platform, member) in accounts
    }


def _platforms(db: Session, group_ids: Collection[int]) -> Mapping[int, set[str]]:
    """The platforms each of these groups has a chat on."""
    found: dict[int, set[str]] = {group_id: set() for group_id in group_ids}
    rows = db.execute(select(Chat.group_id, Chat.key).where(Chat.group_id.in_(group_ids)))
    for group_id, key in rows:
        if group_id is not None:
            found[group_id].add(Address.of(key).platform)
    return found
