"""Which pictures are looked into, and what becomes of what their codes say."""

import dataclasses
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.orm import Session

from bot.events import Message, PictureRead
from bot.rooms import Room
from handlers import moderation
from rules import codes, engine
from rules.engine import RULES, Mode, Verdict
from storage import archive, outbox, pictures


def wanted(room: Room, message: Message, now: datetime) -> bool:
    """Pictures of members who are not known for long, and of those whose codes are the group's."""
    if room.group is None or not any(piece.kind == "image" for piece in message.segments):
        return False
    if room.settings[codes.NAME].mode is Mode.OFF or now - message.at > pictures.LASTS:
        return False
    joined = room.context(message).joined
    regular = joined is not None and message.at - joined > codes.REGULAR_AFTER
    return room.protected(message.member, message.at) or not regular


def judge(db: Session, room: Room, read: PictureRead, now: datetime) -> None:
    """Codes of those who keep the group become its own; others are judged as what they lead to."""
    if room.group is None:
        return
    group_id = room.group.id
    if room.protected(read.member, read.at):
        by = read.name or read.member
        pictures.let_pass(db, group_id=group_id, codes=read.codes, by=by, now=now)
        return
    found = archive.find(db, chat_id=room.chat_id, message=read.message)
    if found is None or not archive.stands(db, chat_id=room.chat_id, message=read.message):
        return
    number, said = found
    strange = pictures.strange(db, group_id=group_id, codes=read.codes)
    about = replace(read, codes=tuple(strange))
    verdicts = engine.judge(about, room.context(said), room.settings) if strange else []
    # Under a key of its own: what its words led to is another matter.
    posted = replace(said, key=read.key)
    if not verdicts and read.words:
        posted = replace(posted, text=read.words, segments=())
        verdicts = _of_words(room, posted)
    if verdicts:
        result = moderation.act(
            db, room.scene, event_id=number, message=posted, verdicts=verdicts, now=now
        )
        outbox.put(db, result.plans, now=now)
        if result.caught:
            archive.caught(db, number, verdicts[0].rule)


def _of_words(room: Room, posted: Message) -> list[Verdict]:
    """What is written in a picture was read by a machine: a person decides about it."""
    settings = {name: one for name, one in room.settings.items() if RULES[name].recalls}
    found = engine.judge(posted, room.context(posted), settings)
    return [dataclasses.replace(one, sure=False, reason=f"图片里的字{one.reason}") for one in found]
