"""Which group people mean when they name one, and whether they have a say in it."""

import re

from bot.people import Role
from handlers.commands import PLANNERS, Call, Refused, nearest_of, show_roles
from storage import groups, members
from storage.groups import Group

_NUMBER = re.compile(r"[Gg](\d{1,9})")


def group(call: Call, name: str) -> Group:
    """By name, or by number as in G6, which is also how posts of an evening name it."""
    wanted = name.strip()
    found = groups.named(call.db, wanted)
    if found is None and (number := _NUMBER.fullmatch(wanted)):
        found = call.db.get(Group, int(number[1]))
    if found is None:
        near = nearest_of(wanted, [one.name for one in _mine(call)])
        raise Refused(f"没有叫「{wanted[:40]}」的群" + (f"，是「{near}」吗？" if near else ""))
    return found


def _mine(call: Call) -> list[Group]:
    """Groups that the caller may hear the names of."""
    return [one for one in groups.everyone(call.db) if roles(call, one) & PLANNERS]


def roles(call: Call, group: Group) -> frozenset[Role]:
    """What the caller is in another group."""
    platform = call.address.platform
    return members.roles_in(call.db, group, platform=platform, member=call.member)


def decides_in(call: Call, group: Group) -> None:
    """Raises Refused for somebody who may not even look at the group's set-up."""
    if not roles(call, group) & PLANNERS:
        raise Refused(f"你在「{group.name}」不是{show_roles(PLANNERS)}，不能用它的配置")
