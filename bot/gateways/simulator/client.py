"""What members do on the made-up platform, as far as a chat client would let them."""

from collections.abc import Callable
from datetime import datetime

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
from bot.gateways.simulator.calls import Call, word
from bot.gateways.simulator.chats import Chat, Person, Posted
from bot.gateways.simulator.entries import (
    MODERATORS,
    NAME,
    OUR_NAME,
    US,
    Stamp,
    Switched,
    role_told,
)
from bot.gateways.simulator.platform import Platform
from bot.people import Address, Role


class Client:
    """The members' side of the platform. `take` does what a call asks."""

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
            (call.switch, self._switch),
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
        person = self._person(key, member)
        said = Message(
            **self._stamp(key),
            id="",
            member=member,
            text=typed(pieces, us=US),
            name=person.name,
            role=None if Address.of(key).direct else role_told(person.role),
            segments=pieces,
            reply_to=call.reply_to or "",
            addressed=any(piece.kind == "at" and piece.ref == US for piece in pieces),
        )
        return [*told, *self._tell(said)]

    def _pieces(self, key: str, call: Call) -> tuple[Segment, ...]:
        chat = self._platform.chats.get(key)
        here = {person.name: person.id for person in chat.members.values()} if chat else {}
        names = here | {OUR_NAME: US, "全体成员": "all"}
        said = mentions.read(call.text, names) if call.text.strip() else ()
        attached = tuple(Segment(piece.kind, piece.name) for piece in call.segments)
        if not (said or attached):
            raise Unreadable("nothing was said")
        return said + attached

    def _may_speak(self, key: str, member: str) -> None:
        chat, person = self._platform.chats.get(key), self._person(key, member)
        hushed = chat is not None and chat.muted_all and person.role not in MODERATORS
        if hushed or (person.muted_until is not None and person.muted_until > self._now()):
            raise Unreadable("muted")

    def _enter(self, key: str, member: str, name: str) -> list[AnyEvent]:
        """Somebody new who speaks in a group has joined it just before."""
        chat = self._platform.chats.get(key)
        if Address.of(key).direct or (chat and member in chat.members):
            return []
        if chat and member in chat.banned:
            raise Unreadable("removed for good")
        name = self._platform.names.get(member, word(name))
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
        if operator != author and self._person(chat.key, operator).role not in MODERATORS:
            raise Unreadable("only the author or a moderator may recall")
        stamp = self._stamp(chat.key)
        gone = Recalled(**stamp, message=call.recall, member=author, operator=operator)
        return self._tell(gone)

    def _join(self, call: Call) -> list[AnyEvent]:
        key, chat = self._group(call)
        member = self._platform.find(key, word(call.join))
        if member == US and chat and not chat.ours:
            return self._tell(Joined(**self._stamp(key), member=US, name=OUR_NAME))
        told = self._enter(key, member, call.name or call.join) if member != US else []
        if not told:
            raise Unreadable("in the chat already")
        return told

    def _leave(self, call: Call) -> list[AnyEvent]:
        """The bot does not leave by itself: when it goes, it was taken out."""
        key, chat = self._group(call)
        member = self._platform.find(key, word(call.leave))
        if not (chat and (chat.ours if member == US else member in chat.members)):
            raise Unreadable("not in the chat")
        operator = self._member(key, call.member) if call.member else ""
        removed = bool(operator) or member == US
        stamp = self._stamp(key)
        return self._tell(Left(**stamp, member=member, operator=operator, removed=removed))

    def _request(self, call: Call) -> list[AnyEvent]:
        key, chat = self._group(call)
        member = self._member(key, call.request)
        if chat and (member in chat.members or member in chat.banned):
            raise Unreadable("in the chat already, or removed for good")
        stamp = self._stamp(key)
        return self._tell(JoinRequest(**stamp, member=member, flag="", comment=call.comment))

    def _change_role(self, call: Call) -> list[AnyEvent]:
        key, chat = self._group(call)
        member = self._member(key, call.member)
        if not (chat and member in chat.members):
            raise Unreadable("not in the chat")
        return self._tell(RoleChanged(**self._stamp(key), member=member, role=Role(call.role)))

    def _switch(self, call: Call) -> list[AnyEvent]:
        """The bot is not told: it finds out, as on real platforms."""
        key, _ = self._group(call)
        member = self._member(key, call.member)
        if not call.switch or self._person(key, member).role not in MODERATORS:
            raise Unreadable("only owner and deputies may switch")
        entry = Switched(**self._stamp(key), member=member, switch=call.switch, on=call.on)
        self._platform.write(entry)
        return []

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
        word(target.removeprefix("@"))
        if ":" in target:
            raise Unreadable("not a chat of the simulator")
        if target.startswith("@"):
            target = "@" + self._platform.find("", target[1:])
        return f"{NAME}:{US}:{target}"

    def _only_group(self) -> str:
        shared = [key for key, chat in self._platform.chats.items() if not chat.direct]
        if len(shared) != 1:
            raise Unreadable("which chat?")
        return Address.of(shared[0]).target

    def _member(self, key: str, who: str) -> str:
        """The id of somebody who may act in this chat."""
        address = Address.of(key)
        member = self._platform.find(key, word(who))
        if member == US or (address.direct and member != address.person):
            raise Unreadable("not one of this chat")
        return member

    def _person(self, key: str, member: str) -> Person:
        chat = self._platform.chats.get(key)
        known = chat.members.get(member) if chat else None
        return known or Person(member, self._platform.name(member))

    def _stamp(self, chat: str) -> Stamp:
        return Stamp(key="", chat=chat, at=self._now())

    def _tell(
        self, event: Message | Edited | Recalled | Joined | Left | JoinRequest | RoleChanged
    ) -> list[AnyEvent]:
        """Write it down; the bot hears of it when it is in the chat, or was until now."""
        before = self._platform.chats.get(event.chat)
        heard = before is None or before.ours
        written = self._platform.write(event)
        return [written] if heard or self._platform.chats[event.chat].ours else []
