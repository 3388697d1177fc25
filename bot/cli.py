"""The command line: banzhang serve, demo, group, role, relay, channel, policy, import, check…"""

import getpass
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from zoneinfo import available_timezones

import click
import uvicorn
from argon2 import PasswordHasher
from msgspec.json import encode
from sqlalchemy.orm import Session

from bot import demo, policies, setup
from bot.app import Missing, clock_of, create, open_database
from bot.backtest import backtest
from bot.check import check
from bot.config import Settings
from bot.events import AnyEvent, Message, shown
from bot.people import Address, Role
from storage import archive, migrate

LARGEST_FRAME = 2_000_000
"""Bytes of one WebSocket message."""


@contextmanager
def changing(settings: Settings) -> Iterator[Session]:
    """The database, to be changed; what a ValueError says is told to whoever typed, and undone."""
    with open_database(settings) as database, database.write() as db:
        try:
            yield db
        except ValueError as problem:
            raise click.ClickException(str(problem)) from None


@click.group()
@click.version_option(package_name="banzhang")
def main() -> None:
    """班长: a class monitor for study groups."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # One line a call that we make would bury what happened.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.WARNING)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def serve(host: str, port: int) -> None:
    """Receive messages and keep promises, until stopped."""
    run(Settings(), host, port)


def run(settings: Settings, host: str, port: int) -> None:
    """Serve with these settings."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(settings.url)
    try:
        served = create(settings)
    except Missing as no:
        raise click.ClickException(str(no)) from None
    click.echo(f"班长在 http://{host}:{port} 等消息，HR 网页在 /hr，按 Ctrl+C 结束")
    uvicorn.run(
        served,
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        ws_max_size=LARGEST_FRAME,
        timeout_graceful_shutdown=5,
    )


@main.command("demo")
@click.option("--play", is_flag=True, help="Play three days of a group, then leave.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--folder", type=click.Path(path_type=Path), default=Path("data/demo"))
def demo_command(play: bool, host: str, port: int, folder: Path) -> None:
    """Try it on made-up groups, in the browser."""
    settings = demo.prepare(folder)
    if play:
        try:
            demo.play(settings, say=click.echo)
        except FileExistsError as problem:
            raise click.ClickException(str(problem)) from None
    else:
        demo.greet(settings, host, port, say=click.echo)
        run(settings, host, port)


@main.command("init-db")
def init_db() -> None:
    """Make the tables, or bring them up to date."""
    settings = Settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(settings.url)
    click.echo("数据库已就绪")


@main.command("hash-password")
def hash_password() -> None:
    """Turn a password into BANZHANG_ADMIN_PASSWORD_HASH."""
    password = getpass.getpass("密码: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    if len(password) < 8:
        raise click.ClickException("密码至少 8 位")
    click.echo(PasswordHasher().hash(password))


@main.group()
def group() -> None:
    """Study groups."""


@group.command("add")
@click.option("--chat", "chats", multiple=True, required=True, help="onebot:<self_id>:<group_id>")
@click.option("--name", required=True)
@click.option("--zone", default="", help="for example Asia/Shanghai")
@click.option("--kind", default="newhire", show_default=True)
@click.option("--company", default="")
@click.option("--region", default="")
@click.option("--level", default="")
@click.option("--project", default="")
def group_add(chats: tuple[str, ...], name: str, zone: str, kind: str, **place: str) -> None:
    """Add a group with its chats; of a group that is there, add the chats."""
    settings = Settings()
    zone = zone or settings.zone
    if zone not in available_timezones():
        raise click.ClickException(f"没有 {zone} 这个时区")
    with changing(settings) as db:
        found = setup.add_group(db, name=name, zone=zone, kind=kind, chats=chats, **place)
    click.echo(f"{found}：{'、'.join(chats)}")


@group.command("list")
def group_list() -> None:
    """Show the groups with their chats, and chats that belong to none yet."""
    with open_database(Settings()) as database, database.read() as db:
        for line in setup.listed(db):
            click.echo(line)


@main.group("import")
def import_() -> None:
    """Bring data in."""


@import_.command("roster")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_roster(file: Path) -> None:
    """Read the company's roster from a CSV or XLSX file."""
    with changing(Settings()) as db:
        count = setup.import_roster(db, file)
    click.echo(f"花名册已导入 {count} 人")


@import_.command("days")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_days(file: Path) -> None:
    """Read days off and make-up working days from a CSV: 日期, 类型 (休 or 班), 名称.

    Nothing is moved by it: where an announcement had better go out on another day, the owners of
    its group are asked.
    """
    settings = Settings()
    now = clock_of(settings).now()
    with changing(settings) as db:
        said = setup.import_days(db, file, by="import days", now=now)
    for line in said:
        click.echo(line)


@main.group("role")
def role() -> None:
    """Who may do what."""


@role.command("grant")
@click.argument("number")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.option("--scope", default="", help="company, region, level, project or group; empty is all")
def role_grant(number: str, role: str, scope: str) -> None:
    """Give the person with this 工号 a role."""
    with changing(Settings()) as db:
        said = setup.grant(db, number=number, role=Role(role), scope=scope)
    click.echo(said)


@role.command("revoke")
@click.argument("number")
@click.argument("role", type=click.Choice([role.value for role in Role]))
def role_revoke(number: str, role: str) -> None:
    """Take a role back from the person with this 工号."""
    with changing(Settings()) as db:
        said = setup.revoke(db, number=number, role=Role(role))
    click.echo(said)


@main.group("relay")
def relay() -> None:
    """Who posts where the bot cannot."""


@relay.command("set")
@click.option("--chat", required=True)
@click.option("--number", required=True, help="工号")
def relay_set(chat: str, number: str) -> None:
    """Name the person who forwards posts into a chat."""
    with changing(Settings()) as db:
        said = setup.set_relay(db, chat=chat, number=number)
    click.echo(said)


@main.group("channel")
def channel() -> None:
    """Where no bot can post, such as 朋友圈, and who posts there."""


@channel.command("set")
@click.option("--name", required=True)
@click.option("--number", required=True, help="工号")
def channel_set(name: str, number: str) -> None:
    """Name the person who posts in a channel; a new name makes a new channel."""
    with changing(Settings()) as db:
        said = setup.set_channel(db, name=name, number=number)
    click.echo(said)


@channel.command("drop")
@click.option("--name", required=True)
def channel_drop(name: str) -> None:
    """Forget a channel, also for evenings that were to be posted in it."""
    with changing(Settings()) as db:
        said = setup.drop_channel(db, name=name)
    click.echo(said)


@channel.command("list")
def channel_list() -> None:
    """Show the channels, each with the person who posts there."""
    with open_database(Settings()) as database, database.read() as db:
        for line in setup.channels(db):
            click.echo(line)


main.add_command(check)
main.add_command(backtest)
main.add_command(policies.main)


@main.group("export")
def export() -> None:
    """Take data out."""


@export.command("archive")
@click.option("--jsonl", is_flag=True, required=True, help="one JSON object a line")
def export_archive(jsonl: bool) -> None:
    """Print every archived event, in order."""
    out = sys.stdout.buffer
    with open_database(Settings()) as database, database.read() as db:
        for event in archive.everything(db):
            out.write(encode(_exported(event)) + b"\n")


def _exported(event: AnyEvent) -> dict[str, object]:
    told = {
        "key": event.key,
        "kind": event.__struct_config__.tag,
        "platform": Address.of(event.chat).platform,
        "chat": event.chat,
        "message_id": getattr(event, "message", ""),
        "at": event.at.astimezone(UTC).isoformat(),
        "member": getattr(event, "member", ""),
        "name": getattr(event, "name", ""),
        "text": getattr(event, "text", ""),
    }
    if isinstance(event, Message):
        told |= {"message_id": event.id, "shown": shown(event)}
    return told
