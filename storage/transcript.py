"""What was said on an evening, line by line, and how it falls into phases."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, structs

from bot.people import Role
from storage import cues


class Phase(StrEnum):
    SHARE = "share"
    ASK = "ask"


class Line(Struct, frozen=True):
    """One bubble. `id` and `reply_to` are numbers of kept messages, `mentions` ids of members.

    `text` is as a reader sees it: `[图片]`, `[语音]` and `[文件] x.pdf` stand for things unseen.
    """

    id: int
    at: datetime
    who: str
    member: str
    role: Role
    text: str
    reply_to: int | None = None
    mentions: tuple[str, ...] = ()
    phase: Phase = Phase.SHARE

    @property
    def words(self) -> str:
        """What was said, without placeholders and the names of those it was said to."""
        return cues.spoken(self.text)

    @property
    def hosting(self) -> bool:
        return self.role in _HOSTING


_HOSTING = {Role.HOST, Role.OWNER, Role.DEPUTY, Role.HR, Role.HR_LEAD}
_OPENING = 5


def phased(lines: Sequence[Line]) -> list[Line]:
    """The lines with the Q&A part marked; where nobody opened it by command, by the host's cue."""
    if any(line.phase is Phase.ASK for line in lines):
        return list(lines)
    told = 0
    for index, line in enumerate(lines):
        if told >= _OPENING and cues.opens_asking(line.words) and line.role is not Role.MEMBER:
            rest = (structs.replace(later, phase=Phase.ASK) for later in lines[index:])
            return [*lines[:index], *rest]
        told += not line.hosting and cues.substance(line.words) >= cues.TELLING
    return list(lines)


def guests(lines: Sequence[Line]) -> frozenset[str]:
    """The members whose evening it is: the guests, or else whoever of the others said most.

    Nobody, when no one person told at least a third of the evening.
    """
    known = frozenset(line.member for line in lines if line.role is Role.GUEST)
    if known:
        return known
    told: Counter[str] = Counter()
    for line in lines:
        told[line.member] += 0 if line.hosting else cues.substance(line.words)
    if not told:
        return frozenset()
    member, most = told.most_common(1)[0]
    return frozenset({member}) if most * 3 >= told.total() > 0 else frozenset()


def names(lines: Sequence[Line]) -> dict[str, str]:
    """The parts of shown names that mean one member only, and that member.

    Of 理赔-阿飞 and 理赔-小林 these are 阿飞 and 小林.
    """
    holders: dict[str, set[str]] = {}
    for line in lines:
        for part in re.split(r"[\W_]+", line.who):
            if len(part) > 1 and not part.isdigit():
                holders.setdefault(part, set()).add(line.member)
    return {part: one.pop() for part, one in holders.items() if len(one) == 1}
