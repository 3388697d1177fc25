"""Warning, outlook and suggestions from the weeks of a group."""

from datetime import date, timedelta

import pytest

from schedules import health
from storage.health import Figures


def weeks(*speakers: int, unanswered: int = 0) -> list[Figures]:
    monday = date(2026, 10, 12)
    return [
        Figures(monday + timedelta(weeks=n), 100, count, 30, 9 * count, 5, unanswered)
        for n, count in enumerate(speakers)
    ]


def test_two_weeks_with_42_percent_fewer_speakers_are_a_warning() -> None:
    found = health.fall(weeks(50, 50, 50, 50, 29, 29))
    assert found is not None
    assert found.percent == 42
    assert found.before == 50


@pytest.mark.parametrize(
    "counts",
    [
        (50, 50, 50, 50, 50, 20),  # one week is a holiday
        (50, 50, 50, 50, 20, 31),  # the second is not low enough
        (4, 4, 4, 4, 1, 1),  # so few that one on holiday makes a third
        (50, 50, 20, 20),  # nothing to compare with
    ],
)
def test_less_than_that_is_none(counts: tuple[int, ...]) -> None:
    assert health.fall(weeks(*counts)) is None


def test_exactly_40_percent_is_enough() -> None:
    assert health.fall(weeks(35, 35, 35, 35, 21, 21)) is not None


def test_a_group_that_loses_five_speakers_a_week_is_dead_in_five_weeks() -> None:
    seen = health.outlook(weeks(55, 50, 45, 40, 35, 30))
    assert seen.likely == pytest.approx((30 - health.DEAD) / 5)
    assert "大约 5 周后" in health.foretell(weeks(55, 50, 45, 40, 35, 30))


def test_one_odd_week_does_not_bend_the_outlook() -> None:
    steady = health.outlook(weeks(40, 40, 5, 40, 40, 40))
    assert steady.likely is None
    assert "没有往下走" in health.foretell(weeks(40, 40, 5, 40, 40, 40))


def test_an_unsteady_fall_may_never_end_and_is_said_to() -> None:
    words = health.foretell(weeks(30, 22, 34, 18, 30, 16))
    assert "把握不大" in words
    assert "最快" in words


def test_little_is_known_of_a_new_group_and_nothing_made_up() -> None:
    assert "看不出走势" in health.foretell(weeks(9, 8, 7))
    assert health.trend(8, health.base(weeks(9, 8, 7), lambda week: week.speakers)).startswith(
        "还没有前几周"
    )


def test_a_dead_group_is_called_dead() -> None:
    assert "已经冷了" in health.foretell(weeks(9, 8, 6, 4, 3, 1))


def test_suggestions_follow_from_the_figures_and_there_may_be_none() -> None:
    well = health.suggest(weeks(20, 20, 20, 20, 21), evening_ahead=True, helpers=2, needed=2)
    assert well == []
    ill = weeks(20, 20, 20, 20, 9, unanswered=4)
    found = health.suggest(ill, evening_ahead=False, helpers=0, needed=2)
    assert [one.name for one in found] == ["嘉宾", "话题", "小助手"]
    assert "4 个问题" in found[1].why
