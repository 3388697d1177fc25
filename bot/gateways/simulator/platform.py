"""The made-up platform itself: its log, and what everyone's doings have come to."""

import logging
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bot.events import (
    Edited,
    Joined,
    JoinRequest,
    Left,
    Message,
    Muted,
    Recalled,
    RoleChanged,
    Segment,
    typed,
)
from bot.gateways.simulator import entries
from bot.gateways.simulator.entries import (
    OUR_NAME,
    SHOWN,
    US,
    Answered,
    Banned,
    Carded,
    E,
    Entry,
    Notice,
    Opened,
    numbered,
)
from bot.people import Address, Role

logger = logging.getLogger(__name__)


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

    @property
    def file(self) -> Segment | None:
        """The file that the bot sent, as long as it was not taken back."""
        first = self.message.segments[0] if self.message.segments else None
        there = self.message.own and not self.recalled_by
        return first if there and first and first.kind == "file" else None


@dataclass(slots=True)
class Chat:
    """`ours` is whether the bot is in it; `lines` is what else happened, for people to read."""

    key: str
    name: str
    members: dict[str, Person] = field(default_factory=dict)
    ours: bool = True
    muted_all: bool = False
    messages: dict[str, Posted] = field(default_factory=dict)
    files: list[Posted] = field(default_factory=list)
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

    def write(self, entry: E) -> E:
        """Append an entry, handed to the operating system on return; it comes back with its id."""
        self.catch_up()
        with self.log.open("ab", buffering=0) as log:
            # A line that was cut off is ended, or it would take this one with it.
            cut = b"\n" if log.tell() > self._read else b""
            log.write(cut + entries.encode(entry) + b"\n")
            id = str(log.tell())
        self.catch_up()
        return numbered(entry, id)

    def catch_up(self) -> None:
        """Read what was appended since the last time. A line without an end is not there yet."""
        if not self.log.exists():
            return
        with self.log.open("rb") as log:
            log.seek(self._read)
            whole = (line for line in log if line.endswith(b"\n"))
            for line in whole:
                self._read += len(line)
                self._replay(line)

    def _replay(self, line: bytes) -> None:
        try:
            entry = numbered(entries.decode(line), str(self._read))
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
                self._post(chat, Posted(entry, typed(entry.segments, us="")))
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

    def _post(self, chat: Chat, posted: Posted) -> None:
        chat.messages[posted.message.id] = posted
        self._places[posted.message.id] = chat.key
        if posted.file:
            chat.files.append(posted)

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
