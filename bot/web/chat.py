"""The simulator's page: a chat in the browser, with a clock to turn. Test mode only."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from bot import times
from bot.clock import FileClock
from bot.gateways.files import picture_type
from bot.gateways.simulator.gateway import Simulator
from bot.web import outlook
from bot.web.pages import FOLDER, HEADERS
from bot.works import Works

PATIENCE = 5.0
"""Seconds to wait for the bot to do what is due."""

PAUSE = 0.02
FARTHEST = timedelta(days=3660)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


class Turn(msgspec.Struct):
    """One of three: a time, a span (seconds, 30m, 1h, 1d), or to whatever comes next."""

    to: str | None = None
    by: int | float | str | None = None
    next: bool = False


class Refused(Exception):
    """Told to whoever called, with a status."""

    def __init__(self, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.status = status


def install(app: FastAPI, works: Works, simulator: Simulator, clock: FileClock) -> None:
    """Add the page and what it asks for; the bot then also hears of its own acts in a group."""
    desk = _Desk(works, simulator, clock)
    simulator.save = works.intake.save
    app.router.routes.extend(
        [
            Route("/simulator", desk.page),
            Route("/simulator/state", desk.state),
            Route("/simulator/clock", _answered(desk.turn), methods=["POST"], max_body_size=10_000),
            Route("/simulator/files/{id}", _answered(desk.file)),
        ]
    )
    if not any(getattr(route, "path", "") == "/static" for route in app.router.routes):
        app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")


Answer = Callable[[Request], Awaitable[Response]]


def _answered(answer: Answer) -> Answer:
    async def answered(request: Request) -> Response:
        try:
            return await answer(request)
        except Refused as no:
            return JSONResponse({"error": str(no)}, no.status)
        except HTTPException as no:
            return JSONResponse({"error": no.detail}, no.status_code)

    return answered


class _Desk:
    def __init__(self, works: Works, simulator: Simulator, clock: FileClock) -> None:
        self.works = works
        self.simulator = simulator
        self.clock = clock

    async def page(self, request: Request) -> Response:
        return FileResponse(FOLDER / "templates" / "chat.html", headers=HEADERS)

    async def state(self, request: Request) -> Response:
        state: dict[str, Any] = self.simulator.state()
        now = self.clock.now()
        with_bot = await asyncio.to_thread(self._with_bot, state, now)
        return JSONResponse(with_bot, headers={"Cache-Control": "no-store"})

    def _with_bot(self, state: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Add what the bot knows: the evenings, and who is what in its groups."""
        with self.works.database.read() as db:
            zone = outlook.zone(db)
            soonest = outlook.next_moment(db, now)
            for chat in state["chats"]:
                outlook.add_badges(db, chat, now)
            return state | {
                "now": outlook.iso(now, zone),
                "zone": zone,
                "next": outlook.iso(soonest, zone) if soonest else None,
                "evenings": outlook.evenings(db, now),
            }

    async def turn(self, request: Request) -> Response:
        """First what was said is answered; then the clock turns, and what is due is done."""
        try:
            asked = msgspec.json.decode(await request.body(), type=Turn)
        except (ValueError, RecursionError):
            raise Refused("要一个 JSON 对象，里面写 to、by 或 next") from None
        await self._quiet()
        target, zone = await asyncio.to_thread(self._target, asked)
        while (stop := await asyncio.to_thread(self._stop, target)) is not None:
            self.clock.turn(stop)
            await self.works.tick()
            await self._quiet()
        return JSONResponse({"now": outlook.iso(self.clock.now(), zone)})

    def _stop(self, target: datetime) -> datetime | None:
        """Where to stop next on the way to `target`: wherever the bot has something to do."""
        now = self.clock.now()
        if now >= target:
            return None
        with self.works.database.read() as db:
            soonest = outlook.next_moment(db, now)
        return min(soonest, target) if soonest and soonest > now else target

    def _target(self, asked: Turn) -> tuple[datetime, str]:
        """Where the clock is to stand, and the zone it is shown in."""
        now = self.clock.now()
        with self.works.database.read() as db:
            zone = outlook.zone(db)
            soonest = outlook.next_moment(db, now)
        target = _asked(asked, now, zone, soonest)
        if target < now:
            raise Refused("时钟只能往前拨")
        if target - now > FARTHEST:
            raise Refused("一次最多往前拨十年")
        return target, zone

    async def _quiet(self) -> None:
        """Wait until nothing that is due is left to do, but not for ever."""
        for _ in range(int(PATIENCE / PAUSE)):
            if await asyncio.to_thread(self.works.idle):
                return
            await asyncio.sleep(PAUSE)

    async def file(self, request: Request) -> Response:
        found = self.simulator.file(request.path_params["id"])
        if found is None:
            raise Refused("没有这个文件", 404)
        path, name = found
        picture = await asyncio.to_thread(picture_type, path)
        return FileResponse(
            path,
            filename=name,
            media_type=picture or "application/octet-stream",
            content_disposition_type="inline" if picture else "attachment",
            headers={"X-Content-Type-Options": "nosniff"},
        )


def _asked(asked: Turn, now: datetime, zone: str, soonest: datetime | None) -> datetime:
    match asked:
        case Turn(to=str(to), by=None, next=False):
            return _moment(to, now, zone)
        case Turn(to=None, by=int() | float() | str() as by, next=False):
            return now + _span(str(by))
        case Turn(to=None, by=None, next=True):
            if soonest is None:
                raise Refused("后面没有要发的了，先排一场嘉宾吧", 409)
            return soonest
    raise Refused("to、by、next 三个里写一个")


def _moment(text: str, now: datetime, zone: str) -> datetime:
    """Read 19:30 as today's, or an ISO time; one without a zone is the group's."""
    with suppress(ValueError):
        return times.at(times.local(now, zone).date(), times.read_clock(text), zone)
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise Refused(f"看不懂时间「{text[:40]}」，请写成 19:30 或 2026-11-26 19:30") from None


def _span(text: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,9}(?:\.\d+)?)\s*([smhd]?)", text.strip(), re.ASCII)
    if not found:
        raise Refused("by 要写成秒数，或 30m、1h、1d；时钟只能往前拨")
    seconds = float(found[1]) * _UNITS[found[2]]
    if seconds > FARTHEST.total_seconds():
        raise Refused("一次最多往前拨十年")
    return timedelta(seconds=seconds)
