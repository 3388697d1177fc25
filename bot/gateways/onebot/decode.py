"""From a OneBot payload to the event it tells of."""

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from typing import TypedDict

from bot.actions import LONGEST_MUTE
from bot.events import (
    AccountState,
    AnyEvent,
    Joined,
    JoinRequest,
    Left,
    Message,
    Muted,
    Recalled,
    Renamed,
    RoleChanged,
    typed,
)
from bot.gateways.onebot import segments
from bot.gateways.onebot.payload import Payload, Sender, ident, instant, number
from bot.people import Role

NAME = "onebot"

ROLES = {"owner": Role.OWNER, "admin": Role.DEPUTY, "member": Role.MEMBER}

NOBODY = Sender()


class Stamp(TypedDict):
    """What every event begins with."""

    key: str
    chat: str
    at: datetime


def event(payload: Payload, self_id: str) -> AnyEvent | None:
    """The event, or None for what is unknown or lacks what its kind needs.

    `self_id` is our account when the payload does not say. Keys are `onebot:<self_id>:<message_id>`
    for messages; for the rest, which have no id, a hash of what they say and when.
    """
    us = ident(payload.self_id) or self_id
    at = instant(payload.time)
    if not us or at is None:
        return None
    if payload.post_type in ("message", "message_sent"):
        return _message(payload, us, at)
    return _notice(payload, us, at)


def _message(payload: Payload, us: str, at: datetime) -> Message | None:
    sender = payload.sender or NOBODY
    id, member = ident(payload.message_id), ident(payload.user_id) or ident(sender.user_id)
    own = payload.post_type == "message_sent" or member == us
    target = _target(payload, us, us if own else member)
    if not (id and target and (member or own)):
        return None
    pieces = segments.read(payload.message or payload.raw_message or "")
    return Message(
        key=f"{NAME}:{us}:{id}",
        chat=f"{NAME}:{us}:{target}",
        at=at,
        id=id,
        member=member or us,
        text=typed(pieces, us=us),
        name=sender.card or sender.nickname or "",
        role=ROLES.get(sender.role or ""),
        segments=pieces,
        reply_to=next((piece.ref for piece in pieces if piece.kind == "reply"), ""),
        addressed=any(piece.kind == "at" and piece.ref == us for piece in pieces),
        own=own,
    )


def _target(payload: Payload, us: str, member: str) -> str:
    """The group, or the person at the other end: of our own words, whom they were for."""
    if payload.message_type == "group":
        return ident(payload.group_id)
    if payload.message_type != "private":
        return ""
    person = ident(payload.target_id) if member == us else member
    return f"@{person}" if person else ""


def _notice(payload: Payload, us: str, at: datetime) -> AnyEvent | None:
    kind = (payload.post_type, payload.notice_type or payload.request_type)
    tell, target = IN_A_GROUP.get(kind), ident(payload.group_id)
    if tell is None:
        tell, target = OF_OURS.get(kind), f"@{us}"
    if tell is None or not target:
        return None
    stamp = Stamp(key=_key(payload, us, at), chat=f"{NAME}:{us}:{target}", at=at)
    return tell(payload, us, ident(payload.user_id), stamp)


def _key(payload: Payload, us: str, at: datetime) -> str:
    ids = (payload.group_id, payload.user_id, payload.operator_id, payload.message_id)
    said = (
        payload.label,
        at.isoformat(),
        *map(ident, ids),
        str(payload.flag),
        str(payload.duration),
        *((payload.card_new,) if payload.card_new else ()),
    )
    return f"{NAME}:{us}:{blake2b('|'.join(said).encode(), digest_size=12).hexdigest()}"


def _joined(payload: Payload, us: str, member: str, stamp: Stamp) -> Joined | None:
    return Joined(**stamp, member=member, operator=ident(payload.operator_id)) if member else None


def _left(payload: Payload, us: str, member: str, stamp: Stamp) -> Left | None:
    """A group that was disbanded (NapCat) is left by us, but nobody removed us from it."""
    gone = us if payload.sub_type in ("kick_me", "disband") else member
    removed = payload.sub_type in ("kick", "kick_me")
    operator = ident(payload.operator_id)
    return Left(**stamp, member=gone, operator=operator, removed=removed) if gone else None


def _recalled(payload: Payload, us: str, member: str, stamp: Stamp) -> Recalled | None:
    message, operator = ident(payload.message_id), ident(payload.operator_id)
    return Recalled(**stamp, message=message, member=member, operator=operator) if message else None


def _muted(payload: Payload, us: str, member: str, stamp: Stamp) -> Muted | None:
    """User 0 is everyone. A mute without an end (-1) is carried as LONGEST_MUTE seconds."""
    if payload.user_id is None:
        return None
    lifted = payload.sub_type == "lift_ban"
    seconds = 0 if lifted else number(payload.duration)
    if seconds <= 0 and payload.sub_type == "ban":
        seconds = LONGEST_MUTE
    return Muted(**stamp, member=member, seconds=seconds, operator=ident(payload.operator_id))


def _role_changed(payload: Payload, us: str, member: str, stamp: Stamp) -> RoleChanged | None:
    role = {"set": Role.DEPUTY, "unset": Role.MEMBER}.get(payload.sub_type)
    return RoleChanged(**stamp, member=member, role=role) if member and role else None


def _renamed(payload: Payload, us: str, member: str, stamp: Stamp) -> Renamed | None:
    """Without a card a member goes by a nickname, which the event does not tell."""
    name = payload.card_new or ""
    return Renamed(**stamp, member=member, name=name) if member and name.strip() else None


def _asked(payload: Payload, us: str, member: str, stamp: Stamp) -> JoinRequest | None:
    """The comment is kept raw: `问题：…\\n答案：…` where the group asks a question."""
    flag = str(payload.flag or "")
    if payload.sub_type != "add" or not (member and flag):
        return None
    return JoinRequest(**stamp, member=member, flag=flag, comment=payload.comment or "")


def _offline(payload: Payload, us: str, member: str, stamp: Stamp) -> AccountState:
    detail = payload.message if isinstance(payload.message, str) else payload.tag
    return AccountState(**stamp, online=False, detail=detail or "")


def _online(payload: Payload, us: str, member: str, stamp: Stamp) -> AccountState:
    return AccountState(**stamp, online=True)


Tell = Callable[[Payload, str, str, Stamp], AnyEvent | None]

IN_A_GROUP: dict[tuple[str, str], Tell] = {
    ("notice", "group_increase"): _joined,
    ("notice", "group_decrease"): _left,
    ("notice", "group_recall"): _recalled,
    ("notice", "group_ban"): _muted,
    ("notice", "group_admin"): _role_changed,
    ("notice", "group_card"): _renamed,
    ("request", "group"): _asked,
}

OF_OURS: dict[tuple[str, str], Tell] = {
    ("notice", "bot_offline"): _offline,
    ("notice", "bot_online"): _online,
}
"""Of an account of ours itself: kept in its direct chat with itself."""
