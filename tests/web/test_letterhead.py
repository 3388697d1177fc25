"""The company's own Word sheet for summaries."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import docx
import pytest

from bot.actions import SendFile
from tests.build import Company
from tests.web.visits import Browser


def sheet(*, without: str = "") -> bytes:
    paper = docx.Document()
    paper.sections[0].header.paragraphs[0].text = "示例集团 内部资料"
    if without:
        paper.styles[without].delete()
    written = BytesIO()
    paper.save(written)
    return written.getvalue()


def with_part(name: str, content: bytes) -> bytes:
    written = BytesIO(sheet())
    with ZipFile(written, "a", ZIP_DEFLATED) as parts:
        parts.writestr(name, content)
    return written.getvalue()


def upload(hr: Browser, content: bytes) -> int:
    hr.look("/hr/letterhead")
    return hr.upload("/hr/letterhead", "template", content).status_code


@pytest.mark.parametrize("without", ["", "Table Grid"])
def test_summaries_are_written_on_the_companys_sheet(
    hr: Browser, evening: Company, without: str
) -> None:
    assert upload(hr, sheet(without=without)) == 303
    taken = docx.Document(BytesIO(hr.get("/hr/evenings/1/summary.docx").content))
    assert taken.sections[0].header.paragraphs[0].text == "示例集团 内部资料"
    assert any("要点" in paragraph.text for paragraph in taken.paragraphs)
    hr.look("/hr/evenings/1")
    hr.send("/hr/evenings/1/approve")
    [sent] = [a for a in evening.send() if isinstance(a, SendFile) and a.name.endswith(".docx")]
    published = docx.Document(str(evening.folder / sent.path))
    assert published.sections[0].header.paragraphs[0].text == "示例集团 内部资料"


def test_without_it_summaries_look_as_before(hr: Browser, evening: Company) -> None:
    before = hr.get("/hr/evenings/1/summary.docx").content
    upload(hr, sheet())
    hr.look("/hr/letterhead")
    hr.send("/hr/letterhead/remove")
    assert hr.get("/hr/evenings/1/summary.docx").content == before


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no document",
        with_part("word/vbaProject.bin", b"macro"),
        with_part("word/embeddings/oleObject1.bin", b"x"),
        with_part(
            "word/_rels/header9.xml.rels",
            b'<Relationships><Relationship TargetMode="External" Target="http://a.example/x.png"/>'
            b"</Relationships>",
        ),
        with_part("word/media/bomb.png", b"\0" * 40_000_000),
    ],
    ids=["nothing", "text", "macro", "embedded", "far away", "bomb"],
)
def test_what_is_no_plain_word_file_is_refused_and_changes_nothing(
    hr: Browser, content: bytes
) -> None:
    assert upload(hr, content) == 422
    assert hr.get("/hr/letterhead/file").status_code == 404
