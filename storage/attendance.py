"""Who came to an evening: the codes shown in the chat, and the marks of those who sent them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage import guests, members, said
from storage.database import Base
from storage.guests import GuestSession

MOST_WRONG = 5
"""Wrong tries of one person on one code; after that the code is of no use to them."""


class Code(Base):
    """Four digits shown in one half of an evening, `part` A or B, good until `expires`."""

    __tablename__ = "codes"
    __table_args__ = (Index(None, "evening_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"))
    part: Mapped[str] = mapped_column(String(1))
    code: Mapped[str] = mapped_column(String(4))
    issued: Mapped[datetime]
    expires: Mapped[datetime]


class Mark(Base):
    """Somebody was there. `who` is one word per person, `how` what showed it, such as code A.

    `member` and `chat` are the account it was shown with, and where.
    """

    __tablename__ = "marks"
    __table_args__ = (UniqueConstraint("evening_id", "who"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    evening_id: Mapped[int] = mapped_column(ForeignKey("guest_sessions.id"))
    who: Mapped[str] = mapped_column(String(150))
    member: Mapped[str] = mapped_column(String(100))
    chat: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(20))


class Tries(Base):
    """How often somebody sent something else than the code."""

    __tablename__ = "code_tries"

    code_id: Mapped[int] = mapped_column(ForeignKey("codes.id"), primary_key=True)
    who: Mapped[str] = mapped_column(String(150), primary_key=True)
    wrong: Mapped[int]


class Result(StrEnum):
    """`none` is a number sent while no code is good; `stopped` has had too many tries."""

    MARKED = "marked"
    ALREADY = "already"
    EXPIRED = "expired"
    WRONG = "wrong"
    STOPPED = "stopped"
    NONE = "none"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of sending a code; `left` is how many tries are left after a wrong one."""

    result: Result
    left: int = 0


def who(db: Session, *, platform: str, member: str) -> str:
    """One word for one person, whichever account of theirs it is, as far as accounts are linked."""
    person = members.person_of(db, platform=platform, external=member)
    return f"person:{person.id}" if person else f"{platform}:{member}"


def issue(db: Session, *, evening_id: int, part: str, now: datetime, lasts: timedelta) -> Code:
    """Make a new code. Any other of this evening that is still good ends now."""
    before = _codes(db, evening_id)
    for code in before:
        code.expires = min(code.expires, now)
    used = {code.code for code in before}
    while (digits := f"{secrets.randbelow(10_000):04}") in used:
        pass
    new = Code(evening_id=evening_id, part=part, code=digits, issued=now, expires=now + lasts)
    db.add(new)
    db.flush()
    return new


def current(db: Session, *, evening_id: int, part: str, now: datetime) -> Code | None:
    """The code of this half, while it is good."""
    good = [one for one in _codes(db, evening_id) if one.part == part and now < one.expires]
    return good[-1] if good else None


def check_in(
    db: Session,
    *,
    evening_id: int,
    platform: str,
    member: str,
    chat: str,
    code: str,
    now: datetime,
) -> Checked:
    """Mark somebody who sends a good code. `now` is when it was sent.

    What is written must be kept whatever the result is, for it counts wrong tries.
    """
    # One at a time: nobody is marked twice, and no try goes uncounted.
    evening = guests.get(db, evening_id, to_change=True)
    someone = who(db, platform=platform, member=member)
    if someone in {mark.who for mark in attendees(db, evening_id)}:
        return Checked(Result.ALREADY)
    if evening is None or evening.sealed is not None:
        return Checked(Result.SEALED)
    codes = _codes(db, evening_id)
    good = [one for one in codes if now < one.expires]
    tries = _tries(db, good[-1], someone) if good else None
    if tries is not None and tries.wrong >= MOST_WRONG:
        return Checked(Result.STOPPED)
    if found := next((one for one in good if one.code == code), None):
        _mark(db, found, someone, member=member, chat=chat, now=now)
        return Checked(Result.MARKED)
    if any(one.code == code for one in codes):
        return Checked(Result.EXPIRED)
    if tries is None:
        return Checked(Result.NONE)
    tries.wrong += 1
    db.flush()
    return Checked(Result.WRONG, left=MOST_WRONG - tries.wrong)


def attendees(db: Session, evening_id: int) -> list[Mark]:
    """Those who were marked, in the order they came."""
    found = select(Mark).where(Mark.evening_id == evening_id).order_by(Mark.at, Mark.id)
    return list(db.scalars(found))


def came(db: Session, evening: GuestSession) -> frozenset[str]:
    """Whoever was there, one word each: who was marked, or, where nobody was, who spoke."""
    marked = frozenset(mark.who for mark in attendees(db, evening.id))
    return marked or frozenset(
        who(db, platform=platform, member=member) for platform, member in said.speakers(db, evening)
    )


def people(db: Session, evening: GuestSession) -> int:
    """How many persons were there."""
    return len(came(db, evening))


def _codes(db: Session, evening_id: int) -> list[Code]:
    return list(db.scalars(select(Code).where(Code.evening_id == evening_id).order_by(Code.id)))


def _tries(db: Session, code: Code, someone: str) -> Tries:
    there = db.get(Tries, (code.id, someone))
    if there is None:
        there = Tries(code_id=code.id, who=someone, wrong=0)
        db.add(there)
    return there


def _mark(db: Session, code: Code, someone: str, *, member: str, chat: str, now: datetime) -> None:
    db.add(
        Mark(
            evening_id=code.evening_id,
            who=someone,
            member=member,
            chat=chat,
            at=now,
            how=f"code {code.part}",
        )
    )
    db.flush()
