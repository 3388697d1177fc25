"""Codes and marks: who counts as having been there, and what guessing leads to."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy.orm import Session

from storage import attendance, feedback, guests, members
from storage.attendance import MOST_WRONG, Code, Result
from storage.database import Database
from storage.guests import GuestSession, State
from storage.members import Person
from tests.evenings import STARTS, standing

SHOWN = STARTS + timedelta(minutes=11)
LASTS = timedelta(minutes=10)


@pytest.fixture
def number(database: Database) -> int:
    with database.write() as db:
        return standing(db, State.SHARING).id


def show(database: Database, number: int, *, part: str = "A", minutes: int = 0) -> Code:
    with database.write() as db:
        now = SHOWN + timedelta(minutes=minutes)
        return attendance.issue(db, evening_id=number, part=part, now=now, lasts=LASTS)


def send(
    database: Database,
    number: int,
    code: str,
    *,
    by: str = "linyue",
    platform: str = "fake",
    minutes: int = 4,
) -> Result:
    with database.write() as db:
        return attendance.check_in(
            db,
            evening_id=number,
            platform=platform,
            member=by,
            chat=f"{platform}:1:600001",
            code=code,
            now=SHOWN + timedelta(minutes=minutes),
        ).result


def people(database: Database, number: int) -> int:
    with database.read() as db:
        return attendance.people(db, evening(db, number))


def evening(db: Session, number: int) -> GuestSession:
    found = guests.get(db, number)
    assert found is not None
    return found


def wrong(code: Code) -> str:
    return f"{(int(code.code) + 1) % 10_000:04}"


def test_a_code_counts_once_for_one_person_and_only_while_it_is_shown(
    database: Database, number: int
) -> None:
    code = show(database, number)
    assert code.code.isdigit()
    assert len(code.code) == 4
    assert send(database, number, code.code) is Result.MARKED
    assert send(database, number, code.code, minutes=5) is Result.ALREADY
    assert send(database, number, code.code, by="zhanglei", minutes=10) is Result.EXPIRED
    assert people(database, number) == 1


def test_a_code_issued_again_ends_the_old_one_and_is_another(
    database: Database, number: int
) -> None:
    old = show(database, number)
    new = show(database, number, minutes=3)
    assert new.code != old.code
    assert send(database, number, old.code) is Result.EXPIRED
    assert send(database, number, new.code) is Result.MARKED
    with database.read() as db:
        later = SHOWN + timedelta(minutes=12)
        assert attendance.current(db, evening_id=number, part="B", now=later) is None
        found = attendance.current(db, evening_id=number, part="A", now=later)
        assert found is not None
        assert found.id == new.id


def test_five_wrong_tries_stop_one_person_on_that_code_only(
    database: Database, number: int
) -> None:
    code = show(database, number)
    for _ in range(MOST_WRONG):
        assert send(database, number, wrong(code)) is Result.WRONG
    assert send(database, number, code.code) is Result.STOPPED
    assert send(database, number, code.code, by="zhanglei") is Result.MARKED
    next_one = show(database, number, part="B", minutes=60)
    assert send(database, number, next_one.code, minutes=61) is Result.MARKED


def test_guessing_before_a_code_is_shown_counts_for_nothing(
    database: Database, number: int
) -> None:
    assert {send(database, number, f"{n:04}") for n in range(MOST_WRONG + 1)} == {Result.NONE}
    assert send(database, number, show(database, number).code) is Result.MARKED


def test_nobody_is_marked_after_sealing(database: Database, number: int) -> None:
    code = show(database, number)
    with database.write() as db:
        evening(db, number).sealed = SHOWN
    assert send(database, number, code.code) is Result.SEALED
    assert people(database, number) == 0


def test_a_person_with_two_accounts_is_there_once(database: Database, number: int) -> None:
    with database.write() as db:
        lin = Person(number="00123", name="林悦")
        db.add(lin)
        db.flush()
        members.link(db, person=lin, platform="fake", external="linyue")
        members.link(db, person=lin, platform="other", external="00123")
    code = show(database, number)
    assert send(database, number, code.code) is Result.MARKED
    assert send(database, number, code.code, by="00123", platform="other") is Result.ALREADY
    assert send(database, number, code.code, by="linyue", platform="other") is Result.MARKED
    assert people(database, number) == 2


def test_two_deliveries_at_the_same_instant_make_one_mark(database: Database, number: int) -> None:
    code = show(database, number)
    start, results = Barrier(4), []

    def deliver() -> None:
        start.wait()
        results.append(send(database, number, code.code))

    threads = [Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [Result.ALREADY] * 3 + [Result.MARKED]
    assert people(database, number) == 1


def test_a_later_rating_takes_the_place_of_the_earlier(database: Database, number: int) -> None:
    with database.write() as db:
        for rating, text in ((3, "还行"), (5, "很\0好")):
            feedback.put(
                db, evening_id=number, who="fake:linyue", rating=rating, text=text, now=SHOWN
            )
        feedback.put(db, evening_id=number, who="fake:zhanglei", rating=4, text="", now=SHOWN)
        assert feedback.count(db, number) == 2
        with pytest.raises(ValueError, match="1 to 5"):
            feedback.put(db, evening_id=number, who="fake:a", rating=6, text="", now=SHOWN)
