"""The table of days off that IT keeps, and the file it comes from."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from storage import days
from storage.database import Database
from storage.days import Kept

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
FILE = """日期,类型(休/班),名称
2027-01-01,休,元旦
2027/1/2,休,元旦

2027年1月9日,班
"""
READ = {
    date(2027, 1, 1): Kept(True, "元旦"),
    date(2027, 1, 2): Kept(True, "元旦"),
    date(2027, 1, 9): Kept(False, ""),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "days.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_file_is_read_however_a_spreadsheet_wrote_it(
    file: Path, encoding: str, newline: str
) -> None:
    file.write_bytes(FILE.replace("\n", newline).encode(encoding))
    assert days.read(file) == READ


@pytest.mark.parametrize(
    "text, complaint",
    [
        ("", "第一行要写列名"),
        ("2027-01-01,休,元旦\n", "第一行要写列名"),
        ("日期,类型\n2027-01-01,休\n01-02,休\n", "第 3 行：看不懂日期「01-02」"),
        ("日期,类型\n2027-02-29,休\n", "第 2 行：没有「2027-02-29」这一天"),
        ("日期,类型\n2027-01-01\n", "第 2 行：类型「」只能是 休 或 班"),
        ("日期,类型\n\n2027-01-01,休\n2027/1/1,班\n", "第 4 行：2027-01-01 前面已经写过了"),
        (f"日期,类型,名称\n2027-01-01,休,{'长' * 51}\n", "第 2 行：名称最多"),
        ("日期,类型,名称\n2027-01-01,休,元\0旦\n", "第 2 行：名称最多"),
        (f"日期,类型\n2027-01-01,{'休' * 140_000}\n", "第 2 行：不是 CSV"),
    ],
)
def test_what_cannot_be_read_is_named_by_its_row(file: Path, text: str, complaint: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=complaint):
        days.read(file)


def test_a_file_in_no_known_encoding_is_refused_in_words(file: Path) -> None:
    file.write_bytes(FILE.encode("utf-16"))
    with pytest.raises(ValueError, match="看不懂这个文件的编码"):
        days.read(file)


def test_a_second_import_overwrites_its_days_keeps_the_rest_and_says_what_changed(
    database: Database,
) -> None:
    with database.write() as db:
        assert days.put(db, rows=READ, by="IT", now=NOW) == sorted(READ)
    correction = {date(2027, 1, 2): Kept(False), date(2027, 1, 9): Kept(False)}
    with database.write() as db:
        assert days.put(db, rows=correction, by="IT", now=NOW) == [date(2027, 1, 2)]
        assert days.put(db, rows=correction, by="IT", now=NOW) == []
    with database.read() as db:
        assert days.table(db) == READ | correction


def test_the_years_kept_are_those_whose_own_holidays_are_there(database: Database) -> None:
    rows = {date(2026, 12, 31): Kept(True, "元旦"), date(2027, 1, 1): Kept(True, "元旦")}
    with database.write() as db:
        days.put(db, rows=rows, by="IT", now=NOW)
        assert days.years(db) == [2027]
