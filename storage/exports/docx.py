"""A summary as a Word document, for Word, WPS and LibreOffice."""

from collections.abc import Sequence

from docx.document import Document as Paper
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table, _Cell

from storage.exports import document as documents
from storage.exports import paper as papers
from storage.exports.document import NOTHING, Document, Printed, Section
from storage.exports.paper import GREY

_FACT_WIDTHS = (2.4, 13.8)
_SOURCE_WIDTHS = (1.4, 1.8, 3.6, 9.4)
_LONGEST_TITLE = 255
_HEAD_COLOUR = "EEF2F7"


def render(document: Document) -> bytes:
    paper = papers.blank(documents.heading(document), document.letterhead)
    paper.core_properties.title = document.title[:_LONGEST_TITLE]
    paper.core_properties.author = "班长"
    paper.core_properties.comments = ""
    paper.core_properties.created = document.starts
    paper.core_properties.modified = document.approved_at or document.ends
    paper.add_heading(document.title, 0)
    _facts(paper, document)
    for section in documents.sections(document):
        _section(paper, section)
    _sources(paper, document)
    return papers.settled(paper)


def _facts(paper: Paper, document: Document) -> None:
    table = _table(paper, documents.facts(document), _FACT_WIDTHS)
    for row in table.rows:
        _shade(row.cells[0])


def _section(paper: Paper, section: Section) -> None:
    paper.add_heading(section.title, 1)
    for entry in section.entries:
        for place, one in enumerate(entry):
            _printed(paper, one, last=place == len(entry) - 1)
    if not section.entries:
        paper.add_paragraph(NOTHING)


def _printed(paper: Paper, one: Printed, *, last: bool) -> None:
    """The words beside their label, the source small and grey below."""
    paragraph = paper.add_paragraph()
    shape = paragraph.paragraph_format
    shape.left_indent, shape.first_line_indent = Cm(1), Cm(-1)
    shape.tab_stops.add_tab_stop(Cm(1))
    shape.space_after = Pt(8 if last else 4)
    shape.keep_together, shape.keep_with_next = True, not last
    paragraph.add_run(one.label).bold = True
    paragraph.add_run(f"\t{one.text}")
    source = paragraph.add_run(f"\n{one.source}")
    source.font.size, source.font.color.rgb = Pt(9), GREY


def _sources(paper: Paper, document: Document) -> None:
    paper.add_heading("来源说明", 1)
    paper.add_paragraph("上文括号里的来源编号对应下表，都是群里的原话；手机号和证件号已遮盖。")
    rows = [(str(one.number), one.at, one.who, one.words) for one in documents.sources(document)]
    table = _table(paper, [("编号", "时间", "发言人", "原话"), *rows], _SOURCE_WIDTHS)
    for cell in table.rows[0].cells:
        _shade(cell)
    _repeat_head(table)


def _table(paper: Paper, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> Table:
    table: Table = paper.add_table(len(rows), len(widths), "Table Grid")
    table.autofit = False
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text, width in zip(row.cells, texts, widths, strict=True):
            cell.width = Cm(width)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(2)
            paragraph.add_run(text)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    return table


def _shade(cell: _Cell) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), _HEAD_COLOUR)
    cell._tc.get_or_add_tcPr().append(shade)
    for run in cell.paragraphs[0].runs:
        run.bold = True


def _repeat_head(table: Table) -> None:
    """The first row again on each page."""
    repeat = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeat)
