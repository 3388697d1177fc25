"""Today's page: everything that was promised for a day, in all groups, and what became of it."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from bot import times
from bot.web import outlook, pages
from bot.web.pages import LARGEST_FORM, Page, SignedIn, render
from schedules import promises
from schedules.promises import Promise
from storage import groups, guests
from storage.groups import Group
from storage.guests import GuestSession
from storage.outbox import STATE_NAMES, State

TROUBLED = (State.FAILED, State.UNKNOWN, State.WAITING, State.EXPIRED)
_NOTHING_TO_DO = "无需操作"
_FIRST, _LAST = date(2000, 1, 1), date(2100, 1, 1)
_FAR = timedelta(days=3650)
_ONE = timedelta(days=1)

router = APIRouter(route_class=Page, include_in_schema=False, max_body_size=LARGEST_FORM)


@router.get("/hr/today")
def today(
    request: Request,
    visit: SignedIn,
    day: Annotated[date | None, Query(ge=_FIRST, le=_LAST)] = None,
) -> Response:
    """The board of one day, on each group's own calendar; today's when none is named."""
    works = pages.office(request).works
    now = works.clock.now()
    with works.database.read() as db:
        zone = outlook.zone(db)
        here = times.local(now, zone).date()
        shown = day or here
        found = promises.of_day(db, promises.on(db, shown), shown, now)
        return render(
            request,
            "today.html",
            day=shown,
            here=here,
            zone=zone,
            now=now,
            before=shown - _ONE,
            after=shown + _ONE,
            promises=found,
            troubled=[one for one in found if troubled(one)],
            counted=counted(found),
            next=None if found else _next(db, times.at(shown, time(0), zone)),
        )


def troubled(promise: Promise) -> bool:
    """Whether somebody should look at it. What expired because nobody needed it is in order."""
    return promise.state in TROUBLED and promise.next != _NOTHING_TO_DO


def counted(found: list[Promise]) -> list[tuple[State, str, int]]:
    """How many promises stand how, the worst first, by the names people are shown."""
    by_name = Counter(STATE_NAMES[one.state] for one in found)
    order = (*TROUBLED, State.PLANNED, State.DELIVERED)
    return [(state, name, by_name[name]) for state in order if by_name[name := STATE_NAMES[state]]]


def _next(db: Session, since: datetime) -> tuple[GuestSession, Group] | None:
    """The next evening of any group that was not called off."""
    called_off = (guests.State.CANCELLED, guests.State.MOVED)
    ahead = guests.near(db, since=since, until=since + _FAR)
    one = next((one for one in ahead if one.state not in called_off), None)
    return (one, groups.get(db, one.group_id)) if one else None
