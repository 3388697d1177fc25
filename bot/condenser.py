"""A language model's points for the evenings that just ended, where one is set up.

It is asked in the minutes between the end of an evening and its draft. Whatever goes wrong, the
draft is made without it; and it publishes nothing.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import httpx
import msgspec
from sqlalchemy.orm import Session

from bot import work
from storage import condensed, condensing, said, transcript
from storage.database import Database
from storage.guests import GuestSession
from storage.points import FEWEST, MOST
from storage.summary import Point
from storage.transcript import Line

log = logging.getLogger(__name__)

_EVERY = 5.0
"""Seconds between two looks whether an evening has ended."""

_RECENT = timedelta(minutes=30)
_ONE_ANSWER = 90.0
_EVERYTHING = 480.0
"""Seconds for all questions of one evening: its draft is due ten minutes after its end."""

_TROUBLE = (httpx.HTTPError, ValueError, TimeoutError)


class _Choice(msgspec.Struct):
    message: dict[str, object]


class _Completion(msgspec.Struct):
    choices: list[_Choice]


class Model:
    """One model behind an interface as OpenAI's chat completions have it, below `url`."""

    def __init__(self, client: httpx.AsyncClient, url: str, key: str, name: str) -> None:
        self.name = name
        self._client = client
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def answer(self, asked: condensing.Asked) -> str:
        """Raises httpx.HTTPError, or ValueError for an answer that is none."""
        body = {"model": self.name, "messages": asked, "temperature": 0}
        answer = await self._client.post(
            self._url, json=body, headers=self._headers, timeout=_ONE_ANSWER
        )
        answer.raise_for_status()
        try:
            said = msgspec.json.decode(answer.content, type=_Completion)
            words = said.choices[0].message.get("content")
        except (msgspec.DecodeError, IndexError):
            raise ValueError("the model's answer cannot be read") from None
        if not isinstance(words, str):
            raise ValueError("the model said nothing")
        return words

    async def close(self) -> None:
        await self._client.aclose()


class Condenser:
    """Looks for evenings that ended, and keeps what the model makes of each."""

    def __init__(self, database: Database, model: Model, now: Callable[[], datetime]) -> None:
        self._database = database
        self._model = model
        self._now = now

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except Exception:
                log.exception("asking the language model did not go through")
            await asyncio.sleep(_EVERY)

    async def round(self) -> bool:
        """One evening, tried once; whether there was any."""
        found = await work.do(self._database, self._next)
        if found is None:
            return False
        number, lines = found
        points: list[Point] = []
        try:
            async with asyncio.timeout(_EVERYTHING):
                points = await self.points(lines)
        except _TROUBLE as trouble:
            log.warning("the model made nothing of #%d: %s", number, type(trouble).__name__)
        await work.do(self._database, self._keep, number, points)
        return True

    async def points(self, lines: Sequence[Line]) -> list[Point]:
        """The model's points, as far as they can be believed; none when those are too few."""
        found: list[Point] = []
        for block in condensing.blocks(lines):
            answer = await self._model.answer(condensing.ask(block, _fence()))
            found += condensing.read(answer, block)
        if len(found) > MOST:
            answer = await self._model.answer(condensing.choose(found, _fence()))
            chosen = condensing.read(answer, lines)
            found = [point for point in chosen if point in found][:MOST]
        enough = len(found) >= FEWEST or len(lines) < FEWEST
        return condensing.ordered(found) if enough else []

    def _next(self) -> tuple[int, list[Line]] | None:
        with self._database.read() as db:
            evening = condensed.waiting(db, self._now() - _RECENT)
            return (evening.id, _spoken(db, evening)) if evening else None

    def _keep(self, number: int, points: list[Point]) -> None:
        with self._database.write() as db:
            condensed.keep(
                db, evening_id=number, model=self._model.name, points=points, now=self._now()
            )


def _spoken(db: Session, evening: GuestSession) -> list[Line]:
    return [line for line in transcript.phased(said.lines(db, evening)) if line.words]


def _fence() -> str:
    """A word that nobody in the chat can know."""
    return f"==={secrets.token_hex(8)}==="
