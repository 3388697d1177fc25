"""The tables as migrations make them, and what was in them before."""

from collections.abc import Callable

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from storage import groups, migrate, rulebook
from storage.database import Base, Database
from storage.rulebook import Choice

OLD = """
INSERT INTO rule_versions (id, group_id, number, rule, rules, author, author_name, made, change)
VALUES (1, 1, 2, '刷屏', '{"刷屏":{"mode":"关"}}', 'zhaomin', '赵敏', '2026-11-20', '刷屏 关')
"""


def run(database: Database, what: Callable[[Config, str], None], revision: str) -> None:
    with database.engine.connect() as connection:
        postgres = connection.dialect.name == "postgresql"
        connection.exec_driver_sql("SELECT 1" if postgres else "BEGIN IMMEDIATE")
        config = Config()
        config.set_main_option("script_location", str(migrate.SCRIPTS))
        config.attributes["connection"] = connection
        what(config, revision)
        connection.commit()


def test_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_what_a_group_chose_before_there_were_layers_is_still_in_force(database: Database) -> None:
    with database.write() as db:
        groups.add(db, name="新人2611群", zone="Asia/Shanghai", kind="newhire")
    run(database, command.downgrade, "0008")
    with database.write() as db:
        db.connection().exec_driver_sql(OLD)
    run(database, command.upgrade, "head")
    with database.read() as db:
        version = rulebook.current(db, 1)
        assert version is not None
        assert (version.keys, version.book) == ({"刷屏"}, {"刷屏": Choice(mode="关")})
