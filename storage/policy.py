"""The layers of one group, and what is in force for it."""

from sqlalchemy.orm import Session

from storage import rulebook
from storage.groups import Group
from storage.layers import Layer, Resolved, handed_on, resolve
from storage.rulebook import PARENT, Choice, Rulebook

COMPANY, OWN = "公司", "本群"
MOST_PARENTS = 5
"""More groups one above the other are a muddle."""


def above(db: Session, group_id: int | None, own: Rulebook | None = None) -> list[Layer]:
    """What holds for a group before its own choices, the company's first.

    With `own` as it would be if the group's own choices were these.
    """
    if group_id is None:
        return []
    company = Layer(COMPANY, handed_on(rulebook.book(db, None)))
    book = rulebook.book(db, group_id) if own is None else own
    return [company, *reversed(_parents(db, group_id, book))]


def _parents(db: Session, group_id: int, book: Rulebook) -> list[Layer]:
    found: list[Layer] = []
    seen = {group_id}
    watched: dict[str, tuple[str, ...]] = {}
    since = ""
    while (parent := _parent(db, book)) and parent.id not in seen:
        link = book[PARENT]
        since = max(since, link.since)
        for rule, lists in link.trial.items():
            names = tuple(map(str, lists)) if isinstance(lists, list) else ()
            watched = watched | {rule: (*watched.get(rule, ()), *names)}
        seen.add(parent.id)
        book = rulebook.book(db, parent.id)
        found.append(Layer(f"上级群 {parent.name}", handed_on(book), watched, since))
    return found


def _parent(db: Session, book: Rulebook) -> Group | None:
    """One that is not there any more is none."""
    number = rulebook.parent(book)
    return db.get(Group, number) if number is not None else None


def parent(db: Session, group_id: int) -> Group | None:
    """The group it is below, if any."""
    return _parent(db, rulebook.book(db, group_id))


def layers(db: Session, group_id: int | None) -> list[Layer]:
    """All that holds for a group, its own last; the company, which has no number, has one."""
    own = Layer(OWN if group_id is not None else COMPANY, rulebook.book(db, group_id))
    return [*above(db, group_id), own]


def resolved(db: Session, group_id: int | None) -> Resolved:
    return resolve(layers(db, group_id))


def book(db: Session, group_id: int | None) -> Rulebook:
    """What is in force for a group."""
    return resolved(db, group_id).book


def watched_here(db: Session, group_id: int | None) -> dict[str, Choice]:
    """Rules that a group watches by its own decision, with what is in force for them."""
    own = rulebook.book(db, group_id)
    if not any(choice.since for choice in own.values()):
        return {}
    begun = own.get(PARENT, Choice()).since
    found = {}
    for rule, choice in book(db, group_id).items():
        mine = {own.get(rule, Choice()).since, begun} - {""}
        if rule != PARENT and choice.since in mine and (choice.trial or choice.mode == "观察"):
            found[rule] = choice
    return found
