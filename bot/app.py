"""The parts, put together."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib import import_module
from importlib.util import find_spec

import httpx
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot import wording
from bot.clock import Clock, FileClock, SystemClock
from bot.condenser import Condenser, Model
from bot.config import Settings
from bot.gateways.contract import Gateway
from bot.gateways.onebot.gateway import OneBot
from bot.gateways.onebot.settings import OneBotSettings
from bot.gateways.simulator.gateway import Simulator
from bot.web import calendar, chat, hooks, portal
from bot.web.downloads import Renderer, Unwritable
from bot.web.login import Login
from bot.works import Loop, Works
from handlers import commands
from rules import engine
from schedules.publishing import Publisher
from storage import archive
from storage.database import Database
from storage.exports.document import Document


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database of these settings, closed again at the end."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.url)
    try:
        yield database
    finally:
        database.close()


def create(
    settings: Settings, *, gateways: Sequence[Gateway] = (), clock: Clock | None = None
) -> FastAPI:
    """The whole server; its tables must be there. Gateways and clock are as set, unless given."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    engine.discover()
    commands.discover()
    wording.customise(settings.data_dir / "texts")
    clock = clock or clock_of(settings)
    gateways = gateways or _gateways(settings, clock)
    database = Database(settings.url)
    works = Works(
        database,
        gateways,
        clock,
        Publisher(settings.data_dir),
        _more(settings, database, clock),
        words_reader(settings),
    )
    app = FastAPI(title="Banzhang", lifespan=_lifespan(works), docs_url=None, redoc_url=None)
    app.state.works = works
    app.add_middleware(hooks.Doors, gateways=gateways, save=works.intake.save)
    app.router.routes.extend(hooks.sockets(gateways, works.intake.save, lambda: works.acting))
    app.router.routes.append(Route("/healthz", _health(works)))
    login = Login(settings.admin_user, settings.admin_password_hash, settings.signing_key)
    secure = settings.public_url.startswith("https://")
    portal.install(app, works, login, secure=secure, extras=_extras(), folder=settings.data_dir)
    calendar.install(app, database, clock, settings.signing_key, public_url=settings.public_url)
    for gateway in gateways:
        if isinstance(gateway, Simulator) and isinstance(clock, FileClock):
            chat.install(app, works, gateway, clock)
    return app


def _gateways(settings: Settings, clock: Clock) -> list[Gateway]:
    """Every platform has its line here."""
    found: list[Gateway] = [OneBot(OneBotSettings(), settings.data_dir)]
    if settings.simulator:
        found.append(Simulator(settings.data_dir / "simulator.jsonl", clock.now))
    return found


def clock_of(settings: Settings) -> Clock:
    """In test mode every process goes by the clock in the file."""
    if not settings.simulator:
        return SystemClock()
    return FileClock(settings.clock_file or settings.data_dir / "clock")


class Missing(Exception):
    """Something is switched on that this installation does not have; says what, in Chinese."""


def words_reader(settings: Settings) -> Callable[[bytes], str] | None:
    """What reads the words in pictures, where an IT admin wants that. Raises Missing."""
    if not settings.ocr:
        return None
    if find_spec("rapidocr_onnxruntime") is None:
        raise Missing(
            "BANZHANG_OCR 开着，但没有安装文字识别：pip install 'banzhang[ocr]'，或者关掉它"
        )
    reader: Callable[[bytes], str] = import_module("bot.ocr").Words()
    return reader


def _more(settings: Settings, database: Database, clock: Clock) -> list[Loop]:
    """Loops of what an IT admin may switch on."""
    if not settings.model_url:
        return []
    model = Model(
        httpx.AsyncClient(follow_redirects=False),
        settings.model_url,
        settings.model_key,
        settings.model_name,
    )
    return [Condenser(database, model, clock.now).run]


def _extras() -> dict[str, Renderer]:
    """What an optional package adds to the files that HR can take home."""
    return {"pdf": _pdf} if find_spec("weasyprint") else {}


def _pdf(document: Document) -> bytes:
    # Imported by the first request for one, in its thread: WeasyPrint would make every start
    # more than half a second longer, and the process larger where nobody wants a PDF.
    try:
        pdf = import_module("storage.exports.pdf")
    except OSError as missing:
        raise Unwritable(
            "服务器缺少 Pango 库，不能生成 PDF。"
            "请安装它（Debian 上是 libpangoft2-1.0-0），或者下载 Word。"
        ) from missing
    try:
        content: bytes = pdf.render(document)
    except pdf.NoFont as no:
        raise Unwritable(str(no)) from no
    return content


def _lifespan(works: Works):  # type: ignore[no-untyped-def]
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await works.start()
        try:
            yield
        finally:
            await works.stop()
            works.database.close()

    return lifespan


def _health(works: Works):  # type: ignore[no-untyped-def]
    def health(request: Request) -> JSONResponse:
        with works.database.read() as db:
            waiting, failed = archive.counts(db)
        unknown = {
            gateway.name: dict(getattr(gateway, "unknown", {}))
            for gateway in works.gateways.values()
        }
        return JSONResponse(
            {
                "ok": True,
                "acting": works.acting,
                "waiting": waiting,
                "failed": failed,
                "unknown_events": unknown,
            }
        )

    return health
