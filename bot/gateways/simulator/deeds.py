"""What the bot's actions come to on the made-up platform: entries for its log, or a no."""

from datetime import datetime
from pathlib import Path

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
from bot.gateways.contract import Failed
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
from bot.gateways.simulator.platform import Chat, Platform


def of(action: AnyAction, platform: Platform, at: datetime) -> list[Entry]:
    """What to write down. Raises Failed for what the platform would refuse."""
    stamp = Stamp(key="", chat=action.chat, at=at)
    if isinstance(action, Say):
        return [_said(action, platform, stamp)]
    if isinstance(action, SendFile):
        file = Segment("file", action.name, str(sendable(platform.log.parent, action.path)))
        return [_own(stamp, (file,))]
    chat = platform.chats.get(action.chat)
    if chat is None or chat.direct:
        raise Failed("没有这个群")
    return _in_group(action, chat, platform, stamp)


def _in_group(action: AnyAction, chat: Chat, platform: Platform, stamp: Stamp) -> list[Entry]:
    match action:
        case Announce():
            return [Notice(**stamp, text=action.text)]
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
    return _own(stamp, (*named, Segment("text", action.text)), action.reply_to)


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


def sendable(folder: Path, path: str) -> Path:
    """A file below the folder, with links followed, as a path from there. Raises Failed."""
    try:
        file = (folder / path).resolve()
        if file.is_file():
            return file.relative_to(folder.resolve())
    except (OSError, ValueError):
        pass
    raise Failed("没有这个文件，或它不在数据目录里")
