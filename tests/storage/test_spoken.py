"""What counts as talk on a day, and which questions found nobody to answer them."""

from datetime import datetime, timedelta

import pytest

from bot.events import Message, Segment
from storage import guests, questions, spoken
from storage.database import Database
from storage.health import Count
from storage.spoken import Heard
from tests.build import G1, LIN, ZHANG, at, message
from tests.evenings import STARTS, standing

BEGINS = at("2026-11-24 00:00")
ASKED = at("2026-11-23 15:00")


def heard(*said: Message, talk: bool = True) -> list[Heard]:
    return [Heard(n, one, talk) for n, one in enumerate(said, 1)]


def say(text: str, when: datetime, by: str = LIN, **more: object) -> Message:
    return message(text, by=by, when=when, **more)


def count(*said: Message) -> Count:
    return spoken.count(heard(*said), begins=BEGINS)


def after(**time: float) -> datetime:
    return ASKED + timedelta(**time)


QUESTION = say("报价单的折扣怎么算？", ASKED, id="q1")


def test_a_question_nobody_took_up_is_unanswered() -> None:
    found = count(QUESTION, say("谢谢大家", after(hours=3), ZHANG))
    assert (found.asked, found.unanswered, found.open) == (1, 1, [1])


@pytest.mark.parametrize(
    "answer",
    [
        say("按级别打九折，表里有", after(minutes=10), ZHANG),
        say("看下群文件", after(hours=23), ZHANG, reply_to="q1"),
        say("看下群文件", after(hours=5), ZHANG, segments=(Segment(kind="at", ref=LIN),)),
        say("", after(minutes=3), ZHANG, segments=(Segment(kind="image"),)),
    ],
    ids=["soon", "quoting", "calling the one who asked", "a picture"],
)
def test_an_answer_is_who_speaks_soon_or_turns_to_the_question_within_a_day(
    answer: Message,
) -> None:
    assert count(QUESTION, answer).unanswered == 0


@pytest.mark.parametrize(
    "other",
    [
        say("补充一下，是新客户的单子", after(minutes=1)),
        say("收到", after(minutes=1), ZHANG),
        say("请假流程怎么走？", after(minutes=1), ZHANG),
        say("今天食堂有红烧肉", after(hours=2), ZHANG),
        say("看下群文件", after(hours=25), ZHANG, reply_to="q1"),
        say("按级别打九折，表里有", after(minutes=1), ZHANG, chat="fake:1:600002"),
    ],
    ids=["oneself", "politeness", "another question", "later talk", "too late", "elsewhere"],
)
def test_what_is_no_answer(other: Message) -> None:
    assert 1 in count(QUESTION, other).open


def test_talk_is_counted_by_account_and_commands_are_a_sign_of_life_only() -> None:
    lines = heard(say("早", at("2026-11-24 09:00")), say("早啊", at("2026-11-24 09:01"), ZHANG))
    lines += heard(say("帮助", at("2026-11-24 09:02"), "chen"), talk=False)
    assert spoken.count(lines, begins=BEGINS).said == {
        "fake:linyue": 1,
        "fake:zhanglei": 1,
        "fake:chen": 0,
    }


def test_a_question_of_today_waits_for_tomorrow() -> None:
    assert count(say("报价单怎么算？", at("2026-11-24 23:00"))).asked == 0


def test_a_question_left_in_the_queue_counts_on_the_day_its_evening_ended(
    database: Database,
) -> None:
    with database.write() as db:
        evening = standing(db, guests.State.CLOSED)
        for number, text in enumerate(("怎么开口？", "怎么报价？"), 1):
            questions.add(
                db,
                evening_id=evening.id,
                group_id=evening.group_id,
                chat=G1,
                member=LIN,
                name="林悦",
                text=text,
                message=str(number),
                event_key=f"fake:1:{number}",
                now=STARTS,
            )
        first = questions.numbered(db, evening_id=evening.id, number=1)
        assert first is not None
        questions.answer(db, first, now=STARTS)
        day = at("2026-11-26 00:00")
        tomorrow = day + timedelta(days=1)
        group = evening.group_id
        assert spoken.queued(db, group_id=group, since=day, until=tomorrow) == (2, 1)
        assert spoken.queued(db, group_id=group, since=tomorrow, until=at("2026-11-28 00:00")) == (
            0,
            0,
        )
