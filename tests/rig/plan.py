"""Three days of evenings for ten groups on three accounts, and every post that is promised."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from benchmarks.process import database_url
from bot.people import Member, Role
from bot.wording import FOLDER
from storage import audience, changes, groups, members, migrate
from storage.database import Database
from storage.groups import Group
from tests.build import ZONE, at
from tests.rig.platform import Account

READ_BACK = Account(10001, history=True)
REPORTED = Account(10002, reports=True)
BLIND = Account(10003)
ACCOUNTS = (READ_BACK, REPORTED, BLIND)

PLANNED = at("2026-11-24 08:30")
OVER = at("2026-11-27 10:30")
"""When the last words to an owner that had to wait for the morning are out."""

ASKS, ENDS = timedelta(hours=1), timedelta(minutes=90)
"""After the start."""


@dataclass(frozen=True, slots=True)
class Place:
    """A group with its one chat. `number` is its id in the database, as in G7."""

    number: int
    account: Account

    @property
    def room(self) -> int:
        """The platform's id of the chat."""
        return 600000 + self.number

    @property
    def owner(self) -> int:
        return 20000 + self.number

    @property
    def chat(self) -> str:
        return f"onebot:{self.account.self_id}:{self.room}"

    @property
    def people(self) -> list[Member]:
        guest = Member(id=str(30000 + self.number), name="王总")
        return [Member(id=str(self.owner), name=f"群主{self.number}", role=Role.OWNER), guest]


@dataclass(frozen=True, slots=True)
class Evening:
    """`groups` hear of it, the first being its own; only when `joint` they share it."""

    starts: datetime
    groups: range
    joint: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """One post of one evening to one chat, of use in [due, expires)."""

    number: int
    step: str
    place: Place
    due: datetime
    expires: datetime


PLACES = {n: Place(n, READ_BACK if n <= 4 else REPORTED if n <= 7 else BLIND) for n in range(1, 11)}

_SHARED = ("code_a", "code_b")
"""Steps that are for those only who take part."""


@dataclass(frozen=True, slots=True)
class Plan:
    """So many evenings, numbered from 1."""

    evenings: tuple[Evening, ...]

    def evening(self, number: int) -> Evening:
        return self.evenings[number - 1]

    def promises(self) -> list[Promise]:
        """What the groups may count on, by the table of steps."""
        return [
            Promise(number, step, PLACES[n], due, expires)
            for number, evening in enumerate(self.evenings, 1)
            for step, due, expires in _steps(evening.starts)
            if PLANNED <= due < expires
            for n in evening.groups
            if evening.joint or step not in _SHARED or n == evening.groups[0]
        ]


FULL = Plan(
    (
        Evening(at("2026-11-24 19:30"), range(1, 6)),
        Evening(at("2026-11-24 19:30"), range(6, 11), joint=True),
        Evening(at("2026-11-25 19:30"), range(1, 5)),
        Evening(at("2026-11-25 19:30"), range(5, 11), joint=True),
        Evening(at("2026-11-26 10:00"), range(3, 11)),
        Evening(at("2026-11-26 19:30"), range(1, 11), joint=True),
    )
)
SHORT = Plan(FULL.evenings[3:])
"""The second half of it, over the same three days and in all ten groups."""


def _steps(starts: datetime) -> Iterator[tuple[str, datetime, datetime]]:
    """Name, due and too late. A code is due at some minute that ends with the one given here."""
    asks, ends = starts + ASKS, starts + ENDS
    yield "announce", max(_on(starts, -2, 12), PLANNED), starts - timedelta(minutes=30)
    yield "remind_eve", _on(starts, -1, 18), _on(starts, 0, 12)
    yield "remind", _on(starts, 0, 19), starts
    yield "open", starts, starts + timedelta(minutes=20)
    yield "code_a", starts + timedelta(minutes=15), asks
    yield "ask", asks, ends
    yield "code_b", asks + timedelta(minutes=20), ends
    yield "close", ends, _on(ends, 1, 10)


def _on(day: datetime, days: int, hour: int) -> datetime:
    return datetime.combine(day.date() + timedelta(days=days), time(hour), day.tzinfo)


def set_up(folder: Path, plan: Plan) -> None:
    """The database as it is once everything is planned, and words that say which they are."""
    migrate.upgrade(database_url(folder))
    database = Database(database_url(folder))
    with database.write() as db:
        there = {n: _group(db, place) for n, place in PLACES.items()}
        for evening in plan.evenings:
            _plan(db, evening, there)
    database.close()
    (folder / "texts").mkdir()
    for words in FOLDER.glob("*.txt"):
        marked = f"〔{words.stem}〕{words.read_text()}"
        (folder / "texts" / words.name).write_text(marked)


def _group(db: Session, place: Place) -> Group:
    group = groups.add(db, name=f"学习{place.number}群", zone=ZONE, kind="newhire")
    chat = groups.connect(db, group=group, key=place.chat)
    members.replace(db, chat_id=chat.id, members=place.people, now=PLANNED)
    return group


def _plan(db: Session, evening: Evening, there: Mapping[int, Group]) -> None:
    own, *others = evening.groups
    starts, by = evening.starts, str(PLACES[own].owner)
    new = changes.plan(
        db,
        group=there[own],
        guest="王总",
        guest_account="",
        topic=f"{starts:%A}",
        starts=starts,
        asks=starts + ASKS,
        ends=starts + ENDS,
        announce_on=_on(starts, -2, 12).date(),
        by=by,
        now=PLANNED,
    )
    for n in others:
        number = there[n].id
        audience.add(
            db, evening_id=new.id, group_id=number, joint=evening.joint, by=by, now=PLANNED
        )
