"""The doors for platforms: one webhook path a gateway, and sockets."""

import logging
from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from bot.gateways.contract import Forged, Gateway, Save, TakesSockets, Unreadable, Webhook
from bot.intake import Full

log = logging.getLogger(__name__)

LARGEST_BODY = 1_000_000
"""Bytes. Media come as links, so a larger call is no message."""


class Doors:
    """Answers the webhooks before the app sees them: they are many, and need none of its layers."""

    def __init__(self, app: ASGIApp, gateways: Iterable[Gateway], save: Save) -> None:
        self._app = app
        self._hooks: dict[str, _Hook] = {}
        for gateway in gateways:
            # Not every platform follows a redirect to the path with the slash.
            for path in (gateway.path, gateway.path.rstrip("/")):
                self._hooks[path] = _Hook(gateway, save)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hook = self._hooks.get(scope["path"]) if scope["type"] == "http" else None
        if hook is None or scope["method"] not in ("GET", "POST"):
            await self._app(scope, receive, send)
            return
        response = await hook.answer(Request(scope, receive))
        await response(scope, receive, send)


def sockets(gateways: Iterable[Gateway], save: Save, acting: Callable[[], bool]) -> list[BaseRoute]:
    """The sockets of the gateways that take them.

    A process that stands by sends nothing, so it turns connections away to the one that acts.
    """
    return [
        WebSocketRoute(gateway.socket_path, _socket(gateway, save, acting))
        for gateway in gateways
        if isinstance(gateway, TakesSockets)
    ]


class _Hook:
    """The platform is told yes once its events are committed."""

    def __init__(self, gateway: Gateway, save: Save) -> None:
        self.gateway = gateway
        self.save = save

    async def answer(self, request: Request) -> Response:
        body = await _body(request)
        if body is None:
            return self._refuse(413, "too large")
        hook = Webhook(request.method, request.query_params, request.headers, body)
        try:
            greeting = self.gateway.greet(hook)
            if greeting is not None:
                return PlainTextResponse(greeting)
            events = self.gateway.decode(hook)
        except Forged as no:
            return self._refuse(no.status, str(no))
        except Unreadable as no:
            self._refuse(400, str(no))
            return JSONResponse({"error": str(no)}, 400)
        try:
            await self.save(events, body)
        except Full:
            return self._refuse(503, "too many calls are waiting")
        except Exception:
            return self._refuse(503, "the archive did not take it")
        return Response(status_code=204)

    def _refuse(self, status: int, why: str) -> Response:
        log.warning("a call to %s was refused with %d: %s", self.gateway.path, status, why)
        return Response(status_code=status)


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it is known to be too large."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared) > LARGEST_BODY:
        return None
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _socket(
    gateway: TakesSockets, save: Save, acting: Callable[[], bool]
) -> Callable[[WebSocket], Awaitable[None]]:
    async def talk(socket: WebSocket) -> None:
        if acting():
            await gateway.talk(socket, save)
        elif "websocket.http.response" in socket.scope.get("extensions", {}):
            await socket.send_denial_response(Response(status_code=503))
        else:
            await socket.close()

    return talk
