"""The table of steps, and what is decided about each."""

from datetime import date, datetime, timedelta

import pytest

from schedules import lifecycle, quiet, steps
from schedules.lifecycle import Now, Standing
from schedules.steps import ALWAYS, RUNNING, SILENT, Choice, Planned, Step, Timing
from tests.build import ZONE, at

NOTHING = Standing()


def evening(planned: str = "2026-11-20 10:00", **more: object) -> Timing:
    hours = {
        "starts": at("2026-11-26 19:30"),
        "asks": at("2026-11-26 20:30"),
        "ends": at("2026-11-26 21:00"),
        "set": at(planned),
        "zone": ZONE,
    }
    return Timing(**(hours | more))  # type: ignore[arg-type]


def step(name: Step, timing: Timing | None = None) -> Planned:
    return next(s for s in steps.plan(timing or evening()) if s.step is name)


def decide(
    name: Step, now: str, timing: Timing | None = None, standing: Standing = NOTHING
) -> lifecycle.Decision:
    timing = timing or evening()
    return lifecycle.decide(step(name, timing), now=at(now), evening=timing, standing=standing)


def test_the_plan_is_the_table_of_the_decisions() -> None:
    timing = evening(confirmed=at("2026-11-21 09:00"), hard=True, number=0)
    due = {s.step: (s.due, s.expires, s.to, s.priority) for s in steps.plan(timing)}
    code_a, code_b = due.pop(Step.CODE_A), due.pop(Step.CODE_B)
    assert due == {
        Step.WELCOME: (at("2026-11-21 09:00"), at("2026-11-26 19:30"), "guest", 3),
        Step.ANNOUNCE: (at("2026-11-24 12:00"), at("2026-11-26 19:00"), "chats", 2),
        Step.REMIND_EVE: (at("2026-11-25 18:00"), at("2026-11-26 12:00"), "chats", 3),
        Step.RUN_SHEET: (at("2026-11-25 20:00"), at("2026-11-26 19:30"), "guest", 3),
        Step.HOST_CHECK: (at("2026-11-26 17:00"), at("2026-11-26 19:30"), "host", 2),
        Step.REMIND: (at("2026-11-26 19:00"), at("2026-11-26 19:30"), "chats", 2),
        Step.GUEST_CHECK: (at("2026-11-26 19:15"), at("2026-11-26 19:30"), "host", 2),
        Step.MUTE: (at("2026-11-26 19:30"), at("2026-11-26 20:30"), "muted", 1),
        Step.OPEN: (at("2026-11-26 19:30"), at("2026-11-26 19:50"), "chats", 1),
        Step.NO_SHOW: (at("2026-11-26 19:40"), at("2026-11-26 20:30"), "host", 1),
        Step.HALF_TIME: (at("2026-11-26 20:20"), at("2026-11-26 20:30"), "crew", 2),
        Step.UNMUTE: (at("2026-11-26 20:30"), None, "muted", 0),
        Step.ASK: (at("2026-11-26 20:30"), at("2026-11-26 21:00"), "chats", 1),
        Step.WRAP_UP: (at("2026-11-26 20:50"), at("2026-11-26 21:00"), "host", 1),
        Step.CLOSE: (at("2026-11-26 21:00"), at("2026-11-27 10:00"), "chats", 1),
        Step.THANKS: (at("2026-11-26 21:00"), at("2026-11-27 10:00"), "guest", 2),
        Step.FEEDBACK: (at("2026-11-26 21:05"), at("2026-11-28 22:00"), "attendees", 4),
        Step.DRAFT: (at("2026-11-26 21:10"), None, "hr", 3),
        Step.SEAL: (at("2026-11-26 21:30"), None, "nobody", 3),
        Step.CHASE: (at("2026-11-27 10:00"), at("2026-11-28 10:00"), "hr", 4),
        Step.CHASE_AGAIN: (at("2026-11-28 10:00"), at("2026-11-29 10:00"), "hr", 4),
        Step.CHASE_LEAD: (at("2026-11-29 10:00"), at("2026-11-30 10:00"), "hr_lead", 4),
    }
    assert at("2026-11-26 19:35") <= code_a[0] <= at("2026-11-26 19:45")
    assert at("2026-11-26 20:40") <= code_b[0] <= at("2026-11-26 20:50")


def test_codes_come_at_minutes_that_differ_from_evening_to_evening_and_stay_for_one() -> None:
    minutes = {step(Step.CODE_A, evening(number=n)).due for n in range(40)}
    assert len(minutes) > 5
    assert step(Step.CODE_A, evening(number=7)) == step(Step.CODE_A, evening(number=7))


def test_an_evening_planned_late_is_due_for_announcement_at_once() -> None:
    assert step(Step.ANNOUNCE, evening("2026-11-25 16:00")).due == at("2026-11-25 16:00")


def test_an_announcement_that_a_holiday_moved_goes_out_on_the_other_day() -> None:
    timing = evening(announce_on=date(2026, 11, 20))
    assert step(Step.ANNOUNCE, timing).due == at("2026-11-20 12:00")


def test_two_days_ahead_are_two_days_of_the_calendar_and_not_48_hours() -> None:
    """Clocks in Berlin go forward on 2027-03-28; ours is one hour nearer to UTC after it."""
    berlin = evening(
        "2027-03-01 10:00",
        starts=datetime.fromisoformat("2027-03-29T17:30+00:00"),
        asks=datetime.fromisoformat("2027-03-29T18:30+00:00"),
        ends=datetime.fromisoformat("2027-03-29T19:00+00:00"),
        zone="Europe/Berlin",
    )
    announced = step(Step.ANNOUNCE, berlin).due
    assert announced == datetime.fromisoformat("2027-03-27T11:00+00:00")
    assert berlin.starts - announced != timedelta(hours=55, minutes=30)


def test_a_group_switches_a_step_off_or_shifts_it_and_the_others_stay() -> None:
    choices = {Step.REMIND: Choice(minutes=-30), Step.CODE_A: Choice(on=False)}
    plan = {s.step: s.due for s in steps.plan(evening(choices=choices))}
    assert plan[Step.REMIND] == at("2026-11-26 18:30")
    assert Step.CODE_A not in plan
    assert plan[Step.OPEN] == at("2026-11-26 19:30")


def test_a_step_that_could_only_be_too_late_is_not_planned() -> None:
    early = evening(
        starts=at("2026-11-26 18:00"), asks=at("2026-11-26 18:20"), ends=at("2026-11-26 18:40")
    )
    planned = {s.step for s in steps.plan(early)}
    assert Step.REMIND not in planned
    assert {Step.ANNOUNCE, Step.OPEN, Step.CLOSE} <= planned


@pytest.mark.parametrize(
    "name, now, told, what",
    [
        (Step.ANNOUNCE, "2026-11-24 11:59", None, Now.WAIT),
        (Step.ANNOUNCE, "2026-11-24 12:00", None, Now.SEND),
        (Step.ANNOUNCE, "2026-11-24 22:30", None, Now.WAIT),
        (Step.ANNOUNCE, "2026-11-25 07:59", None, Now.WAIT),
        (Step.ANNOUNCE, "2026-11-25 08:00", None, Now.SEND),
        (Step.ANNOUNCE, "2026-11-26 19:00", None, Now.DROP),
        (Step.ANNOUNCE, "2026-11-24 12:00", "2026-11-24 10:00", Now.DROP),
        (Step.REMIND_EVE, "2026-11-25 18:00", "2026-11-25 12:01", Now.DROP),
        (Step.REMIND_EVE, "2026-11-25 18:00", "2026-11-25 12:00", Now.SEND),
        (Step.REMIND_EVE, "2026-11-25 23:00", "2026-11-24 12:00", Now.WAIT),
        (Step.OPEN, "2026-11-26 19:49", None, Now.SEND),
        (Step.OPEN, "2026-11-26 19:50", None, Now.DROP),
        (Step.CLOSE, "2026-11-26 23:30", None, Now.SEND),
        (Step.DRAFT, "2026-12-26 03:00", None, Now.SEND),
    ],
)
def test_what_is_decided_about_a_step(name: Step, now: str, told: str | None, what: Now) -> None:
    standing = Standing(told=at(told) if told else None)
    assert decide(name, now, standing=standing).what is what


@pytest.mark.parametrize(
    "name, standing, why",
    [
        (Step.NO_SHOW, Standing(arrived=True), "嘉宾已到"),
        (Step.CHASE, Standing(reviewed=True), "已经审核"),
        (Step.REMIND, Standing(since=at("2026-11-26 19:10")), "加入得晚"),
    ],
)
def test_a_step_that_has_nothing_to_say_any_more_is_left_out_and_nobody_loses_by_it(
    name: Step, standing: Standing, why: str
) -> None:
    decision = lifecycle.decide(
        step(name), now=step(name).due + timedelta(minutes=15), evening=evening(), standing=standing
    )
    assert (decision.what, decision.why, decision.lost) == (Now.DROP, why, False)


def test_a_group_that_is_added_late_is_announced_to_at_once_and_not_called_late() -> None:
    decision = decide(
        Step.ANNOUNCE, "2026-11-25 16:00", standing=Standing(since=at("2026-11-25 15:59"))
    )
    assert (decision.what, decision.late) == (Now.SEND, False)


def test_what_could_only_be_posted_while_people_sleep_is_dropped_with_the_reason() -> None:
    early = evening(
        "2026-11-25 12:00",
        starts=at("2026-11-26 08:20"),
        asks=at("2026-11-26 09:00"),
        ends=at("2026-11-26 09:30"),
    )
    decision = decide(Step.ANNOUNCE, "2026-11-25 23:01", early)
    assert (decision.what, decision.why) == (Now.DROP, "只剩免打扰时段了")
    assert decision.lost


def test_steps_that_were_over_before_the_evening_was_planned_are_nobodys_loss() -> None:
    late = evening("2026-11-26 19:10")
    for name in (Step.ANNOUNCE, Step.REMIND_EVE, Step.REMIND):
        decision = decide(name, "2026-11-26 19:10", late)
        assert (decision.what, decision.lost) == (Now.DROP, False), name


def test_no_step_is_ever_sent_at_an_hour_when_it_is_not_due_or_no_longer_of_use() -> None:
    timing = evening(confirmed=at("2026-11-21 23:00"), hard=True)
    moment = at("2026-11-21 00:00")
    while moment < at("2026-12-01 00:00"):
        for planned in steps.plan(timing):
            decision = lifecycle.decide(planned, now=moment, evening=timing, standing=NOTHING)
            if decision.what is Now.SEND:
                assert planned.due <= moment
                assert planned.expires is None or moment < planned.expires
                at_any_hour = planned.step in (*RUNNING, *SILENT)
                assert at_any_hour or not quiet.quiet(moment, ZONE)
        moment += timedelta(minutes=10)


def test_a_mute_is_lifted_however_late_and_whatever_the_hour() -> None:
    timing = evening("2026-11-26 20:40", hard=True)
    assert decide(Step.UNMUTE, "2026-11-28 03:00", timing).what is Now.SEND
    assert Step.UNMUTE in ALWAYS


def test_the_morning_after_a_quiet_hour_is_the_next_eight_o_clock() -> None:
    for now in ("2026-11-25 22:30", "2026-11-26 00:10", "2026-11-26 07:59"):
        assert quiet.morning(at(now), ZONE) == at("2026-11-26 08:00")
    day: datetime = at("2026-11-26 12:00")
    assert quiet.loud(day, ZONE) == day


def test_feedback_of_an_evening_that_ends_in_the_night_is_asked_for_at_nine() -> None:
    late = evening(ends=at("2026-11-26 22:40"))
    assert step(Step.FEEDBACK, late).due == at("2026-11-27 09:00")
