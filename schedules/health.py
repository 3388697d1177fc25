"""How a group is doing: trend, warning, outlook and what to suggest, from its weeks. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import mean, median, quantiles

from storage.health import Figures

BASE = 4
"""Weeks that the last one is compared with."""

LOW = 2
"""Weeks that have to be low before anybody is warned."""

FELL = 0.40
_ENOUGH = 3
"""With fewer weeks there is nothing to compare with."""

_NOT_A_FEW = 5
"""Of fewer speakers, one on holiday is a fall."""

LOOKED_AT = 6
"""Weeks that the outlook is drawn from."""

DEAD = 3
"""A group in which fewer speak in a week is dead."""

_FAR = 26


@dataclass(frozen=True, slots=True)
class Fall:
    """Fewer speakers for two weeks: how many, and how many there were before on average."""

    speakers: tuple[int, ...]
    before: float
    weeks: int

    @property
    def percent(self) -> int:
        return round(100 * (1 - mean(self.speakers) / self.before))


@dataclass(frozen=True, slots=True)
class Outlook:
    """Weeks until a group is dead: at the likely pace, and within which two it may lie.

    `latest` is None when it may as well never come, `likely` when nothing points there.
    """

    weeks: int
    likely: float | None = None
    soonest: float | None = None
    latest: float | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to do. `name` is the word for it, `why` the reason in the group's own figures."""

    name: str
    what: str
    why: str


def base(weeks: Sequence[Figures], what: Callable[[Figures], float]) -> float | None:
    """The average of the four weeks before the last; None while there are too few."""
    before = [what(week) for week in weeks[-1 - BASE : -1]]
    return mean(before) if len(before) >= _ENOUGH else None


def trend(now: float, before: float | None) -> str:
    """A figure against the weeks before, in words."""
    if before is None:
        return "还没有前几周可比"
    if not before:
        return "前四周平均 0"
    change = round(100 * (now / before - 1))
    word = f"多 {change}%" if change > 0 else f"少 {-change}%" if change < 0 else "持平"
    return f"前四周平均 {before:.0f}，{word}"


def share(part: int, whole: int) -> int:
    """Percent."""
    return round(100 * part / whole) if whole else 0


def fall(weeks: Sequence[Figures]) -> Fall | None:
    """Whether two weeks in a row had at least 40 % fewer speakers than the four before them."""
    low = tuple(week.speakers for week in weeks[-LOW:])
    before = [week.speakers for week in weeks[-LOW - BASE : -LOW]]
    if len(before) < _ENOUGH or mean(before) < _NOT_A_FEW:
        return None
    least = mean(before) * (1 - FELL)
    # A hair, so that exactly 40 % is not lost to fractions.
    fell = all(count <= least + 1e-9 for count in low)
    return Fall(low, mean(before), len(before)) if fell else None


def outlook(weeks: Sequence[Figures]) -> Outlook:
    """When the group would be dead if it went on like this.

    The pace is the median of the slopes between any two of the last six weeks, so that one
    odd week does not bend it; the middle half of those slopes is how unsure it is.
    """
    counts = [week.speakers for week in weeks[-LOOKED_AT:]]
    if len(counts) <= _ENOUGH:
        return Outlook(len(counts))
    slopes = [(b - a) / (j - i) for (i, a), (j, b) in combinations(enumerate(counts), 2)]
    pace, (steep, _, flat) = median(slopes), quantiles(slopes, n=4)
    last = len(counts) - 1
    level = median(count + pace * (last - place) for place, count in enumerate(counts))
    left = max(level - DEAD, 0.0)
    if pace >= 0:
        return Outlook(len(counts))
    return Outlook(
        len(counts),
        likely=left / -pace,
        soonest=left / -min(steep, pace),
        latest=left / -flat if flat < 0 else None,
    )


def foretell(weeks: Sequence[Figures]) -> str:
    """The outlook in words, with how sure it is."""
    seen = outlook(weeks)
    if seen.weeks <= _ENOUGH:
        return f"只有 {seen.weeks} 周的数，看不出走势"
    if weeks[-1].speakers < DEAD:
        return f"上周发言不到 {DEAD} 人，群已经冷了"
    if seen.likely is None or seen.soonest is None:
        return f"近 {seen.weeks} 周没有往下走的趋势"
    if seen.likely > _FAR:
        return f"近 {seen.weeks} 周略有下降，照此半年内不会冷掉"
    soonest, likely = max(round(seen.soonest), 1), max(round(seen.likely), 1)
    far = seen.latest is None or seen.latest > _FAR
    until = "也可能一直不会" if far else f"最慢 {max(round(seen.latest or 0), likely)} 周"
    return (
        f"照近 {seen.weeks} 周的走势，大约 {likely} 周后每周发言不到 {DEAD} 人"
        f"（最快 {soonest} 周，{until}）。只按人数推，把握不大，当提醒看"
    )


def suggest(
    weeks: Sequence[Figures], *, evening_ahead: bool, helpers: int, needed: int
) -> list[Suggestion]:
    """At most three things that may help, the most useful first; none where all is well."""
    last, before = weeks[-1], base(weeks, lambda week: week.speakers)
    found = []
    fewer = before is not None and last.speakers < before
    if not evening_ahead:
        found.append(Suggestion("嘉宾", "问问大家想听谁分享", "接下来两周没有安排嘉宾"))
    if last.unanswered:
        why = f"有 {last.unanswered} 个问题没人答"
        found.append(Suggestion("话题", "把没人答的问题拿出来一起聊", why))
    elif fewer:
        found.append(Suggestion("话题", "开一个大家都能接的话题", "发言的人比前几周少"))
    if helpers < needed:
        why = f"这个人数要 {needed} 位小助手，现有 {helpers} 位"
        found.append(Suggestion("小助手", "在群里招小助手", why))
    return found[:3]
