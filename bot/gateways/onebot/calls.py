"""From an action to the API call that performs it."""

from collections.abc import Mapping
from typing import NamedTuple

from bot.actions import (
    AnswerJoin,
    AnyAction,
    Mute,
    MuteAll,
    Recall,
    Remove,
    Say,
    SetCard,
    Unmute,
    UnmuteAll,
)
from bot.gateways.contract import Failed
from bot.gateways.onebot import segments
from bot.people import Address


class Call(NamedTuple):
    action: str
    params: Mapping[str, object]


def of(action: AnyAction, *, image: str = "") -> Call:
    """Every value is explicit: implementations differ in what they take for granted.

    Left out, a mute lasts 30 minutes by the standard and is lifted by NapCat. `image` is the
    content of the picture that goes with words. Raises Failed for what needs a group in a direct
    chat.
    """
    match action:
        case Say():
            return _say(action, image)
        case Recall():
            return Call("delete_msg", {"message_id": number(action.message)})
        case AnswerJoin():
            return _answer_join(action)
        case Mute() | Unmute() | MuteAll() | UnmuteAll() | Remove() | SetCard():
            return _in_a_group(action)
        case _:
            raise TypeError(f"{type(action).__name__} takes more than one call")


def _in_a_group(action: Mute | Unmute | MuteAll | UnmuteAll | Remove | SetCard) -> Call:
    where: dict[str, object] = {"group_id": group(action.chat)}
    if isinstance(action, MuteAll | UnmuteAll):
        return Call("set_group_whole_ban", where | {"enable": isinstance(action, MuteAll)})
    where["user_id"] = number(action.member)
    match action:
        case Mute():
            return Call("set_group_ban", where | {"duration": action.seconds})
        case Unmute():
            return Call("set_group_ban", where | {"duration": 0})
        case Remove():
            return Call("set_group_kick", where | {"reject_add_request": action.for_good})
        case SetCard():
            return Call("set_group_card", where | {"card": action.card})


def _say(action: Say, image: str) -> Call:
    address = Address.of(action.chat)
    words = segments.to_send(
        action.text,
        reply_to=action.reply_to,
        mention=() if address.direct else action.mention,
        image=image,
    )
    if not address.direct:
        return Call("send_group_msg", {"group_id": group(action.chat), "message": words})
    to: dict[str, object] = {"user_id": number(address.person), "message": words}
    via = {"group_id": group(action.via)} if action.via else {}
    return Call("send_private_msg", to | via)


def _answer_join(action: AnswerJoin) -> Call:
    """`type` is the standard's other name for `sub_type`."""
    answer = {"flag": action.flag, "sub_type": "add", "type": "add"}
    verdict = {"approve": action.accept, "reason": action.reason}
    return Call("set_group_add_request", answer | verdict)


def group(chat: str) -> int | str:
    """The group of a chat key. Raises Failed for a direct chat."""
    address = Address.of(chat)
    if address.direct:
        raise Failed("私聊里没有这个操作")
    return number(address.target)


def number(id: str) -> int | str:
    """As a number where it is one: go-cqhttp and Lagrange do not read every id as a word."""
    return int(id) if id.removeprefix("-").isdecimal() and id.isascii() else id
