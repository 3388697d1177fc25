"""An evening's questions and answers as a table for Excel and WPS, points and tasks beside them."""

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from storage.exports import document as documents
from storage.exports.document import Document, Printed, Section

_WIDTHS = {"问": 42, "答": 60, "内容": 70, "来源": 36, "原话": 70, "值": 50}
_OTHER_WIDTH = 12
_HEAD = PatternFill("solid", fgColor="EEF2F7")
_WRAP = Alignment(wrap_text=True, vertical="top")

Row = Sequence[str]


def render(document: Document) -> bytes:
    """Text stays text: a nickname such as =1+1 is never a formula."""
    points, pairs, left, *_ = documents.sections(document)
    book = Workbook(write_only=True)
    _sheet(book, "问答", ("序号", "问", "答", "提问来源", "来源"), _pairs(pairs))
    _sheet(book, "要点", ("序号", "内容", "来源"), _numbered(points))
    _sheet(book, "待跟进", ("类别", "内容", "来源"), _plain(left))
    said = [(str(one.number), one.at, one.who, one.words) for one in documents.sources(document)]
    _sheet(book, "来源", ("编号", "时间", "发言人", "原话"), said)
    _sheet(book, "说明", ("项目", "值"), documents.facts(document))
    book.properties.creator = "班长"
    book.properties.created = document.starts.replace(tzinfo=None)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _pairs(section: Section) -> list[Row]:
    return [
        (str(number), asked.text, answered.text, asked.source, answered.source)
        for number, (asked, answered) in enumerate(section.entries, 1)
    ]


def _numbered(section: Section) -> list[Row]:
    rows: list[Row] = []
    for number, (first, *more) in enumerate(section.entries, 1):
        words = "\n".join([first.text, *(_labelled(one) for one in more)])
        rows.append((str(number), words, first.source))
    return rows


def _plain(section: Section) -> list[Row]:
    return [(one.label, one.text, one.source) for entry in section.entries for one in entry]


def _labelled(one: Printed) -> str:
    return f"{one.label}：{one.text}"


def _sheet(book: Workbook, title: str, head: Row, rows: Sequence[Row]) -> None:
    sheet = book.create_sheet(title)
    for number, name in enumerate(head, 1):
        width = _WIDTHS.get(name, _OTHER_WIDTH)
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(head))}{len(rows) + 1}"
    sheet.append([_cell(sheet, name, head=True) for name in head])
    for row in rows:
        sheet.append([_cell(sheet, text) for text in row])


def _cell(sheet: WriteOnlyWorksheet, text: str, *, head: bool = False) -> Cell:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.alignment = _WRAP
    if head:
        cell.font, cell.fill = Font(bold=True), _HEAD
    return cell
