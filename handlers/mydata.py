"""我的数据: what is kept of somebody, how much, what for and how long."""

from bot import times
from handlers.commands import EVERYONE, Answer, Call, command
from storage import personal
from storage.personal import Kept

_FOR_GOOD = "一直保留，由管理员按公司制度清理"
_LATEST = 3


@command("我的数据", who=EVERYONE, aliases=("我的 数据",))
def show(call: Call) -> Answer:
    """看存了你的什么数据、多少、为什么、留多久；只发给你自己。"""
    kept = personal.kept(call.db, platform=call.address.platform, member=call.member)
    lines = [
        "存了你的这些数据（同一个人的几个账号算在一起）：",
        *(f"· {name}：{count}，用于{why}，{until}" for name, count, why, until in _kinds(kept)),
        *_shown(kept, call.group.zone),
        "只在公司内部用。要更正或删除请找 HR；被误判了发「申诉」加回执号。",
    ]
    return [call.privately("\n".join(lines))]


def _kinds(kept: Kept) -> list[tuple[str, str, str, str]]:
    """Name, how much, what for, and how long; nothing is deleted by itself so far."""
    roster = "有" if kept.roster else "没有"
    return [
        ("花名册（工号、部门等）", roster, "核对身份和入群条件", "在职期间保留"),
        ("消息存档", f"{kept.messages} 条", "整理分享纪要和执行群规", _FOR_GOOD),
        ("提问", f"{kept.questions} 个", "排队回答和写进纪要", _FOR_GOOD),
        ("报名", f"{kept.sign_ups} 场", "估计到场人数", _FOR_GOOD),
        ("签到", f"{kept.marks} 次", "统计到场", _FOR_GOOD),
        ("评价", f"{kept.feedback} 份", "改进分享，只看汇总", _FOR_GOOD),
        ("违规记录", f"{kept.strikes} 条", "按群规逐级处理", "过期后不再计入，记录" + _FOR_GOOD),
        ("入群申请和核验", f"{kept.joins} 次", "决定能否进群", _FOR_GOOD),
        ("数据说明", f"{len(kept.shown)} 次", "证明告知过你", _FOR_GOOD),
    ]


def _shown(kept: Kept, zone: str) -> list[str]:
    """When somebody was told, and which version of the text it was."""
    return [
        f"　{times.show_moment(one.shown, zone)} 在群里告知，版本 {one.version}"
        for one in kept.shown[-_LATEST:]
        if one.shown is not None
    ]
