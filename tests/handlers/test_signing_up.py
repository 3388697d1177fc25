"""报名: saying that one means to come, and what becomes of it when the evening changes."""

import pytest

from tests.build import DEPUTY, G1, LIN, OWNER, ZHANG, Company

PLAN = "@班长 嘉宾 安排 11-26 王总 我的第一单"


@pytest.fixture
def planned(company: Company) -> Company:
    company.ask(PLAN)
    return company


def test_whoever_signs_up_twice_is_listed_once_and_the_list_is_for_those_who_plan(
    planned: Company,
) -> None:
    assert "#1 已报名：11-26(周四)19:30" in planned.ask("@班长 报名", by=LIN)
    assert "你已经报过名" in planned.ask("@班长 报名 1", by=LIN)
    planned.ask("@班长 报名 1", by=ZHANG)
    assert planned.ask("@班长 报名名单 1", by=DEPUTY) == "#1 有 2 人报名：林悦、张磊"
    assert planned.ask("@班长 报名名单 1", by=LIN).startswith("只有")


def test_signing_up_says_nothing_in_the_group(planned: Company) -> None:
    assert [action.chat for action in planned.say("@班长 报名", by=LIN)] != [G1]


def test_a_sign_up_is_taken_back(planned: Company) -> None:
    planned.ask("@班长 报名", by=LIN)
    assert planned.ask("@班长 取消报名", by=LIN) == "#1 报名已取消"
    assert planned.ask("@班长 取消报名", by=LIN) == "#1 没有你的报名"
    assert planned.ask("@班长 报名名单 1") == "#1 有 0 人报名"


def test_the_sign_ups_go_with_the_evening_to_its_new_day_and_come_back(planned: Company) -> None:
    planned.ask("@班长 报名", by=LIN)
    assert "1 人的报名一起过去" in planned.ask("@班长 改期 1 12-03", by=OWNER)
    assert planned.ask("@班长 报名名单 2") == "#2 有 1 人报名：林悦"
    planned.ask("@班长 撤销", by=OWNER)
    assert planned.ask("@班长 报名名单 1") == "#1 有 1 人报名：林悦"


def test_nobody_signs_up_for_what_goes_on_or_is_over(planned: Company) -> None:
    planned.go("2026-11-26 19:30")
    assert "直接来就行" in planned.ask("@班长 报名 1", by=LIN)


def test_the_host_hears_how_many_will_come(planned: Company) -> None:
    planned.ask("@班长 报名", by=LIN)
    planned.go("2026-11-24 12:00")
    said = planned.go("2026-11-26 17:00")
    assert any("1 人报名" in getattr(action, "text", "") for action in said)
