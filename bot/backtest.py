"""banzhang backtest: what a rule would have caught of a group's archive, with any settings."""

import sys
from datetime import timedelta

import click
from msgspec.json import encode

from bot import findings, replay
from bot.app import clock_of, open_database
from bot.config import Settings
from bot.findings import Findings
from bot.replay import Asked
from handlers.backtest import DAYS, MOST_DAYS, Wanted, read
from handlers.commands import Refused
from storage import groups, past, policy
from storage.database import Database
from storage.groups import Group


@click.command()
@click.argument("rule")
@click.option("--days", type=click.IntRange(1, MOST_DAYS), default=DAYS, show_default=True)
@click.option("--set", "values", multiple=True, metavar="K=V", help="as in chat: 上限=6条/30秒")
@click.option("--group", "name", default="", help="its name; not needed where there is only one")
@click.option("--json", "as_json", is_flag=True, help="print one JSON object")
def backtest(rule: str, days: int, values: tuple[str, ...], name: str, as_json: bool) -> None:
    """Play a group's archive through RULE, and print what it would have caught.

    Settings that are not given are as the group has them now. Nothing is done, and nothing is kept.
    """
    settings = Settings()
    with open_database(settings) as database:
        group, wanted = _wanted(database, rule, days, values, name)
        since = clock_of(settings).now() - timedelta(days=days)
        asked = Asked(group.id, wanted.rule.name, wanted.params, since)
        found = _played(database, asked)
    if as_json:
        data = findings.as_data(found, asked, group, days=days)
        sys.stdout.buffer.write(encode(data) + b"\n")
    else:
        click.echo(findings.report(found, asked, group, days=days))


def _wanted(
    database: Database, rule: str, days: int, values: tuple[str, ...], name: str
) -> tuple[Group, Wanted]:
    """Raises click.UsageError where there is no such group, rule or setting."""
    with database.read() as db:
        group = _group(groups.everyone(db), name)
        book = policy.book(db, group.id)
    if wrong := [value for value in values if "=" not in value]:
        raise click.UsageError(f"「{wrong[0]}」不是 K=V，如：--set 上限=6条/30秒")
    try:
        return group, read(" ".join([rule, *values, f"近{days}天"]), book)
    except Refused as no:
        raise click.UsageError(str(no)) from None


def _group(known: list[Group], name: str) -> Group:
    fitting = [group for group in known if not name or group.name == name]
    if len(fitting) == 1:
        return fitting[0]
    names = "、".join(group.name for group in known) or "一个也没有"
    what = f"没有「{name}」这个群" if name else "请用 --group 写明是哪个群"
    raise click.UsageError(f"{what}。现有的群：{names}")


def _played(database: Database, asked: Asked) -> Findings:
    with database.read() as db:
        chats = [chat.id for chat in groups.chats_of(db, asked.group_id)]
        count = past.about(db, chat_ids=chats, since=asked.since)
    found = Findings()
    with click.progressbar(length=count, label=asked.rule, file=sys.stderr) as bar:
        for played in replay.play(database, asked):
            if played is not None:
                found.note(played)
                bar.update(1)
    return found
