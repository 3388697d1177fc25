"""What an implementation can tell us of a group: its members, its last messages, its board."""

from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from bot.events import Message
from bot.gateways.contract import Failed, Unreadable
from bot.gateways.onebot import calls, decode, payload
from bot.gateways.onebot.payload import Id, ident, instant, number
from bot.people import Address, Member, Role

T = TypeVar("T")

Ask = Callable[[str, Mapping[str, object]], Awaitable[Raw]]
"""A call to the API of one account: action and parameters in, `data` out."""

HISTORY = 100
"""How many messages are asked for; go-cqhttp gives 19 and takes no count."""


class RawMember(Struct):
    user_id: Id = None
    nickname: str | None = None
    card: str | None = None
    role: str | None = None
    join_time: Id = None


class RawGroup(Struct):
    group_all_shut: object = None


class RawImage(Struct):
    url: str | None = None
    base64: str | None = None

    @property
    def content(self) -> bytes:
        try:
            return b64decode((self.base64 or "").removeprefix("base64://"), validate=True)
        except ValueError:
            return b""


class RawHistory(Struct):
    messages: list[Raw] | None = None


class RawNotice(Struct):
    notice_id: Id = None
    sender_id: Id = None
    publish_time: Id = None
    message: dict[str, object] | None = None

    @property
    def id(self) -> str:
        """go-cqhttp gives a notice no id: its author and time stand in for one."""
        return ident(self.notice_id) or f"{ident(self.sender_id)}/{number(self.publish_time)}"

    @property
    def text(self) -> str:
        return str((self.message or {}).get("text") or "")


async def image(ask: Ask, file: str) -> RawImage:
    """Where a picture is, or what is in it. A path on the implementation's disk is no use."""
    return read(await ask("get_image", {"file": file}), RawImage)


async def members(ask: Ask, chat: str) -> list[Member]:
    params = {"group_id": calls.group(chat), "no_cache": True}
    listed = read(await ask("get_group_member_list", params), list[RawMember])
    return [
        Member(
            id=ident(raw.user_id),
            name=raw.card or raw.nickname or "",
            role=decode.ROLES.get(raw.role or "", Role.MEMBER),
            joined=instant(raw.join_time),
        )
        for raw in listed
        if ident(raw.user_id)
    ]


async def history(ask: Ask, chat: str) -> list[Message]:
    """Oldest first. Lagrange repeats one message for all; each counts once."""
    params = {"group_id": calls.group(chat), "count": HISTORY}
    told = read(await ask("get_group_msg_history", params), RawHistory)
    found = {event.key: event for raw in told.messages or () if (event := _said(raw, chat))}
    return sorted(found.values(), key=lambda message: message.at)


def _said(raw: Raw, chat: str) -> Message | None:
    """A message of the history, which need not repeat what sort of event it is and where."""
    try:
        told = payload.read(bytes(raw))
    except Unreadable:
        return None
    address = Address.of(chat)
    told.post_type = told.post_type or "message"
    told.message_type = told.message_type or "group"
    told.group_id = told.group_id or address.target
    event = decode.event(told, address.account)
    return event if isinstance(event, Message) and event.chat == chat else None


async def board(ask: Ask, chat: str) -> dict[str, str]:
    """The texts on the notice board by id. Raises Failed where the board cannot be read."""
    listed = read(await ask("_get_group_notice", {"group_id": calls.group(chat)}), list[RawNotice])
    return {notice.id: notice.text for notice in listed}


async def all_muted(ask: Ask, chat: str) -> bool | None:
    """Of the implementations that we know, only NapCat says: -1 for muted, 0 for not."""
    params = {"group_id": calls.group(chat), "no_cache": True}
    told = read(await ask("get_group_info", params), RawGroup).group_all_shut
    return bool(told) if isinstance(told, int) else None


def read(data: Raw, shape: type[T]) -> T:
    """Raises Failed for an answer that is not what the sheet of the action says."""
    try:
        return msgspec.json.decode(data, type=shape)
    except (ValueError, RecursionError) as error:
        raise Failed("OneBot 接口的回答与协议不符") from error


def told(data: Raw, field: str) -> str:
    """An id in an answer, "" for none. Never raises: what was done stays done."""
    try:
        answer = msgspec.json.decode(data)
    except (ValueError, RecursionError):
        return ""
    value = answer.get(field) if isinstance(answer, dict) else None
    return str(value) if isinstance(value, int | str) else ""
