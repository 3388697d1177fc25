"""公司规则: what holds in all groups as long as they choose nothing else; HR's, in private."""

from dataclasses import replace

from bot.people import Role
from handlers.commands import Answer, Call, Refused, command, find, run_anyway
from handlers.settings import shown
from handlers.undo import taken_back
from storage import members, rulebook

HR = frozenset({Role.HR, Role.HR_LEAD})


@command("公司规则 [设置]", who=HR, aliases=("公司 规则",), deed="改公司规则", apart=True)
def company(call: Call, words: str | None) -> Answer:
    """看或改所有群的默认，写法和群里一样，如：公司规则 刷屏 上限=8条/10秒；公司规则 撤销。"""
    if not call.address.direct:
        raise Refused("公司规则管所有的群，请私聊我说")
    platform = call.address.platform
    if not members.over_all(call.db, platform=platform, member=call.member, roles=HR):
        raise Refused("只有管全公司的 HR 可以看和改公司规则，你管的是一部分")
    call = replace(call, company=True)
    if not words:
        return shown(call, "公司规则")
    if words in ("撤销", "撤消"):
        return _undo(call)
    found = find(words)
    if found is None or not found[0].sets:
        known = "、".join(("刷屏 …", "步骤设置 …", "入群 条件 …", "预设 …", "导入配置 …"))
        raise Refused(f"看不懂「{words[:40]}」。后面写群里的设置命令，如：{known}")
    return run_anyway(call, *found)


def _undo(call: Call) -> str:
    last = rulebook.last_by(call.db, group_id=None, author=call.member)
    if last is None:
        raise Refused("没有可以撤销的改动")
    return taken_back(call, last)
