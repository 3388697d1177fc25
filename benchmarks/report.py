"""A table of figures beside the bars they have to reach, and the machine they were taken on."""

import math
import os
import platform
import sqlite3
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.process import Server

WIDTH = 58
SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class Report:
    """Lines in the order they were noted. `least` and `most` are bars; a missed one is marked."""

    def __init__(self) -> None:
        self.lines = [machine()]
        self.missed = 0

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def title(self, text: str) -> None:
        self._add(f"\n{text}")

    def note(
        self, what: str, value: float, *, least: float | None = None, most: float | None = None
    ) -> None:
        bar = f"  ≥ {least:g}" if least is not None else f"  ≤ {most:g}" if most is not None else ""
        met = (least is None or value >= least) and (most is None or value <= most)
        self.missed += not met
        self._add(f"  {what:<{WIDTH}}{_shown(value):>9}{bar}{'' if met else '  MISSED'}")

    def waits(self, what: str, seconds: Sequence[float], **most: float) -> None:
        """Percentiles in milliseconds; `most` are bars, as p99=20."""
        shown, missed = [], False
        for name, share in SHARES.items():
            value = percentile(seconds, share) * 1000
            bar = f" ≤ {most[name]:g}" if name in most else ""
            missed |= not value <= most.get(name, math.inf)
            shown.append(f"{name} {_shown(value)}{bar}")
        missed &= bool(most)
        self.missed += missed
        line = f"{what:<{WIDTH - 12}}{'  '.join(shown)}  of {len(seconds)}"
        self._add(f"  {line}{'  MISSED' if missed else ''}")

    def memory(
        self, when: str, server: Server, *, what: str = "VmRSS", most: float | None = None
    ) -> None:
        self.note(f"memory {when}, MiB", server.memory(what), most=most)

    def _add(self, line: str) -> None:
        self.lines.append(line)
        print(line, flush=True, file=sys.stderr)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that so large a share is not above; not a number when there is none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else math.nan


def machine() -> str:
    """The machine in general terms."""
    models = [
        line.partition(": ")[2]
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return (
        f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    )


def _shown(value: float) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
