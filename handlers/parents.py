"""上级群: another group whose choices hold here as well, as long as nothing else is chosen."""

from collections.abc import Mapping

from msgspec.structs import replace

from bot.people import Role
from handlers import differences, keeping, naming
from handlers.commands import KEEPERS, Answer, Call, Refused, command
from handlers.grammar import Options
from rules.engine import RULES
from storage import policy, rulebook
from storage.groups import Group
from storage.layers import resolve
from storage.rulebook import PARENT, Choice, Rulebook

_NONE = ("无", "没有", "取消")


@command("上级群 [群名] [确认=]", who=KEEPERS, deed="定上级群")
def parent(call: Call, name: str | None, options: Options) -> Answer:
    """看或定上级群：它的群规本群照用，本群自己定的优先；不要了发「上级群 无」。"""
    now = policy.parent(call.db, call.group.id)
    if not name:
        return f"上级群：{now.name if now else '没有'}。定一个发「上级群 群名」"
    if Role.OWNER not in call.roles:
        raise Refused("只有群主可以定上级群")
    if name in _NONE:
        if now is None:
            raise Refused("本来就没有上级群，没有改动")
        choices: Mapping[str, Choice | None] = {PARENT: None}
    else:
        choices = {PARENT: _link(call, _wanted(call, name, now))}
    confirmed = options.get("确认", "")
    line = keeping.said_again(call, f"上级群 {name}")
    return differences.settle(
        call, choices, what=f"上级群 {name}", line=line, confirmed=confirmed, always=True
    )


def _wanted(call: Call, name: str, now: Group | None) -> Group:
    """The group named, if the caller decides there too and it may be above this one."""
    group = naming.group(call, name)
    naming.decides_in(call, group)
    if now is not None and now.id == group.id:
        raise Refused(f"上级群已经是 {group.name}，没有改动")
    if group.id == call.group.id or group.id in rulebook.below(call.db, call.group.id):
        raise Refused(f"{group.name} 不能做上级群：它就是本群，或者在本群下面")
    if len(policy.above(call.db, group.id)) > policy.MOST_PARENTS:
        raise Refused(f"{group.name} 上面已经有太多层了")
    return group


def _link(call: Call, group: Group) -> Choice:
    """The link, with lists that would catch more than they do here only watched at first."""
    plain = Choice(params={"group": group.id})
    before = keeping.in_force(call)
    own = keeping.own(call) | {PARENT: plain}
    after = resolve(policy.above(call.db, call.group.id, own)).book
    watched: dict[str, object] = {}
    for name, rule in RULES.items():
        has, gets = (book.get(name, Choice()).params for book in (before, after))
        if lists := [one for one in rule.params.widens if _longer(gets.get(one), has.get(one))]:
            watched[name] = lists
    return replace(plain, trial=watched, since=call.now.isoformat() if watched else "")


def _longer(value: object, before: object) -> bool:
    known = before if isinstance(before, list) else []
    return isinstance(value, list) and any(one not in known for one in value)


def adopted(own: Rulebook, rule: str, *, adopt: bool) -> Mapping[str, Choice]:
    """启用 or 作罢 for what is on trial here because it came from above."""
    link = own.get(PARENT, Choice())
    if rule not in link.trial:
        raise Refused("这是公司或上级群在试运行的，由那边决定，没有改动")
    if not adopt:
        raise Refused("这是上级群带来的。不要了发「上级群 无」，没有改动")
    left = {name: lists for name, lists in link.trial.items() if name != rule}
    return {PARENT: replace(link, trial=left, since=link.since if left else "")}
