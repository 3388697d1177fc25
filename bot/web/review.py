"""One evening's page: its plan, its draft beside what was said, and what was done to either."""

from collections.abc import Sequence

from fastapi import APIRouter, HTTPException
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from bot.actions import SendFile
from bot.web import pages, receipts
from bot.web.pages import Page, SignedIn, render
from schedules import publishing, withdrawing
from schedules.turn import Turn
from storage import guests, outbox, said, summaries, transcript
from storage.guests import BEFORE, GuestSession, State

_LARGEST_NUMBER = 2**31 - 1
_NOT_HELD = (State.PLANNED, State.ANNOUNCED, State.CANCELLED, State.MOVED)
router = APIRouter(prefix="/hr/evenings/{number}", route_class=Page, include_in_schema=False)


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
    out = summaries.in_state(db, one.id, summaries.State.PUBLISHED)
    taken_back = summary is not None and summaries.in_state(db, one.id, summaries.State.WITHDRAWN)
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
        changeable=summary is not None and summary.state != summaries.State.APPROVED,
        on_its_way=summary is not None and _on_its_way(summary, sent),
        out=out,
        stays=[why for row in sent if (why := withdrawing.still_there(db, row))]
        if taken_back and out is None
        else [],
        edits=summaries.edits(db, one.id),
        lines=lines,
        said={line.id: line for line in lines},
        receipts=[(row, isinstance(row.what, SendFile)) for row in sent],
        pdf="pdf" in request.app.state.extras,
        chats=receipts.chats(turn),
    )


def _on_its_way(summary: summaries.Summary, sent: Sequence[outbox.Delivery]) -> bool:
    """Approved, and not everywhere yet."""
    if summary.state == summaries.State.PUBLISHED:
        return any(row.state in outbox.OPEN for row in sent)
    return summary.state == summaries.State.APPROVED


def _moved_from(db: Session, one: GuestSession) -> int | None:
    """The number of the evening that this one took over from."""
    return db.scalar(select(GuestSession.id).where(GuestSession.successor_id == one.id))


def found(db: Session, number: int) -> GuestSession:
    """Raises HTTPException when there is none."""
    one = guests.get(db, number) if 0 < number <= _LARGEST_NUMBER else None
    if one is None:
        raise HTTPException(404)
    return one
