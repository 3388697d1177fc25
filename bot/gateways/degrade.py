"""What to do instead where a platform cannot, and what to tell the owner. Pure."""

from dataclasses import dataclass

from bot.actions import (
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
from bot.gateways.contract import Can
from bot.people import Address

UNSUPPORTED = "这个平台没有这个接口"


@dataclass(frozen=True, slots=True)
class Instead:
    """`actions` take the failed one's place; `word` is for the owner, empty when none is due."""

    actions: tuple[AnyAction, ...] = ()
    word: str = ""


_WORDS: dict[type[AnyAction], str] = {
    Recall: "没能撤回一条违规消息（{why}），消息还在，请手动撤回。把机器人设为管理员后会自动撤回",
    Mute: "没能禁言违规成员（{why}），请手动处理。把机器人设为管理员后会自动禁言",
    Unmute: "没能解除禁言（{why}），请手动解除",
    MuteAll: "没能开启全员禁言（{why}），已改用提问排队",
    UnmuteAll: "没能解除全员禁言（{why}），请马上手动解除",
    Remove: "没能移出成员（{why}），请在群管理里手动移出",
    AnswerJoin: "没能处理一条入群申请（{why}），请在群管理里处理",
    SetCard: "没能改群名片（{why}）",
    Announce: "未能发布群公告（{why}），已改为普通消息",
    SendFile: "没能把文件放进群文件（{why}），已在群里说明",
}

_WHERE_THERE_IS_NONE: dict[type[AnyAction], str] = {
    MuteAll: "本群平台不支持全员禁言，已改用提问排队",
    UnmuteAll: "",
}
"""Where a platform has no such thing, nobody can do it by hand, and nothing is left in force."""


def instead(action: AnyAction, why: str) -> Instead:
    """What becomes of an action that the platform refused, for the reason `why`."""
    words = _WORDS | _WHERE_THERE_IS_NONE if why == UNSUPPORTED else _WORDS
    word = words.get(type(action), "").format(why=why)
    if isinstance(action, Announce):
        return Instead((Say(chat=action.chat, text=action.text, picture=action.picture),), word)
    if isinstance(action, SendFile):
        text = f"《{action.name}》放不进群文件，需要的话请向 HR 索取下载"
        return Instead((Say(chat=action.chat, text=text),), word)
    if isinstance(action, Say) and action.via and Address.of(action.chat).direct:
        person = Address.of(action.chat).person
        text = "有一条给你的私聊消息发不出去，请先加我为好友，再私聊我一句"
        return Instead((Say(chat=action.via, text=text, mention=(person,)),))
    return Instead((), word)


def able(can: Can, action: AnyAction) -> bool:
    """Whether the platform has such a thing at all."""
    if isinstance(action, Say):
        return can.direct or not Address.of(action.chat).direct
    abilities = {
        Recall: can.recall,
        Mute: can.mute,
        Unmute: can.mute,
        MuteAll: can.mute_all,
        UnmuteAll: can.mute_all,
        Remove: can.remove,
        AnswerJoin: can.answer_join,
        SetCard: can.set_card,
        Announce: can.announce,
        SendFile: can.send_file,
    }
    return abilities[type(action)]
