"""One process acts, others stand by: a lock that falls to the next when its holder is gone."""

import logging
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from storage.database import Database

log = logging.getLogger(__name__)

_TAKE = text("SELECT pg_try_advisory_lock(hashtext('banzhang'), hashtext(current_schema()))")
_NOTICE_SOON = (
    "SET tcp_keepalives_idle = 10",
    "SET tcp_keepalives_interval = 5",
    "SET tcp_keepalives_count = 3",
)
"""A server whose client's machine lost power would otherwise hold its lock for hours."""


class Leadership:
    """Held by at most one process of a database.

    On a file it is a lock beside it, on PostgreSQL an advisory lock of one connection. Both fall
    when the process ends, however it ends.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._file = _lock_beside(database.url) if database.near else None
        self._connection: Connection | None = None

    def take(self) -> bool:
        """Try to become the one that acts; whether this process is it now. To be repeated."""
        if self._file is not None:
            return self._take_file(self._file)
        try:
            return self._take_connection()
        except SQLAlchemyError as lost:
            log.warning("the lock of the acting process is out of reach: %s", type(lost).__name__)
            self._drop()
            return False

    def release(self) -> None:
        if self._file is not None:
            self._file.release()
        self._drop()

    def _take_file(self, lock: FileLock) -> bool:
        if not lock.is_locked:
            try:
                lock.acquire(blocking=False)
            except Timeout:
                return False
        return True

    def _take_connection(self) -> bool:
        if self._connection is not None:
            self._connection.execute(text("SELECT 1"))
            return True
        connection = self._database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        for setting in _NOTICE_SOON:
            connection.execute(text(setting))
        if not connection.scalar(_TAKE):
            connection.close()
            return False
        self._connection = connection
        return True

    def _drop(self) -> None:
        if self._connection is not None:
            # Back in the pool it would keep its lock.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _lock_beside(url: str) -> FileLock | None:
    file = make_url(url).database
    if not file or file == ":memory:":
        return None
    return FileLock(str(Path(file).with_suffix(".lock")), thread_local=False)
