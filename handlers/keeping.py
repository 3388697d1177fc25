"""Keeping what a group chose, or the company, in its rulebook; every such command does it here."""

from collections.abc import Mapping

from handlers.call import Call
from schedules import digests
from storage import groups, policy, rulebook
from storage.layers import resolve
from storage.rulebook import Choice, Rulebook, Version

UNDO_COMPANY = "公司规则 撤销"


def own(call: Call) -> Rulebook:
    """What was chosen here itself."""
    return rulebook.book(call.db, call.layer)


def above(call: Call) -> Rulebook:
    """What holds here as long as nothing else is chosen."""
    return resolve(policy.above(call.db, call.layer)).book


def in_force(call: Call) -> Rulebook:
    return policy.book(call.db, call.layer)


def keep(call: Call, choices: Mapping[str, Choice | None], what: str) -> Version:
    """Make one change, which one 撤销 takes back."""
    return rulebook.change(
        call.db,
        group_id=call.layer,
        choices=choices,
        author=call.member,
        author_name=call.name,
        what=what,
        now=call.now,
        chat=call.chat,
    )


def keep_params(call: Call, key: str, params: Mapping[str, object], what: str) -> Version:
    return keep(call, {key: Choice(params=dict(params))}, what)


def said_again(call: Call, line: str) -> str:
    """A command as it has to be said again here, to be about the same."""
    if call.company:
        return f"公司规则 {line}"
    return f"{line}{digests.here(call.group)}" if call.address.direct else line


def reach(call: Call) -> str:
    """Whom else a change concerns, to follow what was done."""
    if call.company:
        return f"管全部 {len(groups.everyone(call.db))} 个群，自己另外设了的除外"
    below = len(rulebook.below(call.db, call.group.id))
    return f"下面 {below} 个群也照这个，自己另外设了的除外" if below else ""


def way_back(call: Call) -> str:
    """What to say to have the last change back."""
    return call.line(UNDO_COMPANY if call.company else "撤销")
