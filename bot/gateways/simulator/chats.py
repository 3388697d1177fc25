"""What the made-up platform knows of one chat: its members, its messages, what is allowed in it."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.events import JoinRequest, Message, Muted, RoleChanged, Segment
from bot.gateways.simulator.entries import (
    SHOWN,
    SWITCHES,
    Answered,
    Carded,
    Entry,
    Notice,
)
from bot.people import Address, Role


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
    def sent(self) -> Segment | None:
        """The file or picture that the bot sent, as long as it was not taken back."""
        there = self.message.own and not self.recalled_by
        kinds = ("file", "image") if there else ()
        return next((piece for piece in self.message.segments if piece.kind in kinds), None)

    @property
    def file(self) -> Segment | None:
        """What lies in the group's files."""
        return self.sent if self.sent and self.sent.kind == "file" else None


@dataclass(slots=True)
class Chat:
    """`ours` is whether the bot is in it; `lines` is what else happened, for people to read.

    `switches` are what people in the group let the bot do there.
    """

    key: str
    name: str
    members: dict[str, Person] = field(default_factory=dict)
    ours: bool = True
    muted_all: bool = False
    switches: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(SWITCHES, True))
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

    def sent(self, id: str) -> Segment | None:
        """The file or picture that the bot posted as this message or notice; None when recalled."""
        if posted := self.messages.get(id):
            return posted.sent
        pictures = (one.picture for one in self.notices if one.key.endswith(f":{id}"))
        picture = next(pictures, "")
        return Segment("image", ref=picture) if picture else None


def change(person: Person, entry: Muted | RoleChanged | Carded) -> None:
    """What an entry about somebody makes of them."""
    match entry:
        case Muted():
            lasts = timedelta(seconds=entry.seconds)
            person.muted_until = entry.at + lasts if lasts else None
        case RoleChanged():
            person.role = entry.role
        case Carded():
            person.name = entry.card or person.name
