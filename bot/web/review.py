"""One evening's page: its plan, its draft beside what was said, approving it, taking it home."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, HTTPException
from msgspec.structs import replace
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot import times
from bot.actions import SendFile
from bot.web import pages, receipts
from bot.web.login import Visit
from bot.web.pages import GENUINE, LARGEST_FORM, Page, SignedIn, render
from handlers import reviewing
from schedules import publishing
from schedules.turn import Turn
from storage import groups, guests, outbox, said, summaries, transcript
from storage.exports import docx, markdown
from storage.exports.document import Document, file_name
from storage.guests import BEFORE, GuestSession, State
from storage.summaries import Summary

_LARGEST_NUMBER = 2**31 - 1
_NOT_HELD = (State.PLANNED, State.ANNOUNCED, State.CANCELLED, State.MOVED)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

Renderer = Callable[[Document], bytes]
"""Writes a file; may raise Unwritable."""


class Unwritable(Exception):
    """This server lacks something that such a file needs; says what, in Chinese."""


router = APIRouter(
    prefix="/hr/evenings/{number}",
    route_class=Page,
    include_in_schema=False,
    max_body_size=LARGEST_FORM,
)


@router.get("")
def evening(request: Request, visit: SignedIn, number: int) -> Response:
    with pages.office(request).works.database.read() as db:
        return page(request, db, found(db, number))


def page(
    request: Request, db: Session, one: GuestSession, *, words: str = "", status: int = 200
) -> Response:
    """The evening's page; `words` say what could not be done."""
    turn = Turn.of(db, one, pages.office(request).works.clock.now())
    lines = [] if one.state in _NOT_HELD else transcript.phased(said.lines(db, one))
    sent = [row for row in turn.deliveries if row.step == publishing.STEP]
    entries = receipts.of_evening(turn)
    summary = summaries.newest(db, one.id)
    approved = summary is not None and summary.state == summaries.State.APPROVED
    return render(
        request,
        "evening.html",
        status=status,
        words=words,
        one=one,
        now=turn.now,
        group=turn.group,
        others=receipts.others(turn),
        before=_moved_from(db, one),
        entries=entries,
        troubled=receipts.troubled(entries),
        ahead=one.state in BEFORE,
        summary=summary,
        on_its_way=approved
        and (one.state == State.DRAFTED or any(row.state in outbox.OPEN for row in sent)),
        lines=lines,
        said={line.id: line for line in lines},
        receipts=[(row, isinstance(row.what, SendFile)) for row in sent],
        pdf="pdf" in _extras(request),
        chats=receipts.chats(turn),
    )


def _moved_from(db: Session, one: GuestSession) -> int | None:
    """The number of the evening that this one took over from."""
    return db.scalar(select(GuestSession.id).where(GuestSession.successor_id == one.id))


@router.post("/points/{nth}", dependencies=[GENUINE])
def rewrite(
    request: Request, visit: SignedIn, number: int, nth: int, text: Annotated[str, Form()] = ""
) -> Response:
    """Change one point of a draft; its sources stay."""
    with pages.office(request).works.database.write() as db:
        one = found(db, number)
        summary = summaries.newest(db, number)
        if summary is None or not 1 <= nth <= len(summary.draft.points):
            raise HTTPException(404)
        if not text.strip():
            return page(request, db, one, words="要点不能为空，没有保存。", status=422)
        points = list(summary.draft.points)
        points[nth - 1] = replace(points[nth - 1], text=text.strip())
        draft = replace(summary.draft, points=tuple(points))
        if not summaries.rewrite(db, summary, draft=draft, by=visit.user):
            return page(request, db, one, words=_decided(db, one, summary), status=409)
    return RedirectResponse(f"/hr/evenings/{number}#p{nth}", 303)


@router.post("/approve", dependencies=[GENUINE])
async def approve(request: Request, visit: SignedIn, number: int) -> Response:
    works = pages.office(request).works
    refusal = await asyncio.to_thread(_approve, request, visit, number, works.clock.now())
    if refusal is not None:
        return refusal
    await works.tick()
    return RedirectResponse(f"/hr/evenings/{number}", 303)


def _approve(request: Request, visit: Visit, number: int, now: datetime) -> Response | None:
    """None when it is approved; otherwise the page that says why not."""
    with pages.office(request).works.database.write() as db:
        one = found(db, number)
        if reviewing.approve_on_page(db, number, by=visit.user, now=now):
            return None
        words = _decided(db, one, summaries.newest(db, number))
        return page(request, db, one, words=words, status=409)


def _decided(db: Session, one: GuestSession, summary: Summary | None) -> str:
    if summary is None or summary.decided is None:
        return "这一场现在没有可以审核的草稿。"
    when = times.show_moment(summary.decided, groups.get(db, one.group_id).zone)
    return f"已由 {summary.decided_by} 于 {when} 通过，这次没有做任何更改。"


@router.get("/summary.docx")
def word_file(request: Request, visit: SignedIn, number: int) -> Response:
    document = _document(request, number)
    return _download(docx.render(document), _WORD, _name(document, "docx"))


@router.get("/summary.md")
def markdown_file(request: Request, visit: SignedIn, number: int) -> Response:
    document = _document(request, number)
    content = markdown.render(document).encode()
    return _download(content, "text/markdown; charset=utf-8", _name(document, "md"))


@router.get("/summary.pdf")
def pdf_file(request: Request, visit: SignedIn, number: int) -> Response:
    document = _document(request, number)
    write = _extras(request).get("pdf")
    if write is None:
        return _without(request, 404, "这台服务器没有安装 PDF 组件，请下载 Word。")
    try:
        content = write(document)
    except Unwritable as no:
        return _without(request, 503, str(no))
    return _download(content, "application/pdf", _name(document, "pdf"))


def _extras(request: Request) -> Mapping[str, Renderer]:
    """How to write the kinds of file that not every server can, by extension."""
    extras: Mapping[str, Renderer] = request.app.state.extras
    return extras


def _without(request: Request, status: int, words: str) -> Response:
    return render(request, "error.html", status=status, words=words)


def _document(request: Request, number: int) -> Document:
    with pages.office(request).works.database.read() as db:
        document = publishing.document_of(db, found(db, number).id)
    if document is None:
        raise HTTPException(404)
    return document


def _name(document: Document, extension: str) -> str:
    name = file_name(document, extension)
    return name if document.approved_at else f"草稿_{name}"


def _download(content: bytes, kind: str, name: str) -> Response:
    # A Chinese name needs RFC 5987; the plain one is for clients that do not know it.
    plain = f"summary.{name.rpartition('.')[2]}"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(content, media_type=kind, headers={"Content-Disposition": disposition})


def found(db: Session, number: int) -> GuestSession:
    """Raises HTTPException when there is none."""
    one = guests.get(db, number) if 0 < number <= _LARGEST_NUMBER else None
    if one is None:
        raise HTTPException(404)
    return one
