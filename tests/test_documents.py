"""What the documents name is there, and what people need to know of is in the documents."""

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path

import click
import jinja2
import pytest
from jinja2 import meta
from pydantic_settings import BaseSettings

from bot import app, demo, wording
from bot.cli import main
from bot.clock import FileClock
from handlers import commands, policy_file, rulelines, sections
from handlers.commands import COMMANDS
from rules.engine import RULES
from schedules import posts
from schedules.steps import Step
from schedules.turn import templates
from storage.groups import Group
from storage.guests import GuestSession
from storage.rulebook import Choice
from tests.build import ZONE, at
from tests.test_architecture import LAYERS, ROOT, sources

READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
GUIDE = ROOT / "docs/guide-qq.zh-CN.md"
FOR_PEOPLE = (*READMES, GUIDE)
MAP = ROOT / "docs/ARCHITECTURE.md"
SETUPS = ROOT / "docs/SETUPS.md"
PAGES = (*FOR_PEOPLE, MAP, SETUPS, ROOT / "docs/DECISIONS.md")
EXAMPLE = ROOT / ".env.example"

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_BANZHANG = re.compile(r"(?:^|.*[ /])banzhang ([a-z-].*)$")
_SETTING = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", re.MULTILINE)


def name_of(page: Path) -> str:
    return page.name


def kinds_of_settings(kind: type[BaseSettings] = BaseSettings) -> Iterator[type[BaseSettings]]:
    """Every settings class of ours that the assembly has imported."""
    for found in kind.__subclasses__():
        if found.__module__.startswith(app.__package__ or "bot"):
            yield found
        yield from kinds_of_settings(found)


def settings_of(kind: type[BaseSettings]) -> set[str]:
    prefix = kind.model_config.get("env_prefix", "")
    return {f"{prefix}{field}".upper() for field in kind.model_fields}


def every_setting() -> set[str]:
    return {name for kind in kinds_of_settings() for name in settings_of(kind)}


def of_compose() -> set[str]:
    return set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text()))


def blocks(page: Path) -> list[str]:
    """The fenced code blocks of a page."""
    return re.findall(r"^```\w*\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)


def told_to_run(page: Path) -> Iterator[str]:
    """Lines of code blocks, and words in backticks."""
    yield from (line for block in blocks(page) for line in block.splitlines())
    yield from re.findall(r"`([^`\n]+)`", page.read_text())


def test_the_example_names_every_setting_and_nothing_else() -> None:
    named = {name for name, _ in _SETTING.findall(EXAMPLE.read_text())}
    assert named == every_setting() | of_compose()


def test_every_setting_of_the_example_is_described_on_the_line_before() -> None:
    lines = EXAMPLE.read_text().splitlines()
    for before, line in zip(["", *lines], lines, strict=False):
        if found := _SETTING.match(line):
            assert before.startswith("# "), found[1]
            assert not _SETTING.match(before), found[1]


@pytest.mark.parametrize("kind", list(kinds_of_settings()), ids=lambda kind: kind.__name__)
def test_what_is_commented_out_in_the_example_is_the_default(
    kind: type[BaseSettings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = settings_of(kind)
    for name in mine:
        monkeypatch.delenv(name, raising=False)
    shown = _SETTING.findall(EXAMPLE.read_text())
    file = tmp_path / ".env"
    file.write_text("\n".join(f"{name}={value}" for name, value in shown if name in mine and value))
    assert kind(_env_file=file) == kind(_env_file=None)


@pytest.mark.parametrize("page", FOR_PEOPLE, ids=name_of)
def test_a_page_names_only_settings_that_exist(page: Path) -> None:
    named = set(re.findall(r"\b(?:BANZHANG|POSTGRES)_[A-Z_]*[A-Z]\b", page.read_text()))
    assert named <= every_setting() | of_compose()


@pytest.mark.parametrize("known", COMMANDS, ids=lambda known: known.name)
def test_every_command_has_a_usage_line_and_a_help_in_chinese(known: commands.Command) -> None:
    assert _CHINESE.search(known.usage.line)
    assert _CHINESE.search(known.help)
    assert known.help.endswith("。"), "the help is a sentence"


@pytest.mark.parametrize("name", RULES)
def test_every_rule_has_help_and_a_command_and_settings_with_names(name: str) -> None:
    rule = RULES[name]
    assert _CHINESE.search(rule.help)
    assert name in {known.name for known in COMMANDS}
    for field, info in rule.params.model_fields.items():
        assert _CHINESE.search(info.description or ""), field
        assert any(f"{{{field}}}" in phrase for phrase in rule.params.phrases), field


@pytest.mark.parametrize("page", FOR_PEOPLE, ids=name_of)
def test_the_bot_understands_what_a_page_tells_people_to_say(page: Path) -> None:
    said = re.findall(r"`@班长 ([^`]+)`", page.read_text())
    assert said
    for line in said:
        found = commands.find(line)
        assert found, line
        known, rest = found
        known.usage.values(rest, today=date(2026, 11, 1))
        if rule := RULES.get(known.name):
            rulelines.read(rule, Choice(), rest)


def test_the_set_up_on_its_page_can_be_brought_in_and_shows_every_kind_of_choice() -> None:
    [shown] = blocks(SETUPS)
    file = policy_file.read(shown, {})
    assert {one.word for one in sections.SECTIONS} <= set(shown.replace(":", "").split())
    assert file.choices["复读"] is None


FACTS = set(
    posts.facts(
        GuestSession(
            id=1,
            guest="王总",
            topic="我的第一单",
            starts=at("2026-11-26 19:30"),
            asks=at("2026-11-26 20:30"),
            ends=at("2026-11-26 21:00"),
        ),
        Group(name="新人2611群", zone=ZONE),
        at("2026-11-26 19:30"),
    )
)
"""What every text about an evening may name."""


@cache
def rendered() -> Mapping[str, set[str]]:
    """Each text that the code names, and the values that every such call gives.

    The texts of steps get theirs from `Turn.values`; tests/schedules/test_turn.py looks at them.
    """
    given: dict[str, set[str]] = {}
    for file in sources():
        for call in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and call.args and _renders(call.func):
                values = {word.arg for word in call.keywords if word.arg}
                values |= FACTS if ast.unparse(call.func) == "posts.text" else set()
                if isinstance(call.args[0], ast.Constant):
                    name = str(call.args[0].value)
                    given[name] = given.get(name, values) & values
    return given | {name: FACTS | more for name, more in BY_VARIABLE.items()}


BY_VARIABLE: Mapping[str, set[str]] = {
    "extended": set(),
    "delayed": set(),
    "changed_guest": set(),
    "correction": {"changes"},
    "cancelled": {"reason"},
    "moved": {"old", "was", "new", "reason"},
    "taken_back": {"code", "rule", "by", "done"},
}
"""Texts whose name the code has in a variable, and what they are given besides the facts."""

OF_STEPS = {name for step in Step for name in templates(step)}


def _renders(function: ast.expr) -> bool:
    return ast.unparse(function) in ("posts.text", "wording.render")


def test_every_text_is_used_and_every_text_that_is_used_is_there() -> None:
    assert set(rendered()) | OF_STEPS == {file.stem for file in wording.FOLDER.glob("*.txt")}


@pytest.mark.parametrize("name", sorted(rendered()))
def test_a_text_names_only_what_it_is_given(name: str) -> None:
    text = (wording.FOLDER / f"{name}.txt").read_text()
    named = meta.find_undeclared_variables(jinja2.Environment().parse(text))
    assert named <= rendered()[name]


@pytest.mark.parametrize("page", FOR_PEOPLE, ids=name_of)
def test_a_page_names_only_make_targets_that_exist(page: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {found[1] for line in told_to_run(page) if (found := re.match(r"make ([\w-]+)", line))}
    assert named <= targets


@pytest.mark.parametrize("page", FOR_PEOPLE, ids=name_of)
def test_a_page_names_only_commands_and_options_that_exist(page: Path) -> None:
    lines = [found[1] for line in told_to_run(page) if (found := _BANZHANG.search(line))]
    assert lines
    for line in lines:
        _resolve(line)


def _resolve(line: str) -> None:
    """Walk down the command line as click would. Fails on a word that is no command."""
    command: click.Command = main
    words = line.split(" | ")[0].split()
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        word = words.pop(0)
        assert word in command.commands, f"banzhang {line}"
        command = command.commands[word]
    options = {option for param in command.params for option in param.opts} | {"--help"}
    assert {word for word in words if word.startswith("--")} <= options, f"banzhang {line}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_relative_link_leads_to_a_file(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        target, _, part = link.partition("#")
        if re.match(r"\w+:", target):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.exists(), link
        assert not part or part in headings(file), link


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.slow
def test_the_demo_plays_what_the_readme_shows(tmp_path: Path) -> None:
    FileClock(tmp_path / "clock").turn(at("2026-11-22 09:00"))
    played: list[str] = []
    demo.play(demo.prepare(tmp_path), say=played.append)
    for line in filter(None, blocks(READMES[0])[0].splitlines()):
        when, words = line[: len("11-23 09:10")], line.partition("：")[2]
        assert any(one.startswith(when) and f"：{words}" in one for one in played), line


def test_the_two_readmes_have_the_same_code_blocks() -> None:
    english, chinese = (blocks(page) for page in READMES)
    assert english == chinese


def test_the_two_readmes_have_the_same_sections() -> None:
    english, chinese = (re.findall(r"^#+ ", page.read_text(), re.MULTILINE) for page in READMES)
    assert english == chinese


def test_every_file_on_the_architecture_page_is_there() -> None:
    """In the listing a line without a blank in front is a folder, and so is one that ends in /."""
    listing = next(block for block in blocks(MAP) if block.startswith("bot/"))
    folders: list[tuple[int, Path]] = []
    for line in listing.splitlines():
        indent = len(line) - len(line.lstrip())
        names = re.match(r"(?:\s{0,4}[\w.]+(?:\.py|/)(?:  |$))+", line)
        folders = [(depth, folder) for depth, folder in folders if depth < indent]
        above = folders[-1][1] if folders else ROOT
        for name in names[0].split() if names else []:
            assert (above / name).exists(), above / name
            if name.endswith("/"):
                folders.append((indent, above / name))


def test_the_architecture_page_shows_every_layer() -> None:
    shown = MAP.read_text()
    for module in {module for layer in LAYERS for module in layer} - {"bot.__main__"}:
        assert re.search(rf"^.*\b{re.escape(module)}\b", shown, re.MULTILINE), module
