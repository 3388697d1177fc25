"""Trains the model: `python -m rules.detector.train --data DIR --out FILE`.

The same data makes the same file. Needs the `train` extra. Thresholds are chosen on scores that
each row got from a model that had not seen it nor its neighbours; rows kept for development are
not looked at. How well those models did is printed.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from rules.detector import corpus, strong
from rules.detector.corpus import EVERYDAY, HARD, Row
from rules.detector.learn import Mask, Table, Vector
from rules.detector.model import Head, Scores, pack

BUDGET = {
    "ad": {"ask": (0.001, 0.024), "act": (0.0001, 0.0016)},
    "abuse": {"ask": (0.0008, 0.006), "act": (0.0001, 0.0008)},
}
"""Shares of everyday messages and of hard ones that each head may get wrong."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rules.detector.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the moderation data")
    parser.add_argument("--out", type=Path, required=True, help="file to write")
    options = parser.parse_args()
    rows = corpus.read(options.data)
    if common := too_common(rows):
        sys.exit(f"found in everyday talk too often, to be taken out of strong.txt: {common}")
    train(rows, corpus.ours(), options.out)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes")


def too_common(rows: Sequence[Row]) -> list[str]:
    """The strong words that everyday messages hold more often than allowed."""
    everyday = [row.text for row in rows if row.source in EVERYDAY]
    met = strong.met(everyday)
    return [word for word, count in met.items() if count > max(1, strong.MOST * len(everyday))]


def train(rows: Sequence[Row], ours: Sequence[Row], out: Path) -> None:
    """Write the model, and print how well its like did on what they had not seen."""
    table = Table([*rows, *ours])
    measured = np.arange(len(table.rows)) < len(rows)
    scores = table.out_of_fold([row.fold for row in table.rows])
    chosen = table.best(~table.dev)
    runs = table.scaled(chosen)
    weights, heads = {}, {}
    for name in Scores._fields:
        fitted = table.fit(name, runs, ~table.dev)
        weights[name] = fitted.coef_[0]
        heads[name] = _head(table, name, scores[name], measured, float(fitted.intercept_[0]))
    out.write_bytes(pack([table.names[at] for at in chosen], weights, heads))


def _head(table: Table, name: str, scores: Vector, measured: Mask, bias: float) -> Head:
    """Thresholds that keep within the budget, as probabilities."""
    own = measured & ~table.dev & np.char.startswith(table.source, "own")
    evidence = np.column_stack([scores, table.strong[name]])
    scale = LogisticRegression(C=100).fit(evidence[own], table.truth[name][own])
    slope, word = (float(value) for value in scale.coef_[0])
    sure = scale.predict_proba(evidence)[:, 1]
    everyday = sure[measured & np.isin(table.source, EVERYDAY)]
    hard = sure[measured & ~table.dev & np.isin(table.source, HARD)]
    ask, act = (
        round(float(max(np.quantile(everyday, 1 - often), np.quantile(hard, 1 - harder))), 5)
        for often, harder in (BUDGET[name]["ask"], BUDGET[name]["act"])
    )
    _told(table, name, sure, measured, ask, act)
    return Head(1.0, bias, slope, float(scale.intercept_[0]), word, ask, act)


def _told(table: Table, name: str, sure: Vector, measured: Mask, ask: float, act: float) -> None:
    """One line a source: how many rows, and how many of them above each threshold."""
    print(f"{name}: ask from {ask}, act from {act}; out of fold, rows, at least ask, act:")
    groups = {source: (source,) for source in sorted(set(table.source[measured]))}
    for what, sources in {"everyday": EVERYDAY, "hard": HARD, **groups}.items():
        part = sure[measured & np.isin(table.source, sources)]
        asked, acted = (int((part >= least).sum()) for least in (ask, act))
        print(f"  {what:<24}{len(part):>7}{asked:>7}{acted:>7}")


if __name__ == "__main__":
    main()
