"""How rules are declared, found and run."""

import importlib
import logging
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.events import AnyEvent, Event

log = logging.getLogger(__name__)


class Mode(StrEnum):
    """How far a rule may go in one group."""

    OFF = "关"
    OBSERVE = "观察"
    ASK = "询问"
    ENFORCE = "执行"


class Params(BaseModel):
    """A rule's settings in one group.

    `widens` says which fields catch more when they get longer: a change of one of them is tried
    out first. `phrases` are the ways to write them in one line of chat, such as
    "上限 {limit}条/{seconds}秒". The same line shows a setting and reads it back. A field that is a
    list is written as words separated by 、, and emptied by 无.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    phrases: ClassVar[tuple[str, ...]] = ()
    widens: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Code points [start, end) of the message's text, and why they matter."""

    start: int
    end: int
    why: str


class Line(NamedTuple):
    """One line of a chat: `to` is whose message it answers, where that is known."""

    at: datetime
    member: str
    text: str
    to: str = ""
    mentions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule saw, in words a member understands. Not `sure`, it is for a person to decide.

    `margin` says how far beyond the line it is: 0 is just over it, 1 beyond doubt. `who` and
    `lines` are for what was seen in the talk of several: between whom, and which lines.
    """

    reason: str
    spans: tuple[Span, ...] = ()
    sure: bool = True
    margin: float = 1.0
    who: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """`recall` when the message itself should not stand, whatever the member did before.

    `nudge` when the owner is told and nothing else is done. `rename` when it is about what the
    member is called: the owner is asked, and at most the name is changed. `trial` when only the
    settings that are being tried found it.
    """

    rule: str
    reason: str
    mode: Mode
    spans: tuple[Span, ...] = ()
    recall: bool = False
    sure: bool = True
    margin: float = 1.0
    nudge: bool = False
    rename: bool = False
    trial: bool = False
    who: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()


class Said(NamedTuple):
    """As much of an earlier message as rules look back at."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """All a rule may know besides the event.

    `mine`: what the sender said before, oldest first. `talk`: what everyone said last,
    the message itself included. `elsewhere`: how many others, or the sender in how many other
    chats, said nearly the same within a day.
    """

    mine: Sequence[Said] = ()
    joined: datetime | None = None
    talk: Sequence[Line] = ()
    elsewhere: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """One member speaking, `every` so many seconds; the last message is judged.

    With `two`, two members speak in turn.
    """

    texts: tuple[str, ...]
    broken: bool
    every: float
    params: Mapping[str, object]
    two: bool = False


def keeps(*texts: str, every: float = 60, two: bool = False, **params: object) -> Example:
    """What the rule lets pass, with these params and defaults for the rest."""
    return Example(texts, False, every, params, two)


def breaks(*texts: str, every: float = 60, two: bool = False, **params: object) -> Example:
    """What the rule catches."""
    return Example(texts, True, every, params, two)


Check = Callable[[Any, Context, Any], str | Found | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A declared rule. `recalls`, `nudges` and `renames` are given on to every Verdict."""

    name: str
    on: type[Event]
    params: type[Params]
    check: Check
    examples: tuple[Example, ...]
    aliases: tuple[str, ...] = ()
    recalls: bool = False
    nudges: bool = False
    renames: bool = False

    @property
    def help(self) -> str:
        return (self.check.__doc__ or "").strip()


@dataclass(frozen=True, slots=True)
class Setting:
    """One rule as one group wants it. Built-in rules act from the first day.

    `trial` are wider settings that are only watched so far.
    """

    mode: Mode = Mode.ENFORCE
    params: Params = field(default_factory=Params)
    trial: Params | None = None


RULES: dict[str, Rule] = {}


def rule(
    name: str,
    *,
    on: type[Event],
    params: type[Params],
    examples: Sequence[Example],
    aliases: Sequence[str] = (),
    recalls: bool = False,
    nudges: bool = False,
    renames: bool = False,
) -> Callable[[Check], Check]:
    """Declare a rule; its docstring is its help. Raises ValueError when a name is taken."""

    def declare(check: Check) -> Check:
        taken = {word for known in RULES.values() for word in (known.name, *known.aliases)}
        if twice := taken & {name, *aliases}:
            raise ValueError(f"two rules are called {twice}")
        RULES[name] = Rule(
            name, on, params, check, tuple(examples), tuple(aliases), recalls, nudges, renames
        )
        return check

    return declare


def discover() -> None:
    """Import every rule. A file is one rule; packages and this file are not rules."""
    package = importlib.import_module("rules")
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg and module.name != "engine":
            importlib.import_module(f"rules.{module.name}")


def defaults() -> dict[str, Setting]:
    """Every rule as it is in a group that changed nothing."""
    return {name: Setting(params=rule.params()) for name, rule in RULES.items()}


def judge(event: AnyEvent, context: Context, settings: Mapping[str, Setting]) -> list[Verdict]:
    """What the group's rules say of one event. A rule that raises counts as silent."""
    verdicts = []
    for name, setting in settings.items():
        rule = RULES[name]
        if setting.mode is Mode.OFF or not isinstance(event, rule.on):
            continue
        if found := _checked(rule, event, context, setting.params):
            verdicts.append(_verdict(rule, found, setting.mode))
        elif setting.trial and (found := _checked(rule, event, context, setting.trial)):
            verdicts.append(_verdict(rule, found, Mode.OBSERVE, trial=True))
    return verdicts


def _checked(rule: Rule, event: AnyEvent, context: Context, params: Params) -> Found | None:
    try:
        found = rule.check(event, context, params)
    except Exception:
        log.exception("rule %s raised on event %s", rule.name, event.key)
        return None
    return Found(found) if isinstance(found, str) else found


def _verdict(rule: Rule, found: Found, mode: Mode, *, trial: bool = False) -> Verdict:
    return Verdict(
        rule.name,
        found.reason,
        mode,
        found.spans,
        recall=rule.recalls,
        sure=found.sure,
        margin=found.margin,
        nudge=rule.nudges,
        rename=rule.renames,
        trial=trial,
        who=found.who,
        lines=found.lines,
    )


def find_phrases(params: type[Params], line: str) -> tuple[dict[str, object], str]:
    """The fields that the phrases in `line` set, not checked yet, and what was left unread."""
    changes: dict[str, object] = {}
    for phrase in params.phrases:
        found = re.search(_pattern(phrase), line)
        if found:
            changes |= {key: _value(params, key, text) for key, text in found.groupdict().items()}
            line = f"{line[: found.start()]} {line[found.end() :]}"
    return changes, line.strip()


def read_phrases(params: Params, line: str) -> tuple[Params, str]:
    """Apply every phrase found in `line`; return the new params and what was left unread.

    Raises pydantic.ValidationError when a value is outside its bounds.
    """
    changes, left = find_phrases(type(params), line)
    return type(params).model_validate(params.model_dump() | changes), left


def show_phrases(params: Params) -> str:
    """The settings in the words that would set them."""
    return " ".join(words for words, _ in shown_phrases(params))


def shown_phrases(params: Params) -> list[tuple[str, tuple[str, ...]]]:
    """Each phrase with something to show, and the fields that are in it."""
    values = {
        key: "、".join(value) if isinstance(value, tuple) else value
        for key, value in params.model_dump().items()
    }
    return [
        (phrase.format_map(values), fields_of(phrase))
        for phrase in params.phrases
        if all(values[name] != "" for name in fields_of(phrase))
    ]


def fields_of(phrase: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\{(\w+)\}", phrase))


def _pattern(phrase: str) -> str:
    # 上限=8条 is said as often as 上限 8条.
    pattern = re.escape(phrase).replace(r"\ ", r"\s*[=:]?\s*").replace("/", r"\s*/\s*")
    return re.sub(r"\\\{(\w+)\\\}", r"\\s*(?P<\1>[^\\s/]+?)\\s*", pattern) + r"(?!\S)"


def _value(params: type[Params], key: str, text: str) -> object:
    if params.model_fields[key].annotation == tuple[str, ...]:
        return () if text == "无" else tuple(w for w in re.split(r"[、,，]", text) if w)
    return text
