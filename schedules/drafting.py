"""From what was said on an evening to the draft that HR reviews."""

from datetime import datetime

from sqlalchemy.orm import Session

from storage import said, summaries, summary
from storage.guests import GuestSession
from storage.summary import Draft


def draft(db: Session, evening: GuestSession, *, now: datetime) -> None:
    """Make the draft of a closed evening. There is one; a second call leaves it as it is."""
    if summaries.newest(db, evening.id) is not None:
        return
    summaries.add(db, evening_id=evening.id, draft=summary.draft(said.lines(db, evening)), now=now)


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
