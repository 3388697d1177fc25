"""The made-up platform itself: a log of all that happened, and what follows from it."""

import logging
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from msgspec import structs
from msgspec.json import Decoder, Encoder

from bot.events import (
    Edited,
    Event,
    Joined,
    JoinRequest,
    Left,
    Message,
    Muted,
    Recalled,
    RoleChanged,
    typed,
)
from bot.people import Address, Member, Role

logger = logging.getLogger(__name__)

NAME = "simulator"
US = "1"
OUR_NAME = "班长"
SHOWN = 300
"""How many messages of a chat are shown, and read back."""


class Opened(Event, tag="opened", frozen=True, kw_only=True):
    """A chat was set up, with everyone who is in it from the start."""

    name: str
    members: tuple[Member, ...] = ()


class Notice(Event, tag="notice", frozen=True, kw_only=True):
    text: str


class Answered(Event, tag="answered", frozen=True, kw_only=True):
    """What became of a JoinRequest."""

    flag: str
    accept: bool
    reason: str = ""


class Banned(Event, tag="banned", frozen=True, kw_only=True):
    member: str


class Carded(Event, tag="carded", frozen=True, kw_only=True):
    member: str
    card: str


Entry = (
    Message
    | Edited
    | Recalled
    | Joined
    | Left
    | JoinRequest
    | RoleChanged
    | Muted
    | Opened
    | Notice
    | Answered
    | Banned
    | Carded
)
"""A line of the log: what the bot is told as well, and what only the platform knows."""

_encode = Encoder().encode
_decode = Decoder(Entry).decode


@dataclass(slots=True)
class Person:
    """A member of one chat."""

    id: str
    name: str
    role: Role = Role.MEMBER
    joined: datetime | None = None
    muted_until: datetime | None = None


@dataclass(slots=True)
class Posted:
    """A message and what became of it; `text` is as readers see it, mentions of us included."""

    message: Message
    text: str
    edited: bool = False
    recalled_by: str = ""


@dataclass(slots=True)
class Chat:
    """`ours` is whether the bot is in it; `lines` is what else happened, for people to read."""

    key: str
    name: str
    members: dict[str, Person] = field(default_factory=dict)
    ours: bool = True
    muted_all: bool = False
    messages: dict[str, Posted] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    requests: dict[str, JoinRequest] = field(default_factory=dict)
    answers: dict[str, Answered] = field(default_factory=dict)
    banned: set[str] = field(default_factory=set)
    lines: deque[Entry] = field(default_factory=lambda: deque(maxlen=SHOWN))

    @property
    def direct(self) -> bool:
        return Address.of(self.key).direct


class Platform:
    """Every process that uses the log is the same platform: each reads what others wrote.

    An entry's id is where its line ends in the log. It only grows, and no two are the same.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self.chats: dict[str, Chat] = {}
        self.names: dict[str, str] = {US: OUR_NAME}
        self._places: dict[str, str] = {}
        self._read = 0
        self.catch_up()

    def write(self, entry: Entry) -> Entry:
        """Append an entry, handed to the operating system on return; it comes back with its id."""
        self.catch_up()
        # A line that was cut off is ended, or it would take this one with it.
        cut = self.log.exists() and self.log.stat().st_size > self._read
        with self.log.open("ab", buffering=0) as log:
            log.write((b"\n" if cut else b"") + _encode(entry) + b"\n")
            id = str(log.tell())
        self.catch_up()
        return _numbered(entry, id)

    def catch_up(self) -> None:
        """Read what was appended since the last time. A line without an end is not there yet."""
        if not self.log.exists():
            return
        with self.log.open("rb") as log:
            log.seek(self._read)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                self._replay(line)

    def _replay(self, line: bytes) -> None:
        try:
            entry = _numbered(_decode(line), str(self._read))
        except ValueError:
            logger.warning("simulator: the line before byte %d is unreadable", self._read)
            return
        chat = self.chats.get(entry.chat) or self._opened(entry.chat)
        self._apply(chat, entry)

    def _opened(self, key: str) -> Chat:
        address = Address.of(key)
        chat = self.chats[key] = Chat(key, self.name(address.person))
        if address.direct:
            chat.members[address.person] = Person(address.person, self.name(address.person))
        return chat

    def name(self, id: str) -> str:
        """What people call somebody; the id of a stranger."""
        return self.names.get(id, id)

    def find(self, chat: str, who: str) -> str:
        """The id of a person named by id or by name, first in the chat; a stranger's stays."""
        here = self.chats[chat].members.values() if chat in self.chats else ()
        known = [(person.id, person.name) for person in here] + list(self.names.items())
        ids = [id for id, _ in known if id == who] + [id for id, name in known if name == who]
        return ids[0] if ids else who

    def message(self, id: str) -> tuple[Chat, Posted] | None:
        chat = self.chats.get(self._places.get(id, ""))
        return (chat, chat.messages[id]) if chat else None

    def _apply(self, chat: Chat, entry: Entry) -> None:
        match entry:
            case Message():
                chat.messages[entry.id] = Posted(entry, typed(entry.segments, us=""))
                self._places[entry.id] = chat.key
                return
            case Edited() if found := chat.messages.get(entry.message):
                found.text, found.edited = entry.text, True
                return
            case Recalled() if found := chat.messages.get(entry.message):
                found.recalled_by = entry.operator
                return
            case Notice():
                chat.notices.append(entry)
            case JoinRequest():
                chat.requests[entry.flag] = entry
            case Answered():
                chat.answers[entry.flag] = entry
            case _:
                self._change_members(chat, entry)
        chat.lines.append(entry)

    def _change_members(self, chat: Chat, entry: Entry) -> None:
        match entry:
            case Opened():
                chat.name = entry.name
                for one in entry.members:
                    self._enter(chat, Person(one.id, one.name or one.id, one.role, one.joined))
            case Joined(member=member) | Left(member=member) if member == US:
                chat.ours = isinstance(entry, Joined)
            case Joined():
                name = entry.name or self.name(entry.member)
                self._enter(chat, Person(entry.member, name, joined=entry.at))
            case Left():
                chat.members.pop(entry.member, None)
            case Banned():
                chat.banned.add(entry.member)
            case Muted(member=""):
                chat.muted_all = entry.seconds > 0
            case Muted() | RoleChanged() | Carded() if person := chat.members.get(entry.member):
                _change(person, entry)

    def _enter(self, chat: Chat, person: Person) -> None:
        chat.members[person.id] = person
        self.names.setdefault(person.id, person.name)


def _change(person: Person, entry: Muted | RoleChanged | Carded) -> None:
    match entry:
        case Muted():
            lasts = timedelta(seconds=entry.seconds)
            person.muted_until = entry.at + lasts if lasts else None
        case RoleChanged():
            person.role = entry.role
        case Carded():
            person.name = entry.card or person.name


def _numbered(entry: Entry, id: str) -> Entry:
    """Ids are not in the log: they say where in it a line is."""
    numbered = structs.replace(entry, key=f"{NAME}:{US}:{id}")
    if isinstance(numbered, Message):
        return structs.replace(numbered, id=id)
    if isinstance(numbered, JoinRequest):
        return structs.replace(numbered, flag=id)
    return numbered
