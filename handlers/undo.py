"""撤销: taking back the caller's own last change."""

from handlers import changing
from handlers.commands import PLANNERS, Answer, Call, Refused, command
from storage import changes, rulebook


@command("撤销", who=PLANNERS, deed="撤销")
def undo(call: Call) -> Answer:
    """撤销你自己在本群的上一次改动（群规或嘉宾安排）。"""
    rules = rulebook.last_by(call.db, group_id=call.group.id, author=call.member)
    plan = changes.last_change_by(call.db, group_id=call.group.id, author=call.member)
    if rules is not None and (plan is None or rules.made >= plan.made):
        number = rulebook.undo(call.db, rules, now=call.now)
        if number is None:
            raise Refused(f"「{rules.change}」之后又有人改过这条规则，没有撤销")
        return f"已撤销「{rules.change}」，群规回到第{number}版"
    if plan is not None:
        return changing.take_back(call, plan)
    raise Refused("没有可以撤销的改动")
