"""预告日: the day of an announcement is chosen by hand, and taken back like any other change."""

from datetime import date

import pytest

from bot.actions import Announce
from tests.build import HR, LIN, Company, direct


@pytest.fixture
def planned(company: Company) -> Company:
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    return company


def announced(company: Company, when: str) -> bool:
    return any(isinstance(one, Announce) for one in company.go(when))


def test_an_announcement_goes_out_on_the_day_that_was_chosen_and_only_then(
    planned: Company,
) -> None:
    answer = planned.ask("@班长 预告日 1 11-23")
    assert answer.startswith("#1 的预告改到 11-23(周一)12:00 发（原定 11-24(周二)12:00）")
    assert announced(planned, "2026-11-23 12:00")
    assert not announced(planned, "2026-11-24 12:00")


def test_it_may_be_later_too_up_to_the_day_itself(planned: Company) -> None:
    planned.ask("@班长 #1 预告日 11-26", by=HR)
    assert not announced(planned, "2026-11-24 12:00")
    assert announced(planned, "2026-11-26 12:00")


def test_taken_back_it_is_the_former_day_again(planned: Company) -> None:
    planned.ask("@班长 预告日 1 11-23")
    assert "已撤销「预告日 #1 11-23(周一)」" in planned.ask("@班长 撤销")
    assert planned.evening(1).announce_on == date(2026, 11, 24)
    assert announced(planned, "2026-11-24 12:00")


def test_an_evening_of_old_without_a_day_of_its_own_gets_its_day_back(planned: Company) -> None:
    with planned.database.write() as db:
        one = planned.evening(1)
        one.announce_on = None
        db.merge(one)
    planned.ask("@班长 预告日 1 11-23")
    planned.ask("@班长 撤销")
    assert announced(planned, "2026-11-24 12:00")


@pytest.mark.parametrize(
    "day, words",
    [
        ("11-24", "和原来一样"),
        ("11-27", "不能晚于分享当天 11-26(周四)"),
        ("2026-11-19", "已经过了"),
        ("32-32", "没有 32月32日"),
    ],
)
def test_a_day_that_cannot_be_is_refused(planned: Company, day: str, words: str) -> None:
    before = planned.evening(1).revision
    answer = planned.ask(f"@班长 预告日 1 {day}")
    assert words in answer
    assert planned.evening(1).revision == before


def test_today_is_only_possible_before_the_hour(planned: Company) -> None:
    planned.go("2026-11-20 12:01")
    assert "11-20(周五)12:00 已经过了" in planned.ask("@班长 预告日 1 今天")
    assert "改到 11-21(周六)12:00" in planned.ask("@班长 预告日 1 明天")


def test_on_the_day_itself_it_must_still_be_of_use(company: Company) -> None:
    company.ask("@班长 嘉宾 安排 11-26 王总 早场 时间=10:00-11:30")
    assert "太晚了" in company.ask("@班长 预告日 1 11-26")


def test_what_was_announced_or_called_off_is_not_announced_another_day(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    assert "已预告，预告日不能再改" in planned.ask("@班长 预告日 1 11-25")
    planned.ask("@班长 嘉宾 安排 12-03 周总 报价")
    planned.ask("@班长 取消 2")
    assert "已取消" in planned.ask("@班长 预告日 2 12-02")


def test_a_group_without_announcements_has_no_such_day(planned: Company) -> None:
    planned.ask("@班长 步骤设置 预告 关")
    assert "本群关掉了预告" in planned.ask("@班长 预告日 1 11-23")


def test_only_who_plans_may_choose_the_day(planned: Company) -> None:
    assert "只有群主/副群主/HR" in planned.ask("@班长 预告日 1 11-23", by=LIN)
    assert planned.evening(1).announce_on == date(2026, 11, 24)
    assert "11-23" in planned.ask("预告日 1 11-23", by=HR, chat=direct(HR))
