"""What a group goes by: the company's choices, its parent groups', its own; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from storage.rulebook import PARENT, Choice, Rulebook

MODE, LADDER = "mode", "ladder"
"""What origins call a choice's mode and ladder; its params go by their own names."""

NOT_HANDED_ON: Mapping[str, tuple[str, ...]] = {
    PARENT: (),
    "入群处理人": (),
    "入群条件": ("答案",),
}
"""Whom a group named, and its secrets: neither inherited nor copied. Nothing named is all of it."""

_WATCHED = "观察"


@dataclass(frozen=True, slots=True)
class Layer:
    """The choices of the company, of a parent group or of the group itself.

    `watched` names, by rule, lists that this group has from the layer and only watches so far,
    beginning at `since`.
    """

    name: str
    book: Rulebook
    watched: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: str = ""

    def choice(self, key: str) -> Choice:
        """What the layer says of one key; what is watched there is on trial."""
        choice = self.book.get(key, Choice())
        lists = self.watched.get(key, ())
        if not any(choice.params.get(name) for name in lists):
            return choice
        acts = {name: value for name, value in choice.params.items() if name not in lists}
        trial = choice.trial or choice.params
        return replace(choice, params=acts, trial=trial, since=max(self.since, choice.since))


@dataclass(frozen=True, slots=True)
class Resolved:
    """What is in force, and by (key, value's name) the layers that say so, the highest first."""

    book: Rulebook
    origins: Mapping[tuple[str, str], tuple[str, ...]]

    def origin(self, key: str, names: Iterable[str]) -> str:
        """Where some values come from, as people are shown it."""
        found = dict.fromkeys(one for name in names for one in self.origins.get((key, name), ()))
        return "+".join(found) or "默认"


def resolve(layers: Sequence[Layer]) -> Resolved:
    """One value beats those of the layers above it; lists add up."""
    book: Rulebook = {}
    origins: dict[tuple[str, str], tuple[str, ...]] = {}
    for layer in layers:
        for key in layer.book:
            choice = layer.choice(key)
            book[key] = under(book.get(key, Choice()), choice)
            for name, value in _said(choice):
                before = origins.get((key, name), ()) if isinstance(value, list) else ()
                origins[key, name] = (*before, layer.name)
    return Resolved(book, origins)


def under(above: Choice, own: Choice) -> Choice:
    """What holds where a layer says `own` below one that says `above`."""
    mode = own.mode or above.mode
    trial = _joined(above.trial or above.params, own.trial or own.params)
    begun = [
        one.since
        for one in (above, own)
        if one.trial or (one.mode == mode == _WATCHED and (one is own or not own.mode))
    ]
    return Choice(
        mode=mode,
        params=_joined(above.params, own.params),
        ladder=own.ladder or above.ladder,
        trial=trial if above.trial or own.trial else {},
        since=max(begun, default=""),
    )


def handed_on(book: Rulebook) -> Rulebook:
    """What a group has that others may have from it."""
    kept: Rulebook = {}
    for key, choice in book.items():
        own = NOT_HANDED_ON.get(key)
        if own is None:
            kept[key] = choice
        elif own:
            params = {name: value for name, value in choice.params.items() if name not in own}
            kept[key] = replace(choice, params=params)
    return kept


def own_alone(key: str, choice: Choice) -> dict[str, object]:
    """The params of a choice that are not for others."""
    names = NOT_HANDED_ON.get(key, ())
    return {name: value for name, value in choice.params.items() if name in names}


def _said(choice: Choice) -> Iterable[tuple[str, object]]:
    if choice.mode:
        yield MODE, choice.mode
    if choice.ladder:
        yield LADDER, choice.ladder
    yield from ((name, value) for name, value in choice.params.items() if value != [])


def _joined(above: Mapping[str, object], own: Mapping[str, object]) -> dict[str, object]:
    joined = dict(above)
    for name, value in own.items():
        upper = above.get(name)
        if isinstance(value, list) and isinstance(upper, list):
            joined[name] = [*upper, *(one for one in value if one not in upper)]
        else:
            joined[name] = value
    return joined
