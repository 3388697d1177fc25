"""From what was said on an evening to the draft that HR reviews."""

from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.orm import Session

from storage import condensed, said, summaries, summary
from storage.guests import GuestSession
from storage.summary import Draft


def draft(db: Session, evening: GuestSession, *, now: datetime) -> None:
    """Make the draft of a closed evening. There is one; a second call leaves it as it is."""
    if summaries.newest(db, evening.id) is not None:
        return
    made = _in_the_models_words(db, evening, summary.draft(said.lines(db, evening)))
    summaries.add(db, evening_id=evening.id, draft=made, now=now)


def _in_the_models_words(db: Session, evening: GuestSession, draft: Draft) -> Draft:
    """With the points that a language model made, where one was asked and its answer holds.

    A point of which a message was taken back since is left out.
    """
    kept = condensed.of_evening(db, evening.id)
    there = {line.id for line in said.lines(db, evening)} if kept else set()
    points = tuple(one for one in kept.points if set(one.ids) <= there) if kept else ()
    return replace(draft, points=points, model=kept.model) if kept and points else draft


def counts(db: Session, evening: GuestSession) -> dict[str, object]:
    """What is in the newest draft, for people to read; empty before there is one."""
    newest = summaries.newest(db, evening.id)
    return _counts(newest.draft) if newest else {}


def reviewed(db: Session, evening: GuestSession) -> bool:
    """Whether nobody has to look at the draft any more, be it because there is nothing in it."""
    newest = summaries.newest(db, evening.id)
    return newest is None or newest.decided is not None or not any(_counts(newest.draft).values())


def _counts(draft: Draft) -> dict[str, object]:
    return {
        "points": len(draft.points),
        "answered": len(draft.qa),
        "open": len(draft.unpaired) + len(draft.follow_ups),
    }
