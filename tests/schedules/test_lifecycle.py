"""The table of steps, and what is decided about each."""

from datetime import datetime, timedelta

import pytest

from schedules import lifecycle
from schedules.lifecycle import Now, Step, Timing
from tests.build import ZONE, at


def evening(planned: str = "2026-11-20 10:00", zone: str = ZONE) -> Timing:
    return Timing(
        starts=at("2026-11-26 19:30"),
        asks=at("2026-11-26 20:30"),
        ends=at("2026-11-26 21:00"),
        set=at(planned),
        zone=zone,
    )


def step(name: Step, timing: Timing | None = None) -> lifecycle.Planned:
    return next(s for s in lifecycle.plan(timing or evening()) if s.step is name)


def test_the_plan_is_the_table_of_the_decisions() -> None:
    due = {s.step: (s.due, s.expires) for s in lifecycle.plan(evening())}
    assert due == {
        Step.ANNOUNCE: (at("2026-11-24 12:00"), at("2026-11-26 19:00")),
        Step.REMIND_EVE: (at("2026-11-25 18:00"), at("2026-11-26 12:00")),
        Step.REMIND: (at("2026-11-26 19:00"), at("2026-11-26 19:30")),
        Step.OPEN: (at("2026-11-26 19:30"), at("2026-11-26 19:50")),
        Step.ASK: (at("2026-11-26 20:30"), at("2026-11-26 21:00")),
        Step.WRAP_UP: (at("2026-11-26 20:50"), at("2026-11-26 21:00")),
        Step.CLOSE: (at("2026-11-26 21:00"), at("2026-11-27 10:00")),
        Step.DRAFT: (at("2026-11-26 21:10"), None),
    }


def test_an_evening_planned_late_is_due_for_announcement_at_once() -> None:
    assert step(Step.ANNOUNCE, evening("2026-11-25 16:00")).due == at("2026-11-25 16:00")


@pytest.mark.parametrize(
    "name, now, announced, what",
    [
        (Step.ANNOUNCE, "2026-11-24 11:59", None, Now.WAIT),
        (Step.ANNOUNCE, "2026-11-24 12:00", None, Now.SEND),
        (Step.ANNOUNCE, "2026-11-24 22:30", None, Now.WAIT),
        (Step.ANNOUNCE, "2026-11-25 07:59", None, Now.WAIT),
        (Step.ANNOUNCE, "2026-11-25 08:00", None, Now.SEND),
        (Step.ANNOUNCE, "2026-11-26 19:00", None, Now.DROP),
        (Step.REMIND_EVE, "2026-11-25 18:00", "2026-11-25 12:01", Now.DROP),
        (Step.REMIND_EVE, "2026-11-25 18:00", "2026-11-25 12:00", Now.SEND),
        (Step.REMIND_EVE, "2026-11-25 23:00", "2026-11-24 12:00", Now.WAIT),
        (Step.OPEN, "2026-11-26 19:49", None, Now.SEND),
        (Step.OPEN, "2026-11-26 19:50", None, Now.DROP),
        (Step.CLOSE, "2026-11-26 23:30", None, Now.SEND),
        (Step.DRAFT, "2026-12-26 03:00", None, Now.SEND),
    ],
)
def test_what_is_decided_about_a_step(
    name: Step, now: str, announced: str | None, what: Now
) -> None:
    decision = lifecycle.decide(
        step(name), now=at(now), evening=evening(), announced=at(announced) if announced else None
    )
    assert decision.what is what


def test_what_could_only_be_posted_while_people_sleep_is_dropped_with_the_reason() -> None:
    early = Timing(
        starts=at("2026-11-26 08:20"),
        asks=at("2026-11-26 09:00"),
        ends=at("2026-11-26 09:30"),
        set=at("2026-11-25 12:00"),
        zone=ZONE,
    )
    decision = lifecycle.decide(
        step(Step.ANNOUNCE, early), now=at("2026-11-25 23:01"), evening=early, announced=None
    )
    assert (decision.what, decision.why) == (Now.DROP, "只剩免打扰时段了")
    assert decision.lost


def test_steps_that_were_over_before_the_evening_was_planned_are_nobodys_loss() -> None:
    late = evening("2026-11-26 19:10")
    for name in (Step.ANNOUNCE, Step.REMIND_EVE, Step.REMIND):
        decision = lifecycle.decide(
            step(name, late), now=at("2026-11-26 19:10"), evening=late, announced=None
        )
        assert (decision.what, decision.lost) == (Now.DROP, False), name


def test_no_step_is_ever_sent_at_an_hour_when_it_is_not_due_or_no_longer_of_use() -> None:
    moment = at("2026-11-23 00:00")
    while moment < at("2026-11-28 00:00"):
        for planned in lifecycle.plan(evening()):
            decision = lifecycle.decide(planned, now=moment, evening=evening(), announced=None)
            if decision.what is Now.SEND:
                assert planned.due <= moment
                assert planned.expires is None or moment < planned.expires
                assert planned.step in (*lifecycle.RUNNING, Step.DRAFT) or not lifecycle.quiet(
                    moment, ZONE
                )
        moment += timedelta(minutes=10)


def test_the_morning_after_a_quiet_hour_is_the_next_eight_o_clock() -> None:
    for now in ("2026-11-25 22:30", "2026-11-26 00:10", "2026-11-26 07:59"):
        assert lifecycle.morning(at(now), ZONE) == at("2026-11-26 08:00")
    day: datetime = at("2026-11-26 12:00")
    assert lifecycle.loud(day, ZONE) == day
