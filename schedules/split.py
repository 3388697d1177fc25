"""A large group divided by level, region or project into even ones: a plan, never a deed. Pure."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storage.sizes import Placed

DIMENSIONS = {"级别": "level", "片区": "region", "项目组": "project"}
FULL = 250
"""So many members at most in one of the new groups, unless a number of groups is asked for."""

MOST_PARTS = 20
UNKNOWN = "花名册里没有"
_UNEVEN = 1.1
"""How much larger than the even share a group may become so that people stay together."""


@dataclass(frozen=True, slots=True)
class Split:
    """Who goes where. `by` is empty where the roster tells too little to go by it."""

    by: str
    parts: tuple[tuple[Placed, ...], ...]

    def made_of(self, number: int) -> Mapping[str, int]:
        """How many of which level, region or project are in one part, the most first."""
        return dict(Counter(value(one, self.by) for one in self.parts[number]).most_common())

    @property
    def apart(self) -> Mapping[str, int]:
        """What did not stay in one part, and how many are parted from most of their own."""
        places = [self.made_of(number) for number in range(len(self.parts))]
        found = {}
        for name in sorted({name for place in places for name in place} - {UNKNOWN}):
            held = [place.get(name, 0) for place in places]
            if sum(held) > max(held):
                found[name] = sum(held) - max(held)
        return found

    @property
    def torn(self) -> int:
        return sum(self.apart.values())

    @property
    def unknown(self) -> int:
        return sum(value(one, self.by) == UNKNOWN for part in self.parts for one in part)


def value(one: Placed, by: str) -> str:
    """What the roster says of somebody."""
    return (getattr(one, DIMENSIONS[by]) if by else "") or UNKNOWN


def parts_for(members: int) -> int:
    """Into how many groups so many people go."""
    return max(2, math.ceil(members / FULL))


def plan(people: Sequence[Placed], *, parts: int = 0, by: str = "") -> Split:
    """Divide people evenly. Without `by`, in the way that parts the fewest from their own."""
    count = parts or parts_for(len(people))
    if by:
        return _divide(people, count, by)
    ways = [_divide(people, count, way) for way in DIMENSIONS if _tells(people, way)]
    return min(ways, key=lambda way: way.torn + way.unknown) if ways else _divide(people, count, "")


def _tells(people: Sequence[Placed], by: str) -> bool:
    """Whether a dimension tells people apart, and is known of most of them."""
    known = [value(one, by) for one in people if value(one, by) != UNKNOWN]
    return len(set(known)) > 1 and len(known) * 2 > len(people)


def _divide(people: Sequence[Placed], count: int, by: str) -> Split:
    share = math.ceil(len(people) / count)
    parts: list[list[Placed]] = [[] for _ in range(count)]
    for bunch in _bunches(people, by):
        left = bunch
        while left:
            smallest = min(parts, key=len)
            room = int(share * _UNEVEN) - len(smallest)
            take = len(left) if len(left) <= room else max(share - len(smallest), 1)
            # Strangers to the roster are not together in anything: they only make parts even.
            take = 1 if value(left[0], by) == UNKNOWN else take
            smallest += left[:take]
            left = left[take:]
    return Split(by, tuple(tuple(part) for part in parts))


def _bunches(people: Sequence[Placed], by: str) -> list[list[Placed]]:
    """People who belong together, the most first; of whom nothing is known come last."""
    found: dict[str, list[Placed]] = {}
    for one in sorted(people, key=lambda one: one.who):
        found.setdefault(value(one, by), []).append(one)
    return sorted(
        found.values(),
        key=lambda bunch: (value(bunch[0], by) == UNKNOWN, -len(bunch), value(bunch[0], by)),
    )
