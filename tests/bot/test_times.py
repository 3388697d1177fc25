"""Days and hours as people write them."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot import times

FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "text, day",
    [
        ("11-26", date(2026, 11, 26)),
        ("11月26日", date(2026, 11, 26)),
        ("11/26", date(2026, 11, 26)),
        ("2027-01-04", date(2027, 1, 4)),
        ("1-4", date(2027, 1, 4)),
        ("明天", date(2026, 11, 21)),
        ("周五", FRIDAY),
        ("周四", date(2026, 11, 26)),
        ("下周四", date(2026, 11, 26)),
        ("下周五", date(2026, 11, 27)),
        ("星期天", date(2026, 11, 22)),
    ],
)
def test_a_day_is_read_as_it_is_meant_on_a_friday(text: str, day: date) -> None:
    assert times.read_day(text, FRIDAY) == day


@pytest.mark.parametrize("text", ["", "某天", "13-40", "2-30", "周八", "11-26-01-02"])
def test_a_day_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        times.read_day(text, FRIDAY)


@pytest.mark.parametrize(
    "text, hours",
    [
        ("20:00-21:15", (time(20), time(21, 15))),
        ("20：00－21：15".replace("－", "-"), (time(20), time(21, 15))),
        ("晚上8点到9点半", (time(20), time(21, 30))),
        ("19点半~21点", (time(19, 30), time(21))),
        ("晚上8点", (time(20), time(21, 30))),
    ],
)
def test_a_span_of_hours_is_read(text: str, hours: tuple[time, time]) -> None:
    assert times.read_span(text, lasts=timedelta(minutes=90)) == hours


@pytest.mark.parametrize("text", ["21:00-20:00", "25:00-26:00", "23:00", "晚上"])
def test_hours_that_make_no_evening_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        times.read_span(text, lasts=timedelta(minutes=90))


def test_two_days_ahead_is_two_calendar_days_across_a_change_of_clocks() -> None:
    monday = times.at(date(2027, 3, 29), time(19, 30), "Europe/Berlin")
    saturday = times.at(date(2027, 3, 27), time(12), "Europe/Berlin")
    assert monday == datetime(2027, 3, 29, 17, 30, tzinfo=UTC)
    assert saturday == datetime(2027, 3, 27, 11, tzinfo=UTC)


def test_a_moment_is_shown_on_the_groups_own_wall_clock() -> None:
    moment = datetime(2026, 11, 26, 16, 30, tzinfo=UTC)
    assert times.show_moment(moment, "Asia/Shanghai") == "11-27(周五)00:30"
    assert times.show_moment(moment, "Europe/Berlin") == "11-26(周四)17:30"
