"""Rows as numbers, and linear models fitted to them. Needs the `train` extra."""

from collections import Counter
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from scipy import sparse
from sklearn.svm import LinearSVC

from rules.detector import strong
from rules.detector.corpus import EVERYDAY, FOLDS, HARD, Row
from rules.detector.features import grams, marks
from rules.detector.model import FEWEST, Scores
from rules.detector.views import View, spoken

RUNS = 30_000
"""Runs kept: those with the largest weights."""

SEEN_IN = 2
REGULARISATION = {"ad": 0.5, "abuse": 0.3}
VOICES = 2.0
"""How much more our own texts count for ads: they are of more voices than any one author's."""

Vector: TypeAlias = np.ndarray[tuple[int], np.dtype[np.float64]]
Mask: TypeAlias = np.ndarray[tuple[int], np.dtype[np.bool_]]


class Table:
    """Which runs each row holds, whether a strong word is among them, what it is, its weight."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.dev: Mask = np.array([row.dev for row in rows])
        self.source = np.array([row.source for row in rows])
        self.truth: dict[str, Mask] = {
            name: np.array([row.label == name for row in rows]) for name in Scores._fields
        }
        self.weight: dict[str, Vector] = {
            name: np.array([_weight(row, name) for row in rows]) for name in Scores._fields
        }
        views = [View(spoken(row.text)) for row in rows]
        words = [{entry.label for entry, _ in strong.find(view)} for view in views]
        self.strong: dict[str, Mask] = {
            name: np.array([name in labels for labels in words]) for name in Scores._fields
        }
        self._count([grams(view) | set(marks(view)) for view in views])

    def _count(self, seen: Sequence[set[str]]) -> None:
        counts = Counter(name for found in seen for name in found)
        self.names = sorted(name for name, count in counts.items() if count >= SEEN_IN)
        index = {name: at for at, name in enumerate(self.names)}
        columns = [sorted(index[name] for name in found if name in index) for found in seen]
        ends = np.cumsum([0, *map(len, columns)])
        flat = np.fromiter((at for column in columns for at in column), dtype=np.int32)
        shape = (len(seen), len(self.names))
        self.runs = sparse.csr_matrix((np.ones(len(flat)), flat, ends), shape=shape)

    def scaled(self, columns: Sequence[int]) -> sparse.csr_matrix:
        """Some columns, each row divided by the root of how many of them it holds."""
        part = self.runs[:, columns]
        sizes = np.maximum(np.asarray(part.sum(axis=1)).ravel(), FEWEST)
        return sparse.csr_matrix(sparse.diags(sizes**-0.5) @ part)

    def best(self, learn: Mask) -> list[int]:
        """The columns whose weights are largest for one head or the other.

        The most frequent come first: what is read together then lies together.
        """
        whole = self.scaled(range(len(self.names)))
        fitted = [self.fit(name, whole, learn).coef_[0] for name in Scores._fields]
        largest = np.max(np.abs(fitted), axis=0)
        kept = np.argsort(-largest, kind="stable")[:RUNS]
        met = np.asarray(self.runs[:, kept].sum(axis=0)).ravel()
        columns: list[int] = kept[np.argsort(-met, kind="stable")].tolist()
        return columns

    def fit(self, name: str, runs: sparse.csr_matrix, learn: Mask) -> LinearSVC:
        """One head, learned from some of the rows; the same every time."""
        model = LinearSVC(C=REGULARISATION[name], random_state=1)
        weight = self.weight[name][learn]
        return model.fit(runs[learn], self.truth[name][learn], sample_weight=weight)

    def out_of_fold(self, folds: Sequence[int]) -> dict[str, Vector]:
        """For each head what every row gets from a model that was not shown its fold.

        Rows kept for development are learned from by none; those of fold -1 by all.
        """
        scores: dict[str, Vector] = {name: np.zeros(len(self.rows)) for name in Scores._fields}
        for fold in range(FOLDS):
            away = np.array(folds) == fold
            learn = ~away & ~self.dev
            runs = self.scaled(self.best(learn))
            for name in Scores._fields:
                scores[name][away] = self.fit(name, runs, learn).decision_function(runs[away])
        return scores


def _weight(row: Row, name: str) -> float:
    """Insults are told from everyday talk, so that weighs more; ads from what looks like one."""
    if name == "abuse" and row.source in HARD:
        return row.weight / 3
    if name == "abuse" and row.author == "public":
        return row.weight * (3 if row.source in EVERYDAY else 0.3)
    if name == "ad" and row.author == "text":
        return row.weight * VOICES
    return row.weight
