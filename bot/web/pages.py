"""How the HR pages are answered: to whom, with which headers, and with what form of token."""

import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Form, HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from bot import times
from bot.people import Role
from bot.web.login import MAX_AGE, Login, Visit
from bot.works import Works
from storage import guests, outbox, summaries
from storage.difference import compare
from storage.masking import mask, readable
from storage.transcript import Line

FOLDER = Path(str(resources.files("bot") / "web"))
COOKIE = "banzhang_login"
LARGEST_FORM = 100_000
"""Bytes. The longest thing anyone types here is one point of a summary."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_LOCAL = re.compile(r"/(?!/)[\w./?=&%-]*", re.ASCII)
_WORDS = {
    403: "这个页面已经过期，请返回刷新后再试。没有做任何更改。",
    404: "没有这个页面，或者这一场不存在。",
    413: "内容太长了，没有保存。",
}

# What people wrote in a chat ends up here: everything is escaped, whatever the file is called.
_environment = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates = Jinja2Templates(env=_environment)


@dataclass(frozen=True, slots=True)
class Office:
    """What every page is made with. `secure` is whether people come by https.

    `folder` is the data folder, below which posters are kept.
    """

    works: Works
    login: Login
    secure: bool
    folder: Path


def office(request: Request) -> Office:
    here: Office = request.app.state.office
    return here


def visit(request: Request) -> Visit:
    """The visit of this browser; a new one when it has none."""
    return office(request).login.read(request.cookies.get(COOKIE, "")) or Visit()


async def signed_in(request: Request) -> Visit:
    """The visit of someone who may see HR pages; anyone else is sent to the login page."""
    known = visit(request)
    if not known.user:
        raise HTTPException(303, headers={"Location": f"/login?next={_here(request)}"})
    return known


async def genuine(request: Request, csrf: Annotated[str, Form()] = "") -> None:
    """Refuses a form that one of our pages did not give to this very visit."""
    if not office(request).login.genuine(visit(request), csrf):
        raise HTTPException(403)


SignedIn = Annotated[Visit, Depends(signed_in)]
GENUINE = Depends(genuine)


def _here(request: Request) -> str:
    if request.method != "GET":
        return ""
    return quote(local(f"{request.url.path}?{request.url.query}".rstrip("?")), safe="/")


def local(address: str) -> str:
    """The address if it is plainly one of our own pages, else the list of evenings."""
    return address if _LOCAL.fullmatch(address) else "/hr"


def render(
    request: Request, name: str, *, to: Visit | None = None, status: int = 200, **values: object
) -> Response:
    """A page for a visit; `to` when it is not the one the browser came with."""
    known = to or visit(request)
    values |= {"user": known.user, "csrf": office(request).login.token(known), "status": status}
    return _templates.TemplateResponse(request, name, values, status_code=status)


def remember(request: Request, response: Response, known: Visit) -> Response:
    """Put the visit's cookie on the response."""
    here = office(request)
    response.set_cookie(
        COOKIE,
        here.login.seal(known),
        max_age=MAX_AGE,
        httponly=True,
        samesite="lax",
        secure=here.secure,
    )
    return response


class Page(APIRoute):
    """A route whose refusals are pages too, and whose answers are not kept or framed anywhere."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except RequestValidationError:
                response = _refusal(request, HTTPException(404))
            except StarletteHTTPException as no:
                response = _refusal(request, no)
            response.headers.update(HEADERS)
            return response

        return answer


def _day(moment: datetime, zone: str) -> str:
    """2026-11-26(周四)"""
    there = times.local(moment, zone)
    return f"{there.year}-{times.show_day(there.date())}"


def _speaker(line: Line) -> str:
    if line.role is Role.GUEST:
        return "guest"
    return "host" if line.hosting else "member"


_MOVE_NAMES = outbox.STATE_NAMES | {
    outbox.State.CLAIMED: "正在发",
    outbox.State.SUPERSEDED: "被取代",
}
"""Finer than what is shown of a delivery: its moves are not to read 排队 → 排队."""

_environment.filters |= {
    "date": times.show_day,
    "day": _day,
    "place": times.place,
    "moment": times.show_moment,
    "clock": lambda moment, zone: f"{times.local(moment, zone):%H:%M}",
    "masked": mask,
    "readable": readable,
    "speaker": _speaker,
    "state_name": lambda state: guests.STATE_NAMES[guests.State(state)],
    "version_name": lambda state: summaries.STATE_NAMES[summaries.State(state)],
    "compared": lambda edit: compare(edit.before, edit.after),
    "receipt_name": lambda state: outbox.STATE_NAMES[outbox.State(state)],
    "move_name": lambda state: _MOVE_NAMES[outbox.State(state)],
}


def _refusal(request: Request, no: StarletteHTTPException) -> Response:
    where = (no.headers or {}).get("Location")
    if where:
        return RedirectResponse(where, no.status_code)
    words = _WORDS.get(no.status_code, "这个请求没有成功，请稍后再试。")
    return render(request, "error.html", status=no.status_code, words=words)
