"""The lines of the made-up platform's log, and the words its parts share."""

from datetime import datetime
from typing import Literal, TypedDict, TypeVar

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
)
from bot.people import Member, Role

NAME = "simulator"
US = "1"
OUR_NAME = "班长"
MODERATORS = (Role.OWNER, Role.DEPUTY)
SWITCHES = {"push": "主动发言", "notice": "群公告权限"}
"""What the people of a group can keep the bot from, in their words."""

SHOWN = 300
"""How many messages of a chat are shown, and read back."""


class Stamp(TypedDict):
    """What every entry begins with; the key is given when it is written down."""

    key: str
    chat: str
    at: datetime


class Opened(Event, tag="opened", frozen=True, kw_only=True):
    """A chat was set up, with everyone who is in it from the start."""

    name: str
    members: tuple[Member, ...] = ()


class Notice(Event, tag="notice", frozen=True, kw_only=True):
    """`picture` is a file below the data directory."""

    text: str
    picture: str = ""


class Switched(Event, tag="switched", frozen=True, kw_only=True):
    """Somebody let the bot do something in a group, or no longer; see SWITCHES."""

    member: str
    switch: Literal["push", "notice"]
    on: bool


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
    | Switched
)
"""A line of the log: what the bot is told as well, and what only the platform knows."""

E = TypeVar("E", bound=Entry)

encode = Encoder().encode
decode = Decoder(Entry).decode


def role_told(role: Role) -> Role:
    """A platform knows owners and deputies; what else people were set up as is only for show."""
    return role if role in MODERATORS else Role.MEMBER


def numbered(entry: E, id: str) -> E:
    """Ids are not in the log: they say where in it a line is."""
    keyed = structs.replace(entry, key=f"{NAME}:{US}:{id}")
    if isinstance(keyed, Message):
        return structs.replace(keyed, id=id)
    if isinstance(keyed, JoinRequest):
        return structs.replace(keyed, flag=id)
    return keyed
