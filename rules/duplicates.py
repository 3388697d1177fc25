"""Repeats: one member sending the same words again and again, or nearly the same."""

import re
from datetime import timedelta
from functools import lru_cache

from pydantic import Field
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein, Opcode

from bot.events import Message
from bot.text import compact
from rules.engine import Context, Found, Params, breaks, keeps, rule

FEW = 6
"""With fewer different letters it is a reply, such as 收到 or 哈哈哈哈, and may come again."""

LONG = 12
"""With so many letters, a repeat is still one when a little was slipped in."""

VERY_LONG = 1000
"""Longer texts are only compared whole: what is slipped in takes too long to find."""

ALIKE = 85
"""How much of two texts must be the same, in per cent."""

_PARTICLES = str.maketrans("", "", "啊呀哦哈呢吧啦嘛哟喔哇嗯")
_NUMBER = re.compile(r"\d+|[零〇一二两三四五六七八九十百千万]+")


class Duplicates(Params):
    phrases = ("上限 {limit}条/{minutes}分钟",)

    limit: int = Field(3, ge=1, le=60, description="同样的话最多多少条")
    minutes: int = Field(5, ge=1, le=60, description="多少分钟内")


@rule(
    "复读",
    aliases=["重复"],
    on=Message,
    params=Duplicates,
    examples=[
        keeps("收到", "收到", "收到", "收到", "收到"),
        keeps("谢谢老师", "谢谢老师", "谢谢老师！", "谢谢老师～"),
        keeps("", "", "", "", ""),
        keeps(*["大家记得今晚来看我直播"] * 3),
        keeps(*["大家记得今晚来看我直播"] * 5, every=150),
        keeps(*[f"第{group}组全员到齐，无人请假，可以开始上课" for group in "1234"]),
        keeps(
            *[f"{name}已完成今天的客户回访作业" for name in ("张晓明", "李建国", "王丽", "赵远")]
        ),
        breaks(*["大家记得今晚来看我直播"] * 4),
        breaks(*[f"大家记得今晚都来看我的直播{tail}" for tail in ("", "！！", "啊", "呀 abc")]),
        breaks("有人在吗请回我一下", "有人在嗎，请回我一下", limit=1),
    ],
)
def duplicates(message: Message, context: Context, params: Duplicates) -> Found | None:
    """几分钟内反复发同样的话，多个字、换个标点也算；简短的回复、只换了人名或数字的报告不算。"""
    since = message.at - timedelta(minutes=params.minutes)
    earlier = [said.text for said in context.mine if since < said.at <= message.at]
    if len(earlier) < params.limit:
        return None
    text = _letters(message.text)
    if len(set(text)) < FEW:
        return None
    count = 1 + sum(alike(text, _letters(other)) for other in earlier)
    if count <= params.limit:
        return None
    reason = f"{params.minutes} 分钟内把同样的话发了 {count} 遍"
    return Found(reason, margin=1 - params.limit / count)


def alike(one: str, other: str) -> bool:
    """Do two texts, of which only the letters and digits are left, say the same?

    A single character or a few Latin letters may be slipped in. Where one thing stands in the
    place of another, or a number differs, it is another name, group or day.
    """
    if one == other:
        return True
    if not all(LONG <= len(text) <= VERY_LONG for text in (one, other)):
        return False
    if _NUMBER.findall(one) != _NUMBER.findall(other):
        return False
    if not fuzz.ratio(one, other, score_cutoff=ALIKE):
        return False
    return all(_slight(edit, one, other) for edit in Levenshtein.opcodes(one, other))


def _slight(edit: Opcode, one: str, other: str) -> bool:
    if edit.tag in ("equal", "replace"):
        return edit.tag == "equal"
    piece = one[edit.src_start : edit.src_end] or other[edit.dest_start : edit.dest_end]
    return len(piece) == 1 or piece.isascii()


@lru_cache(maxsize=1024)
def _letters(text: str) -> str:
    return compact(text).text.translate(_PARTICLES)
