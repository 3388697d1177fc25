"""What is a repeat, and what only looks like one."""

import pytest

from rules.duplicates import Duplicates, duplicates
from rules.engine import Context
from tests.build import at, message

NOON = at("2026-11-24 12:00")


def reason(*texts: str) -> str | None:
    """What the rule says of the last text, all sent at once."""
    *earlier, last = [message(text, when=NOON) for text in texts]
    found = duplicates(last, Context(mine=earlier), Duplicates())
    return found and found.reason


def test_a_member_is_told_how_often_he_said_it() -> None:
    assert reason(*["今晚的嘉宾分享大家都来听"] * 5) == "5 分钟内把同样的话发了 5 遍"


@pytest.mark.parametrize(
    "tricks",
    [
        (
            "今晚的嘉宾分享，大家都来听",
            "今晚的嘉宾分享大家都来听！！",
            "今 晚 的 嘉宾分享大家都来听",
        ),
        (
            "今晚的嘉賓分享大家都來聽",
            "今晚的\u200b嘉宾分享大家都来听",
            "今晚的嘉宾分享大家都来听🎉",
        ),
        ("今晚的嘉宾分享大家都来听啊", "今晚的嘉宾的分享大家都来听", "今晚的嘉宾分享大家都来听 xk"),
    ],
    ids=["marks", "letters", "fillers"],
)
def test_a_repeat_is_known_through_a_change_of_dress(tricks: tuple[str, ...]) -> None:
    assert reason(*tricks, "今晚的嘉宾分享大家都来听")


@pytest.mark.parametrize(
    "report",
    [
        "第{}组全员到齐，没有人请假，可以开始了",
        "{}的作业已经交到群文件了，请老师查收",
        "周{}的早会已经开完，记录放在群文件里",
        "本组今天新增客户{}个，其余和昨天一样没有变化",
    ],
)
def test_reports_that_differ_in_what_matters_are_not_repeats(report: str) -> None:
    numbers = reason(*[report.format(number) for number in "一二三四"])
    names = reason(*[report.format(name) for name in ("小王", "小李", "小张", "小陈")])
    assert (numbers, names) == (None, None)


def test_a_growing_roll_call_is_not_a_repeat() -> None:
    names = "张三 李四 王五 赵六 钱七 孙八 周九 吴十".split()
    roll = [f"今天到会的同学有 {' '.join(names[:count])}" for count in (4, 5, 6, 7)]
    assert reason(*roll) is None


def test_pictures_without_words_are_not_repeats_of_each_other() -> None:
    assert reason(*[""] * 10) is None
