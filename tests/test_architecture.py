"""Imports run downhill; this names the line that does not."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("bot", "handlers", "rules", "storage", "schedules")

LAYERS = (
    ("bot.cli", "bot.backtest", "bot.policies", "bot.__main__", "bot.demo"),
    ("bot.app", "bot.config"),
    ("bot.web",),
    ("bot.works", "bot.setup", "bot.check", "bot.dialogues", "bot.jsonl"),
    (
        "bot.sender",
        "bot.intake",
        "bot.aftermath",
        "bot.watch",
        "bot.lookup",
        "bot.pacing",
        "bot.roster",
        "bot.condenser",
        "bot.looking",
        "bot.looked",
        "bot.codes",
        "bot.ocr",
        "bot.pipeline",
        "bot.rooms",
        "bot.echoes",
        "bot.work",
        "bot.replay",
        "bot.findings",
        "bot.backtesting",
    ),
    ("handlers",),
    ("schedules",),
    ("rules", "storage", "bot.gateways"),
    ("bot.wording",),
    ("bot.events", "bot.actions", "bot.people", "bot.text", "bot.times", "bot.clock"),
)
PURE = (
    "rules",
    "schedules.lifecycle",
    "schedules.steps",
    "schedules.quiet",
    "schedules.holidays",
    "schedules.health",
    "schedules.phases",
    "schedules.split",
    "schedules.admission",
    "storage.summary",
    "storage.layers",
    "bot.gateways.degrade",
    "bot.events",
)
IMPURE = ("sqlalchemy", "httpx", "os", "time", "random", "socket", "asyncio", "bot.clock")


def layer(module: str) -> int | None:
    """The number of a module's layer, 0 on top."""
    for number, names in enumerate(LAYERS):
        if any(module == name or module.startswith(f"{name}.") for name in names):
            return number
    return None


def sources() -> list[Path]:
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def name_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Line and module of each import; `from bot import times` counts as bot.times."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            within = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (
                (node.lineno, name if layer(name) is not None else node.module)  # type: ignore[misc]
                for name in within
            )


@pytest.mark.parametrize("file", sources(), ids=name_of)
def test_no_line_imports_uphill(file: Path) -> None:
    module = name_of(file)
    mine = layer(module)
    if module in PACKAGES or module.startswith("storage.migrations"):
        return
    assert mine is not None, f"{module} is in no layer: name it in LAYERS"
    for line, name in imports(file):
        theirs = layer(name)
        if theirs is not None and theirs < mine:
            raise AssertionError(f"{file.relative_to(ROOT)}:{line} imports {name}, uphill")


@pytest.mark.parametrize(
    "one, others",
    [
        ("rules", ("storage", "bot.gateways")),
        ("storage", ("rules", "bot.gateways")),
        ("bot.gateways", ("rules", "storage")),
    ],
)
def test_the_three_leaves_do_not_know_each_other(one: str, others: tuple[str, ...]) -> None:
    for file in sources():
        if name_of(file).startswith(one):
            for line, name in imports(file):
                assert not name.startswith(others), f"{file}:{line} imports {name}"


def test_the_pure_core_has_no_clock_database_network_or_environment() -> None:
    for file in sources():
        if name_of(file).startswith(PURE):
            for line, name in imports(file):
                assert not name.startswith(IMPURE), f"{file}:{line} imports {name}"


def test_package_init_files_are_empty() -> None:
    for file in sources():
        if file.name == "__init__.py":
            assert file.read_text() == "", file


def test_only_the_assembly_reads_the_environment() -> None:
    for file in sources():
        if layer(name_of(file)) not in (0, 1, None):
            for line, name in imports(file):
                assert name != "bot.config", f"{file}:{line} reads the settings"
