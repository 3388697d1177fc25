"""A summary on paper: whatever members wrote, the file opens and does nothing."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import docx as word
import pytest
from docx.oxml.ns import qn
from msgspec import structs

from bot.people import Role
from storage import summary
from storage.exports import document as documents
from storage.exports import docx, markdown
from storage.exports.document import Document, file_name
from storage.summary import Draft, FollowUp, Pair, Point
from storage.transcript import Line

START = datetime(2026, 11, 26, 11, 30, tzinfo=UTC)


def line(number: int, who: str, text: str, role: Role = Role.MEMBER) -> Line:
    at = START + timedelta(minutes=number)
    return Line(id=number, at=at, who=who, member=who, role=role, text=text)


LINES = [
    line(1, "方姐", "早上七点半上班的人要的是热面包", Role.GUEST),
    line(2, "方姐", "所以我改成三拨出炉，报损从18%降到5%", Role.GUEST),
    line(3, "豆豆", "试吃切多大？"),
    line(4, "方姐", "两指宽，多了就饱了", Role.GUEST),
    line(5, "小林", "排班表我回头发群里，电话13812348000", Role.HOST),
    line(6, "老葛", "外卖还做吗？"),
]
DRAFT = Draft(
    points=(Point("早上七点半上班的人要的是热面包 所以我改成三拨出炉，报损从18%降到5%", (1, 2)),),
    qa=(Pair("试吃切多大？", "两指宽，多了就饱了", (3,), (4,)),),
    unpaired=(6,),
    follow_ups=(FollowUp("排班表我回头发群里，电话13812348000", (5,)),),
)
PAGE = Document(
    number=12,
    topic="出炉时间",
    guest="方姐",
    group="新店长一群",
    starts=START,
    ends=START + timedelta(minutes=90),
    zone="Asia/Shanghai",
    version=1,
    draft=DRAFT,
    sources={one.id: one for one in LINES},
    approved_by="陈静",
    approved_at=START + timedelta(hours=14),
    attendance=37,
)
HOSTILE = [
    "[点我](http://example.com)",
    "![图](http://example.com/a.png)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "# 大标题",
    "1) 假条目",
    "| 表 | 格 |",
    "`代码` **粗** ~~删~~",
    "看 https://example.com 和 www.example.com",
    "写信 someone@example.com 或上 example.com",
    "&lt;b&gt;",
    "第一行\n\n## 第二行\n---",
]


def said(words: str, who: str = "豆豆") -> Document:
    """A document with one point, in these words."""
    draft = Draft(points=(Point(summary.quote([words]), (1,)),))
    return structs.replace(PAGE, draft=draft, sources={1: line(1, who, words)})


def opened(document: Document) -> "word.document.Document":
    return word.Document(BytesIO(docx.render(document)))


def written(document: Document) -> str:
    """All words of the Word file, its tables included."""
    paper = opened(document)
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in paper.paragraphs), *cells])


@pytest.mark.parametrize("render", [markdown.render, written])
def test_a_page_holds_the_facts_and_every_line_with_its_source(
    render: Callable[[Document], str],
) -> None:
    page = render(PAGE).replace("\\", "")
    for words in ("方姐", "2026-11-26(周四)19:30–21:00", "#12 第 1 版", "陈静 11-27(周五)09:30"):
        assert words in page
    assert "方姐 19:31、19:32（来源 1、2）" in page
    assert "豆豆 19:33（来源 3）" in page
    assert "老葛 19:36（来源 6）" in page
    assert "37 人" in page


@pytest.mark.parametrize("render", [markdown.render, written])
def test_numbers_of_persons_are_masked_on_paper(
    render: Callable[[Document], str],
) -> None:
    page = render(PAGE).replace("\\", "")
    assert "13812348000" not in page
    assert page.count("138****8000") == 2


def test_a_line_whose_message_is_gone_says_so() -> None:
    page = markdown.render(structs.replace(PAGE, sources={}))
    assert page.count(documents.NO_SOURCE) == 6


def test_a_draft_is_not_mistaken_for_an_approved_page() -> None:
    draft = structs.replace(PAGE, approved_by="", approved_at=None, attendance=None)
    page = markdown.render(draft)
    assert "草稿，尚未审核" in page
    assert "出席" not in page


def test_an_empty_evening_is_still_a_page() -> None:
    empty = structs.replace(PAGE, draft=Draft(), sources={})
    assert markdown.render(empty).count("（无）") == 4
    assert "要点" in written(empty)


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_a_member_wrote_is_active_in_markdown(words: str) -> None:
    page = markdown.render(said(words, who=words))
    body = page.split("## 要点")[1].replace("\n| --- | --- | --- | --- |", "")
    assert not re.search(r"(?<!\\)[\[\]`*~]", body.replace("**", ""))
    assert not re.search(r"<|https?://|\w\.com|\w@\w|&(?!amp;|lt;|gt;)", body)
    assert re.findall(r"^#+ .*", page, re.MULTILINE) == [
        "# 《出炉时间》要点与问答",
        "## 要点",
        "## 问答",
        "## 待跟进",
        "## 来源说明",
    ]
    assert all(len(re.findall(r"(?<!\\)\|", row)) in (3, 5) for row in re.findall(r"^\|.*", page))


def test_markdown_still_reads_as_it_was_written() -> None:
    assert markdown.inert("报损从18%降到5%，省3.5元(约)") == "报损从18%降到5%，省3.5元(约)"
    assert markdown.inert("1. 先看") == "1\\. 先看"


def test_a_word_file_opens_whatever_members_call_themselves() -> None:
    hostile = "豆\x00豆\ud83d\x0b\ufffe\u202egpj.\x1b"
    page = structs.replace(said(hostile * 3, who=hostile), topic=hostile * 60, guest=hostile)
    text = written(page)
    assert "豆豆 gpj." in text
    assert not re.search("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\u202e]", text)


def test_every_style_and_every_run_has_a_chinese_font() -> None:
    paper = opened(PAGE)
    fonts = {
        style.name: style.element.find(f"{qn('w:rPr')}/{qn('w:rFonts')}") for style in paper.styles
    }
    assert all(font is not None and font.get(qn("w:eastAsia")) for font in fonts.values())
    assert not any(font.get(qn("w:eastAsiaTheme")) for font in fonts.values())
    runs = [run._r.xml for paragraph in paper.paragraphs for run in paragraph.runs]
    assert not any("<w:rFonts" in run for run in runs)


def test_pages_are_numbered_and_named() -> None:
    section = opened(PAGE).sections[0]
    assert "新店长一群" in section.header.paragraphs[0].text
    assert "NUMPAGES" in section.footer.paragraphs[0]._p.xml


def test_the_same_summary_is_the_same_file() -> None:
    assert docx.render(PAGE) == docx.render(PAGE)


def test_a_file_is_named_after_day_guest_and_topic() -> None:
    assert file_name(PAGE, "docx") == "20261126_嘉宾分享_方姐_出炉时间_v1.docx"


def test_the_day_in_a_file_name_is_that_of_the_group() -> None:
    late = structs.replace(PAGE, starts=datetime(2026, 11, 26, 17, tzinfo=UTC))
    assert file_name(late, "md").startswith("20261127_")


@pytest.mark.parametrize(
    "hostile",
    [
        "../../etc/passwd",
        "..\\..\\x",
        ".hidden",
        "a\"b'c`d“e”",
        "\u202egpj.exe",
        "x\x00y\r\nz",
        "$(reboot);|&",
        "-rf",
        "长" * 500,
        "",
        "🎉🎉",
    ],
)
def test_a_file_name_holds_nothing_that_a_system_reads(hostile: str) -> None:
    name = file_name(structs.replace(PAGE, guest=hostile, topic=hostile), "docx")
    assert re.fullmatch(r"20261126_嘉宾分享_[\w-]+_[\w-]+_v1\.docx", name)
    assert len(name.encode()) < 250
    assert "_-" not in name
