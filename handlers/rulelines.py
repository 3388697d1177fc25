"""A rule's settings as a line of chat: read, tried out where they are wider, and shown."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from annotated_types import Ge, Le
from msgspec.structs import replace
from pydantic import ValidationError

from handlers import ladder
from handlers.call import Refused
from handlers.grammar import narrow
from rules import engine
from rules.engine import RULES, Mode, Rule, Setting
from storage.layers import LADDER, MODE, Resolved, under
from storage.rulebook import Choice, Rulebook

MODES = {
    "开": Mode.ENFORCE,
    "开启": Mode.ENFORCE,
    "执行": Mode.ENFORCE,
    "关": Mode.OFF,
    "关闭": Mode.OFF,
    "观察": Mode.OBSERVE,
    "询问": Mode.ASK,
}
ADOPT, DROP = "启用", "作罢"
"""What to say about settings that are being tried."""

BACK = ("默认", "恢复默认", "照上级")
"""What to say to choose nothing any more."""

_NUDGES, _RENAMES = "只私下告诉群主", "只私下请群主决定改不改名"
"""What a rule leads to that acts on nobody."""

_NOTHING = Choice()

engine.discover()


def settings(book: Rulebook) -> dict[str, Setting]:
    """Every rule as the group wants it; a choice that no longer fits falls back to defaults."""
    return {name: setting(rule, book.get(name, _NOTHING)) for name, rule in RULES.items()}


def setting(rule: Rule, choice: Choice) -> Setting:
    try:
        params = rule.params.model_validate(choice.params)
    except ValidationError:
        params = rule.params()
    trial = rule.params.model_validate(choice.trial) if choice.trial else None
    return Setting(Mode(choice.mode) if choice.mode else Mode.ENFORCE, params, trial)


def read(
    rule: Rule, own: Choice, wanted: str, *, above: Choice = _NOTHING, since: str = ""
) -> Choice:
    """A line such as 上限 6条/30秒 首次提醒 再犯禁言10分钟, or 观察; what it leaves out stays.

    `own` was chosen here before, `above` holds without it. What would catch more words than
    before is tried first, unless the line says 执行. `since` is now, as ISO. Raises Refused when a
    part of the line is not understood; then nothing is changed.
    """
    line = narrow(wanted).strip()
    if line in (*BACK, ADOPT, DROP):
        return _NOTHING if line in BACK else _after_trial(own, adopt=line == ADOPT)
    rungs, rest = read_ladder(rule, line)
    named, rest = read_params(rule, rest, above)
    mode, left = _take_mode(rest)
    if left.strip(" ,，;；。、"):
        how = f"规则 {rule.name}"
        raise Refused(f"看不懂「{left}」，没有改动。写法发「{how}」看")
    now = Choice(
        mode=mode or own.mode,
        params=(own.trial or own.params) | named,
        ladder=rungs or own.ladder,
        since=since if mode == Mode.OBSERVE else own.since,
    )
    if mode == Mode.ENFORCE and set(named) & set(rule.params.widens):
        return now
    return held_back(rule, own, now, above=above, since=since)


def quiet(rule: Rule) -> str:
    """What a rule leads to that has no ladder; empty when it has one."""
    return _NUDGES if rule.nudges else _RENAMES if rule.renames else ""


def read_ladder(rule: Rule, line: str) -> tuple[tuple[str, ...], str]:
    """The rungs in a line, and what is left of it."""
    try:
        rungs, rest = ladder.read(line)
    except ValueError as problem:
        raise Refused(str(problem)) from None
    if rungs and quiet(rule):
        raise Refused(f"「{rule.name}」{quiet(rule)}，没有处理步骤可改，没有改动")
    return rungs, rest


def read_params(rule: Rule, line: str, above: Choice = _NOTHING) -> tuple[dict[str, object], str]:
    """The params that a line names, as they are kept, and what is left of it.

    What a list has from above it need not have again.
    """
    found, rest = engine.find_phrases(rule.params, line)
    try:
        values = rule.params.model_validate(found).model_dump(mode="json")
    except ValidationError as problem:
        raise Refused(_out_of_bounds(rule, problem)) from None
    return {name: _less(values[name], above.params.get(name)) for name in found}, rest


def _less(value: object, above: object) -> object:
    if isinstance(value, list) and isinstance(above, list):
        return [one for one in value if one not in above]
    return value


def held_back(rule: Rule, own: Choice, now: Choice, *, above: Choice, since: str) -> Choice:
    """`now`, but lists that would catch more than they do are only tried out so far."""
    acts = under(above, own).params
    lists = rule.params.widens
    if not any(_more(now.params.get(name), acts.get(name)) for name in lists):
        return now
    params = {name: value for name, value in now.params.items() if name not in lists}
    params |= {name: own.params[name] for name in lists if name in own.params}
    same = own.trial == now.params
    return replace(now, params=params, trial=now.params, since=own.since if same else since)


def _more(value: object, before: object) -> bool:
    known = before if isinstance(before, list) else []
    return isinstance(value, list) and any(one not in known for one in value)


def _after_trial(own: Choice, *, adopt: bool) -> Choice:
    if not own.trial:
        raise Refused("没有在试运行的设置，没有改动")
    return replace(own, params=own.trial if adopt else own.params, trial={}, since="")


def _take_mode(rest: str) -> tuple[str, str]:
    words = rest.split()
    modes = [MODES[word] for word in words if word in MODES]
    left = " ".join(word for word in words if word not in MODES)
    return (modes[-1] if modes else ""), left


def _out_of_bounds(rule: Rule, problem: ValidationError) -> str:
    error = problem.errors()[0]
    field = rule.params.model_fields[str(error["loc"][0])]
    if reason := error.get("ctx", {}).get("error"):
        return f"{reason}，没有改动"
    low = next((m.ge for m in field.metadata if isinstance(m, Ge)), "")
    high = next((m.le for m in field.metadata if isinstance(m, Le)), "")
    return f"「{field.description}」要在 {low} 到 {high} 之间，没有改动"


def show(rule: Rule, resolved: Resolved) -> str:
    """A rule as it is in force, each value with the layer that it comes from."""
    choice = resolved.book.get(rule.name, _NOTHING)
    wanted = setting(rule, choice)
    values: list[tuple[str, Sequence[str]]] = [(f"[{wanted.mode}]", (MODE,))]
    values += engine.shown_phrases(wanted.params)
    steps = quiet(rule) or ladder.show(choice.ladder, recalls=rule.recalls)
    values.append((steps, (LADDER,)))
    shown = [(words, resolved.origin(rule.name, names)) for words, names in values]
    parts = [
        f"{' '.join(words for words, _ in same)}（{origin}）"
        for origin, same in groupby(shown, key=lambda one: one[1])
    ]
    if wanted.trial is not None:
        parts.append(f"试运行中：{engine.show_phrases(wanted.trial)}")
    return " ".join([f"· {rule.name}", *parts])


def written(rule: Rule, choice: Choice, *, every: bool = False) -> Mapping[str, str]:
    """A choice in the words that would set it, by the first of them; with `every` also defaults."""
    params = setting(rule, choice).params
    rows = {"模式": choice.mode or (Mode.ENFORCE if every else "")}
    for phrase in rule.params.phrases:
        names = engine.fields_of(phrase)
        if every or any(name in choice.params for name in names):
            word, _, values = phrase.partition(" ")
            shown = {name: _shown(getattr(params, name)) for name in names}
            rows[word] = values.format_map(shown)
    if not quiet(rule):
        steps = choice.ladder or (ladder.DEFAULT if every else ())
        rows["处理"] = ladder.written(steps, recalls=every and rule.recalls)
    return {word: str(words) for word, words in rows.items() if words}


def _shown(value: object) -> object:
    return ("、".join(value) or "无") if isinstance(value, tuple) else value
