"""Taking an evening's summary home as a file."""

from collections.abc import Callable, Mapping
from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from bot.web import pages, review
from bot.web.pages import Page, SignedIn, render
from schedules import publishing
from storage.exports import data, docx, letterhead, markdown, xlsx
from storage.exports.document import Document, file_name

Renderer = Callable[[Document], bytes]
"""Writes a file; may raise Unwritable."""

_OFFICE = "application/vnd.openxmlformats-officedocument"
_KINDS: Mapping[str, tuple[str, Renderer]] = {
    "docx": (f"{_OFFICE}.wordprocessingml.document", docx.render),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", xlsx.render),
    "md": ("text/markdown; charset=utf-8", lambda document: markdown.render(document).encode()),
    "json": ("application/json", data.render),
}
_EXTRAS = {"pdf": ("application/pdf", "这台服务器没有安装 PDF 组件，请下载 Word。")}
"""What not every server can write, with what is said where it cannot."""


class Unwritable(Exception):
    """This server lacks something that such a file needs; says what, in Chinese."""


router = APIRouter(prefix="/hr/evenings/{number}", route_class=Page, include_in_schema=False)


@router.get("/summary.{extension}")
def file(request: Request, visit: SignedIn, number: int, extension: str) -> Response:
    """The newest version. What this server cannot write is refused in words."""
    if extension not in _KINDS and extension not in _EXTRAS:
        raise HTTPException(404)
    with pages.office(request).works.database.read() as db:
        document = publishing.document_of(db, review.found(db, number).id)
    if document is None:
        raise HTTPException(404)
    document = replace(document, letterhead=letterhead.of(pages.office(request).folder))
    if extension in _EXTRAS:
        return _extra(request, document, extension)
    kind, write = _KINDS[extension]
    return _download(write(document), kind, _name(document, extension))


def _extra(request: Request, document: Document, extension: str) -> Response:
    extras: Mapping[str, Renderer] = request.app.state.extras
    kind, words = _EXTRAS[extension]
    if extension not in extras:
        return render(request, "error.html", status=404, words=words)
    try:
        content = extras[extension](document)
    except Unwritable as no:
        return render(request, "error.html", status=503, words=str(no))
    return _download(content, kind, _name(document, extension))


def _name(document: Document, extension: str) -> str:
    name = file_name(document, extension)
    return name if document.approved_at else f"草稿_{name}"


def _download(content: bytes, kind: str, name: str) -> Response:
    # A Chinese name needs RFC 5987; the plain one is for clients that do not know it.
    plain = f"summary.{name.rpartition('.')[2]}"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=kind, headers={"Content-Disposition": disposition})
