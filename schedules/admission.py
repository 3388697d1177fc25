"""Whether somebody may join by themselves: conditions, roster facts, an answer. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.text import compact

HIRED, LEVEL, ANSWER = "入职日期", "级别", "答案"
FIELDS = ("公司", "片区", LEVEL, "项目组", "岗位", "批次", HIRED, ANSWER)
"""What a condition may be about, as people write it."""

USUAL_LEVELS = (
    *("实习生", "专员", "主管", "经理", "高级经理"),
    *("副总监", "总监", "高级总监", "副总经理", "总经理"),
)
"""From low to high, where a group wrote no order of its own."""

NOBODY = "花名册里没有这个账号"
GONE = "花名册上已离职"
NOTHING = "本群还没有设入群条件"
_EITHER = re.compile(r"[、,，/]\s*")
_BOUND = re.compile(r"(.+?)(?:及)?以(上|下)")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:之后|以后|起|后)?")

Conditions = Mapping[str, str]
"""By field, in the words that set them."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the roster says of somebody; `values` by field, `gone` when they left the company."""

    name: str
    values: Mapping[str, str]
    hired: date | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """`why` says what does not fit. `never` when no invitation helps either."""

    admit: bool
    why: str = ""
    never: bool = False


def judge(facts: Facts | None, wants: Conditions, *, answer: str, levels: Sequence[str]) -> Judged:
    """Admit whoever fits every condition; anybody else is for a person to decide."""
    if facts is not None and facts.gone:
        return Judged(False, GONE, never=True)
    if not wants:
        return Judged(False, NOTHING)
    if facts is None and set(wants) != {ANSWER}:
        return Judged(False, NOBODY)
    missed = [
        words
        for field in FIELDS
        if field in wants and (words := _missed(field, wants[field], facts, answer, levels))
    ]
    return Judged(not missed, "；".join(missed))


def _missed(
    field: str, wanted: str, facts: Facts | None, answer: str, levels: Sequence[str]
) -> str:
    if field == ANSWER:
        return "" if _answers(wanted, answer) else "没有答对入群问题"
    assert facts is not None
    if field == HIRED:
        has = facts.hired.isoformat() if facts.hired else ""
        fits = facts.hired is not None and facts.hired >= read_day(wanted)
    else:
        has = facts.values.get(field, "")
        fits = any(_fits(one, has, levels) for one in _EITHER.split(wanted))
    return "" if fits else f"{field} {has or '没有登记'}，不符合 {wanted}"


def _fits(wanted: str, has: str, levels: Sequence[str]) -> bool:
    bound = _BOUND.fullmatch(wanted)
    if bound is None:
        return bool(has) and wanted.casefold() == has.casefold()
    if bound[1] not in levels or has not in levels:
        return False
    distance = levels.index(has) - levels.index(bound[1])
    return distance >= 0 if bound[2] == "上" else distance <= 0


def _answers(wanted: str, answer: str) -> bool:
    said = compact(answer).text
    return bool(said) and any(compact(one).text == said for one in _EITHER.split(wanted))


def checked(field: str, words: str, levels: Sequence[str]) -> str:
    """A condition as it is kept. Raises ValueError, in words for the writer, when it cannot be."""
    words = " ".join(words.split())
    if field == HIRED:
        return f"{read_day(words).isoformat()}之后"
    for one in _EITHER.split(words):
        bound = _BOUND.fullmatch(one)
        if not one or (bound and field not in (LEVEL, ANSWER)):
            raise ValueError(f"看不懂「{field}={words}」，几个值用、隔开")
        if bound and field == LEVEL and bound[1] not in levels:
            raise ValueError(f"级别顺序里没有「{bound[1]}」，现在是 {'、'.join(levels)}")
    return words


def read_day(words: str) -> date:
    """2026-09-01, with or without 之后. Raises ValueError when it is no day."""
    found = _DAY.fullmatch(words.strip())
    if found is None:
        raise ValueError(f"看不懂日期「{words}」，请写成 2026-09-01之后")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ValueError(f"没有 {words} 这一天") from None


def answer_in(comment: str) -> str:
    """What somebody answered; QQ puts the group's question before it, as 问题：…\\n答案：…."""
    _, mark, answer = comment.partition("\n答案：")
    if not mark:
        _, mark, answer = comment.partition("答案：")
    return (answer if mark else comment).strip()
