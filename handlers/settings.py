"""Owners reading and changing the group's rules by chat."""

import re
from collections.abc import Callable

from annotated_types import Ge, Le
from msgspec.structs import replace
from pydantic import ValidationError

from bot import times
from handlers import ladder
from handlers.commands import EVERYONE, KEEPERS, Answer, Call, Refused, command, nearest_of
from handlers.grammar import narrow
from rules import engine
from rules.engine import RULES, Mode, Params, Rule, Setting
from storage import rulebook
from storage.rulebook import Choice, Rulebook

_MODES = {
    "开": Mode.ENFORCE,
    "开启": Mode.ENFORCE,
    "执行": Mode.ENFORCE,
    "关": Mode.OFF,
    "关闭": Mode.OFF,
    "观察": Mode.OBSERVE,
    "询问": Mode.ASK,
}
_ADOPT, _DROP = "启用", "作罢"
"""What to say about settings that are being tried."""

_DEED = "改群规"
_NUDGES, _RENAMES = "只私下告诉群主", "只私下请群主决定改不改名"
_TRIED = (
    "新加的先试运行：24 小时或 500 条后告诉你会多处理哪些，现在不动手。"
    "马上执行发「{rule} 启用」，不要了发「{rule} 作罢」。"
)

engine.discover()


def settings(book: Rulebook) -> dict[str, Setting]:
    """Every rule as the group wants it; a choice that no longer fits falls back to defaults."""
    return {name: _setting(rule, book.get(name, Choice())) for name, rule in RULES.items()}


def _setting(rule: Rule, choice: Choice) -> Setting:
    try:
        params = rule.params.model_validate(choice.params)
    except ValidationError:
        params = rule.params()
    trial = rule.params.model_validate(choice.trial) if choice.trial else None
    return Setting(Mode(choice.mode) if choice.mode else Mode.ENFORCE, params, trial)


def _named(name: str) -> Rule | None:
    return next((r for r in RULES.values() if name in (r.name, *r.aliases)), None)


@command(
    "规则 [规则名]",
    who=EVERYONE,
    aliases=("群规",),
    fits=lambda rest: not rest or _named(rest) is not None,
)
def show(call: Call, name: str | None) -> Answer:
    """看群规：每条规则的设置、版本和修改人。"""
    version = rulebook.current(call.db, call.group.id)
    book = version.book if version else {}
    if name:
        return _explain(_rule_named(name), book)
    if version is None:
        head = f"{call.group.name} 群规 第1版（全部为默认）"
    else:
        when = times.show_moment(version.made, call.group.zone)
        head = f"{call.group.name} 群规 第{version.number}版（{version.author_name} {when} 改）"
    return "\n".join([head, *(_line(RULES[rule], book) for rule in RULES)])


def explain(call: Call, name: str) -> str:
    """What one rule does in this group, and how to change it."""
    return _explain(RULES[name], rulebook.book(call.db, call.group.id))


def _line(rule: Rule, book: Rulebook) -> str:
    choice = book.get(rule.name, Choice())
    setting = _setting(rule, choice)
    origin = "本群" if rule.name in book else "默认"
    shown = engine.show_phrases(setting.params)
    steps = _quiet(rule) or ladder.show(choice.ladder, recalls=rule.recalls)
    parts = [f"· {rule.name} [{setting.mode}]", shown, f"{steps}（{origin}）"]
    if setting.trial is not None:
        parts.append(f"试运行中：{engine.show_phrases(setting.trial)}")
    return " ".join(part for part in parts if part)


def _quiet(rule: Rule) -> str:
    """What a rule leads to that has no ladder; empty when it has one."""
    return _NUDGES if rule.nudges else _RENAMES if rule.renames else ""


def _explain(rule: Rule, book: Rulebook) -> str:
    caught = next((e.texts[-1] for e in rule.examples if e.broken), "")
    passed = next((e.texts[-1] for e in rule.examples if not e.broken), "")
    ways = re.sub(r"\{\w+\}", "…", "」「".join(f"{rule.name} {p}" for p in rule.params.phrases))
    modes = "关/观察/执行" if _quiet(rule) else "关/观察/询问/执行"
    steps = "" if _quiet(rule) else f"「{rule.name} 首次提醒 再犯禁言10分钟」"
    return "\n".join(
        [
            f"{rule.name}：{rule.help}",
            _line(rule, book),
            f"会管：{caught}　不管：{passed}",
            f"改法：「{ways}」「{rule.name} {modes}」{steps}",
        ]
    )


def _rule_named(name: str) -> Rule:
    if rule := _named(name):
        return rule
    near = nearest_of(name, RULES)
    raise Refused(f"没有「{name}」这条规则" + (f"，是「{near}」吗？" if near else ""))


def _changer(rule: Rule) -> Callable[[Call, str], Answer]:
    def change(call: Call, wanted: str) -> Answer:
        before = rulebook.book(call.db, call.group.id).get(rule.name, Choice())
        choice = read(rule, before, wanted, since=call.now.isoformat())
        version = rulebook.change(
            call.db,
            group_id=call.group.id,
            rule=rule.name,
            choice=choice,
            author=call.member,
            author_name=call.name,
            what=f"{rule.name} {wanted}",
            now=call.now,
        )
        line = _line(rule, version.book)
        undo = call.line("撤销")
        tried = choice.trial and choice.trial != before.trial
        effect = _TRIED.format(rule=rule.name) if tried else "已改，下一条消息起生效。"
        return f"{effect}群规 第{version.number}版\n{line}\n改回去发{undo}"

    change.__doc__ = f"改「{rule.name}」：{rule.help}"
    return change


def read(rule: Rule, before: Choice, wanted: str, *, since: str = "") -> Choice:
    """A line such as 上限 6条/30秒 首次提醒 再犯禁言10分钟, or 观察.

    What would catch more words than before is tried first, unless the line says 执行. `since` is
    now, as ISO. Raises Refused when a part of the line is not understood; then nothing is changed.
    """
    if narrow(wanted).strip() in (_ADOPT, _DROP):
        return _after_trial(before, adopt=narrow(wanted).strip() == _ADOPT)
    try:
        rungs, rest = ladder.read(narrow(wanted))
        params, rest = engine.read_phrases(_setting(rule, before).params, rest)
    except ValidationError as problem:
        raise Refused(_out_of_bounds(rule, problem)) from None
    except ValueError as problem:
        raise Refused(str(problem)) from None
    if rungs and _quiet(rule):
        raise Refused(f"「{rule.name}」{_quiet(rule)}，没有处理步骤可改，没有改动")
    mode, left = _take_mode(rest)
    if left.strip(" ,，;；。、"):
        how = f"规则 {rule.name}"
        raise Refused(f"看不懂「{left}」，没有改动。写法发「{how}」看")
    chosen = _chosen(rule.params(), params)
    now = Choice(
        mode=mode or before.mode,
        params=chosen,
        ladder=rungs or before.ladder,
        since=since if mode == Mode.OBSERVE else before.since,
    )
    if mode != Mode.ENFORCE and _wider(rule, _setting(rule, before).params, params):
        return replace(now, params=before.params, trial=chosen, since=since)
    return now


def _wider(rule: Rule, before: Params, after: Params) -> bool:
    """Whether a list that catches more the longer it is got something new."""
    return any(
        set(getattr(after, name)) - set(getattr(before, name)) for name in rule.params.widens
    )


def _after_trial(before: Choice, *, adopt: bool) -> Choice:
    if not before.trial:
        raise Refused("没有在试运行的设置，没有改动")
    params = before.trial if adopt else before.params
    return replace(before, params=params, trial={}, since="")


def _chosen(default: Params, params: Params) -> dict[str, object]:
    usual = default.model_dump(mode="json")
    return {k: v for k, v in params.model_dump(mode="json").items() if usual[k] != v}


def _take_mode(rest: str) -> tuple[str, str]:
    words = rest.split()
    modes = [_MODES[word] for word in words if word in _MODES]
    left = " ".join(word for word in words if word not in _MODES)
    return (modes[-1] if modes else ""), left


def _out_of_bounds(rule: Rule, problem: ValidationError) -> str:
    error = problem.errors()[0]
    field = rule.params.model_fields[str(error["loc"][0])]
    if reason := error.get("ctx", {}).get("error"):
        return f"{reason}，没有改动"
    low = next((m.ge for m in field.metadata if isinstance(m, Ge)), "")
    high = next((m.le for m in field.metadata if isinstance(m, Le)), "")
    return f"「{field.description}」要在 {low} 到 {high} 之间，没有改动"


for _rule in RULES.values():
    command(f"{_rule.name} <设置>", who=KEEPERS, aliases=_rule.aliases, deed=_DEED)(_changer(_rule))
