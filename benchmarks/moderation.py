"""How well ads and insults are told, how fast, and whether talk is taken for commands.

`python -m benchmarks.moderation [FOLDER]`. Rows kept for development are judged by the rules as
shipped. What models say of messages they have not seen is printed by rules.detector.train.
"""

import argparse
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path

from benchmarks.report import Report, percentile
from bot.events import Message
from handlers import commands, dispatch
from rules import engine
from rules.ads import Ads
from rules.detector import corpus
from rules.detector.corpus import EVERYDAY, HARD, Row
from rules.detector.model import FILE
from rules.detector.verdict import assess
from rules.engine import Context, Line, Said

SHARED = Path(os.environ.get("BANZHANG_SHARED", "../shared"))
SAMPLE = Path(__file__).parent / "data" / "everyday.txt"
NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
WORDS = 50_000
WARM, RUNS = 500, 3
BACK = 20
"""Lines of one member, and of the chat, that rules look back at."""

SLICES = {
    "ads, plain": ("ad", ("own:ad_plain",), 75),
    "ads, masked": ("ad", ("own:ad_adv",), 60),
    "ads, like text messages": ("ad", ("own:ad_sms",), None),
    "ads, among players": ("ad", ("own:ad_game",), None),
    "ads, begging": ("ad", ("own:ad_beg",), None),
    "insults, plain": ("abuse", ("own:abuse_plain",), 55),
    "insults, masked": ("abuse", ("own:abuse_adv",), 35),
}
HARMLESS = {"hard": (HARD, 3.0, 0.5), "everyday, of our own": (EVERYDAY, None, None)}
"""Everyday talk at large was learned from: the trainer tells what is found in it out of fold."""


def main() -> None:
    """Print the table; only speed and commands, on the sample, when the data is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "data" / "moderation")
    folder = parser.parse_args().folder
    engine.discover()
    commands.discover()
    report = Report()
    report.note("size of the model, MiB", FILE.stat().st_size / 2**20, most=5)
    everyday = SAMPLE.read_text("utf-8").splitlines()
    if folder.exists():
        rows = corpus.read(folder)
        everyday = [row.text for row in rows if row.source in EVERYDAY]
        found(report, [row for row in rows if row.dev and row.author != "public"])
    else:
        print(
            f"what is found is left out: {folder} is not there; {SAMPLE.name} is used for the rest"
        )
    speed(report, everyday)
    misfires(report, everyday)


def found(report: Report, rows: Sequence[Row]) -> None:
    """Shares found in each slice, of those found how many rightly, and of what was harmless."""
    report.title(
        "Messages kept for development: asked about or acted on, and acted on, in per cent"
    )
    seen = {row.id: assess(row.text) for row in rows}
    for what, (label, sources, bar) in SLICES.items():
        part = [seen[row.id] for row in rows if row.source in sources]
        right = [one.action if one.label == label else "none" for one in part]
        share(report, what, [one != "none" for one in right], least=bar)
        share(report, f"{what}, acted on", [one == "act" for one in right])
    for what, (sources, ask, act) in HARMLESS.items():
        actions = [seen[row.id].action for row in rows if row.source in sources]
        share(report, what, [one != "none" for one in actions], most=ask)
        share(report, f"{what}, acted on", [one == "act" for one in actions], most=act)
    for label in ("ad", "abuse"):
        named = [row.label for row in rows if seen[row.id].label == label]
        share(report, f"of those called {label}, rightly", [one == label for one in named])


def share(
    report: Report,
    what: str,
    hits: Sequence[bool],
    *,
    least: float | None = None,
    most: float | None = None,
) -> None:
    """One line, with the 95 % Wilson interval."""
    low, high = wilson(sum(hits), len(hits))
    text = f"{what} ({100 * low:.2f}–{100 * high:.2f} of {len(hits)})"
    report.note(text, 100 * sum(hits) / len(hits), least=least, most=most)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share. Raises ZeroDivisionError when there is nothing to share."""
    z, part = 1.96, hits / count
    middle = part + z * z / (2 * count)
    wide = z * sqrt(part * (1 - part) / count + z * z / (4 * count * count))
    low, high = ((middle + side * wide) / (1 + z * z / count) for side in (-1, 1))
    return max(0.0, low), min(1.0, high)


def speed(report: Report, texts: Sequence[str]) -> None:
    """All rules, each message with what was said before it; the median of the runs counts."""
    report.title("All rules, one core")
    settings = engine.defaults()
    for words in (0, WORDS):
        banned = tuple(f"词条{number}号" for number in range(words))
        settings["广告"] = engine.Setting(params=Ads(words=banned))
        messages = [_message(text, number) for number, text in enumerate(texts)]
        for number in range(min(WARM, len(messages))):
            _judged(messages, number, settings)
        runs = [
            [_judged(messages, number, settings) for number in range(len(messages))]
            for _ in range(RUNS)
        ]
        taken = sorted(runs, key=sum)[RUNS // 2]
        report.note(f"messages a second, {words:,} words", len(taken) / sum(taken), least=8000)
        report.note("… p99 of one, ms", 1000 * percentile(taken, 0.99), most=2)


def _judged(messages: Sequence[Message], number: int, settings: dict[str, engine.Setting]) -> float:
    before = messages[max(0, number - BACK) : number]
    talk = [
        Line(one.at, one.member, one.text) for one in messages[max(0, number - BACK) : number + 1]
    ]
    mine = [Said(one.at, one.text) for one in before if one.member == messages[number].member]
    context = Context(mine=mine, talk=talk)
    began = time.process_time()
    engine.judge(messages[number], context, settings)
    return time.process_time() - began


def _message(text: str, number: int) -> Message:
    """Ten members speaking in turn, one every three seconds."""
    return Message(
        key=f"file:1:{number}",
        chat="file:1:1",
        at=NOON + timedelta(seconds=3 * number),
        id=str(number),
        member=str(number % 10),
        text=text,
    )


def misfires(report: Report, texts: Sequence[str]) -> None:
    """Ordinary lines that would be run as a command."""
    report.title("Commands")
    heard = [dispatch.hear(_message(text, number)) for number, text in enumerate(texts)]
    run = [
        one.line
        for one in heard
        if one
        and (commands.find(one.line) if one.surely else commands.complete(one.line, today=NOON))
    ]
    report.note(f"run by mistake, of {len(texts):,} ordinary lines", len(run), most=0)


if __name__ == "__main__":
    main()
