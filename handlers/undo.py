"""撤销: taking back the caller's own last change."""

from handlers import acts, ordered, restoring
from handlers.commands import (
    KEEPERS,
    PLANNERS,
    Answer,
    Call,
    NoneHere,
    Refused,
    command,
    show_roles,
)
from handlers.grammar import Code, Options
from storage import changes, groups, rulebook
from storage.rulebook import Version


@command("撤销 [回执] [确认=]", who=PLANNERS, aliases=("撤消",), deed="撤销")
def undo(call: Call, code: Code | None, options: Options) -> Answer:
    """撤销你自己在本群的上一次改动（群规、配置或嘉宾安排）；带上回执号，撤销那一次处理。"""
    if code is not None:
        if not call.roles & KEEPERS:
            raise Refused(f"只有{show_roles(KEEPERS)}可以撤销处理")
        deed = ordered.find(call, code)
        return ordered.take_back(call, deed) if deed else acts.take_back(call, code)
    rules = rulebook.last_by(call.db, group_id=call.group.id, author=call.member, chat=call.chat)
    plan = changes.last_change_by(call.db, group_id=call.group.id, author=call.member)
    if rules is not None and (plan is None or rules.made >= plan.made):
        return taken_back(call, rules)
    if plan is not None:
        return restoring.take_back(call, plan, options)
    raise NoneHere("没有可以撤销的改动")


def taken_back(call: Call, version: Version) -> str:
    """Take one change of choices back, and say what of it could not be."""
    undone = rulebook.undo(call.db, version, now=call.now)
    if undone is None:
        raise Refused(f"「{version.change}」之后又有人改过这条规则，没有撤销")
    kept = f"。「{'」「'.join(sorted(undone.kept))}」之后又有人改过，没有动" if undone.kept else ""
    return f"已撤销「{version.change}」，{_whose(call, version)}回到第{undone.number}版{kept}"


def _whose(call: Call, version: Version) -> str:
    """The choices are mostly those of the group where it is said."""
    if version.group_id is None:
        return "公司规则"
    if version.group_id == call.group.id:
        return "群规"
    return f"{groups.get(call.db, version.group_id).name} 群规"
