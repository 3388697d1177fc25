"""What an owner ordered, by its receipt: why it was done, and taking it back."""

from bot import times
from bot.actions import AnyAction, Say, UnmuteAll
from bot.people import Address
from handlers.commands import KEEPERS, Call, Refused
from handlers.grammar import Code
from storage import blacklist, deeds, groups
from storage.deeds import Deed, Kind

_STAYS = {
    Kind.REMOVED: "人已经移出，拉不回来，请重新邀请",
    Kind.RECALLED: "撤回的消息放不回来，可以请本人重发",
}


def find(call: Call, code: Code | None) -> Deed | None:
    """The order with this receipt, for those who keep the group and for whoever it was about."""
    found = deeds.find(call.db, group_id=call.group.id, code=code) if code else None
    mine = found is not None and found.member == call.member
    return found if mine or call.roles & KEEPERS else None


def why(call: Call, deed: Deed) -> str:
    about = f" {deed.name or deed.member}" if deed.member else ""
    count = f"，{deed.count} 条" if deed.kind == Kind.RECALLED else ""
    when = times.show_moment(deed.at, call.group.zone)
    lines = [f"{deed.code}：{when} {deed.by_name} {deed.kind}{about}{count}"]
    lines += [f"理由：{deed.reason}"] if deed.reason else []
    if deed.ended:
        ended = times.show_moment(deed.ended, call.group.zone)
        lines.append(f"{ended} 已解除（{deed.ended_by}）")
    elif deed.until:
        lines.append(f"到 {times.show_moment(deed.until, call.group.zone)} 自动解除")
    return "\n".join(lines)


def take_back(call: Call, deed: Deed) -> list[AnyAction]:
    """As far as it can be; plain words where it cannot. Raises Refused for what is over."""
    if deed.ended is not None:
        raise Refused(f"{deed.code} 已经解除了")
    deeds.end(call.db, deed, by=call.name, now=call.now)
    done: list[AnyAction] = []
    words = _STAYS.get(Kind(deed.kind), "已撤销")
    if deed.member and blacklist.remove(call.db, group_id=call.group.id, member=deed.member):
        words = f"{words if deed.kind == Kind.REMOVED else '已撤销'}，已放出黑名单"
    if deed.kind == Kind.MUTED_ALL:
        done += [
            UnmuteAll(chat=chat.key)
            for chat in groups.chats_of(call.db, call.group.id)
            if not Address.of(chat.key).direct
        ]
        words = "正在解除全员禁言"
    return [*done, _answer(call, f"{deed.code} {words}")]


def _answer(call: Call, text: str) -> Say:
    reply_to = "" if call.address.direct else call.message.id
    return Say(chat=call.chat, text=text, reply_to=reply_to)
