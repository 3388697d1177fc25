"""撤销: taking back the caller's own last change."""

from handlers import acts, ordered, restoring
from handlers.commands import KEEPERS, PLANNERS, Answer, Call, Refused, command, show_roles
from handlers.grammar import Code, Options
from storage import changes, rulebook


@command("撤销 [回执] [确认=]", who=PLANNERS, aliases=("撤消",), deed="撤销")
def undo(call: Call, code: Code | None, options: Options) -> Answer:
    """撤销你自己在本群的上一次改动（群规或嘉宾安排）；带上回执号，撤销那一次处理。"""
    if code is not None:
        if not call.roles & KEEPERS:
            raise Refused(f"只有{show_roles(KEEPERS)}可以撤销处理")
        deed = ordered.find(call, code)
        return ordered.take_back(call, deed) if deed else acts.take_back(call, code)
    rules = rulebook.last_by(call.db, group_id=call.group.id, author=call.member)
    plan = changes.last_change_by(call.db, group_id=call.group.id, author=call.member)
    if rules is not None and (plan is None or rules.made >= plan.made):
        number = rulebook.undo(call.db, rules, now=call.now)
        if number is None:
            raise Refused(f"「{rules.change}」之后又有人改过这条规则，没有撤销")
        return f"已撤销「{rules.change}」，群规回到第{number}版"
    if plan is not None:
        return restoring.take_back(call, plan, options)
    raise Refused("没有可以撤销的改动")
