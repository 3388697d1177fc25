"""What members do: a call is read, checked as a chat client would, and written down."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, TypedDict

import msgspec
from msgspec import Struct

from bot.events import (
    AnyEvent,
    Edited,
    Joined,
    JoinRequest,
    Left,
    Message,
    Recalled,
    RoleChanged,
    Segment,
    typed,
)
from bot.gateways.contract import Unreadable
from bot.gateways.simulator import mentions
from bot.gateways.simulator.platform import NAME, OUR_NAME, US, Chat, Person, Platform, Posted
from bot.people import Address, Role

LONGEST_TEXT = 4000
LONGEST_NAME = 100
MOST_SEGMENTS = 20
MODERATORS = (Role.OWNER, Role.DEPUTY)


class Attachment(Struct):
    """What a message has besides text."""

    kind: Literal["image", "voice", "video", "file", "forward", "card", "face"]
    name: str = ""


class Call(Struct):
    """A member speaks, unless one of `edit` to `role` says that something else happens.

    `edit` and `recall` are ids of messages, the next three people, `role` one of owner, deputy
    and member. `chat` is a chat key or only its last part; without it the one group there is.
    """

    chat: str = ""
    member: str = ""
    text: str = ""
    reply_to: str | None = None
    segments: list[Attachment] = []
    edit: str = ""
    recall: str = ""
    join: str = ""
    leave: str = ""
    request: str = ""
    role: Literal["", "owner", "deputy", "member"] = ""
    name: str = ""
    comment: str = ""


class Stamp(TypedDict):
    key: str
    chat: str
    at: datetime


_read = msgspec.json.Decoder(Call).decode


def read(body: bytes) -> Call:
    """Raises Unreadable for what is not such a call."""
    try:
        call = _read(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not a call of the simulator") from error
    if max(len(call.text), len(call.comment)) > LONGEST_TEXT or len(call.segments) > MOST_SEGMENTS:
        raise Unreadable("too long")
    names = [call.member, call.name, *(piece.name for piece in call.segments)]
    if max(map(len, names)) > LONGEST_NAME:
        raise Unreadable("a name is too long")
    if "\0" in call.text + call.comment + (call.reply_to or "") + "".join(names):
        raise Unreadable("a NUL is no character")
    return call


class Client:
    """The members' side of the platform."""

    def __init__(self, platform: Platform, now: Callable[[], datetime]) -> None:
        self._platform = platform
        self._now = now

    def take(self, call: Call) -> list[AnyEvent]:
        """Do it, and return what the bot is told. Raises Unreadable for what a member cannot do."""
        self._platform.catch_up()
        for asked, do in (
            (call.edit, self._edit),
            (call.recall, self._recall),
            (call.join, self._join),
            (call.leave, self._leave),
            (call.request, self._request),
            (call.role, self._change_role),
        ):
            if asked:
                return do(call)
        return self._speak(call)

    def _speak(self, call: Call) -> list[AnyEvent]:
        key = self._key(call.chat)
        pieces = self._pieces(key, call)
        member = self._member(key, call.member)
        self._may_speak(key, member)
        told = self._enter(key, member, call.name or call.member)
        chat = self._platform.chats.get(key)
        person = chat.members[member] if chat else Person(member, self._platform.name(member))
        said = Message(
            **self._stamp(key),
            id="",
            member=member,
            text=typed(pieces, us=US),
            name=person.name,
            role=None if Address.of(key).direct else told_role(person.role),
            segments=pieces,
            reply_to=call.reply_to or "",
            addressed=any(piece.kind == "at" and piece.ref == US for piece in pieces),
        )
        return [*told, *self._tell(said)]

    def _pieces(self, key: str, call: Call) -> tuple[Segment, ...]:
        pieces = mentions.read(call.text, self._mentionable(key)) if call.text.strip() else ()
        attached = tuple(Segment(piece.kind, piece.name) for piece in call.segments)
        if not (pieces or attached):
            raise Unreadable("nothing was said")
        return pieces + attached

    def _mentionable(self, key: str) -> dict[str, str]:
        chat = self._platform.chats.get(key)
        here = {person.name: person.id for person in chat.members.values()} if chat else {}
        return here | {OUR_NAME: US, "全体成员": "all"}

    def _may_speak(self, key: str, member: str) -> None:
        chat = self._platform.chats.get(key)
        if chat is None:
            return
        person = chat.members.get(member)
        until = person.muted_until if person else None
        moderator = person is not None and person.role in MODERATORS
        if (chat.muted_all and not moderator) or (until and until > self._now()):
            raise Unreadable("muted")

    def _enter(self, key: str, member: str, name: str) -> list[AnyEvent]:
        """Somebody new who speaks in a group has joined it just before."""
        chat = self._platform.chats.get(key)
        if Address.of(key).direct or (chat and member in chat.members):
            return []
        if chat and member in chat.banned:
            raise Unreadable("removed for good")
        name = self._platform.names.get(member, _word(name))
        return self._tell(Joined(**self._stamp(key), member=member, name=name))

    def _edit(self, call: Call) -> list[AnyEvent]:
        chat, posted = self._posted(call.edit)
        author = posted.message.member
        if self._member(chat.key, call.member or author) != author:
            raise Unreadable("only the author may edit")
        self._may_speak(chat.key, author)
        text = typed(self._pieces(chat.key, call), us=US)
        stamp = self._stamp(chat.key)
        return self._tell(Edited(**stamp, message=call.edit, member=author, text=text))

    def _recall(self, call: Call) -> list[AnyEvent]:
        chat, posted = self._posted(call.recall)
        author = posted.message.member
        operator = self._member(chat.key, call.member or author)
        person = chat.members.get(operator)
        if operator != author and (person is None or person.role not in MODERATORS):
            raise Unreadable("only the author or a moderator may recall")
        recalled = Recalled(
            **self._stamp(chat.key), message=call.recall, member=author, operator=operator
        )
        return self._tell(recalled)

    def _join(self, call: Call) -> list[AnyEvent]:
        key, chat = self._group(call)
        member = self._platform.find(key, _word(call.join))
        if member != US:
            told = self._enter(key, member, call.name or call.join)
        elif chat and not chat.ours:
            told = self._tell(Joined(**self._stamp(key), member=US, name=OUR_NAME))
        else:
            told = []
        if not told:
            raise Unreadable("in the chat already")
        return told

    def _leave(self, call: Call) -> list[AnyEvent]:
        """Who leaves by the hand of `member` was taken out; the bot never leaves by its own."""
        key, chat = self._group(call)
        member = self._platform.find(key, _word(call.leave))
        there = chat is not None and (chat.ours if member == US else member in chat.members)
        if not there:
            raise Unreadable("not in the chat")
        operator = self._member(key, call.member) if call.member else ""
        removed = bool(operator) or member == US
        left = Left(**self._stamp(key), member=member, operator=operator, removed=removed)
        return self._tell(left)

    def _request(self, call: Call) -> list[AnyEvent]:
        key, chat = self._group(call)
        member = self._member(key, call.request)
        if chat and (member in chat.members or member in chat.banned):
            raise Unreadable("in the chat already, or removed for good")
        if call.name:
            self._platform.names.setdefault(member, call.name)
        stamp = self._stamp(key)
        return self._tell(JoinRequest(**stamp, member=member, flag="", comment=call.comment))

    def _change_role(self, call: Call) -> list[AnyEvent]:
        key, chat = self._group(call)
        member = self._member(key, call.member)
        if chat is None or member not in chat.members:
            raise Unreadable("not in the chat")
        return self._tell(RoleChanged(**self._stamp(key), member=member, role=Role(call.role)))

    def _posted(self, id: str) -> tuple[Chat, Posted]:
        found = self._platform.message(id)
        if found is None or found[1].recalled_by or found[1].message.own:
            raise Unreadable("no such message of a member")
        return found

    def _group(self, call: Call) -> tuple[str, Chat | None]:
        key = self._key(call.chat)
        if Address.of(key).direct:
            raise Unreadable("nobody joins or leaves a direct chat")
        return key, self._platform.chats.get(key)

    def _key(self, chat: str) -> str:
        target = chat.strip().removeprefix(f"{NAME}:{US}:") or self._only_group()
        if ":" in target:
            raise Unreadable("not a chat of the simulator")
        _word(target.removeprefix("@"))
        if target.startswith("@"):
            target = "@" + self._platform.find("", target[1:])
        return f"{NAME}:{US}:{target}"

    def _only_group(self) -> str:
        shared = [chat.key for chat in self._platform.chats.values() if not chat.direct]
        if len(shared) != 1:
            raise Unreadable("which chat?")
        return Address.of(shared[0]).target

    def _member(self, key: str, who: str) -> str:
        """The id of somebody who may act in this chat."""
        address = Address.of(key)
        member = self._platform.find(key, _word(who or address.person * address.direct))
        if member == US or (address.direct and member != address.person):
            raise Unreadable("somebody else's chat")
        return member

    def _stamp(self, chat: str) -> Stamp:
        return Stamp(key="", chat=chat, at=self._now())

    def _tell(
        self, event: Message | Edited | Recalled | Joined | Left | JoinRequest | RoleChanged
    ) -> list[AnyEvent]:
        """Write it down; the bot hears of it where it is in the chat, or was until now."""
        before = self._platform.chats.get(event.chat)
        was_ours = before is None or before.ours
        written = self._platform.write(event)
        assert isinstance(written, AnyEvent)
        return [written] if was_ours or self._platform.chats[event.chat].ours else []


def told_role(role: Role) -> Role:
    """A platform knows owners and deputies; other roles it was set up with are only for show."""
    return role if role in MODERATORS else Role.MEMBER


def _word(text: str) -> str:
    """A name or an id. Raises Unreadable for none."""
    word = text.strip()
    if not word or len(word) > LONGEST_NAME or "\0" in word:
        raise Unreadable("somebody or something has no name")
    return word
