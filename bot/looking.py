"""Looks into the pictures that members posted; what codes in them say comes in as an event."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

from bot import codes, events, work
from bot.events import AnyEvent, PictureRead, Segment
from bot.gateways.contract import Failed, Gateway, HasMedia, TryLater
from bot.people import Address
from storage import pictures
from storage.database import Database
from storage.pictures import Picture

log = logging.getLogger(__name__)

AT_ONCE = 4
_LOOK_EVERY = 1.0

Save = Callable[[Sequence[AnyEvent], bytes], Awaitable[None]]


class Looking:
    """One loop. A picture is fetched, read in a thread, and noted after its event is committed."""

    def __init__(
        self,
        database: Database,
        gateways: Mapping[str, Gateway],
        now: Callable[[], datetime],
        save: Save,
        words: Callable[[bytes], str] | None = None,
    ) -> None:
        """`words` reads what is written in a picture, where that is switched on."""
        self._database = database
        self._gateways = gateways
        self._now = now
        self._save = save
        self._words = words

    async def run(self) -> None:
        while True:
            try:
                while await self.round():
                    pass
            except Exception:
                log.exception("looking into pictures did not go through")
            await asyncio.sleep(_LOOK_EVERY)

    async def round(self) -> int:
        """Look into what waits, a few at once; how many were looked into."""
        found = await work.do(self._database, self._waiting)
        await asyncio.gather(*map(self._look, found))
        return len(found)

    def _waiting(self) -> Sequence[Picture]:
        with self._database.read() as db:
            return pictures.waiting(db, now=self._now(), limit=AT_ONCE)

    async def _look(self, picture: Picture) -> None:
        try:
            content = await self._fetch(picture)
            found = await asyncio.to_thread(codes.read, content)
        except (TryLater, Failed, codes.NotAPicture) as no:
            await work.do(self._database, self._failed, picture, no)
            return
        words = ""
        if self._words is not None and picture.unproven:
            words = await asyncio.to_thread(self._words, content)
        if found or words:
            read = _event(picture, found, words)
            await self._save([read], events.encode(read))
        await work.do(self._database, self._read, picture, found)

    async def _fetch(self, picture: Picture) -> bytes:
        gateway = self._gateways.get(Address.of(picture.chat).platform)
        if not isinstance(gateway, HasMedia):
            raise Failed("这个平台取不到图片")
        return await gateway.media(picture.chat, Segment("image", ref=picture.ref, url=picture.url))

    def _read(self, picture: Picture, found: Sequence[str]) -> None:
        with self._database.write() as db:
            pictures.read(db, picture.id, found)

    def _failed(self, picture: Picture, no: Exception) -> None:
        log.info("picture %d: %s", picture.id, type(no).__name__)
        with self._database.write() as db:
            pictures.failed(
                db,
                picture.id,
                str(no),
                now=self._now(),
                for_good=not isinstance(no, TryLater),
            )


def _event(picture: Picture, found: Sequence[str], words: str) -> PictureRead:
    return PictureRead(
        key=f"{picture.event_key}/picture/{picture.nth}",
        chat=picture.chat,
        at=picture.at,
        message=picture.message,
        member=picture.member,
        name=picture.name,
        codes=tuple(found),
        words=words,
    )
