"""The made-up platform itself: its log, and what everyone's doings have come to."""

import logging
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
from bot.gateways.simulator.chats import Chat, Person, Posted, change
from bot.gateways.simulator.entries import (
    OUR_NAME,
    US,
    Answered,
    Banned,
    Carded,
    E,
    Entry,
    Notice,
    Opened,
    Switched,
    numbered,
)
from bot.people import Address

logger = logging.getLogger(__name__)


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

    def sent(self, id: str) -> Segment | None:
        """The file or picture that the bot posted under this id."""
        chat = self.chats.get(self._places.get(id, ""))
        return chat.sent(id) if chat else None

    def message(self, id: str) -> tuple[Chat, Posted] | None:
        chat = self.chats.get(self._places.get(id, ""))
        return (chat, chat.messages[id]) if chat and id in chat.messages else None

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
                self._places[entry.key.rpartition(":")[2]] = chat.key
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
            case Switched():
                chat.switches[entry.switch] = entry.on
            case Muted() | RoleChanged() | Carded() if person := chat.members.get(entry.member):
                change(person, entry)

    def _enter(self, chat: Chat, person: Person) -> None:
        chat.members[person.id] = person
        self.names.setdefault(person.id, person.name)
