"""What the bot's actions come to on the made-up platform: entries for its log, or a no."""

from datetime import datetime

from bot.actions import (
    LONGEST_MUTE,
    Announce,
    AnswerJoin,
    AnyAction,
    Mute,
    MuteAll,
    Recall,
    Remove,
    Say,
    SendFile,
    SetCard,
    Unmute,
    UnmuteAll,
)
from bot.events import Joined, Left, Message, Muted, Recalled, Segment, typed
from bot.gateways import files
from bot.gateways.contract import Failed, SwitchedOff
from bot.gateways.simulator.chats import Chat
from bot.gateways.simulator.entries import (
    OUR_NAME,
    US,
    Answered,
    Banned,
    Carded,
    Entry,
    Notice,
    Stamp,
)
from bot.gateways.simulator.platform import Platform

NO_PUSH = "主动发言已被群主关闭"
ALLOW_PUSH = "请群主在群设置→群机器人里打开「允许主动发言」"


def of(action: AnyAction, platform: Platform, at: datetime) -> list[Entry]:
    """What to write down. Raises Failed for what the platform would refuse."""
    stamp = Stamp(key="", chat=action.chat, at=at)
    chat = platform.chats.get(action.chat)
    if chat is not None:
        _allowed(action, chat)
    if isinstance(action, Say):
        return [_said(action, platform, stamp)]
    if isinstance(action, SendFile):
        file = Segment("file", action.name, sendable(platform, action.path))
        return [_own(stamp, (file,))]
    if chat is None or chat.direct:
        raise Failed("没有这个群")
    return _in_group(action, chat, platform, stamp)


def _allowed(action: AnyAction, chat: Chat) -> None:
    """Raises SwitchedOff or Failed for what the people of the group keep the bot from."""
    unasked = isinstance(action, Announce | SendFile)
    if isinstance(action, Say):
        unasked = not action.reply_to
    if unasked and not chat.switches["push"]:
        raise SwitchedOff(NO_PUSH, fix=ALLOW_PUSH)
    if isinstance(action, Announce) and not chat.switches["notice"]:
        raise Failed("没有发公告的权限")


def _in_group(action: AnyAction, chat: Chat, platform: Platform, stamp: Stamp) -> list[Entry]:
    match action:
        case Announce():
            picture = sendable(platform, action.picture) if action.picture else ""
            return [Notice(**stamp, text=action.text, picture=picture)]
        case Recall():
            return _recalled(action, chat, stamp)
        case Mute():
            member = _present(chat, action.member)
            return [Muted(**stamp, member=member, seconds=action.seconds, operator=US)]
        case Unmute():
            return [Muted(**stamp, member=action.member, seconds=0, operator=US)]
        case MuteAll():
            return [Muted(**stamp, member="", seconds=LONGEST_MUTE, operator=US)]
        case UnmuteAll():
            return [Muted(**stamp, member="", seconds=0, operator=US)]
        case SetCard():
            return [Carded(**stamp, member=_present(chat, action.member), card=action.card)]
        case Remove():
            return _removed(action, chat, stamp)
        case AnswerJoin():
            return _answered(action, chat, platform, stamp)
    raise Failed("平台没有这个功能")


def _said(action: Say, platform: Platform, stamp: Stamp) -> Message:
    named = [
        Segment("at", "全体成员" if member == "all" else platform.name(member), member)
        for member in action.mention
    ]
    drawn = [Segment("image", ref=sendable(platform, action.picture))] if action.picture else []
    return _own(stamp, (*named, Segment("text", action.text), *drawn), action.reply_to)


def _own(stamp: Stamp, pieces: tuple[Segment, ...], reply_to: str = "") -> Message:
    return Message(
        **stamp,
        id="",
        member=US,
        name=OUR_NAME,
        text=typed(pieces, us=US),
        segments=pieces,
        reply_to=reply_to,
        own=True,
    )


def _recalled(action: Recall, chat: Chat, stamp: Stamp) -> list[Entry]:
    posted = chat.messages.get(action.message)
    if posted is None:
        raise Failed("msg not found")
    if posted.recalled_by:
        return []
    author = posted.message.member
    return [Recalled(**stamp, message=action.message, member=author, operator=US)]


def _removed(action: Remove, chat: Chat, stamp: Stamp) -> list[Entry]:
    member = _present(chat, action.member)
    left = Left(**stamp, member=member, operator=US, removed=True)
    return [left, Banned(**stamp, member=member)] if action.for_good else [left]


def _answered(action: AnswerJoin, chat: Chat, platform: Platform, stamp: Stamp) -> list[Entry]:
    request = chat.requests.get(action.flag)
    if request is None or action.flag in chat.answers:
        raise Failed("这个申请不存在或已处理")
    answer = Answered(**stamp, flag=action.flag, accept=action.accept, reason=action.reason)
    if not action.accept or request.member in chat.members:
        return [answer]
    name = platform.name(request.member)
    return [answer, Joined(**stamp, member=request.member, name=name, operator=US)]


def _present(chat: Chat, member: str) -> str:
    if member not in chat.members:
        raise Failed("没有这个成员")
    return member


def sendable(platform: Platform, name: str) -> str:
    """A file below the platform's folder, as a path from there. Raises Failed."""
    folder = platform.log.parent
    return str(files.inside(folder, name).relative_to(folder.resolve()))
