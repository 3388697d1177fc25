"""Who fits a group's conditions, and what they are told when they do not."""

from datetime import date

import pytest

from schedules import admission
from schedules.admission import USUAL_LEVELS, Facts, Judged

LIN = Facts("林悦", {"级别": "专员", "片区": "华东", "公司": "示例集团"}, date(2026, 9, 1))
CHIEF = Facts("周总", {"级别": "总监", "片区": "华南"}, date(2020, 1, 6))


def judge(facts: Facts | None, answer: str = "", **wants: str) -> Judged:
    return admission.judge(facts, wants, answer=answer, levels=USUAL_LEVELS)


@pytest.mark.parametrize(
    "wants",
    [
        {"片区": "华南、华东"},
        {"级别": "专员"},
        {"级别": "主管及以下"},
        {"级别": "主管以下、总监及以上"},
        {"公司": "示例集团", "入职日期": "2026-09-01之后"},
    ],
)
def test_who_fits_every_condition_is_admitted(wants: dict[str, str]) -> None:
    assert judge(LIN, **wants) == Judged(True)


@pytest.mark.parametrize(
    "facts, wants, why",
    [
        (LIN, {"级别": "总监及以上"}, "级别 专员，不符合 总监及以上"),
        (LIN, {"岗位": "销售"}, "岗位 没有登记，不符合 销售"),
        (CHIEF, {"入职日期": "2026-09-01之后"}, "入职日期 2020-01-06，不符合 2026-09-01之后"),
        (CHIEF, {"级别": "总监及以上", "片区": "华东"}, "片区 华南，不符合 华东"),
        (None, {"级别": "专员", "答案": "0426"}, admission.NOBODY),
        (LIN, {}, admission.NOTHING),
    ],
)
def test_who_does_not_fit_is_told_which_condition_it_is(
    facts: Facts | None, wants: dict[str, str], why: str
) -> None:
    assert judge(facts, "0426", **wants) == Judged(False, why)


def test_a_level_that_nobody_put_in_order_is_for_a_person_to_decide() -> None:
    odd = Facts("P7", {"级别": "P7"})
    assert not judge(odd, 级别="总监及以上").admit
    own = admission.judge(odd, {"级别": "P6及以上"}, answer="", levels=("P5", "P6", "P7"))
    assert own.admit


def test_who_left_the_company_is_never_admitted_by_anything() -> None:
    gone = Facts("林悦", {"级别": "专员"}, gone=True)
    assert judge(gone, 级别="专员") == Judged(False, admission.GONE, never=True)


@pytest.mark.parametrize("answer", ["０４２６", " 0426。", "０4２6"])
def test_an_answer_alone_admits_a_stranger_however_it_is_typed(answer: str) -> None:
    assert judge(None, answer, 答案="0426、零四二六").admit


@pytest.mark.parametrize("answer", ["", "04260426", "不是0426", "。"])
def test_something_else_is_no_answer(answer: str) -> None:
    assert not judge(None, answer, 答案="0426").admit


@pytest.mark.parametrize(
    "comment, answer",
    [
        ("问题：你的工号？\n答案：00123", "00123"),
        ("问题：答案：写在这里\n答案：00123\n答案：9", "00123\n答案：9"),
        ("我是林悦", "我是林悦"),
        ("", ""),
    ],
)
def test_the_answer_is_what_stands_behind_the_groups_question(comment: str, answer: str) -> None:
    assert admission.answer_in(comment) == answer


@pytest.mark.parametrize(
    "field, words, problem",
    [
        ("级别", "P9及以上", "没有「P9」"),
        ("片区", "华东、", "看不懂"),
        ("入职日期", "2026-13-01", "没有"),
        ("片区", "华东以上", "看不懂"),
    ],
)
def test_a_condition_that_means_nothing_is_not_kept(field: str, words: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        admission.checked(field, words, USUAL_LEVELS)
