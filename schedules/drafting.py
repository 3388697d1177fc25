"""From what was said on an evening to the draft that HR reviews."""

from datetime import datetime

from sqlalchemy.orm import Session

from storage import said, summaries, summary
from storage.guests import GuestSession


def draft(db: Session, evening: GuestSession, *, now: datetime) -> dict[str, object]:
    """Make the draft of a closed evening, and count what is in it."""
    made = summary.draft(said.lines(db, evening))
    summaries.add(db, evening_id=evening.id, draft=made, now=now)
    return {
        "points": len(made.points),
        "answered": len(made.qa),
        "open": len(made.unpaired) + len(made.follow_ups),
    }
