"""Databases, clocks and a small company to test on."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, make_url, text

from handlers import commands
from rules import engine
from storage import migrate
from storage.database import Database
from tests.build import Company

engine.discover()
commands.discover()

POSTGRES = os.environ.get("BANZHANG_TEST_POSTGRES", "")
"""A server on which tests may make and drop databases, such as postgresql+psycopg:///test."""

_COPIES = itertools.count(1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without a server the PostgreSQL half is left out as a whole, and said so in one line."""
    if POSTGRES:
        return
    left_out = [item for item in items if item.get_closest_marker("postgres")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    stats = terminalreporter.stats
    for report in (*stats.get("passed", ()), *stats.get("failed", ())):
        for words in (value for name, value in report.user_properties if name == "shown"):
            terminalreporter.write_line(f"{words}\n")
    if not POSTGRES:
        terminalreporter.write_line(
            "PostgreSQL: left out, for BANZHANG_TEST_POSTGRES names no server; SQLite was tested"
        )


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy; migrating takes longer than most tests."""
    file = tmp_path_factory.mktemp("empty") / "banzhang.db"
    migrate.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def empty_postgres() -> Iterator[str]:
    """The name of a migrated database to copy."""
    name = f"banzhang_test_{os.getpid()}"
    with _server() as server:
        server.execute(text(f"CREATE DATABASE {name}"))
    try:
        migrate.upgrade(_in_database(name))
        yield name
    finally:
        with _server() as server:
            server.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path, empty_sqlite: Path) -> Iterator[str]:
    if request.param == "sqlite":
        file = tmp_path / "banzhang.db"
        file.write_bytes(empty_sqlite.read_bytes())
        yield f"sqlite:///{file}"
        return
    empty = request.getfixturevalue("empty_postgres")
    name = f"{empty}_{next(_COPIES)}"
    with _server() as server:
        server.execute(text(f"CREATE DATABASE {name} TEMPLATE {empty}"))
    try:
        yield _in_database(name)
    finally:
        with _server() as server:
            server.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def _server() -> Iterator[Connection]:
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _in_database(name: str) -> str:
    return make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def company(database: Database, tmp_path: Path) -> Company:
    """G1 on a fake platform: 赵敏 owns it, 周航 is deputy, 陈静 is HR, 林悦 and 张磊 are new."""
    return Company(database, tmp_path)
