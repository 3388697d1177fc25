"""What HR does with a draft on its page: changing, approving, sending back, withdrawing."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from bot.web import pages, review
from bot.web.pages import GENUINE, LARGEST_FORM, Page, SignedIn
from handlers import redrafting, reviewing
from handlers.commands import Refused
from storage import editing, summaries
from storage.editing import Entry, Kind
from storage.guests import GuestSession
from storage.summaries import Summary

Text = Annotated[str, Form()]
Deed = Callable[[Session, GuestSession, Summary, datetime], str]
"""What is done to an evening's newest version; the part of the page to go to. Raises Refused."""

router = APIRouter(
    prefix="/hr/evenings/{number}",
    route_class=Page,
    include_in_schema=False,
    max_body_size=LARGEST_FORM,
)


@router.post("/entries/{kind}/{nth}", dependencies=[GENUINE])
def rewrite(
    request: Request, visit: SignedIn, number: int, kind: str, nth: int, text: Text = ""
) -> Response:
    """Change one entry of a draft; its sources stay."""
    entry, words = _entry(kind, nth), text.strip()

    def deed(db: Session, one: GuestSession, newest: Summary, now: datetime) -> str:
        if not words:
            raise Refused("内容不能为空，没有保存。")
        old = editing.words(newest.draft, entry)
        draft = editing.changed(newest.draft, entry, words)
        what = f"改 {entry}"
        reviewing.change(
            db, one, newest, draft, by=visit.user, what=what, now=now, before=old, after=words
        )
        return f"{kind}{nth}"

    return _do(request, number, deed)


@router.post("/entries/{kind}/{nth}/drop", dependencies=[GENUINE])
def drop(request: Request, visit: SignedIn, number: int, kind: str, nth: int) -> Response:
    """Take one entry out of a draft; a question goes with its answer."""
    entry = _entry(kind, nth)

    def deed(db: Session, one: GuestSession, newest: Summary, now: datetime) -> str:
        old = editing.words(newest.draft, entry)
        draft = editing.without(newest.draft, entry)
        what = f"删 {entry}"
        reviewing.change(db, one, newest, draft, by=visit.user, what=what, now=now, before=old)
        return "draft"

    return _do(request, number, deed)


@router.post("/approve", dependencies=[GENUINE])
async def approve(request: Request, visit: SignedIn, number: int) -> Response:
    def deed(db: Session, one: GuestSession, newest: Summary, now: datetime) -> str:
        if not reviewing.approve_on_page(db, number, by=visit.user, now=now):
            raise Refused(reviewing.decided(db, one, newest))
        return ""

    return await _do_and_tick(request, number, deed)


@router.post("/reject", dependencies=[GENUINE])
async def reject(request: Request, visit: SignedIn, number: int, reason: Text = "") -> Response:
    def deed(db: Session, one: GuestSession, newest: Summary, now: datetime) -> str:
        redrafting.send_back(db, one, newest, by=visit.user, reason=reason, now=now)
        return "draft"

    return await _do_and_tick(request, number, deed)


@router.post("/withdraw", dependencies=[GENUINE])
async def withdraw(request: Request, visit: SignedIn, number: int, reason: Text = "") -> Response:
    """What stays somewhere is on the page from then on."""

    def deed(db: Session, one: GuestSession, newest: Summary, now: datetime) -> str:
        redrafting.take_down(db, one, by=visit.user, reason=reason, now=now)
        return "draft"

    return await _do_and_tick(request, number, deed)


def _entry(kind: str, nth: int) -> Entry:
    known = {"point": Kind.POINT, "question": Kind.QUESTION, "answer": Kind.ANSWER}
    known["left"] = Kind.FOLLOW_UP
    if kind not in known or not 0 < nth < 1000:
        raise HTTPException(404)
    return Entry(known[kind], nth)


async def _do_and_tick(request: Request, number: int, deed: Deed) -> Response:
    response = await asyncio.to_thread(_do, request, number, deed)
    if response.status_code == 303:
        await pages.office(request).works.tick()
    return response


def _do(request: Request, number: int, deed: Deed) -> Response:
    """Do it and go back to the page, or show the page with why not."""
    works = pages.office(request).works
    with works.database.write() as db:
        one = review.found(db, number)
        newest = summaries.newest(db, number, to_change=True)
        if newest is None:
            words = "这一场现在没有可以审核的草稿。"
            return review.page(request, db, one, words=words, status=409)
        try:
            with db.begin_nested():
                part = deed(db, one, newest, works.clock.now())
        except (Refused, ValueError) as no:
            return review.page(request, db, one, words=str(no), status=409)
    return RedirectResponse(f"/hr/evenings/{number}" + (f"#{part}" if part else ""), 303)
