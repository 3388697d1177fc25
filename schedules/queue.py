"""The waiting questions of an evening as people read them: in the Q&A post and the run sheet."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from storage import guests, questions
from storage.guests import GuestSession
from storage.questions import Question, one_line

SHOWN = 80
"""Characters of a question that are shown; the guest can look it up in the chat."""

_NAME = 20


def digest(db: Session, evening: GuestSession, now: datetime, *, limit: int = 10) -> str:
    """The questions that wait at `now`, one a line, the earliest first; empty when none do.

    Where several groups share the evening each says which it is from.
    """
    waiting = [one for one in questions.waiting(db, evening.id) if one.asked <= now]
    sharing = guests.groups_of(db, evening, joint=True)
    names = {group.id: group.name for group in sharing} if len(sharing) > 1 else {}
    lines = [_line(one, names) for one in waiting[:limit]]
    if more := len(waiting) - len(lines):
        lines.append(f"还有 {more} 问")
    return "\n".join(lines)


def _line(one: Question, names: Mapping[int, str]) -> str:
    source = one_line(names.get(one.group_id, ""), limit=_NAME)
    asker = f"{source} {one_line(one.name, limit=_NAME)}".strip()
    return f"Q{one.number} {asker}：{one_line(one.text, limit=SHOWN)}"
