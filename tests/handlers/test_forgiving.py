"""Days of ordinary talk work off strikes."""

import pytest

from bot.actions import Mute, Say
from tests.build import ZHANG, Company, at

AD = "加V领资料 wx_888"


@pytest.fixture
def twice(company: Company) -> Company:
    """张磊 advertised twice on Friday; the next time he would be muted."""
    for hour in ("10", "11"):
        company.clock.at = at(f"2026-11-20 {hour}:00")
        company.say(f"{AD}{hour}", by=ZHANG)
        company.clock.pass_(minutes=1)
        company.send()
    return company


def talk(company: Company, *days: str) -> None:
    """Somebody talks as others do, and each day is counted after it is over."""
    for day in days:
        company.clock.at = at(f"2026-11-{day} 12:00")
        company.hear("今天跟师傅去见了一个客户，学到不少", by=ZHANG)
    company.go("2026-11-23 03:30")


def mutes(company: Company) -> list[int]:
    company.clock.at = at("2026-11-23 10:00")
    done = company.say(f"{AD}再来", by=ZHANG)
    return [action.seconds for action in done if isinstance(action, Mute)]


def test_without_a_better_day_the_next_step_is_a_mute(twice: Company) -> None:
    twice.go("2026-11-23 03:30")
    assert mutes(twice) == [600]


def test_two_days_of_ordinary_talk_work_off_one_strike(twice: Company) -> None:
    talk(twice, "21", "22")
    assert mutes(twice) == []


def test_one_such_day_is_not_enough(twice: Company) -> None:
    talk(twice, "21")
    assert mutes(twice) == [600]


def test_an_owner_may_switch_it_off(twice: Company) -> None:
    twice.ask("@班长 违规抵消 关")
    assert "违规抵消：关" in twice.ask("@班长 违规抵消")
    talk(twice, "21", "22")
    assert mutes(twice) == [600]


def test_switching_it_off_is_taken_back(twice: Company) -> None:
    twice.ask("@班长 违规抵消 关")
    twice.ask("@班长 撤销")
    assert "违规抵消：开" in twice.ask("@班长 违规抵消")


def test_the_member_reads_that_it_can_be_worked_off(twice: Company) -> None:
    said = twice.say("@班长 为什么", by=ZHANG)
    [why] = [action.text for action in said if isinstance(action, Say)]
    assert "正常发言满 2 天抵一次" in why
