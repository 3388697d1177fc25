"""The company's letterhead for Word files: putting one up, looking at it, taking it away."""

from typing import Annotated

from fastapi import APIRouter, File, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.web import pages
from bot.web.pages import GENUINE, Page, SignedIn, render
from storage.exports import letterhead
from storage.exports.letterhead import LARGEST, Unusable

_LARGEST_FORM = 5 * LARGEST
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

router = APIRouter(
    prefix="/hr/letterhead",
    route_class=Page,
    include_in_schema=False,
    max_body_size=_LARGEST_FORM,
)


@router.get("")
def show(request: Request, visit: SignedIn) -> Response:
    return _page(request)


def _page(request: Request, *, words: str = "", status: int = 200) -> Response:
    there = bool(letterhead.of(pages.office(request).folder))
    return render(request, "letterhead.html", status=status, words=words, there=there)


@router.get("/file")
def view(request: Request, visit: SignedIn) -> Response:
    content = letterhead.of(pages.office(request).folder)
    if not content:
        return _page(request, words="还没有上传信头模板。", status=404)
    headers = {"Content-Disposition": 'attachment; filename="letterhead.docx"'}
    return Response(content, media_type=_WORD, headers=headers)


@router.post("", dependencies=[GENUINE])
def put(
    request: Request, visit: SignedIn, template: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Keep a letterhead in place of the one before."""
    content = template.file.read(LARGEST + 1) if template else b""
    try:
        letterhead.keep(pages.office(request).folder, content)
    except Unusable as no:
        return _page(request, words=str(no), status=422)
    return RedirectResponse("/hr/letterhead", 303)


@router.post("/remove", dependencies=[GENUINE])
def remove(request: Request, visit: SignedIn) -> Response:
    letterhead.remove(pages.office(request).folder)
    return RedirectResponse("/hr/letterhead", 303)
