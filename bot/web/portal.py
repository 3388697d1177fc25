"""The HR pages: signing in, and the list of evenings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Form, HTTPException, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from bot.web import decisions, downloads, letterhead, pages, posters, promises, review
from bot.web.login import WINDOW, Login, TooManyTries, Visit
from bot.web.pages import FOLDER, GENUINE, LARGEST_FORM, Office, Page, SignedIn, render
from bot.works import Works
from storage import guests, summaries

PAGE_SIZE = 50

router = APIRouter(route_class=Page, include_in_schema=False, max_body_size=LARGEST_FORM)


def install(
    app: FastAPI,
    works: Works,
    login: Login,
    *,
    secure: bool,
    extras: Mapping[str, downloads.Renderer],
    folder: Path,
) -> None:
    """Add the pages. `secure` is whether people come by https.

    `extras` write the kinds of file that not every server can, by extension; posters are kept
    below the data `folder`.
    """
    app.state.office = Office(works, login, secure, folder)
    app.state.extras = extras
    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")
    app.include_router(review.router)
    app.include_router(decisions.router)
    app.include_router(downloads.router)
    app.include_router(letterhead.router)
    app.include_router(posters.router)
    app.include_router(promises.router)
    app.include_router(router)


@router.get("/")
def home() -> Response:
    return RedirectResponse("/hr", 303)


@router.get("/login")
def ask_who(request: Request, next: str = "/hr") -> Response:
    known = pages.visit(request)
    if known.user:
        return RedirectResponse(pages.local(next), 303)
    return pages.remember(request, _login_page(request, known, next), known)


@router.post("/login", dependencies=[GENUINE])
def sign_in(
    request: Request,
    user: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/hr",
) -> Response:
    login = pages.office(request).login
    address = request.client.host if request.client else ""
    known = pages.visit(request)
    try:
        if login.check(user, password, address=address):
            welcome = RedirectResponse(pages.local(next), 303)
            return pages.remember(request, welcome, Visit(user=user))
    except TooManyTries:
        words = f"试错太多次了，请 {WINDOW // 60} 分钟后再试。"
        return _login_page(request, known, next, words=words, status=429)
    return _login_page(request, known, next, words="用户名或密码不对。", status=401)


def _login_page(
    request: Request, known: Visit, next: str, *, words: str = "", status: int = 200
) -> Response:
    ready = pages.office(request).login.ready
    return render(
        request, "login.html", to=known, status=status, next=next, words=words, ready=ready
    )


@router.post("/logout", dependencies=[GENUINE])
def sign_out() -> Response:
    response = RedirectResponse("/login", 303)
    response.delete_cookie(pages.COOKIE)
    return response


@router.get("/hr")
def evenings(
    request: Request, visit: SignedIn, page: Annotated[int, Query(ge=1, le=100_000)] = 1
) -> Response:
    works = pages.office(request).works
    with works.database.read() as db:
        return render(
            request,
            "evenings.html",
            rows=guests.page(db, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE),
            approved=set(summaries.approved(db)),
            page=page,
            last=max(1, -(-guests.count(db) // PAGE_SIZE)),
            now=works.clock.now(),
        )


@router.get("/hr/{rest:path}")
def nothing(visit: SignedIn, rest: str) -> Response:
    raise HTTPException(404)
