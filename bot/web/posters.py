"""The poster of an evening ahead: putting one up, looking at it, taking it away."""

import secrets
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, File, HTTPException, UploadFile
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from bot.gateways import files
from bot.gateways.contract import Failed
from bot.web import pages, review
from bot.web.pages import GENUINE, Page, SignedIn
from storage import outbox
from storage.guests import BEFORE, GuestSession

LARGEST = 2 * 1024 * 1024
_FOLDER = "posters"
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg"}
_LARGEST_FORM = 5 * LARGEST
"""A photograph as a phone takes it is told why not; what is larger than this is not even read."""

router = APIRouter(
    prefix="/hr/evenings/{number}/poster",
    route_class=Page,
    include_in_schema=False,
    max_body_size=_LARGEST_FORM,
)


@router.get("")
def view(request: Request, visit: SignedIn, number: int) -> Response:
    with pages.office(request).works.database.read() as db:
        name = review.found(db, number).poster
    try:
        path = files.inside(pages.office(request).folder, name) if name else None
    except Failed:
        path = None
    kind = files.picture_type(path) if path else ""
    if path is None or not kind:
        raise HTTPException(404)
    return FileResponse(path, media_type=kind)


@router.post("", dependencies=[GENUINE])
def put(
    request: Request,
    visit: SignedIn,
    number: int,
    poster: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Keep a poster in place of the one before."""
    content = poster.file.read(LARGEST + 1) if poster else b""
    return _set(request, number, content, _wrong(content))


@router.post("/remove", dependencies=[GENUINE])
def remove(request: Request, visit: SignedIn, number: int) -> Response:
    return _set(request, number, b"", "")


def _set(request: Request, number: int, content: bytes, wrong: str) -> Response:
    """Give the evening this poster, or none; the page says why not where something is wrong."""
    folder = pages.office(request).folder
    with pages.office(request).works.database.write() as db:
        one = review.found(db, number)
        if wrong or one.state not in BEFORE:
            words = wrong or "这一场已经开始或作废，海报不能再改。没有保存。"
            return review.page(request, db, one, words=words, status=422 if wrong else 409)
        before, one.poster = one.poster, _keep(folder, number, content) if content else ""
        db.flush()
        needless = bool(before) and not _in_use(db, one, before)
    if needless:
        (folder / before).unlink(missing_ok=True)
    return RedirectResponse(f"/hr/evenings/{number}#poster", 303)


def _wrong(content: bytes) -> str:
    """What is wrong with an uploaded file, in words for HR; empty when nothing is."""
    if not content:
        return "请先选一张图片。没有保存。"
    if len(content) > LARGEST:
        return "图片超过 2 MB 了，请压缩后再传。没有保存。"
    return "" if _kind(content) else "只能传 PNG 或 JPEG 图片。没有保存。"


def _kind(content: bytes) -> str:
    """What the file is by how it begins, whatever it is called."""
    known = files.BEGINNINGS.items()
    return next((kind for start, kind in known if content.startswith(start)), "")


def _keep(folder: Path, number: int, content: bytes) -> str:
    """Write it under a name that nobody can guess or choose; its path below the data folder."""
    name = f"{_FOLDER}/{number}-{secrets.token_hex(8)}.{_ENDINGS[_kind(content)]}"
    (folder / _FOLDER).mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return name


def _in_use(db: Session, one: GuestSession, name: str) -> bool:
    """Whether an evening has it still, as after a postponement, or a post went or goes with it."""
    others = select(GuestSession.id).where(GuestSession.poster == name)
    if db.scalar(others.limit(1)) is not None:
        return True
    sent = outbox.of_cause(db, one.cause)
    return any(getattr(row.what, "picture", "") == name for row in sent)
