"""How much of an evening its draft holds, and how fast it is made: python -m benchmarks.summary."""

import argparse
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from benchmarks.report import Report
from bot.people import Role
from storage import gist, summary
from storage.summary import Draft
from storage.transcript import Line

SHARED = Path(os.environ.get("BANZHANG_SHARED", "../shared"))
CHARACTERS = 150
LONG_EVENING = 600

Row = dict[str, Any]


def main() -> None:
    """Print coverage and pairing on whole evenings, overlap with human summaries, and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "data")
    folder = parser.parse_args().folder
    evenings, segments = folder / "sessions", folder / "summaries/vcsum_segments_dev.jsonl"
    if not (evenings.exists() and segments.exists()):
        print(f"left out: {folder} does not hold sessions and summaries")
        return
    report = Report()
    whole_evenings(report, evenings)
    meeting_segments(report, rows(segments))


def rows(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def whole_evenings(report: Report, folder: Path) -> None:
    """Against what a person would have written down, by the messages cited."""
    said: dict[str, list[Line]] = {}
    for row in rows(folder / "sessions_dev.jsonl"):
        said.setdefault(row["session"], []).append(line(row))
    wanted = {row["session"]: row for row in rows(folder / "reference_dev.jsonl")}
    drafts = {name: summary.draft(lines) for name, lines in said.items()}
    report.title(f"Whole evenings ({len(said)})")
    for name, draft in drafts.items():
        report.note(f"{name}: points", len(draft.points))
    shares = [covered(wanted[name]["points"], draft) for name, draft in drafts.items()]
    report.note("points covered, %", mean(shares) * 100, least=50)
    quoted = {
        name: {row.id for row in lines if row.reply_to is not None} for name, lines in said.items()
    }
    for what, keep in (("", None), (", answer quotes", True), (", answer does not", False)):
        scores = [pairing(wanted[n]["qa"], drafts[n], quoted[n], keep) for n in drafts]
        least = 0.7 * 100 if keep is None else None
        report.note(f"questions and answers, F1{what}, %", mean(scores) * 100, least=least)
    found = [share_found(wanted[n]["follow_ups"], drafts[n].follow_ups) for n in drafts]
    report.note("follow-ups found, %", mean(found) * 100)
    long_evening(report, [one for lines in said.values() for one in lines])


def long_evening(report: Report, said: Sequence[Line]) -> None:
    """The same lines over and over, as if one evening had so many."""
    lines = [
        replace(one, id=number, reply_to=None)
        for number, one in enumerate(islice(cycle(said), LONG_EVENING), 1)
    ]
    began = time.perf_counter()
    summary.draft(lines)
    spent = time.perf_counter() - began
    report.note(f"draft of an evening of {LONG_EVENING} messages, s", spent, most=3)


def line(row: Row) -> Line:
    return Line(
        id=row["n"],
        at=datetime.fromisoformat(row["at"]),
        who=row["who"],
        member=row["who"],
        role=Role(row["role"]),
        text=row["text"],
        reply_to=row["reply_to"],
    )


def covered(wanted: Sequence[Row], draft: Draft) -> float:
    """The share of the reference's points of which the draft cites at least one message."""
    return share_found(wanted, draft.points)


def share_found(wanted: Sequence[Row], found: Iterable[Any]) -> float:
    cited = {number for one in found for number in one.ids}
    return mean([bool(cited & set(one["ids"])) for one in wanted])


def pairing(wanted: Sequence[Row], draft: Draft, quoted: set[int], keep: bool | None) -> float:
    """F1 over pairs of a question's and an answer's number; small talk counts neither way."""
    minor = {number for one in wanted if one.get("minor") for number in one["q_ids"]}
    real = [one for one in wanted if not one.get("minor")]
    right = {pair for one in real for pair in product(one["q_ids"], one["a_ids"])}
    made = {pair for one in draft.qa for pair in product(one.q_ids, one.a_ids)}
    made = {(q, a) for q, a in made if q not in minor}
    if keep is not None:
        right, made = (
            {(q, a) for q, a in pairs if (a in quoted) is keep} for pairs in (right, made)
        )
    return f1(len(right & made), len(right), len(made))


def meeting_segments(report: Report, segments: Sequence[Row]) -> None:
    """Overlap of single characters, pairs, and the longest common sequence, as ROUGE counts it."""
    scores: list[tuple[float, float, float]] = []
    spent: list[float] = []
    for segment in segments:
        sentences = [one for turn in segment["turns"] for one in turn["sentences"]]
        began = time.perf_counter()
        made = "".join(gist.extract(sentences, CHARACTERS))
        spent.append(time.perf_counter() - began)
        wanted = "".join(segment["summary"].split())
        scores.append((*(overlap(made, wanted, n) for n in (1, 2)), longest(made, wanted)))
    report.title(f"Segments of meetings ({len(segments)}), {CHARACTERS} characters")
    for what, values, least in zip(
        ("ROUGE-1", "ROUGE-2", "ROUGE-L"), zip(*scores, strict=True), (39, 14.5, 22.5), strict=True
    ):
        report.note(f"{what}, F, %", mean(values) * 100, least=least)
    report.waits("one segment, ms", spent, p99=100)


def overlap(made: str, wanted: str, length: int) -> float:
    first, second = (
        Counter(text[i : i + length] for i in range(len(text) - length + 1))
        for text in (made, wanted)
    )
    return f1((first & second).total(), first.total(), second.total())


def longest(made: str, wanted: str) -> float:
    """By the longest common subsequence."""
    row = [0] * (len(wanted) + 1)
    for char in made:
        before = 0
        for n, other in enumerate(wanted, 1):
            before, row[n] = row[n], before + 1 if char == other else max(row[n], row[n - 1])
    return f1(row[-1], len(made), len(wanted))


def f1(both: int, first: int, second: int) -> float:
    return 2 * both / (first + second) if first + second else 1.0


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 1.0


if __name__ == "__main__":
    main()
