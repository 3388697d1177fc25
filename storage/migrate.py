"""Bringing a database up to date."""

from importlib import resources
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.database import Database

SCRIPTS = Path(str(resources.files("storage") / "migrations"))
_LOCK = 7_306_851
"""Any number will do, as long as every process uses this one."""


def upgrade(url: str) -> None:
    """Make the tables, or take them to the newest revision. Safe to run from two processes."""
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            if _revision(connection) == _newest():
                return
            _upgrade(connection)
    finally:
        database.close()


def _upgrade(connection: Connection) -> None:
    postgres = connection.dialect.name == "postgresql"
    connection.exec_driver_sql("SELECT 1" if postgres else "BEGIN IMMEDIATE")
    if postgres:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()


def _revision(connection: Connection) -> str | None:
    found = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    return found


def _newest() -> str | None:
    return ScriptDirectory(str(SCRIPTS)).get_current_head()
