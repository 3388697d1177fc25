"""What a group's set-up consists of: each kind of choice, its words in a file and in chat.

A new kind of choice is declared here, and with that is exported, imported, copied and compared.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from handlers import entry, forgiving, health, phases, rulelines, steps
from handlers.call import Refused
from handlers.grammar import narrow
from rules.engine import RULES, Rule
from schedules import choices, digests, holidays
from schedules import entry as wants
from schedules import phases as sizes
from schedules.admission import FIELDS
from schedules.phases import PHASES
from schedules.steps import NAMED, NEEDED, STEP_NAMES
from schedules.steps import Choice as StepChoice
from storage.layers import MODE, handed_on
from storage.rulebook import Choice, Rulebook

Words = str | Mapping[str, str]
"""One value as it is written, or several by name."""

_ALL = "通用"
"""How the order of levels for every company is called."""

_ANY, _AS_RULES = "不限", "按规则列出"


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of a file.

    `key` is how the rulebook names it; with `entries`, how it names each begins. `write` and
    `read` take the entry's name, or nothing; `read` also what is in force, and raises Refused or
    ValueError. `several` when a value has parts with names.
    """

    word: str
    key: str
    write: Callable[[str, Choice], Words]
    read: Callable[[str, Mapping[str, str], Rulebook], Choice]
    entries: tuple[str, ...] = ()
    several: bool = False

    def keys(self) -> dict[str, str]:
        """The rulebook's key of each entry."""
        return {one: self.key + one for one in self.entries or ("",)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one value stands."""

    section: Section
    entry: str = ""
    part: str = ""

    @property
    def key(self) -> str:
        return self.section.key + self.entry

    def __str__(self) -> str:
        head = "" if self.section.word == RULES_WORD else self.section.word
        return " ".join(filter(None, (head, self.entry, self.part)))


def places() -> dict[str, Place]:
    """Every key of a rulebook that has a section."""
    return {
        key: Place(section, name) for section in SECTIONS for name, key in section.keys().items()
    }


def flat(book: Rulebook, *, every: bool = False) -> dict[Place, str]:
    """All that a rulebook says that others may have, value by value; with `every` rules as well
    that it says nothing of, as they are by default.
    """
    found: dict[Place, str] = {}
    kept = handed_on(book)
    for key, place in places().items():
        choice = kept.get(key)
        if place.section.word == RULES_WORD and every:
            words: Words = rulelines.written(RULES[place.entry], choice or Choice(), every=True)
        elif choice is None:
            continue
        else:
            words = place.section.write(place.entry, choice)
        parts = {"": words} if isinstance(words, str) else words
        found |= {Place(place.section, place.entry, part): text for part, text in parts.items()}
    return found


def names(place: Place, choice: Choice) -> Iterable[str]:
    """What origins call the values behind one place."""
    return (place.part,) if place.part in choice.params else (MODE, *choice.params)


def _write_rule(name: str, choice: Choice) -> Words:
    return rulelines.written(RULES[name], choice)


def _read_rule(name: str, parts: Mapping[str, str], _: Rulebook) -> Choice:
    rule, choice = RULES[name], Choice()
    words = {phrase.split()[0] for phrase in rule.params.phrases}
    params: dict[str, object] = {}
    ladder: tuple[str, ...] = ()
    for part, text in parts.items():
        line = narrow(text).strip()
        if part == "模式" and line in rulelines.MODES:
            choice = Choice(mode=rulelines.MODES[line])
            rest = ""
        elif part == "处理":
            ladder, rest = rulelines.read_ladder(rule, line)
        elif part in words:
            found, rest = rulelines.read_params(rule, f"{part} {line}")
            params |= found
        else:
            _refuse_part(rule, part, text, words)
        if rest.strip(" →"):
            raise Refused(f"看不懂「{rest[:40]}」")
    return Choice(mode=choice.mode, params=params, ladder=ladder)


def _refuse_part(rule: Rule, part: str, text: str, words: Iterable[str]) -> None:
    if part == "模式":
        raise Refused(f"模式只能是 执行、询问、观察、关，不是「{text[:20]}」")
    raise Refused(f"「{rule.name}」里可以写：{'、'.join(('模式', *words, '处理'))}")


def _write_step(name: str, choice: Choice) -> Words:
    kept = choices.read({choices.key(name): choice})
    return steps.written(kept[NAMED[name]])


def _read_step(name: str, parts: Mapping[str, str], _: Rulebook) -> Choice:
    return choices.kept(steps.read(steps.named(name), StepChoice(), parts[""].strip()))


def _read_holidays(_: str, parts: Mapping[str, str], __: Rulebook) -> Choice:
    return choices.kept_policy(holidays.read_policy(parts[""]))


def _write_conditions(_: str, choice: Choice) -> Words:
    return {field: str(words) or _ANY for field, words in choice.params.items()}


def _read_conditions(_: str, parts: Mapping[str, str], book: Rulebook) -> Choice:
    allowed = [field for field in FIELDS if field != "答案"]
    if wrong := [field for field in parts if field not in allowed]:
        known = f"可以写：{'、'.join(allowed)}；入群问题的答案不放在文件里"
        raise Refused(f"没有「{wrong[0][:20]}」，{known}")
    return Choice(params={f: entry.read_condition(f, text, book) for f, text in parts.items()})


def _write_levels(_: str, choice: Choice) -> Words:
    return {company or _ALL: str(order) for company, order in choice.params.items()}


def _read_levels(_: str, parts: Mapping[str, str], __: Rulebook) -> Choice:
    orders = {whose: entry.read_levels(text) for whose, text in parts.items()}
    return Choice(params={"" if whose == _ALL else whose: text for whose, text in orders.items()})


def _read_words(_: str, parts: Mapping[str, str], __: Rulebook) -> Choice:
    text = parts[""].strip()
    return Choice(params={"text": "" if text == _AS_RULES else entry.read_words(text)})


def _write_phase(name: str, choice: Choice) -> Words:
    phase = sizes.named(name)
    assert phase is not None
    wanted, params = sizes.wanted(phase, choice.params), choice.params
    parts = {
        "刷屏": f"{wanted.limit}条/{wanted.seconds}秒" if "limit" in params else "",
        "小助手": str(wanted.helpers) if "helpers" in params else "",
        "沉默": f"{wanted.silent}天" if "silent" in params else "",
        "入群": wanted.entry if "entry" in params else "",
    }
    return {part: text for part, text in parts.items() if text}


def _read_phase(name: str, parts: Mapping[str, str], _: Rulebook) -> Choice:
    phase = sizes.named(name)
    assert phase is not None
    if wrong := [one for one in parts if one not in sizes.FIELDS]:
        raise Refused(f"没有「{wrong[0]}」，可以写：{'、'.join(sizes.FIELDS)}")
    return Choice(params=phases.read(phase, parts))


RULES_WORD = "群规"
_STEPS = tuple(name for step, name in STEP_NAMES.items() if step not in NEEDED)
SECTIONS = (
    Section(RULES_WORD, "", _write_rule, _read_rule, tuple(RULES), several=True),
    Section("步骤设置", choices.KEY, _write_step, _read_step, _STEPS),
    Section(
        "节假日",
        choices.HOLIDAYS,
        lambda _, choice: choices.read_policy(choice).value,
        _read_holidays,
    ),
    # Before the conditions, which may be about levels of this order.
    Section("级别顺序", wants.LEVELS, _write_levels, _read_levels, several=True),
    Section("入群条件", wants.CONDITIONS, _write_conditions, _read_conditions, several=True),
    Section(
        "入群宽限",
        wants.GRACE,
        lambda _, choice: f"{wants.grace({wants.GRACE: choice}).days}天",
        lambda _, parts, __: Choice(params={"days": entry.read_grace(parts[""])}),
    ),
    Section(
        "名片格式",
        wants.CARD,
        lambda _, choice: wants.pattern({wants.CARD: choice}) or "关",
        lambda _, parts, __: Choice(params={"pattern": entry.read_card(parts[""])}),
    ),
    Section(
        "欢迎群规",
        wants.WORDS,
        lambda _, choice: wants.own_words({wants.WORDS: choice}) or _AS_RULES,
        _read_words,
    ),
    Section(
        "人数阶段",
        f"{sizes.KEY} ",
        _write_phase,
        _read_phase,
        tuple(phase.word for phase in PHASES),
        several=True,
    ),
    Section(
        "违规抵消",
        forgiving.KEY,
        lambda _, choice: choice.mode or "开",
        lambda _, parts, __: forgiving.read_switch(parts[""].strip()),
    ),
    Section(
        "群健康周报",
        digests.KEY,
        lambda _, choice: choice.mode or "开",
        lambda _, parts, __: health.read_switch(parts[""].strip()),
    ),
)
