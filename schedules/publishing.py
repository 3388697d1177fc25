"""Publishing what HR approved: files, the group's file area, and a word in the group."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec
from sqlalchemy.orm import Session

from bot.actions import SendFile
from schedules import places, posts, quiet, to_owner
from schedules.steps import CHASES
from storage import attendance, groups, guests, outbox, said, summaries
from storage.database import Database
from storage.exports import docx, letterhead, markdown
from storage.exports.document import Document, file_name
from storage.groups import Group
from storage.guests import GuestSession, State
from storage.outbox import Plan
from storage.summaries import Summary
from storage.summary import Draft

log = logging.getLogger(__name__)

STEP = "publish"
FOLDER = "嘉宾分享"
_SHOWN = 80
"""Characters of a point in the group's chat; the whole is in the file."""


class Publisher:
    """Writes documents below `folder`, and sends them out."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def publish(self, database: Database, now: datetime) -> None:
        """Publish every summary that is approved and not out yet. Safe to repeat."""
        with database.read() as db:
            waiting = summaries.approved(db)
        for number in waiting:
            try:
                self._one(database, number, now)
            except Exception:
                log.exception("the summary of #%d cannot be published", number)
                with database.write() as db:
                    to_owner.broken(db, number, now)

    def _one(self, database: Database, number: int, now: datetime) -> None:
        with database.read() as db:
            document = document_of(db, number)
        if document is not None:
            own = letterhead.of(self._folder)
            files = self._write(msgspec.structs.replace(document, letterhead=own))
            with database.write() as db:
                _send_out(db, number, document, files, now)

    def _write(self, document: Document) -> list[Path]:
        """Write the files before anyone is promised them; their paths below the folder."""
        folder = Path("documents") / str(document.number)
        (self._folder / folder).mkdir(parents=True, exist_ok=True)
        contents = {"docx": docx.render(document), "md": markdown.render(document).encode()}
        files = {folder / file_name(document, kind): body for kind, body in contents.items()}
        for path, body in files.items():
            (self._folder / path).write_bytes(body)
        return list(files)


def document_of(db: Session, number: int) -> Document | None:
    """An evening's newest summary with all that a file of it shows; None before there is one."""
    evening = guests.get(db, number)
    summary = summaries.newest(db, number)
    if evening is None or summary is None:
        return None
    return _document(db, evening, summary)


def _document(db: Session, evening: GuestSession, summary: Summary) -> Document:
    group = groups.get(db, evening.group_id)
    lines = said.lines(db, evening)
    return Document(
        number=evening.id,
        topic=evening.topic,
        guest=evening.guest,
        group=group.name,
        starts=evening.starts,
        ends=evening.ends,
        zone=group.zone,
        version=summary.version,
        approved_by=summary.decided_by,
        approved_at=summary.decided,
        attendance=attendance.people(db, evening) or None,
        draft=summary.draft,
        sources={line.id: line for line in lines},
    )


def _send_out(
    db: Session, number: int, document: Document, files: Sequence[Path], now: datetime
) -> None:
    evening = guests.get(db, number, to_change=True)
    summary = summaries.newest(db, number, to_change=True)
    if evening is None or summary is None or summary.version != document.version:
        return
    if summary.state != summaries.State.APPROVED:
        return
    summary.state = summaries.State.PUBLISHED
    evening.state = State.PUBLISHED
    group = groups.get(db, evening.group_id)
    due = quiet.loud(now, group.zone)
    targets = places.chats(db, evening, joint=True)
    words = _words(evening, group, document, now)
    sent = [
        Plan(
            key=f"{evening.cause}/{STEP}/v{document.version}/{place.name}/{file.suffix}",
            cause=evening.cause,
            step=STEP,
            target=place.name,
            revision=document.version,
            action=SendFile(chat=place.chat, path=str(file), name=file.name, folder=FOLDER),
            due=due,
            priority=3,
        )
        for place in targets
        for file in files
    ]
    outbox.supersede(db, cause=evening.cause, now=now, steps=CHASES)
    notes = [
        replace(note, key=f"{evening.cause}/{STEP}/v{document.version}/{note.target}")
        for note in posts.notes(STEP, evening, targets, words, due=due, priority=3)
    ]
    outbox.put(db, [*sent, *notes], now=now)


def _words(evening: GuestSession, group: Group, document: Document, now: datetime) -> str:
    """What the chats are told: the points, or of a later version what is right now."""
    if document.version == 1:
        points = [_short(point.text) for point in document.draft.points]
        return posts.text("published", evening, group, now, points=points)
    again = [_short(words) for words in _amended(document.draft)]
    return posts.text(
        "published_again", evening, group, now, version=document.version, amended=again
    )


def _amended(draft: Draft) -> list[str]:
    """What the guest put right."""
    return [*(point.note for point in draft.points if point.note), *draft.notes]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
