"""Once a minute: a mute of everybody that was to end by now is lifted."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot.actions import UnmuteAll
from bot.people import Address
from storage import abilities, deeds, groups, outbox
from storage.deeds import Kind
from storage.outbox import Plan, Priority

BY_ITSELF = "到时自动"


def due(db: Session, now: datetime) -> bool:
    return bool(deeds.over(db, kind=Kind.MUTED_ALL, now=now))


def tick(db: Session, now: datetime) -> None:
    """Lift it in every chat of the group where it can have been put on."""
    for deed in deeds.over(db, kind=Kind.MUTED_ALL, now=now):
        deeds.end(db, deed, by=BY_ITSELF, now=now)
        plans = [
            Plan(
                key=f"deed/{deed.id}/over/C{chat.id}",
                cause=f"deed:{deed.id}",
                action=UnmuteAll(chat=chat.key),
                due=now,
                priority=Priority.UNMUTE,
            )
            for chat in groups.chats_of(db, deed.group_id)
            if not Address.of(chat.key).direct
            and abilities.missing(db, chat=chat.key, name="mute_all") is None
        ]
        outbox.put(db, plans, now=now)
