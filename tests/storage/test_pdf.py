"""A summary as PDF: the words of the Word file, nothing from outside, and never boxes."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from storage.exports.document import Document
from storage.summary import Draft
from tests.storage.test_exports import HOSTILE, PAGE, said

pytest.importorskip("weasyprint", exc_type=(ImportError, OSError))

from storage.exports import pdf


def rendered(document: Document) -> bytes:
    try:
        return pdf.render(document)
    except pdf.NoFont:
        pytest.skip("no Chinese font here")


def read(document: Document) -> str:
    """The words of the file, without spaces and ends of lines."""
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext is not installed")
    found = subprocess.run([reader, "-", "-"], input=rendered(document), capture_output=True)
    return "".join(found.stdout.decode().split())


@pytest.fixture
def no_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The directory of an fc-list that knows no font."""
    program = tmp_path / "fc-list"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    pdf._check_fonts.cache_clear()
    yield program
    pdf._check_fonts.cache_clear()


def test_a_file_holds_what_the_word_file_holds_and_numbers_its_pages() -> None:
    words = read(PAGE)
    assert words.startswith("新店长一群嘉宾分享#12《出炉时间》要点与问答")
    for part in ("2026-11-26(周四)19:30–21:00", "陈静11-27(周五)09:30", "37人", "第1页，共1页"):
        assert part in words
    for part in ("方姐19:31、19:32（来源1、2）", "问试吃切多大？", "未答外卖还做吗？", "来源说明"):
        assert part in words
    assert words.count("138****8000") == 2
    assert "13812348000" not in words


def test_an_empty_draft_is_still_a_page() -> None:
    empty = structs.replace(
        PAGE, draft=Draft(), sources={}, approved_by="", approved_at=None, attendance=None
    )
    words = read(empty)
    assert "草稿，尚未审核" in words
    assert words.count("（无）") == 3


def test_what_members_wrote_is_only_text() -> None:
    hostile = "".join(HOSTILE)
    page = structs.replace(said(hostile, who=hostile), topic=hostile, guest=hostile, group=hostile)
    assert "<script>alert(1)</script><imgsrc=xonerror=alert(1)>" in read(page)
    written = rendered(page)
    assert b"/Annot" not in written
    assert b"/XObject" not in written.replace(b"/XObject <<>>", b"")


def test_a_page_loads_nothing_from_anywhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("x")
    with socket.create_server(("127.0.0.1", 0)) as host:
        address = f"http://127.0.0.1:{host.getsockname()[1]}"
        written = pdf._sheet(
            f'<link rel="stylesheet" href="{address}/a.css"><img src="{address}/a.png">'
            f'<link rel="attachment" href="{secret.as_uri()}">'
        ).write_pdf()
        host.setblocking(False)
        with pytest.raises(BlockingIOError):
            host.accept()
    assert b"/EmbeddedFile" not in written


def test_without_a_chinese_font_there_is_no_file_until_one_is_installed(no_fonts: Path) -> None:
    for _ in range(2):
        with pytest.raises(pdf.NoFont, match="没有中文字体"):
            pdf.render(PAGE)
    no_fonts.write_text("#!/bin/sh\necho SomeFont.ttf\n")
    assert pdf.render(PAGE).startswith(b"%PDF-")
    no_fonts.unlink()
    assert pdf.render(PAGE).startswith(b"%PDF-")


def test_the_same_summary_is_the_same_file() -> None:
    assert rendered(PAGE) == rendered(PAGE)
