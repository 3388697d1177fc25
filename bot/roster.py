"""Refreshes member lists from the platforms that tell them."""

import logging
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from bot import work
from bot.events import AnyEvent, Renamed
from bot.gateways.contract import Failed, Gateway, KnowsMembers, TryLater
from bot.people import Address, Member
from storage import archive, groups, members
from storage.archive import Arrival
from storage.database import Database

log = logging.getLogger(__name__)


async def refresh(
    database: Database,
    gateways: Mapping[str, Gateway],
    now: datetime,
    *,
    strangers: bool = False,
) -> int:
    """Ask for the members of every chat that belongs to a group; how many chats answered.

    With `strangers` only of chats whose owner is not known yet.
    """
    answered = 0
    for chat_id, key in await work.in_thread(_chats, database, strangers):
        gateway = gateways.get(Address.of(key).platform)
        if not isinstance(gateway, KnowsMembers):
            continue
        try:
            found = await gateway.members(key)
        except (TryLater, Failed) as no:
            log.info("the members of %s are not known: %s", key, no)
            continue
        await work.in_thread(_keep, database, chat_id, key, found, now)
        answered += 1
    return answered


def _chats(database: Database, strangers: bool) -> list[tuple[int, str]]:
    with database.read() as db:
        return [
            (chat.id, chat.key)
            for group in groups.everyone(db)
            for chat in groups.chats_of(db, group.id)
            if not (strangers and members.has_owner(db, chat.id))
        ]


def _keep(database: Database, chat_id: int, key: str, found: list[Member], now: datetime) -> None:
    with database.write() as db:
        archive.save(db, [Arrival(_renamed(db, chat_id, key, found, now), b"")], now=now, chats={})
        members.replace(db, chat_id=chat_id, members=found, now=now)
        groups.touch_all(db)


def _renamed(
    db: Session, chat_id: int, chat: str, found: list[Member], now: datetime
) -> list[AnyEvent]:
    """Who goes by another name than when the list was last read, where the platform told nobody."""
    before = members.in_chat(db, chat_id)
    return [
        Renamed(
            key=f"{chat}/card/{member.id}/{now.isoformat()}",
            chat=chat,
            at=now,
            member=member.id,
            name=member.name,
        )
        for member in found
        if member.name and member.id in before
        if before[member.id].name not in ("", member.name)
    ]
