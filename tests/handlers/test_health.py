"""How a group is doing: the digest on Monday, and what goes out only when somebody says so."""

from datetime import datetime, timedelta

import pytest

from bot.actions import AnyAction, Say
from tests.build import G1, HR, LIN, OWNER, Company, at, direct, message

FIRST = at("2026-10-12 10:00")


def talk(company: Company, *speakers: int, since: datetime = FIRST) -> None:
    """So many people speak in one week after the other, each once, on its Wednesday."""
    for week, count in enumerate(speakers):
        day = since + timedelta(weeks=week, days=2)
        company.receive(
            *(
                message(f"今天拜访了第 {n} 家客户", by=f"m{n}", when=day + timedelta(minutes=n))
                for n in range(count)
            )
        )


@pytest.fixture
def cooling(company: Company) -> Company:
    """Six weeks that end before Monday, 11-23: 24 speakers, and in the last two only 14."""
    company.receive(message("大家早上好", when=FIRST))
    talk(company, 24, 24, 24, 24, 14, 14)
    company.clock.at = at("2026-11-23 08:59")
    return company


def words(done: list[AnyAction], chat: str) -> str:
    return "\n".join(one.text for one in done if isinstance(one, Say) and one.chat == chat)


def test_the_owner_of_a_group_that_cools_down_is_warned_on_monday_in_private(
    cooling: Company,
) -> None:
    assert not cooling.go("2026-11-23 08:59")
    done = cooling.go("2026-11-23 09:00")
    assert {one.chat for one in done} == {direct(OWNER)}, "nothing is posted in the group"
    digest = words(done, direct(OWNER))
    assert "冷群预警：连续两周发言 14、14 人" in digest
    assert "少 42%" in digest
    assert "数字怎么算" in digest
    assert digest.count("发「群健康 发 ") in (1, 2, 3)
    assert not cooling.go("2026-11-23 09:01"), "it comes once"


def test_a_digest_that_was_missed_on_monday_is_not_sent_on_tuesday(cooling: Company) -> None:
    assert not words(cooling.go("2026-11-24 09:00"), direct(OWNER))
    assert "发言人数 14" in cooling.ask("群健康", chat=direct(OWNER))


def test_a_steady_group_hears_no_warning(company: Company) -> None:
    talk(company, 24, 24, 24, 24, 24, 24)
    digest = words(company.go("2026-11-23 09:00"), direct(OWNER))
    assert "发言人数 24（前四周平均 24，持平）" in digest
    assert "预警" not in digest


def test_what_a_rule_caught_and_what_was_said_to_the_bot_is_not_talk(company: Company) -> None:
    ad = "加微信 abc12345 刷单日结 300 元"
    company.receive(
        message("大家早上好", when=at("2026-11-16 10:00")),
        message("@班长 帮助", by="m1", when=at("2026-11-17 10:00")),
        message(ad, by="m2", when=at("2026-11-17 11:00")),
        message("收到一条提醒", by="us", own=True, when=at("2026-11-17 12:00")),
    )
    taken = message("手滑了别看", by="m3", when=at("2026-11-17 13:00"))
    company.receive(taken)
    company.take_back(taken, by="m3")
    assert "· 发言人数 1（" in words(company.go("2026-11-23 09:00"), direct(OWNER))


def test_the_figures_are_for_those_who_run_the_group_and_said_in_private(cooling: Company) -> None:
    cooling.go("2026-11-23 09:00")
    said = cooling.say("@班长 群健康", by=HR)
    assert {one.chat for one in said} == {direct(HR)}
    assert "只有" in cooling.ask("@班长 群健康", by=LIN)


def test_a_post_is_shown_first_and_goes_out_when_it_was_approved(cooling: Company) -> None:
    cooling.go("2026-11-23 09:00")
    preview = cooling.say("@班长 群健康 发 嘉宾", by=OWNER)
    assert {one.chat for one in preview} == {direct(OWNER)}
    assert "想听谁讲" in words(preview, direct(OWNER))
    assert "想听谁讲" in words(cooling.say("确认", by=OWNER, chat=direct(OWNER)), G1)
    assert not words(cooling.say("确认", by=OWNER, chat=direct(OWNER)), G1), "it goes out once"


def test_a_post_approved_at_night_waits_for_the_morning(cooling: Company) -> None:
    cooling.clock.at = at("2026-11-23 22:45")
    cooling.say("群健康 发 嘉宾", by=OWNER, chat=direct(OWNER))
    night = cooling.say("确认", by=OWNER, chat=direct(OWNER))
    assert not words(night, G1)
    assert "想听谁讲" in words(cooling.go("2026-11-24 08:00"), G1)


def test_a_question_that_nobody_answered_can_be_put_to_the_group_again(company: Company) -> None:
    company.receive(
        message("大家早上好", when=at("2026-11-16 10:00")),
        message("@所有人 打 13800138000 问退货怎么走流程？", when=at("2026-11-18 10:00")),
    )
    digest = words(company.go("2026-11-23 09:00"), direct(OWNER))
    assert "没人答的问题 1 个" in digest
    assert "退货怎么走流程" in company.ask("群健康 问题", chat=direct(OWNER))
    preview = company.ask("群健康 发 话题", chat=direct(OWNER))
    assert "退货怎么走流程" in preview
    assert "@" not in preview
    assert "13800138000" not in preview


def test_a_preview_that_is_out_of_date_is_shown_again_instead_of_posted(company: Company) -> None:
    question = message("退货怎么走流程？", when=at("2026-11-18 10:00"))
    company.receive(message("大家早上好", when=at("2026-11-16 10:00")), question)
    company.go("2026-11-23 09:00")
    company.ask("群健康 发 话题", chat=direct(OWNER))
    company.take_back(question, by=LIN)
    again = company.say("确认", by=OWNER, chat=direct(OWNER))
    assert not words(again, G1)
    assert "和刚才给你看的不一样了" in words(again, direct(OWNER))


def test_the_digest_is_switched_off_and_on_again_by_taking_that_back(cooling: Company) -> None:
    cooling.ask("@班长 群健康 周报 关")
    assert not cooling.go("2026-11-23 09:00")
    cooling.ask("@班长 撤销")
    talk(cooling, 14, since=at("2026-11-23 10:00"))
    assert "发言人数 14" in words(cooling.go("2026-11-30 09:00"), direct(OWNER))
