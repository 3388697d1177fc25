"""The ladder: what a first, second and later breach of a rule leads to. Pure."""

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.actions import LONGEST_MUTE
from bot.times import show_seconds
from handlers.grammar import narrow

DEFAULT = ("提醒", "撤回+提醒", "禁言10分钟", "禁言1小时+通知群主")
STRIKE_LASTS = timedelta(days=7)
GOOD_DAYS = 2
"""So many days of ordinary talk since the last breach work off one strike."""

REACTION_TIME = timedelta(seconds=3)
"""A member is given this long to notice a reminder before the next breach counts."""

_ORDINALS = ("首次|第一次|初犯", "再犯|第二次", "三犯|第三次", "四犯|第四次", "五犯|第五次")
_NAMES = ("首次", "再犯", "三犯", "四犯", "五犯")
_UNITS = {"秒": 1, "分钟": 60, "分": 60, "小时": 3600, "天": 86400}
_MUTE = re.compile(r"禁言(\d+)(秒|分钟|分|小时|天)")
_WORD = r"(?:提醒|撤回|通知群主|告诉群主|禁言\d+(?:秒|分钟|分|小时|天))"
_RUNG = re.compile(rf"({'|'.join(_ORDINALS)})\s*({_WORD}(?:[+、和并]{_WORD})*)")


@dataclass(frozen=True, slots=True)
class Rung:
    """What one breach leads to; `mute` is in seconds, 0 for none."""

    remind: bool = False
    recall: bool = False
    mute: int = 0
    tell_owner: bool = False

    @classmethod
    def of(cls, words: str) -> "Rung":
        """Read 撤回+提醒. Raises ValueError for a mute that is too long or means nothing."""
        mute = _MUTE.search(words)
        seconds = int(mute[1]) * _UNITS[mute[2]] if mute else 0
        if mute and not 1 <= seconds <= LONGEST_MUTE:
            raise ValueError("禁言要在 1 秒以上、30 天以内")
        tell = "通知群主" in words or "告诉群主" in words
        return cls("提醒" in words, "撤回" in words, seconds, tell)

    def __str__(self) -> str:
        words = [
            "撤回" if self.recall else "",
            "提醒" if self.remind else "",
            f"禁言{show_seconds(self.mute)}" if self.mute else "",
            "通知群主" if self.tell_owner else "",
        ]
        return "+".join(word for word in words if word)


def read(line: str) -> tuple[tuple[str, ...], str]:
    """Take the rungs out of a line; return them, and what is left of the line.

    Raises ValueError when they do not follow each other from the first on.
    """
    found = {_place(match[1]): str(Rung.of(match[2])) for match in _RUNG.finditer(narrow(line))}
    if sorted(found) != list(range(len(found))):
        raise ValueError("处理步骤要从「首次」开始，一步一步写，如：首次提醒 再犯禁言10分钟")
    rest = _RUNG.sub(" ", narrow(line)).strip() if found else line
    return tuple(found[n] for n in sorted(found)), rest


def rung(ladder: tuple[str, ...], strikes: int, *, recalls: bool) -> Rung:
    """What the next breach leads to after so many strikes; the last rung repeats.

    A rule that `recalls` takes the message down at every rung: an ad that stays has got through.
    """
    steps = [Rung.of(words) for words in ladder or DEFAULT]
    step = steps[min(strikes, len(steps) - 1)]
    return Rung(step.remind, step.recall or recalls, step.mute, step.tell_owner)


def left(strikes: int, good_days: int) -> int:
    """How many strikes still count after days on which the member only talked as others do."""
    return max(0, strikes - good_days // GOOD_DAYS)


def show(ladder: tuple[str, ...], *, recalls: bool) -> str:
    """The ladder as it will be climbed."""
    return " → ".join(_steps(ladder or DEFAULT, recalls=recalls))


def written(ladder: tuple[str, ...], *, recalls: bool = False) -> str:
    """The ladder in the words that `read` takes."""
    return " ".join(_steps(ladder, recalls=recalls))


def _steps(ladder: tuple[str, ...], *, recalls: bool) -> list[str]:
    rungs = [rung(ladder, strikes, recalls=recalls) for strikes in range(len(ladder))]
    return [f"{name}{step}" for name, step in zip(_NAMES, rungs, strict=False)]


def _place(word: str) -> int:
    return next(n for n, words in enumerate(_ORDINALS) if word in words.split("|"))
