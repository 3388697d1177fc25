"""How long a backtest takes, and how long messages wait beside one: python -m benchmarks.backtest.

The archive is made up from the lines of benchmarks/data: everyday talk of forty people, with
advertisements, bursts and repeats in it. A message is archived and handled as on the real road.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from benchmarks.report import Report
from bot import replay
from bot.backtesting import Backtesting
from bot.events import Message, encode
from bot.findings import Findings
from bot.people import Member, Role
from bot.pipeline import Pipeline
from bot.replay import Asked
from handlers import commands
from rules import engine
from storage import archive, groups, members, migrate
from storage.archive import TABLE, Arrival
from storage.database import Database

SAMPLE = Path(__file__).parent / "data" / "everyday.txt"
CHAT = "bench:1:600001"
PEOPLE, DAYS = 40, 30
NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
AD = "兼职日结200，想做的加V领资料 wx_{}"
BAR = 60
"""Seconds for a hundred thousand messages."""

EVERY, PROBES = 1 / 30, 300


def main() -> None:
    """Print seconds for each rule, and waits with and without a backtest beside them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    count = parser.parse_args().messages
    engine.discover()
    commands.discover()
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/banzhang.db"
        migrate.upgrade(url)
        database = Database(url)
        group_id = fill(database, count)
        report.title(f"{count:,} archived messages, seconds by command line")
        for name, rule in engine.RULES.items():
            asked = Asked(group_id, name, rule.params(), NOW - timedelta(days=DAYS))
            seconds, found = timed(database, asked)
            report.note(f"{name}, {found.hits:,} hits", seconds, most=BAR)
        report.title(f"Taken in and handled, {1 / EVERY:.0f} messages a second, ms")
        report.waits("alone", asyncio.run(waits(database)))
        asyncio.run(beside(database, report))
        database.close()


def fill(database: Database, count: int) -> int:
    """One group with an archive; its number."""
    people = [Member(id=str(n), name=f"成员{n}") for n in range(PEOPLE)]
    owner = Member(id="owner", name="群主", role=Role.OWNER)
    with database.write() as db:
        group = groups.add(db, name="新人2611群", zone="Asia/Shanghai", kind="newhire")
        chat = groups.connect(db, group=group, key=CHAT)
        members.replace(db, chat_id=chat.id, members=[owner, *people], now=NOW)
        rows = [
            {
                "key": message.key,
                "chat_id": chat.id,
                "kind": "message",
                "at": message.at,
                "message": message.id,
                "body": encode(message),
                "raw": encode(message),
                "saved": message.at,
                "state": archive.State.HANDLED,
            }
            for message in talk(count)
        ]
        db.connection().execute(insert(TABLE), rows)
        chat.seen = count
        return group.id


def talk(count: int) -> Iterator[Message]:
    """Everyday lines; one in a hundred is an advertisement, and two are said in bursts of eight."""
    lines, chance = SAMPLE.read_text("utf-8").splitlines(), random.Random(7)
    apart, left = timedelta(days=DAYS - 1) / count, 0
    moment, who, text = NOW - timedelta(days=DAYS - 0.5), "0", ""
    for number in range(count):
        left = left - 1 if left else 8 * (chance.random() < 0.0025)
        moment += timedelta(seconds=1) if left else apart
        if not left:
            who = str(chance.randrange(PEOPLE))
            text = chance.choice(lines) + chance.choice(["", *lines])
            text = AD.format(number) if chance.random() < 0.01 else text
        yield message(str(number), text, who, moment)


def message(
    number: str, text: str, who: str, moment: datetime, *, addressed: bool = False
) -> Message:
    return Message(
        key=f"bench:1:{number}",
        chat=CHAT,
        at=moment,
        id=number,
        member=who,
        text=text,
        addressed=addressed,
    )


def timed(database: Database, asked: Asked) -> tuple[float, Findings]:
    found, began = Findings(), time.perf_counter()
    for played in replay.play(database, asked):
        if played is not None:
            found.note(played)
    return time.perf_counter() - began, found


async def waits(database: Database) -> Sequence[float]:
    """How long each of some advertisements took, from its coming in to its recall being planned."""
    pipeline, taken = Pipeline(database, lambda: NOW), []
    for n in range(PROBES):
        due = time.perf_counter()
        await asyncio.sleep(EVERY)
        late = time.perf_counter() - due - EVERY
        began = time.perf_counter()
        one = message(f"p{due}", AD.format(n), str(n % PEOPLE), NOW)
        with database.write() as db:
            archive.save(db, [Arrival([one], b"{}")], now=NOW, chats={})
        pipeline.drain()
        # Late is what the loop was busy with when the message came.
        taken.append(late + time.perf_counter() - began)
    return taken


async def beside(database: Database, report: Report) -> None:
    """The same with a backtest under way, and how long that takes beside nothing else."""
    pipeline = Pipeline(database, lambda: NOW)
    backtesting = Backtesting(database, lambda: NOW, lambda: None)
    for what in ("beside a backtest", ""):
        asks = message(f"ask{what}", "回测 广告", "owner", NOW, addressed=True)
        with database.write() as db:
            archive.save(db, [Arrival([asks], b"{}")], now=NOW, chats={})
        pipeline.drain()
        began = time.perf_counter()
        running = asyncio.create_task(backtesting.one())
        if what:
            report.waits(what, await waits(database))
            if running.done():
                raise RuntimeError("the backtest was over before the messages were")
        await running
    report.note("a backtest by chat of 广告, s", time.perf_counter() - began, most=BAR)


if __name__ == "__main__":
    main()
