"""Days off and make-up working days that IT keeps by hand, and the file they come from."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.database import Base, insert_new

COLUMNS = ("日期", "类型", "名称")
OFF = {"休": True, "班": False}
LONGEST_NAME = 50

_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")


class KeptDay(Base):
    """One calendar day; `by` wrote it last, at `made`. A day not here is as it is elsewhere."""

    __tablename__ = "days"

    day: Mapped[date] = mapped_column(primary_key=True)
    off: Mapped[bool]
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    by: Mapped[str] = mapped_column(String(100))
    made: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Kept:
    """What the table says of a day: `off` or worked; `name` is the holiday's, maybe empty."""

    off: bool
    name: str = ""


def table(db: Session) -> dict[date, Kept]:
    """Every day kept, some forty a year.

    Always all of it: with a part in hand, a year whose days lie outside would pass for unknown.
    """
    rows = db.execute(select(KeptDay.day, KeptDay.off, KeptDay.name).order_by(KeptDay.day))
    return {day: Kept(off, name) for day, off, name in rows}


def put(db: Session, *, rows: Mapping[date, Kept], by: str, now: datetime) -> list[date]:
    """Add or overwrite these days and leave the others; says which are new or different.

    A wrong entry is corrected by its opposite: 班 on a plain working day is a plain working day.
    """
    before = table(db)
    changed = [day for day in sorted(rows) if before.get(day) != rows[day]]
    values = [
        {"day": day, "off": rows[day].off, "name": rows[day].name, "by": by, "made": now}
        for day in changed
    ]
    # Two imports at once: whichever comes second finds the rows there, and overwrites them.
    insert_new(db, KeptDay.metadata.tables[KeptDay.__tablename__], values)
    if values:
        db.execute(update(KeptDay), values)
    return changed


def years(db: Session) -> list[int]:
    """The years whose holidays are kept here, in order."""
    return sorted(covered(table(db)))


def covered(days: Iterable[date]) -> set[int]:
    """The years of which these days, taken from a table, give the holidays.

    December has no public holiday of its own. Its days off and make-up days belong to the New
    Year after it, stand in that year's notice, and say nothing of the year they fall in.
    """
    return {day.year for day in days if day.month < 12}


def read(file: Path) -> dict[date, Kept]:
    """The days in a CSV with the columns 日期, 类型 (休 or 班) and 名称, in UTF-8 or GB 18030.

    Raises ValueError, naming the row, when anything in it cannot be read, or a day comes twice.
    """
    days: dict[date, Kept] = {}
    for number, row in _rows(_text(file)):
        try:
            day, kept = _day(row["日期"]), _kept(row)
            if day in days:
                raise ValueError(f"{day} 前面已经写过了")
        except ValueError as wrong:
            raise ValueError(f"第 {number} 行：{wrong}") from None
        days[day] = kept
    return days


def _text(file: Path) -> str:
    raw = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("看不懂这个文件的编码，请存成 CSV UTF-8")


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row that is not empty, with its line number, by the name of its column."""
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        # A heading may explain itself, as in 类型(休/班).
        header = [re.sub(r"[(（].*", "", cell).strip() for cell in next(lines, [])]
        if not {"日期", "类型"} <= set(header):
            raise ValueError(f"第一行要写列名：{'，'.join(COLUMNS)}")
        for line in lines:
            cells = [cell.strip() for cell in line]
            if any(cells):
                filled = cells + [""] * (len(header) - len(cells))
                yield lines.line_num, dict(zip(header, filled, strict=False))
    except csv.Error:
        raise ValueError(f"第 {lines.line_num} 行：不是 CSV") from None


def _day(text: str) -> date:
    found = _DAY.fullmatch(text)
    if not found:
        raise ValueError(f"看不懂日期「{text}」，请写成 2027-01-01")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError:
        raise ValueError(f"没有「{text}」这一天") from None


def _kept(row: Mapping[str, str]) -> Kept:
    kind, name = row["类型"], row.get("名称", "")
    if kind not in OFF:
        raise ValueError(f"类型「{kind}」只能是 休 或 班")
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise ValueError(f"名称最多 {LONGEST_NAME} 个字，写在一行里")
    return Kept(OFF[kind], name)
