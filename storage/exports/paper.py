"""A blank Word sheet: A4, Chinese fonts in every style, a header and page numbers."""

from copy import deepcopy
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph

BODY, HEADINGS = "宋体", "微软雅黑"
LATIN = "Calibri"
GREY = RGBColor(0x6B, 0x72, 0x80)
_DARK = RGBColor(0x1F, 0x29, 0x37)

_SLOTS = {"ascii": LATIN, "hAnsi": LATIN, "cs": LATIN}
_THEMES = ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme")
_NEEDED = ("Title", "Heading 1", "Table Grid")
_HEADING_SIZES = {"Title": 20, "Heading 1": 14}


def blank(header: str, letterhead: bytes = b"") -> Paper:
    """An empty sheet, or the company's own as it is."""
    if letterhead:
        return _with_styles(docx.Document(BytesIO(letterhead)))
    paper = docx.Document()
    section = paper.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.4)
    section.top_margin = section.bottom_margin = Cm(2.2)
    _set_fonts(paper)
    _small(section.header.paragraphs[0]).add_run(header)
    _page_number(_small(section.footer.paragraphs[0]))
    return paper


def _with_styles(paper: Paper) -> Paper:
    """Word leaves out of a file the styles that it does not use; ours need these."""
    there = {style.name for style in paper.styles}
    usual = docx.Document().styles
    for name in _NEEDED:
        if name not in there:
            paper.styles.element.append(deepcopy(usual[name].element))
    return paper


def settled(paper: Paper) -> bytes:
    """The file, the same bytes each time: python-docx writes the time of day into its zip."""
    written, kept = BytesIO(), BytesIO()
    paper.save(written)
    with ZipFile(written) as source, ZipFile(kept, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = ZipInfo(name)
            info.compress_type = ZIP_DEFLATED
            target.writestr(info, source.read(name))
    return kept.getvalue()


def _set_fonts(paper: Paper) -> None:
    """Every style by its own name: one without would show Chinese in whatever the theme says."""
    styles = paper.styles
    defaults = styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    _fonts(defaults, BODY)
    defaults.find(qn("w:lang")).set(qn("w:eastAsia"), "zh-CN")
    for style in styles:
        heading = str(style.name).startswith(("Title", "Subtitle", "Heading"))
        _fonts(style.element.get_or_add_rPr(), HEADINGS if heading else BODY)
    styles["Normal"].font.size = Pt(10.5)
    for name, size in _HEADING_SIZES.items():
        font = styles[name].font
        font.size, font.bold, font.color.rgb = Pt(size), True, _DARK


def _fonts(properties: BaseOxmlElement, east_asian: str) -> None:
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for theme in _THEMES:
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for slot, font in {**_SLOTS, "eastAsia": east_asian}.items():
        fonts.set(qn(f"w:{slot}"), font)


def _small(paragraph: Paragraph) -> Paragraph:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if style := paragraph.style:
        style.font.size, style.font.color.rgb = Pt(9), GREY
    return paragraph


def _page_number(paragraph: Paragraph) -> None:
    for words, field in (("第 ", "PAGE"), (" 页，共 ", "NUMPAGES"), (" 页", "")):
        paragraph.add_run(words)
        if field:
            simple = OxmlElement("w:fldSimple")
            simple.set(qn("w:instr"), field)
            run = OxmlElement("w:r")
            text = OxmlElement("w:t")
            text.text = "1"
            run.append(text)
            simple.append(run)
            paragraph._p.append(simple)
