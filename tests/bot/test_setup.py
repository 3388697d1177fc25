"""Setting up by command line."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook

from bot.cli import main
from bot.people import Role
from storage import archive, groups, members
from storage.archive import Arrival
from storage.database import Database
from tests.build import at, message

ROSTER = """\
工号,姓名,公司,片区,qq,入职日期
00123,林悦,示例集团,华东,20003,2026-11-03
00007,陈静,示例集团,,20005,
"""


@pytest.fixture
def run(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BANZHANG_DATABASE_URL", url)
    monkeypatch.setenv("BANZHANG_DATA_DIR", str(tmp_path / "data"))

    def run(*words: str, stdin: str = "") -> Result:
        return CliRunner().invoke(main, words, input=stdin)

    return run


def test_a_company_is_set_up_in_four_commands(run, url: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8-sig")
    for words in (
        ("init-db",),
        ("group", "add", "--chat", "onebot:10001:600001", "--name", "新人2611群"),
        ("import", "roster", "roster.csv"),
        ("role", "grant", "00007", "hr", "--scope", "示例集团"),
    ):
        assert run(*words).exit_code == 0, words
    with closing(Database(url)) as database, database.read() as db:
        group = groups.named(db, "新人2611群")
        assert group is not None
        assert group.zone == "Asia/Shanghai"
        held = members.roles_in(db, group, platform="onebot", member="20005")
        assert held == {Role.HR}
        lin = members.person_of(db, platform="onebot", external="20003")
        assert lin is not None
        assert (lin.number, lin.region) == ("00123", "华东")


@pytest.mark.parametrize("kind", ["gbk", "xlsx"])
def test_the_roster_is_read_as_excel_writes_it(run, url: str, tmp_path: Path, kind: str) -> None:  # type: ignore[no-untyped-def]
    if kind == "gbk":
        file = tmp_path / "roster.csv"
        file.write_bytes(ROSTER.encode("gb18030"))
    else:
        file = tmp_path / "roster.xlsx"
        book = Workbook()
        for row in ROSTER.strip().splitlines():
            book.active.append(row.split(","))
        book.save(file)
    assert run("import", "roster", str(file)).exit_code == 0
    with closing(Database(url)) as database, database.read() as db:
        assert members.numbered(db, "00123") is not None


@pytest.mark.parametrize(
    "text, word",
    [
        ("工号,姓名\n,林悦\n", "缺工号"),
        ("工号,姓名,入职日期\n1,林悦,去年\n", "入职日期"),
        ("a,b\n1,2\n", "第一行"),
    ],
)
def test_a_roster_with_a_bad_row_is_refused_whole(  # type: ignore[no-untyped-def]
    run, url: str, tmp_path: Path, text: str, word: str
) -> None:
    (tmp_path / "roster.csv").write_text(
        text.replace("\n", "\n9,好人\n", 1) if "a,b" not in text else text
    )
    result = run("import", "roster", "roster.csv")
    assert result.exit_code == 1
    assert word in result.output
    with closing(Database(url)) as database, database.read() as db:
        assert members.numbered(db, "9") is None


@pytest.mark.parametrize(
    "words",
    [
        ("group", "add", "--chat", "onebot", "--name", "x"),
        ("group", "add", "--chat", "onebot:1:@2", "--name", "x"),
        ("group", "add", "--chat", "onebot:1:2", "--name", "x", "--zone", "Mars/Base"),
        ("role", "grant", "404", "hr"),
        ("relay", "set", "--chat", "onebot:1:2", "--number", "404"),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(run, url: str, words: tuple[str, ...]) -> None:  # type: ignore[no-untyped-def]
    result = run(*words)
    assert result.exit_code == 1
    assert "Error" in result.output
    assert "Traceback" not in result.output
    with closing(Database(url)) as database, database.read() as db:
        assert groups.everyone(db) == []


def test_the_archive_is_exported_one_object_a_line(run, url: str) -> None:  # type: ignore[no-untyped-def]
    said = message("你好\n第二行", when=at("2026-11-20 10:00"))
    with closing(Database(url)) as database, database.write() as db:
        archive.save(db, [Arrival([said], b"{}")], now=said.at, chats={})
    [line] = run("export", "archive", "--jsonl").stdout.splitlines()
    told = json.loads(line)
    assert told["message_id"] == said.id
    assert told["text"] == "你好\n第二行"
    assert told["chat"] == "fake:1:600001"
    assert told["at"] == "2026-11-20T02:00:00+00:00"


def test_a_password_becomes_a_hash_that_does_not_show_it(run) -> None:  # type: ignore[no-untyped-def]
    result = run("hash-password", stdin="correct horse\n")
    assert result.output.startswith("$argon2")
    assert run("hash-password", stdin="short\n").exit_code == 1
