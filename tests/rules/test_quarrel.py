"""Quarrels, seen in what two people say to each other; fun, debates and complaints left alone."""

import pytest

from bot.dialogues import Turn, alert_at
from rules.quarrel import Quarrel

Talk = tuple[tuple[str, str], ...]

QUARREL: Talk = (
    ("甲", "这张排班表谁改的"),
    ("乙", "我改的，通知过了"),
    ("丙", "下午的课几点"),
    ("甲", "你改之前不能问一声吗，每次都这样"),
    ("乙", "你自己不看通知怪谁"),
    ("甲", "你什么态度"),
    ("乙", "嫌麻烦你来排，只会指手画脚"),
    ("丙", "两位少说两句"),
)
BANTER: Talk = (
    ("甲", "谁把我的奶茶喝了"),
    ("乙", "哈哈哈哈不是我"),
    ("甲", "你这个笨蛋，嘴角还有珍珠🤣"),
    ("乙", "滚啦，那是我早上的"),
    ("甲", "大骗子哈哈"),
    ("乙", "你才骗子，明天请你一杯"),
)
DEBATE: Talk = (
    ("甲", "我反对给老客户降价"),
    ("乙", "不同意，不降价续约率会掉到 60%"),
    ("甲", "你的数据是去年的"),
    ("乙", "今年一季度也一样，明细在台账里，你看过吗"),
    ("甲", "那是因为交付出了问题，不能算在价格头上"),
    ("乙", "你这个前提我不认，依据呢"),
    ("甲", "行，我下午拉数据，有道理我就改方案"),
)
COMPLAINT: Talk = (
    ("甲", "报销系统又崩了，垃圾系统"),
    ("乙", "每到月底就崩，什么破玩意"),
    ("丙", "客服电话也打不通，气死"),
    ("甲", "花那么多钱买的就这"),
    ("乙", "真想把服务器砸了"),
)


def turns(talk: Talk, *, every: float = 15, replies: bool = False) -> list[Turn]:
    return [
        Turn(number * every, who, text, number - 1 if replies and number else None)
        for number, (who, text) in enumerate(talk)
    ]


@pytest.mark.parametrize("replies", [True, False])
def test_a_quarrel_is_told_of_before_somebody_else_steps_in(replies: bool) -> None:
    alert = alert_at(turns(QUARREL, replies=replies))
    assert alert is not None
    assert 3 < alert < 7


@pytest.mark.parametrize("talk", [BANTER, DEBATE, COMPLAINT])
def test_friends_debaters_and_those_who_complain_are_left_alone(talk: Talk) -> None:
    assert alert_at(turns(talk)) is None
    assert alert_at(turns(talk, every=4, replies=True)) is None


def test_what_is_quoted_is_not_said_by_who_quotes_it() -> None:
    told = (
        ("甲", "客户刚才在电话里说“你们都是骗子，你算老几，关你什么事”"),
        ("乙", "他还说“你什么态度，废话真多”"),
        ("甲", "我回他“您消消气”，后来签了"),
        ("乙", "厉害，学到了"),
    )
    assert alert_at(turns(told)) is None


def test_one_sharp_word_in_a_long_friendly_talk_is_no_quarrel() -> None:
    friendly = [("甲" if n % 2 else "乙", f"第 {n} 章的笔记我发群文件了") for n in range(30)]
    assert alert_at(turns((*friendly, ("甲", "有人真烦，凭什么不交作业")))) is None


def test_what_was_said_long_ago_does_not_make_a_quarrel_of_what_is_said_now() -> None:
    assert alert_at(turns(QUARREL, every=3600)) is None


def test_a_group_says_how_sure_the_bot_has_to_be() -> None:
    early, late = (alert_at(turns(QUARREL), Quarrel(sure=sure)) for sure in (10, 95))
    usual = alert_at(turns(QUARREL))
    assert early is not None
    assert usual is not None
    assert early <= usual
    assert late is None or late >= usual


def test_a_hostile_line_takes_no_longer_than_a_short_one_to_read() -> None:
    noise = "“你滚" * 200_000
    assert alert_at([Turn(n, "甲乙"[n % 2], noise) for n in range(4)]) != 0
