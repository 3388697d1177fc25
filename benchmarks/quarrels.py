"""Quarrels told of in time, and other talk left alone: python -m benchmarks.quarrels."""

import argparse
import json
import math
import os
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.report import Report
from bot.dialogues import Dialogue, alert_at, talks
from bot.jsonl import read
from rules.exchange import heat
from rules.quarrel import Quarrel

SHARED = Path(os.environ.get("BANZHANG_SHARED", "../shared"))
FILE = "data/moderation/quarrels_dev.jsonl"
FOLDS, RIDGE, STEPS = 10, 0.3, 30
BEFORE = 5
"""So many turns before somebody should have been told it is not to be said which it is."""

Row = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """`alert_by` is the turn by which a good moderator would have told the owner; None: never.

    `rows` are the figures of each turn that can matter, with a 1 for the bias at the end.
    """

    kind: str
    alert_by: int | None
    dialogue: Dialogue
    rows: dict[int, Row]

    def right(self, alert: int | None) -> bool:
        """In time, or never where there is nothing to tell."""
        if self.alert_by is None:
            return alert is None
        return alert is not None and alert <= self.alert_by


def main() -> None:
    """Print the shares with their 95 % Wilson intervals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=SHARED / FILE)
    file = parser.parse_args().file
    if not file.exists():
        print(f"left out: {file} is not there")
        return
    report, dialogues = Report(), labelled(file)
    report.title("As shipped")
    shares(report, dialogues, [alert_at(one.dialogue.turns) for one in dialogues])
    report.title(f"Weights fitted anew without the dialogue that is judged, {FOLDS} folds")
    shares(report, dialogues, out_of_fold(dialogues))
    report.title("Weights fitted on all, beside those shipped")
    shipped = (*heat.WEIGHTS, heat.BIAS)
    for name, new, old in zip(
        (*heat.WEIGHTS._fields, "bias"), fit(dialogues), shipped, strict=True
    ):
        report.note(f"{name} (shipped {old:g})", new)


def labelled(file: Path) -> list[Labelled]:
    """The dialogues of a file, with the figures of every turn."""
    lines = file.read_text("utf-8").splitlines()
    return [
        Labelled(told["kind"], told["alert_by"], dialogue, _rows(dialogue))
        for told, dialogue in zip(map(json.loads, lines), read(lines, Dialogue), strict=True)
    ]


def _rows(dialogue: Dialogue) -> dict[int, Row]:
    rows: dict[int, Row] = {}
    for number, talk in enumerate(talks(dialogue.turns)):
        seen = heat.hottest(talk) if heat.matters(talk) else None
        if seen is not None:
            rows[number] = (*seen.figures, 1.0)
    return rows


def shares(report: Report, dialogues: Sequence[Labelled], alerts: Sequence[int | None]) -> None:
    """Alerts in time in quarrels, and false alerts by kind and over all."""
    right: dict[str, list[bool]] = defaultdict(list)
    for one, alert in zip(dialogues, alerts, strict=True):
        right[one.kind].append(one.right(alert))
    quarrels = right.pop("quarrel")
    report.note(
        f"told in time, % of quarrels {wilson(sum(quarrels), len(quarrels))}",
        100 * sum(quarrels) / len(quarrels),
        least=80,
    )
    false = {kind: [not one for one in found] for kind, found in right.items()}
    everything = [one for found in false.values() for one in found]
    for kind, found in false.items():
        share = 100 * sum(found) / len(found)
        report.note(f"false alerts, % of {kind} {wilson(sum(found), len(found))}", share)
    share = 100 * sum(everything) / len(everything)
    what = f"false alerts, % of all {wilson(sum(everything), len(everything))}"
    report.note(what, share, most=10)


def out_of_fold(dialogues: Sequence[Labelled]) -> list[int | None]:
    """The first alert in each dialogue by weights that never saw it."""
    order = list(range(len(dialogues)))
    random.Random(1).shuffle(order)
    alerts: dict[int, int | None] = {}
    for fold in range(FOLDS):
        held = set(order[fold::FOLDS])
        weights = fit([one for n, one in enumerate(dialogues) if n not in held])
        alerts |= {n: _first(dialogues[n], weights) for n in held}
    return [alerts[n] for n in range(len(dialogues))]


def _first(one: Labelled, weights: Row) -> int | None:
    least = Quarrel().sure / 100
    score = math.log(least / (1 - least))
    told = (n for n, row in one.rows.items() if np.dot(weights, row) >= score)
    return next(told, None)


def fit(dialogues: Sequence[Labelled]) -> Row:
    """Logistic regression with a ridge; every dialogue weighs the same, however long it is."""
    samples = [sample for one in dialogues for sample in _samples(one)]
    rows = np.array([row for row, _, _ in samples])
    told, counts = (np.array([sample[n] for sample in samples]) for n in (1, 2))
    spread = rows.std(axis=0)
    spread[-1] = 1.0
    scaled, weights = rows / spread, np.zeros(rows.shape[1])
    ridge = np.diag([RIDGE] * (len(weights) - 1) + [RIDGE / 100])
    for _ in range(STEPS):
        said = 1 / (1 + np.exp(-scaled @ weights))
        slope = scaled.T @ (counts * (said - told)) + ridge @ weights
        bend = (scaled * (counts * said * (1 - said))[:, None]).T @ scaled + ridge
        weights = weights - np.linalg.solve(bend, slope)
    return tuple(map(float, weights / spread))


def _samples(one: Labelled) -> list[tuple[Row, float, float]]:
    """Turns to learn from. Until shortly before the alert a quarrel is none yet."""
    by = one.alert_by
    told = {n: float(by is not None and n >= by - 1) for n in one.rows}
    sure = [n for n in one.rows if by is None or n >= by - 1 or n < by - BEFORE]
    return [(one.rows[n], told[n], 1 / len(sure)) for n in sure]


def wilson(hits: int, count: int) -> str:
    """The 95 % interval of a share, in per cent."""
    z = 1.96
    share = hits / count
    middle = share + z * z / (2 * count)
    wide = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    low, high = ((middle + side * wide) / (1 + z * z / count) for side in (-1, 1))
    return f"({100 * max(0.0, low):.0f}–{100 * high:.0f})"


if __name__ == "__main__":
    main()
