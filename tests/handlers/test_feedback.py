"""What those who came thought of an evening, and who gets to see how much of it."""

import pytest
from sqlalchemy import select

from storage import attendance
from tests.build import DEPUTY, G1, HR, LIN, OWNER, ZHANG, Company, direct

CAME = [LIN, ZHANG, DEPUTY, "m4", "m5"]


@pytest.fixture
def held(company: Company) -> Company:
    """An evening that five people came to."""
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    company.go("2026-11-26 19:30")
    company.go("2026-11-26 19:50")
    with company.database.read() as db:
        [code] = [c for c in db.scalars(select(attendance.Code)) if c.part == "A"]
    for who in CAME:
        company.say(f"签到 {code.code}", by=who, chat=G1)
    company.go("2026-11-26 20:30")
    company.go("2026-11-26 21:05")
    return company


def rate(company: Company, who: str, words: str) -> str:
    return company.ask(f"评分 1 {words}", by=who, chat=direct(who))


def test_nobody_sees_anything_before_five_have_answered(held: Company) -> None:
    for who in CAME[:4]:
        rate(held, who, "2 讲得太快")
    for reader in (OWNER, HR):
        said = held.ask("反馈 1", by=reader, chat=direct(reader))
        assert said == "#1 有 4 人评分，满 5 人才显示"


def test_from_five_on_there_is_an_average_and_hr_reads_unsigned_words(held: Company) -> None:
    rated = ("5", "4 林悦20:40问得好", "3", "5 我是张磊，很受用", "5")
    for who, words in zip(CAME, rated, strict=True):
        rate(held, who, words)
    owner = held.ask("反馈 1", by=OWNER, chat=direct(OWNER))
    assert "5 人评分，平均 4.4 分" in owner
    assert "受用" not in owner
    hr = held.ask("反馈 1", by=HR, chat=direct(HR))
    assert "很受用" in hr
    for hint in ("林悦", "张磊", "20:40"):
        assert hint not in hr


def test_who_rates_again_counts_once(held: Company) -> None:
    for words in ("1", "2", "3", "4", "5"):
        rate(held, LIN, words)
    assert "有 1 人评分" in held.ask("反馈 1", by=HR, chat=direct(HR))


def test_members_see_no_feedback_and_who_was_not_there_gives_none(held: Company) -> None:
    assert held.ask("反馈 1", by=LIN, chat=direct(LIN)).startswith("只有")
    assert "没有你到场的记录" in rate(held, OWNER, "5")
