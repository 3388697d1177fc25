"""The phases of a growing group: which one it is in, and what each asks for. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

KEY = "人数阶段"
SPLIT_AT = 480
"""So many members, and a plan for two groups is worth a look."""

_STAYS = 95
"""Percent of where a phase begins: as long as there are so many, a group does not fall back."""

FIELDS = ("刷屏", "小助手", "沉默", "入群")
"""What a group may want otherwise for a phase."""

_MOST_HELPERS = 50
_MOST_DAYS = 180
_LONGEST_ENTRY = 60
_LIMIT = re.compile(r"(\d{1,3})\s*条\s*/\s*(\d{1,4})\s*秒")


@dataclass(frozen=True, slots=True)
class Phase:
    """What a group of `floor` members and more needs.

    `limit` messages in `seconds` are no flooding yet; after `silent` days without a word
    somebody may be reminded; `entry` is a hint for those who let people in.
    """

    floor: int
    entry: str
    limit: int
    seconds: int
    silent: int
    helpers: int
    checklist: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.floor} 人" if self.floor else "小群"

    @property
    def word(self) -> str:
        """How commands name it."""
        return str(self.floor) if self.floor else "小群"

    @property
    def flooding(self) -> str:
        """The limit in the words of the rule 刷屏."""
        return f"上限 {self.limit}条/{self.seconds}秒"


PHASES = (
    Phase(
        0,
        entry="熟人拉人就行，进群后改名片「片区-姓名」",
        limit=6,
        seconds=10,
        silent=30,
        helpers=0,
        checklist=("群主每周开一个话题", "新人进群当天有人打招呼"),
    ),
    Phase(
        100,
        entry="入群要答「片区-姓名-带教人」，名单对得上再放行",
        limit=6,
        seconds=10,
        silent=30,
        helpers=1,
        checklist=(
            "请 1 位小助手，白天盯提问",
            "把群规发成群公告",
            "固定每周一场嘉宾分享",
        ),
    ),
    Phase(
        200,
        entry="入群要答题并核对花名册，关掉成员直接拉人",
        limit=5,
        seconds=10,
        silent=30,
        helpers=2,
        checklist=(
            "请 2 位小助手，早晚各一位",
            "关掉「成员可邀请」，只留群主和管理员",
            "提问改用「提问:」排队，免得被刷上去",
            "看一遍沉默成员，先私聊再说别的",
        ),
    ),
    Phase(
        500,
        entry="只收花名册里的人，满员前先想好分群",
        limit=4,
        seconds=10,
        silent=45,
        helpers=4,
        checklist=(
            "请 4 位小助手，分片区带",
            "发「拆群 方案」看怎么分",
            "大场分享提前开全员禁言",
            "公告只留三条，旧的撤下",
        ),
    ),
)
BY_FLOOR: Mapping[int, Phase] = {phase.floor: phase for phase in PHASES}


def floor_of(members: int, before: int = 0) -> int:
    """Where the phase of a group begins that was in the phase `before` so far.

    It goes up at once and falls back late, so that two people coming and going change nothing.
    """
    reached = max(floor for floor in BY_FLOOR if floor <= members)
    kept = [floor for floor in BY_FLOOR if floor <= before and members * 100 >= floor * _STAYS]
    return max([reached, *kept])


def splits(members: int, told: bool) -> bool:
    """Whether splitting is about due, by the same rule of going up at once and back late."""
    return members >= SPLIT_AT or (told and members * 100 >= SPLIT_AT * _STAYS)


def named(word: str) -> Phase | None:
    """The phase that 200, 200人 or 小群 names."""
    bare = word.strip().removesuffix("人").strip()
    return next((phase for phase in PHASES if bare in (phase.word, str(phase.floor))), None)


def read(field: str, text: str) -> dict[str, object]:
    """What an option such as 刷屏=5条/10秒 changes. Raises ValueError in words for the writer."""
    if field == "刷屏":
        found = _LIMIT.fullmatch(text.removeprefix("上限").strip())
        if not found:
            raise ValueError("刷屏请写成 刷屏=5条/10秒")
        return {"limit": int(found[1]), "seconds": int(found[2])}
    if field == "入群":
        if not text or len(text) > _LONGEST_ENTRY:
            raise ValueError(f"入群请写 1 到 {_LONGEST_ENTRY} 个字")
        return {"entry": text}
    if field == "小助手":
        return {"helpers": _whole(field, text.removesuffix("位").removesuffix("人"), _MOST_HELPERS)}
    return {"silent": _whole(field, text.removesuffix("天"), _MOST_DAYS, least=7)}


def _whole(field: str, text: str, most: int, least: int = 0) -> int:
    number = int(text) if re.fullmatch(r"[0-9]{1,4}", text.strip()) else -1
    if not least <= number <= most:
        raise ValueError(f"{field}要在 {least} 到 {most} 之间")
    return number


def key(phase: Phase) -> str:
    """How the rulebook names what a group wants otherwise for a phase."""
    return f"{KEY} {phase.word}"


def wanted(phase: Phase, params: Mapping[str, object]) -> Phase:
    """The phase as a group wants it; what is kept and no longer fits counts as not chosen."""

    def number(name: str, usual: int) -> int:
        value = params.get(name)
        return value if isinstance(value, int) and value >= 0 else usual

    entry = params.get("entry")
    return replace(
        phase,
        limit=number("limit", phase.limit),
        seconds=number("seconds", phase.seconds),
        silent=number("silent", phase.silent),
        helpers=number("helpers", phase.helpers),
        entry=entry if isinstance(entry, str) and entry else phase.entry,
    )
