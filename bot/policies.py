"""banzhang policy: a group's set-up, or the company's, as a file; brought in, and taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from bot import times
from bot.app import clock_of, open_database
from bot.config import Settings
from handlers import differences, policy_file
from handlers.call import Refused
from storage import groups, policy, rulebook

COMPANY = "公司"
"""What stands for the company where a group's name could."""

_AUTHOR, _NAME = "cli", "命令行"


@contextmanager
def _changing() -> Iterator[tuple[Session, datetime]]:
    """The database and the hour; a refusal is told to whoever typed, and nothing is changed."""
    settings = Settings()
    with open_database(settings) as database, database.write() as db:
        try:
            yield db, clock_of(settings).now()
        except Refused as no:
            raise click.ClickException(str(no)) from None


@click.group("policy")
def main() -> None:
    """Set-ups of groups as files. Say 公司 for a group to mean the company's defaults."""


@main.command("export")
@click.argument("group")
def export(group: str) -> None:
    """Print what a group itself has set, as YAML."""
    with _changing() as (db, now):
        layer, zone = _layer(db, group)
        head = f"{group}，{times.show_moment(now, zone)} 导出。没写的照上级群、公司或默认"
        click.echo(policy_file.write(rulebook.book(db, layer), head=head), nl=False)


@main.command("import")
@click.argument("group")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do it without asking.")
def bring(group: str, file: Path, yes: bool) -> None:
    """Show what a file would change in a group, and change it."""
    with _changing() as (db, now):
        layer, _ = _layer(db, group)
        wanted = policy_file.read(_text(file), policy.book(db, layer)).choices
        found = differences.propose(db, layer, wanted, since=now.isoformat())
        if not found.lines:
            click.echo(f"和 {group} 现在的没有差别，没有改动")
            return
        click.echo("\n".join([f"{group} 会这样变：", *found.lines]))
        # No writer waits for a person at the keyboard: the question ends this transaction.
    if not (yes or click.confirm("确定吗？")):
        click.echo("没有改动")
        return
    _apply(group, layer, wanted, found.mark)


def _apply(group: str, layer: int | None, wanted: differences.Choices, mark: str) -> None:
    with _changing() as (db, now):
        rulebook.outdate(db, layer)
        found = differences.propose(db, layer, wanted, since=now.isoformat())
        if found.mark != mark:
            raise Refused("刚才给你看过以后又有变化，没有改动，请再来一次")
        version = rulebook.change(
            db,
            group_id=layer,
            choices=found.choices,
            author=_AUTHOR,
            author_name=_NAME,
            what="导入配置",
            now=now,
        )
        click.echo(f"{group} 已改 {len(found.lines)} 处，现在是第{version.number}版")


@main.command("undo")
@click.argument("group")
def undo(group: str) -> None:
    """Take back the last change of a group's set-up that was made here."""
    with _changing() as (db, now):
        layer, _ = _layer(db, group)
        last = rulebook.last_by(db, group_id=layer, author=_AUTHOR)
        if last is None:
            raise Refused("没有可以撤销的改动")
        undone = rulebook.undo(db, last, now=now)
        if undone is None:
            raise Refused(f"「{last.change}」之后又有人改过，没有撤销")
        kept = f"。{'、'.join(sorted(undone.kept))} 之后又有人改过，没有动" if undone.kept else ""
        click.echo(f"已撤销「{last.change}」，{group} 回到第{undone.number}版{kept}")


def _layer(db: Session, name: str) -> tuple[int | None, str]:
    """The number of a group and its zone, or those of the company."""
    if name == COMPANY:
        return None, Settings().zone
    found = groups.named(db, name)
    if found is None:
        raise Refused(f"没有叫「{name}」的群，发 banzhang group list 看全部")
    return found.id, found.zone


def _text(file: Path) -> str:
    if file.stat().st_size > 4 * policy_file.LONGEST:
        raise Refused(f"{file.name} 太大了，配置最长 {policy_file.LONGEST} 个字")
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(f"{file.name} 不是 UTF-8 文本") from None
