"""Changing one entry of a draft: what people call it, and the draft with it changed. Pure."""

import re
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from storage.gist import alike
from storage.summary import Draft, Pair

T = TypeVar("T")

_NAMED = re.compile(r"(第|要点|问|问答|答|跟进|待跟进)?\s*(\d{1,3})\s*[条个问点]?")
_LIKE = 0.3
"""How much of a correction's telling words a point has at least, to be what it corrects."""


class Kind(StrEnum):
    """What is changed: the words of a point, a question, an answer, or a thing left to do."""

    POINT = "第{}条"
    QUESTION = "问{}"
    ANSWER = "答{}"
    FOLLOW_UP = "跟进{}"


_KINDS = {
    "问": Kind.QUESTION,
    "问答": Kind.QUESTION,
    "答": Kind.ANSWER,
    "跟进": Kind.FOLLOW_UP,
    "待跟进": Kind.FOLLOW_UP,
}


class Entry(Struct, frozen=True):
    """One entry of a draft, such as 第3条; `nth` counts from 1 within its kind."""

    kind: Kind
    nth: int

    def __str__(self) -> str:
        return self.kind.format(self.nth)


def read(words: str) -> Entry:
    """Read 第3条, 3, 问2, 答2 or 跟进1. Raises ValueError when it is none of these."""
    found = _NAMED.fullmatch(words.strip())
    if not found:
        raise ValueError(f"「{words}」不是草稿里的一条，请写成 第3条、问2、答2 或 跟进1")
    return Entry(_KINDS.get(found[1] or "", Kind.POINT), int(found[2]))


def words(draft: Draft, entry: Entry) -> str:
    """What stands there. Raises ValueError when there is no such entry."""
    _check(draft, entry)
    at = entry.nth - 1
    match entry.kind:
        case Kind.POINT:
            return draft.points[at].text
        case Kind.QUESTION:
            return draft.qa[at].q
        case Kind.ANSWER:
            return draft.qa[at].a
        case Kind.FOLLOW_UP:
            return draft.follow_ups[at].text


def changed(draft: Draft, entry: Entry, text: str) -> Draft:
    """The draft with other words there; what they rest on stays. Raises ValueError."""
    _check(draft, entry)
    at = entry.nth - 1
    match entry.kind:
        case Kind.POINT:
            point = replace(draft.points[at], text=text)
            return replace(draft, points=_put(draft.points, at, point))
        case Kind.FOLLOW_UP:
            left = replace(draft.follow_ups[at], text=text)
            return replace(draft, follow_ups=_put(draft.follow_ups, at, left))
        case _:
            return replace(draft, qa=_put(draft.qa, at, _pair(draft.qa[at], entry.kind, text)))


def without(draft: Draft, entry: Entry) -> Draft:
    """The draft without that entry; a question goes with its answer. Raises ValueError."""
    _check(draft, entry)
    at = entry.nth - 1
    match entry.kind:
        case Kind.POINT:
            return replace(draft, points=_cut(draft.points, at))
        case Kind.FOLLOW_UP:
            return replace(draft, follow_ups=_cut(draft.follow_ups, at))
        case _:
            return replace(draft, qa=_cut(draft.qa, at))


def corrected(draft: Draft, text: str) -> tuple[Draft, Entry | None]:
    """The draft with a guest's correction beside the point it is about, or else at its end."""
    likeness = [alike(text, point.text) for point in draft.points]
    best = max(range(len(likeness)), key=likeness.__getitem__, default=None)
    if best is None or likeness[best] < _LIKE:
        return replace(draft, notes=(*draft.notes, text)), None
    point = draft.points[best]
    noted = replace(point, note="；".join(filter(None, (point.note, text))))
    return replace(draft, points=_put(draft.points, best, noted)), Entry(Kind.POINT, best + 1)


def _check(draft: Draft, entry: Entry) -> None:
    there = {Kind.POINT: draft.points, Kind.FOLLOW_UP: draft.follow_ups}.get(entry.kind, draft.qa)
    if not 1 <= entry.nth <= len(there):
        many = f"只有 {len(there)} 条" if there else "一条也没有"
        raise ValueError(f"草稿里没有{entry}，这一类{many}")


def _pair(pair: Pair, kind: Kind, text: str) -> Pair:
    return replace(pair, q=text) if kind is Kind.QUESTION else replace(pair, a=text)


def _put(items: tuple[T, ...], at: int, item: T) -> tuple[T, ...]:
    return (*items[:at], item, *items[at + 1 :])


def _cut(items: tuple[T, ...], at: int) -> tuple[T, ...]:
    return (*items[:at], *items[at + 1 :])
