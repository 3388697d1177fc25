"""Calendar feeds: for whoever holds the address, and nobody learns anything from a wrong one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from fastapi import FastAPI
from itsdangerous import BadData, Signer, URLSafeSerializer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.clock import Clock
from handlers import calendar as told
from storage import feeds
from storage.database import Database
from storage.exports import calendar
from storage.feeds import Feed

_HEADERS = {"Cache-Control": "private, max-age=900", "X-Content-Type-Options": "nosniff"}


class Tokens:
    """Secrets that stand for a calendar; they are void once the installation's key changes."""

    def __init__(self, key: str) -> None:
        self.groups = _serializer(key, "calendar of a group")
        self.people = _serializer(key, "calendar of a person")
        mark = Signer(key, salt="installation", digest_method=sha256).get_signature("calendar")
        self.installation = sha256(mark).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of feeds, as members are told them. `base` is how people reach this server."""

    base: str
    tokens: Tokens

    def of_person(self, platform: str, member: str) -> str:
        return f"{self.base}/calendar/p/{_token(self.tokens.people, [platform, member])}.ics"

    def of_group(self, group_id: int) -> str:
        return f"{self.base}/calendar/g/{_token(self.tokens.groups, group_id)}.ics"


@dataclass(frozen=True, slots=True)
class _Desk:
    """Hands out the feeds."""

    database: Database
    clock: Clock
    tokens: Tokens

    def of_group(self, request: Request) -> Response:
        group_id, now = _subject(self.tokens.groups, request), self.clock.now()
        with self.database.read() as db:
            feed = feeds.of_group(db, group_id, now=now)
        if feed is None:
            raise HTTPException(404)
        return self._answer(request, feed, now)

    def of_person(self, request: Request) -> Response:
        (platform, member), now = _subject(self.tokens.people, request), self.clock.now()
        with self.database.read() as db:
            feed = feeds.of_person(db, platform=platform, member=member, now=now)
        return self._answer(request, feed, now)

    def _answer(self, request: Request, feed: Feed, now: datetime) -> Response:
        """The file, or that it is still what the client has."""
        content = calendar.render(feed, installation=self.tokens.installation, now=now)
        tag = f'"{calendar.fingerprint(content)}"'
        # Weak: the same feed made a minute later differs in its time stamps.
        headers = {**_HEADERS, "ETag": f"W/{tag}"}
        if tag in _known(request.headers.getlist("if-none-match")):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="text/calendar", headers=headers)


def install(app: FastAPI, database: Database, clock: Clock, key: str, *, public_url: str) -> None:
    """Add the feeds, and let members be told their addresses where there is a `public_url`."""
    tokens = Tokens(key)
    desk = _Desk(database, clock, tokens)
    app.router.routes += [
        Route("/calendar/g/{token}.ics", desk.of_group),
        Route("/calendar/p/{token}.ics", desk.of_person),
    ]
    told.offer(Addresses(public_url.rstrip("/"), tokens) if public_url else None)


def _serializer(key: str, salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(key, salt=salt, signer_kwargs={"digest_method": sha256})


def _token(serializer: URLSafeSerializer, subject: object) -> str:
    return str(serializer.dumps(subject))


def _subject(serializer: URLSafeSerializer, request: Request) -> Any:
    """What the token in the path was made for. One that we did not make is an unknown page."""
    try:
        return serializer.loads(request.path_params["token"])
    except BadData:
        raise HTTPException(404) from None


def _known(values: Iterable[str]) -> set[str]:
    """The tags of what the client has, weak ones as strong ones (RFC 9110, 13.1.2)."""
    return {tag.strip().removeprefix("W/") for value in values for tag in value.split(",")}
