"""A summary as a PDF file, for whoever has WeasyPrint and a Chinese font installed."""

import shutil
import subprocess
from functools import cache
from threading import Lock

from jinja2 import Environment, PackageLoader, StrictUndefined
from weasyprint import HTML, urls

from storage.exports import document as documents
from storage.exports.document import NOTHING, Document

_environment = Environment(
    loader=PackageLoader("storage", "exports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)
_template = _environment.get_template("pdf.html")
# Pango promises little about threads, and two files at once would take the memory twice.
_one_at_a_time = Lock()


class NoFont(Exception):
    """No font here has Chinese signs; the file would be full of boxes."""

    def __init__(self) -> None:
        super().__init__(
            "服务器上没有中文字体，生成的 PDF 会全是方框。"
            "请安装一种（例如 Debian 的 fonts-noto-cjk），或者下载 Word。"
        )


def render(document: Document) -> bytes:
    """Raises NoFont."""
    page = _template.render(
        title=document.title,
        heading=documents.heading(document),
        facts=documents.facts(document),
        sections=documents.sections(document),
        sources=documents.sources(document),
        nothing=NOTHING,
    )
    with _one_at_a_time:
        _check_fonts()
        written: bytes = _sheet(page).write_pdf()
    return written


def _sheet(page: str) -> HTML:
    """The page, which may load nothing from anywhere."""
    return HTML(string=page, url_fetcher=urls.URLFetcher(allowed_protocols=()))


@cache
def _check_fonts() -> None:
    """Only a good answer is kept: a font installed later counts at once.

    Systems that come without fc-list, such as Windows, come with Chinese fonts.
    """
    found = shutil.which("fc-list")
    if found and not subprocess.run([found, ":lang=zh-cn"], capture_output=True).stdout.strip():
        raise NoFont
