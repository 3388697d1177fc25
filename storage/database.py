"""The database: engine, base class, aware times, and one writer at a time on SQLite."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, Insert, MetaData, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in and out; SQLite would hand back naive times."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=CONVENTION)
    type_annotation_map = {datetime: UtcDateTime}  # noqa: RUF012


class FairLock:
    """A lock that serves in order of arrival; threading.Lock lets a busy loop starve the rest."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._queue: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._queue.append(turn)
        turn.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._held = False


class Database:
    """Where everything is kept. `url` is SQLAlchemy's; `near` when it is a file of this machine."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.url = url
        self.near = self.engine.dialect.name == "sqlite"
        self._writers = FairLock() if self.near else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that changes nothing."""
        with Session(self.engine, expire_on_commit=False) as db:
            yield db

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Session]:
        """A session whose work is committed at the end, or undone when the block raises.

        A commit survives a crash of ours in any case, and a `durable` one a power cut. What can be
        done again from what is durable need not wait for the disk: the next durable commit takes
        it along, for the log is written in order.
        """
        if self._writers is None:
            with Session(self.engine, expire_on_commit=False) as db, db.begin():
                yield db
            return
        with (
            self._writers,
            Session(self.engine, expire_on_commit=False) as db,
            db.begin(),
        ):
            connection = db.connection()
            connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield db

    def close(self) -> None:
        self.engine.dispose()


def insert_new(db: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose unique keys are not there yet; leave the others as they are."""
    if rows:
        db.connection().execute(_insert_new(table, db.get_bind().dialect.name), list(rows))


@cache
def _insert_new(table: Table, dialect: str) -> Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def _engine(url: str) -> Engine:
    engine = create_engine(
        # What members wrote is a parameter, and stays out of the log.
        url,
        hide_parameters=True,
        pool_pre_ping=not url.startswith("sqlite"),
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # FULL: an acknowledged event survives a power cut, not only a crash of ours.
    # isolation_level None: transactions begin where we say, not at the driver's first write.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=10000",
        "cache_size=-8000",
    ):
        connection.execute(f"PRAGMA {pragma}")
