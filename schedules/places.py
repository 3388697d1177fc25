"""Who gets a post of an evening: chats, channels, the guest, the host, those who came, HR."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.people import Address, Role
from schedules.steps import Step, To
from storage import abilities, attendance, audience, groups, guests, members
from storage.groups import Chat, Group
from storage.guests import GuestSession

REVIEWERS = (Role.HR, Role.HR_LEAD)


@dataclass(frozen=True, slots=True)
class Target:
    """Whom one post is for.

    `name` is how its key names it; `zone` whose clock it is told by; `group` what people call
    the place. `away` when the evening is in another group, and this one is only told. `via`
    is a group shared with a person. With `relay` it is handed to a person to post; `since` is
    when the place was added to the evening. `for_guest` when a host gets what is the guest's,
    whose account nobody knows.
    """

    chat: str
    name: str
    zone: str
    group: str = ""
    away: bool = False
    via: str = ""
    relay: bool = False
    since: datetime | None = None
    for_guest: bool = False

    @property
    def shared(self) -> bool:
        return not Address.of(self.chat).direct


def told(db: Session, evening: GuestSession) -> list[Target]:
    """The shared chats of all the evening's groups, its own first, and its channels."""
    return [*chats(db, evening), *_channels(db, evening)]


def chats(db: Session, evening: GuestSession, *, joint: bool = False) -> list[Target]:
    """The shared chats of the evening's groups; with `joint` only of those that share it."""
    since = audience.since(db, evening.id)
    there = guests.groups_of(db, evening, joint=joint)
    sharing = {group.id for group in guests.groups_of(db, evening, joint=True)}
    by_group = groups.chats_of_all(db, [group.id for group in there])
    return [
        Target(
            chat.key,
            f"C{chat.id}",
            group.zone,
            group.name,
            away=group.id not in sharing,
            since=since.get(group.id),
        )
        for group in there
        for chat in by_group[group.id]
        if not Address.of(chat.key).direct
    ]


def _channels(db: Session, evening: GuestSession) -> list[Target]:
    """Where a person posts for us; one who has no account we can write to is left out."""
    home = groups.get(db, evening.group_id)
    here = groups.chats_of(db, home.id)
    found = []
    for channel, person in audience.channels_of(db, evening.id):
        if chat := _reach(db, person.id, here):
            to = _direct(chat[0], chat[1], home.zone)
            found.append(
                Target(to.chat, channel.name, home.zone, channel.name, via=to.via, relay=True)
            )
    return found


def _reach(db: Session, person_id: int, here: Iterable[Chat]) -> tuple[Chat, str] | None:
    """A chat through which a person can be written to, and their account there."""
    accounts = {one.platform: one.external for one in members.accounts_of(db, person_id)}
    for chat in here:
        if account := accounts.get(Address.of(chat.key).platform):
            return chat, account
    return None


def owners(db: Session, group: Group) -> list[Target]:
    """Who owns the group, by the platform or by set-up, in private; our own account is nobody."""
    found: dict[str, Target] = {}
    for chat in groups.chats_of(db, group.id):
        address = Address.of(chat.key)
        held = members.granted(db, group, address.platform)
        ids = [m.id for m in members.in_chat(db, chat.id).values() if m.role is Role.OWNER]
        for one in (*ids, *(member for member, roles in held.items() if Role.OWNER in roles)):
            if one != address.account:
                found.setdefault(f"{address.platform}:{one}", _direct(chat, one, group.zone))
    return list(found.values())


def hosts(db: Session, evening: GuestSession, group: Group) -> list[Target]:
    """The host in private: the one who was named, or else the owner."""
    here = groups.chats_of(db, group.id)
    if evening.host_account and here:
        return [_direct(here[0], evening.host_account, group.zone)]
    return owners(db, group)


def guest(db: Session, evening: GuestSession, group: Group) -> list[Target]:
    """The guests in private; the host, where nobody knows the guest's account."""
    here = groups.chats_of(db, group.id)
    if evening.accounts and here:
        return [_direct(here[0], account, group.zone) for account in evening.accounts]
    return [
        Target(one.chat, one.name, one.zone, via=one.via, for_guest=True)
        for one in hosts(db, evening, group)
    ]


def crew(db: Session, evening: GuestSession, group: Group) -> list[Target]:
    """Guest and host, each once."""
    found = {one.name: one for one in guest(db, evening, group) if not one.for_guest}
    return list((found | {one.name: one for one in hosts(db, evening, group)}).values())


def hr(db: Session, group: Group, roles: Iterable[Role] = REVIEWERS) -> list[Target]:
    """HR of the group in private, as far as they have an account where the group has a chat."""
    found: dict[str, Target] = {}
    for chat in groups.chats_of(db, group.id):
        platform = Address.of(chat.key).platform
        for member, held in members.granted(db, group, platform).items():
            if held & set(roles):
                found.setdefault(f"{platform}:{member}", _direct(chat, member, group.zone))
    return list(found.values())


def company_hr(db: Session) -> list[Target]:
    """HR of all groups in private, each once."""
    found: dict[str, Target] = {}
    for group in groups.everyone(db):
        for one in hr(db, group):
            to = Address.of(one.chat)
            if members.over_all(db, platform=to.platform, member=to.person, roles=REVIEWERS):
                found.setdefault(one.name, one)
    return list(found.values())


def attendees(db: Session, evening: GuestSession, group: Group) -> list[Target]:
    """Those who came, in private."""
    by_platform = {Address.of(chat.key).platform: chat for chat in groups.chats_of(db, group.id)}
    found = []
    for mark in attendance.attendees(db, evening.id):
        chat = by_platform.get(Address.of(mark.chat).platform)
        if chat is not None:
            found.append(_direct(chat, mark.member, group.zone))
    return found


def _direct(chat: Chat, member: str, zone: str) -> Target:
    return Target(str(Address.of(chat.key).to(member)), f"@{member}", zone, via=chat.key)


def of_step(db: Session, step: Step, to: To, evening: GuestSession, group: Group) -> list[Target]:
    """The targets of one step.

    Channels are only told that there will be an evening, and codes are for those who share it.
    """
    if to is To.CHATS:
        shared = step in (Step.CODE_A, Step.CODE_B)
        everyone = told if step is Step.ANNOUNCE else chats
        return chats(db, evening, joint=True) if shared else everyone(db, evening)
    return _WHO[to](db, evening, group)


def _can_mute(db: Session, evening: GuestSession, group: Group) -> list[Target]:
    return [
        one
        for one in chats(db, evening, joint=True)
        if abilities.missing(db, chat=one.chat, name="mute_all") is None
    ]


def _lead(db: Session, evening: GuestSession, group: Group) -> list[Target]:
    return hr(db, group, (Role.HR_LEAD,)) or hr(db, group)


_WHO: Mapping[To, Callable[[Session, GuestSession, Group], list[Target]]] = {
    To.MUTED: _can_mute,
    To.GUEST: guest,
    To.HOST: hosts,
    To.CREW: crew,
    To.ATTENDEES: attendees,
    To.HR: lambda db, evening, group: hr(db, group) or owners(db, group),
    To.HR_LEAD: _lead,
    To.NOBODY: lambda db, evening, group: [],
}
