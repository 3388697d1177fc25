"""What time it is: the machine's clock, or one in a file that a test or a demo turns."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class FileClock:
    """A clock that every process reading the same file shares.

    The file holds the time at which it was written; from then on the clock runs. Without a file it
    is the machine's clock.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> datetime:
        try:
            written = datetime.fromisoformat(self.path.read_text().strip()).astimezone(UTC)
            passed = time.time() - self.path.stat().st_mtime
        except FileNotFoundError:
            return datetime.now(UTC)
        return datetime.fromtimestamp(written.timestamp() + max(passed, 0.0), UTC)

    def turn(self, to: datetime) -> None:
        """Set the time for everyone. `to` is aware."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(to.astimezone(UTC).isoformat())
        os.replace(fresh, self.path)
