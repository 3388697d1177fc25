"""The queue of questions: numbers, repeats, moving to another evening, and how it is shown."""

import pytest
from sqlalchemy.orm import Session

from schedules import queue
from storage import audience, groups, questions
from storage.database import Database
from storage.guests import GuestSession
from storage.guests import State as GuestState
from storage.questions import Question, State, one_line
from tests.build import at
from tests.evenings import standing

NOW = at("2026-11-24 12:00")


def plan(db: Session, *, days: int = 0) -> GuestSession:
    return standing(db, GuestState.ANNOUNCED, days=days)


def ask(
    db: Session, evening: GuestSession, text: str, *, key: str = "", **more: object
) -> Question:
    put: dict[str, object] = {"member": "linyue", "name": "林悦", "group_id": evening.group_id}
    put |= more
    return questions.add(
        db,
        evening_id=evening.id,
        chat="fake:1:600001",
        text=text,
        message=key or text[:20],
        event_key=key or text,
        now=NOW,
        **put,  # type: ignore[arg-type]
    )


def test_questions_are_numbered_within_their_evening_and_a_repeat_takes_no_number(
    database: Database,
) -> None:
    with database.write() as db:
        first, second = plan(db), plan(db, days=7)
        assert [ask(db, first, words).number for words in ("甲", "乙", "甲")] == [1, 2, 1]
        assert ask(db, second, "丙").number == 1
        assert questions.open_by(db, evening_id=first.id, member="linyue") == 2
        assert questions.open_by(db, evening_id=first.id, member="zhanglei") == 0


def test_what_is_answered_or_withdrawn_does_not_wait_and_its_number_is_not_given_again(
    database: Database,
) -> None:
    with database.write() as db:
        evening = plan(db)
        answered, withdrawn = ask(db, evening, "甲"), ask(db, evening, "乙")
        questions.answer(db, answered, now=NOW)
        questions.withdraw(db, withdrawn)
        questions.answer(db, withdrawn, now=NOW)
        assert (answered.state, answered.answered) == (State.ANSWERED, NOW)
        assert withdrawn.state == State.WITHDRAWN
        assert questions.waiting(db, evening.id) == []
        assert ask(db, evening, "丙").number == 3


def test_waiting_questions_go_to_the_evening_that_takes_over_and_come_back(
    database: Database,
) -> None:
    with database.write() as db:
        old, new = plan(db), plan(db, days=7)
        done = ask(db, old, "答过的")
        questions.answer(db, done, now=NOW)
        for words in ("二", "三", "四"):
            ask(db, old, words)
        for words in ("新一", "新二"):
            ask(db, new, words)
        assert questions.hand_over(db, of=old.id, to=new.id) == 3
        assert numbers(db, new) == {"新一": 1, "新二": 2, "三": 3, "四": 4, "二": 5}
        assert numbers(db, old) == {}
        assert done.evening_id == old.id
        assert questions.hand_over(db, of=new.id, to=old.id) == 5
        assert sorted(numbers(db, old).values()) == [2, 3, 4, 5, 6]


def numbers(db: Session, evening: GuestSession) -> dict[str, int]:
    return {one.text: one.number for one in questions.waiting(db, evening.id)}


def test_the_digest_has_one_line_a_question_and_says_how_many_it_left_out(
    database: Database,
) -> None:
    with database.write() as db:
        evening = plan(db)
        assert queue.digest(db, evening, NOW) == ""
        ask(db, evening, "客户嫌贵怎么办？")
        ask(db, evening, f"长{'问' * 100}")
        ask(db, evening, "第三问")
        lines = queue.digest(db, evening, NOW, limit=2).splitlines()
    assert lines[0] == "Q1 林悦：客户嫌贵怎么办？"
    assert lines[1] == f"Q2 林悦：长{'问' * 78}…"
    assert lines[2:] == ["还有 1 问"]


def test_a_joint_evening_has_one_queue_that_shows_where_each_is_from(database: Database) -> None:
    with database.write() as db:
        evening = plan(db)
        other = groups.add(db, name="华东销售群", zone="Asia/Shanghai", kind="sales")
        audience.add(db, evening_id=evening.id, group_id=other.id, joint=True, by="赵敏", now=NOW)
        ask(db, evening, "甲")
        ask(db, evening, "乙", group_id=other.id, name="小吴", member="xiaowu")
        assert queue.digest(db, evening, NOW) == "Q1 新人2611群 林悦：甲\nQ2 华东销售群 小吴：乙"


@pytest.mark.parametrize(
    "hostile",
    [
        "甲\nQ9 王总：假的",
        "甲\r\x0b\x0c\x1c\x85\u2028\u2029Q9 王总：假的",
        "甲\u202eQ9 王总：假的\u200b\u2066",
        "甲\0\x07\x1b[31mQ9\ufeff 王总：假的",
        "甲\U000e0041\ud800 Q9 王总：假的",
    ],
)
def test_a_hostile_question_stays_on_its_own_line(database: Database, hostile: str) -> None:
    with database.write() as db:
        evening = plan(db)
        ask(db, evening, hostile, key="k", name=hostile)
        shown = queue.digest(db, evening, NOW)
    assert shown.startswith("Q1 甲")
    assert shown.isprintable()
    assert one_line(hostile, limit=3) in ("甲 …", "甲Q…")
