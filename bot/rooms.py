"""What is held in memory about a chat: its members' roles, its rules, its last messages."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from sqlalchemy.orm import Session

from bot import echoes, times
from bot.echoes import Echoes
from bot.events import AnyEvent, Joined, Left, Message, Renamed, RoleChanged
from bot.people import PROTECTED, Address, Member, Role
from handlers import welcome
from handlers.moderation import Scene
from handlers.rulelines import settings
from rules import raid
from rules.engine import Context, Line, Mode, Said, Setting
from storage import archive, coolings, groups, guests, members, policy, raids
from storage.archive import Claim
from storage.groups import Group

LOADED = 400
"""Messages read back when a room is loaded."""

MINE = 64
TALK = 40
KEEP_FOR = timedelta(minutes=15)
"""No rule looks further back than these: at one member's messages, and at everybody's."""

CROWD = 400
_AROUND = timedelta(hours=3)
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Evening:
    """As much of a guest session as is needed to know who is who on it."""

    guest: str
    accounts: tuple[str, ...]
    host: str
    starts: datetime
    ends: datetime

    def has_guest(self, member: str, name: str) -> bool:
        """By account where it is known whose it is, else by the name on the card."""
        return member in self.accounts if self.accounts else guests.goes_by(name, self.guest)


class Room:
    """One chat, as far as rules and commands need to know it.

    It is true as long as `seen` is the chat's last handled event and `version` the group's.
    """

    def __init__(
        self, claim: Claim, group: Group | None, seen: Sequence[Message], echoes: Echoes
    ) -> None:
        self.chat_id = claim.chat_id
        self.key = claim.key
        self.seen = claim.seen
        self.version = claim.version
        self.group = group
        self.echoes = echoes
        self.settings: dict[str, Setting] = {}
        self.ladders: dict[str, tuple[str, ...]] = {}
        self.members: dict[str, Member] = {}
        self.granted: dict[str, frozenset[Role]] = {}
        self.evenings: list[Evening] = []
        self.slowed: dict[str, datetime] = {}
        self.mine: dict[str, deque[Said]] = {}
        self.talk: deque[tuple[str, Line]] = deque(maxlen=TALK)
        for message in seen:
            self.remember(message)

    def remember(self, message: Message) -> None:
        """Keep a message as context for the next one."""
        if not message.own:
            self.talk.append((message.id, self._line(message)))
        mine = self.mine.get(message.member)
        if mine is None:
            mine = self.mine[message.member] = deque(maxlen=MINE)
        mine.append(Said(message.at, message.text))
        gone = message.at - KEEP_FOR
        while mine[0].at < gone:
            mine.popleft()
        if len(self.mine) > CROWD:
            self.mine = {who: said for who, said in self.mine.items() if said[-1].at > gone}

    def learn(self, event: AnyEvent) -> bool:
        """Take in what an event says of who is in the chat; whether it said anything new."""
        if isinstance(event, Message):
            return self._learn_speaker(event)
        if isinstance(event, Joined):
            self.members[event.member] = Member(id=event.member, name=event.name, joined=event.at)
        elif isinstance(event, Left):
            self.members.pop(event.member, None)
        elif isinstance(event, RoleChanged):
            known = self.members.get(event.member, Member(id=event.member))
            self.members[event.member] = replace(known, role=event.role)
        elif isinstance(event, Renamed):
            known = self.members.get(event.member, Member(id=event.member))
            self.members[event.member] = replace(known, name=event.name)
        return isinstance(event, Joined | Left | RoleChanged | Renamed)

    def _learn_speaker(self, message: Message) -> bool:
        known = self.members.get(message.member)
        role = message.role or (known.role if known else Role.MEMBER)
        name = message.name or (known.name if known else "")
        if known is not None and known.role is role and known.name == name:
            return False
        joined = known.joined if known else None
        self.members[message.member] = Member(
            id=message.member, name=name, role=role, joined=joined
        )
        return True

    def context(self, message: Message) -> Context:
        member = self.members.get(message.member)
        return Context(
            mine=self.mine.get(message.member, ()),
            joined=member.joined if member else None,
            talk=self._talk(message),
            elsewhere=self.echoes.elsewhere(message),
        )

    def _talk(self, message: Message) -> list[Line]:
        since = message.at - KEEP_FOR
        while self.talk and self.talk[0][1].at < since:
            self.talk.popleft()
        return [*(line for _, line in self.talk), self._line(message)]

    def _line(self, message: Message) -> Line:
        answered = message.reply_to
        to = next((one.member for id, one in self.talk if id == answered), "") if answered else ""
        mentions = tuple(who for who in message.mentions if who != "all")
        return Line(message.at, message.member, message.text, to, mentions)

    def roles(self, member: str, now: datetime) -> frozenset[Role]:
        """Every role someone holds here today."""
        known = self.members.get(member)
        held = {known.role if known else Role.MEMBER, *self.granted.get(member, ())}
        for evening in self.evenings:
            if not self._today(evening, now):
                continue
            if member == evening.host:
                held.add(Role.HOST)
            if evening.has_guest(member, known.name if known else ""):
                held.add(Role.GUEST)
        return frozenset(held)

    def _today(self, evening: "Evening", now: datetime) -> bool:
        zone = self.group.zone if self.group else "UTC"
        return times.local(evening.starts, zone).date() == times.local(now, zone).date()

    def near(self, now: datetime) -> bool:
        """Whether an evening is going on here, is about to, or has just been."""
        return any(one.starts - _AROUND <= now < one.ends + _AROUND for one in self.evenings)

    def live(self, now: datetime) -> bool:
        """Whether an evening is going on here."""
        return any(evening.starts <= now < evening.ends for evening in self.evenings)

    def protected(self, member: str, now: datetime) -> bool:
        return bool(self.roles(member, now) & PROTECTED)

    @property
    def scene(self) -> Scene:
        assert self.group is not None
        us = Address.of(self.key).account
        held = {m.id: {m.role} for m in self.members.values()}
        for member, roles in self.granted.items():
            held.setdefault(member, set()).update(roles)
        owners = [m for m, roles in held.items() if Role.OWNER in roles and m != us]
        names = {member.id: member.name for member in self.members.values() if member.name}
        return Scene(
            self.chat_id, self.key, self.group.id, owners, self.ladders, names, self.group.zone
        )


class Rooms:
    """The rooms of the chats this process drains; each is loaded when what it knows is old."""

    def __init__(self) -> None:
        self._rooms: dict[int, Room] = {}
        self._echoes: Echoes | None = None

    def get(self, db: Session, claim: Claim) -> Room:
        room = self._rooms.get(claim.chat_id)
        if (
            room is None
            or room.seen != claim.seen
            or room.version != claim.version
            or (room.group.id if room.group else None) != claim.group_id
        ):
            if self._echoes is None:
                self._echoes = Echoes(archive.latest(db, limit=echoes.MOST))
            room = self._rooms[claim.chat_id] = _load(db, claim, self._echoes)
        return room

    def drop(self, chat_id: int) -> None:
        """Forget a room whose memory may be ahead of the database."""
        self._rooms.pop(chat_id, None)


def _load(db: Session, claim: Claim, heard: Echoes) -> Room:
    group = groups.get(db, claim.group_id) if claim.group_id else None
    if group is None:
        return Room(claim, None, (), heard)
    seen = archive.recent(db, chat_id=claim.chat_id, upto=claim.seen, limit=LOADED)
    room = Room(claim, group, seen, heard)
    book = policy.book(db, group.id)
    on_guard = raids.standing(db, group.id) is not None
    room.settings = {
        name: setting
        for name, setting in settings(book).items()
        if setting.mode is not Mode.OFF and (on_guard or name != raid.NAME)
    }
    room.ladders = {name: choice.ladder for name, choice in book.items() if choice.ladder}
    latest = seen[-1].at if seen else _EVER
    room.members = members.in_chat(db, claim.chat_id)
    room.slowed = coolings.until(db, chat=claim.key, since=latest)
    cast(db, room, group, since=latest)
    db.expunge(group)
    return room


def cast(db: Session, room: Room, group: Group, *, since: datetime) -> None:
    """Say who holds a role in a room by set-up, or by an evening from a moment on."""
    room.granted = members.granted(db, group, Address.of(room.key).platform)
    room.evenings = [
        Evening(one.guest, one.accounts, one.host_account, one.starts, one.ends)
        for one in guests.around(db, group_id=group.id, now=since)
    ]


def learn(db: Session, room: Room, event: AnyEvent) -> None:
    """Note what an event says of who is in the chat."""
    news = room.learn(event)
    if isinstance(event, Message):
        if news:
            now = room.members[event.member]
            members.note(db, chat_id=room.chat_id, member=now.id, name=now.name, role=now.role)
        if event.addressed and room.group is not None:
            welcome.first_word(db, room.group, event)
    elif isinstance(event, Joined):
        members.note(
            db, chat_id=room.chat_id, member=event.member, name=event.name, joined=event.at
        )
    elif isinstance(event, Left):
        members.note(db, chat_id=room.chat_id, member=event.member, role=Role.MEMBER, left=event.at)
    elif isinstance(event, RoleChanged):
        members.note(db, chat_id=room.chat_id, member=event.member, role=event.role)
    elif isinstance(event, Renamed):
        members.note(db, chat_id=room.chat_id, member=event.member, name=event.name)
