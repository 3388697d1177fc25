"""The made-up platform as people see it: plain values, ready for JSON."""

from datetime import datetime
from itertools import islice

from bot import times
from bot.events import Joined, JoinRequest, Left, Muted, RoleChanged
from bot.gateways.simulator.chats import Chat, Person, Posted
from bot.gateways.simulator.entries import (
    SHOWN,
    SWITCHES,
    US,
    Answered,
    Carded,
    Entry,
    Notice,
    Switched,
)
from bot.gateways.simulator.platform import Platform
from bot.people import ROLE_NAMES, Address

Json = dict[str, object]


def state(platform: Platform, now: datetime) -> Json:
    """Groups first, both kinds in the order they were opened; the last messages of each."""
    chats = sorted(platform.chats.values(), key=lambda chat: chat.direct)
    return {"now": now.isoformat(), "chats": [_chat(platform, chat, now) for chat in chats]}


def _chat(platform: Platform, chat: Chat, now: datetime) -> Json:
    lines = [(entry, _line(platform, chat, entry)) for entry in chat.lines]
    last = list(islice(reversed(chat.messages.values()), SHOWN))
    return {
        "key": chat.key,
        "target": Address.of(chat.key).target,
        "name": chat.name,
        "direct": chat.direct,
        "ours": chat.ours,
        "muted_all": chat.muted_all,
        **chat.switches,
        "members": [_member(person, now) for person in chat.members.values()],
        "messages": [_message(posted) for posted in reversed(last)],
        "notices": [
            {
                "id": _id(one),
                "text": one.text,
                "at": one.at.isoformat(),
                "picture": bool(one.picture),
            }
            for one in chat.notices[-SHOWN:]
        ],
        "files": [
            {"id": one.message.id, "name": one.file.text, "at": one.message.at.isoformat()}
            for one in chat.files
            if one.file
        ],
        "requests": [_request(platform, chat, one) for one in chat.requests.values()],
        "lines": [
            {"id": _id(entry), "text": text, "at": entry.at.isoformat()}
            for entry, text in lines
            if text
        ],
    }


def _member(person: Person, now: datetime) -> Json:
    until = person.muted_until
    return {
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "muted_until": until.isoformat() if until and until > now else None,
    }


def _message(posted: Posted) -> Json:
    message = posted.message
    attached = [
        {"kind": piece.kind, "name": piece.text}
        for piece in message.segments
        if piece.kind not in ("text", "at")
    ]
    return {
        "id": message.id,
        "member": message.member,
        "name": message.name,
        "role": message.role or "",
        "text": posted.text,
        "at": message.at.isoformat(),
        "edited": posted.edited,
        "recalled": bool(posted.recalled_by),
        "recalled_by": posted.recalled_by,
        "reply_to": message.reply_to,
        "kind": attached[0]["kind"] if attached else "text",
        "attachments": attached,
        "mentions": list(message.mentions),
        "own": message.own,
    }


def _request(platform: Platform, chat: Chat, request: JoinRequest) -> Json:
    answer = chat.answers.get(request.flag)
    return {
        "id": request.flag,
        "member": request.member,
        "name": platform.name(request.member),
        "comment": request.comment,
        "at": request.at.isoformat(),
        "state": ("accepted" if answer.accept else "refused") if answer else "open",
        "reason": answer.reason if answer else "",
    }


def _line(platform: Platform, chat: Chat, entry: Entry) -> str:
    """What a chat shows in grey between the messages."""
    match entry:
        case Joined():
            return f"{platform.name(entry.member)} 加入了群聊"
        case Left(removed=True):
            return f"{platform.name(entry.member)} 被{_by(platform, entry.operator)}移出群聊"
        case Left():
            return f"{platform.name(entry.member)} 退出了群聊"
        case Muted():
            return _muted(platform, entry)
        case RoleChanged():
            return f"{platform.name(entry.member)} 现在是{ROLE_NAMES[entry.role]}"
        case JoinRequest():
            return f"{platform.name(entry.member)} 申请入群：{entry.comment or '没有附言'}"
        case Answered():
            member = platform.name(chat.requests[entry.flag].member)
            said = f"：{entry.reason}" if entry.reason else ""
            return f"班长{'同意' if entry.accept else '拒绝'}了 {member} 的入群申请{said}"
        case Carded():
            return f"班长把 {platform.name(entry.member)} 的群名片改为 {entry.card}"
        case Notice():
            return "班长发布了群公告"
        case Switched():
            turned = "打开" if entry.on else "关闭"
            return f"{platform.name(entry.member)} {turned}了机器人的{SWITCHES[entry.switch]}"
    return ""


def _muted(platform: Platform, entry: Muted) -> str:
    who = platform.name(entry.member) if entry.member else "全体成员"
    by = _by(platform, entry.operator)
    if not entry.seconds:
        return f"{by}解除了{who}的禁言"
    lasts = f" {times.show_seconds(entry.seconds)}" if entry.member else ""
    return f"{who} 被{by}禁言{lasts}"


def _by(platform: Platform, operator: str) -> str:
    return platform.name(operator or US) if operator else "管理员"


def _id(entry: Entry) -> str:
    return entry.key.rpartition(":")[2]
