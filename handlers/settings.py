"""Owners reading and changing the group's rules by chat."""

import re
from collections.abc import Callable, Mapping

from bot import times
from handlers import keeping, rulelines, sections
from handlers.commands import (
    EVERYONE,
    KEEPERS,
    PLANNERS,
    Answer,
    Call,
    Refused,
    command,
    nearest_of,
)
from handlers.grammar import narrow
from handlers.parents import adopted
from rules.engine import RULES, Rule
from storage import policy, rulebook
from storage.layers import Resolved
from storage.rulebook import Choice

_DEED = "改群规"
_EFFECT = "已改，下一条消息起生效。"
_TRIED = (
    "新加的先试运行：24 小时或 500 条后告诉你会多处理哪些，现在不动手。"
    "马上执行发「{rule} 启用」，不要了发「{rule} 作罢」。"
)


def named(name: str) -> Rule | None:
    """The rule that is called so."""
    return next((r for r in RULES.values() if name in (r.name, *r.aliases)), None)


@command(
    "规则 [规则名]",
    who=EVERYONE,
    aliases=("群规",),
    fits=lambda rest: not rest or named(rest) is not None,
)
def show(call: Call, name: str | None) -> Answer:
    """看群规：每条规则的设置、从哪里来（公司、上级群、本群、默认）、版本和修改人。"""
    if name:
        return explain(call, rule_named(name).name)
    return shown(call, f"{call.group.name} 群规")


def shown(call: Call, title: str) -> str:
    """Every rule, and whatever else is set, each value with its origin."""
    version = rulebook.current(call.db, call.layer)
    if version is None:
        head = f"{title} 第1版（{call.whose}没有改过）"
    else:
        when = times.show_moment(version.made, call.group.zone)
        head = f"{title} 第{version.number}版（{version.author_name} {when} 改）"
    resolved = policy.resolved(call.db, call.layer)
    lines = [rulelines.show(RULES[rule], resolved) for rule in RULES]
    others = _others(resolved) if call.roles & PLANNERS else []
    return "\n".join([head, *lines, *others])


def _others(resolved: Resolved) -> list[str]:
    """What is set besides the rules."""
    lines = []
    for place, words in sections.flat(resolved.book).items():
        if place.section.word != sections.RULES_WORD:
            names = sections.names(place, resolved.book[place.key])
            lines.append(f"· {place}：{words}（{resolved.origin(place.key, names)}）")
    return lines


def explain(call: Call, name: str) -> str:
    """What one rule does in this group, and how to change it."""
    rule = RULES[name]
    caught = next((e.texts[-1] for e in rule.examples if e.broken), "")
    passed = next((e.texts[-1] for e in rule.examples if not e.broken), "")
    ways = re.sub(r"\{\w+\}", "…", "」「".join(f"{rule.name} {p}" for p in rule.params.phrases))
    modes = "关/观察/执行" if rulelines.quiet(rule) else "关/观察/询问/执行"
    steps = "" if rulelines.quiet(rule) else f"「{rule.name} 首次提醒 再犯禁言10分钟」"
    return "\n".join(
        [
            f"{rule.name}：{rule.help}",
            rulelines.show(rule, policy.resolved(call.db, call.layer)),
            f"会管：{caught}　不管：{passed}",
            f"改法：「{ways}」「{rule.name} {modes}」{steps}「{rule.name} 默认」",
        ]
    )


def rule_named(name: str) -> Rule:
    """The rule that is called so. Raises Refused, with the one that may be meant."""
    if rule := named(name):
        return rule
    near = nearest_of(name, RULES)
    raise Refused(f"没有「{name}」这条规则" + (f"，是「{near}」吗？" if near else ""))


def _changer(rule: Rule) -> Callable[[Call, str], Answer]:
    def change(call: Call, wanted: str) -> Answer:
        own = keeping.own(call).get(rule.name, Choice())
        choices = _chosen(call, rule, own, wanted)
        version = keeping.keep(call, choices, f"{rule.name} {wanted}")
        choice = choices.get(rule.name) or Choice()
        tried = choice.trial and choice.trial != own.trial
        named = f"公司规则 {rule.name}" if call.company else rule.name
        effect = _TRIED.format(rule=named) if tried else _EFFECT
        line = rulelines.show(rule, policy.resolved(call.db, call.layer))
        title = "公司规则" if call.company else "群规"
        head = f"{effect}{title} 第{version.number}版"
        back = f"改回去发{keeping.way_back(call)}"
        return "\n".join(filter(None, (head, line, keeping.reach(call), back)))

    change.__doc__ = f"改「{rule.name}」：{rule.help}"
    return change


def _chosen(call: Call, rule: Rule, own: Choice, wanted: str) -> Mapping[str, Choice | None]:
    """What a line changes; what is on trial because of a parent group is adopted where it is."""
    word = narrow(wanted).strip()
    above = keeping.above(call).get(rule.name, Choice())
    if word in (rulelines.ADOPT, rulelines.DROP) and not own.trial and above.trial:
        return adopted(keeping.own(call), rule.name, adopt=word == rulelines.ADOPT)
    choice = rulelines.read(rule, own, wanted, above=above, since=call.now.isoformat())
    return {rule.name: None if choice == Choice() else choice}


for _rule in RULES.values():
    _declare = command(
        f"{_rule.name} <设置>", who=KEEPERS, aliases=_rule.aliases, deed=_DEED, sets=True
    )
    _declare(_changer(_rule))
