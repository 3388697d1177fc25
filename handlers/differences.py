"""What a change of many choices would do to one group: said beforehand, and done as one change."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace
from sqlalchemy.orm import Session

from handlers import rulelines, sections
from handlers.call import Answer, Call
from handlers.keeping import keep, reach, way_back
from rules import engine
from rules.engine import RULES, Mode
from storage import policy, rulebook
from storage.layers import Layer, own_alone, resolve
from storage.rulebook import PARENT, Choice, Rulebook

Choices = Mapping[str, Choice | None]
_SHOWN = 40
_ABOUT = 100
_USUAL = "默认"


@dataclass(frozen=True, slots=True)
class Proposal:
    """`choices` as they would be kept, and the differences that people would notice.

    `mark` is another one as soon as anything is, here or where the choices come from.
    """

    choices: Choices
    lines: tuple[str, ...]
    mark: str


def propose(db: Session, layer: int | None, asked: Choices, *, since: str) -> Proposal:
    """What keeping these would change. Lists of a rule that get longer are tried out first.

    `since` is now, as ISO.
    """
    layers = policy.layers(db, layer)
    own, higher = layers[-1].book, resolve(layers[:-1]).book
    choices = {
        key: _kept(key, own.get(key, Choice()), choice, higher.get(key, Choice()), since)
        for key, choice in asked.items()
    }
    kept = {key: one for key, one in own.items() if key not in choices}
    kept |= {key: one for key, one in choices.items() if one is not None}
    lines = between(resolve(layers).book, _after(db, layer, layers[-1].name, kept))
    return Proposal(choices, tuple(lines), _mark(own, asked, lines))


def _after(db: Session, layer: int | None, name: str, kept: Rulebook) -> Rulebook:
    """What would be in force; another group may be above then."""
    return resolve([*policy.above(db, layer, kept), Layer(name, kept)]).book


def _kept(key: str, own: Choice, choice: Choice | None, above: Choice, since: str) -> Choice | None:
    """A choice as it would be kept: what only this group may have stays."""
    if key not in RULES:
        alone = own_alone(key, own) if key != PARENT else {}
        other = choice or Choice()
        return replace(other, params=alone | other.params) if alone else choice
    if choice is None:
        return None
    watched = choice.mode == Mode.OBSERVE
    begun = (own.since if own.mode == Mode.OBSERVE else "") or since
    now = replace(choice, trial={}, since=begun if watched else "")
    return rulelines.held_back(RULES[key], own, now, above=above, since=since)


def between(before: Rulebook, after: Rulebook) -> list[str]:
    """The differences in force, one a line."""
    old, new = _values(before), _values(after)
    return [
        f"· {place}：{old.get(place, _USUAL)} → {new.get(place, _USUAL)}"
        for place in dict.fromkeys((*old, *new))
        if old.get(place) != new.get(place)
    ]


def _values(book: Rulebook) -> dict[str, str]:
    values = {str(place): words for place, words in sections.flat(book, every=True).items()}
    for name, rule in RULES.items():
        trial = rulelines.setting(rule, book.get(name, Choice())).trial
        values[f"{name} 试运行"] = engine.show_phrases(trial) if trial else "无"
    return values


def _mark(own: Rulebook, asked: Choices, lines: list[str]) -> str:
    """Without the moment when watching would begin, which is another one each time."""
    chosen = {key: one and replace(one, since="") for key, one in asked.items()}
    seen = msgspec.json.encode((own, chosen, lines))
    return hashlib.sha256(seen).hexdigest()[:8]


def settle(
    call: Call, asked: Choices, *, what: str, line: str, confirmed: str, always: bool = False
) -> Answer:
    """Show what would change and wait for 确认; then change it, if that is still the same.

    `line` is the command to be run on 确认, `confirmed` the mark that came with it. With `always`
    it is done also when nothing is different at the moment.
    """
    if confirmed:
        # Whoever else is about to change this group's choices is to be done first.
        rulebook.outdate(call.db, call.layer)
    found = propose(call.db, call.layer, asked, since=call.now.isoformat())
    place = "公司规则" if call.company else call.group.name
    if not found.lines and not always:
        return f"{what}：和 {place} 现在的没有差别，没有改动"
    if confirmed != found.mark:
        changed = "刚才给你看过以后又有变化，还没有改。" if confirmed else ""
        question = f"{changed}{what}，{place} 会这样变：\n{_listed(found.lines)}"
        return call.confirm(question, line=f"{line} 确认={found.mark}", about=what[:_ABOUT])
    version = keep(call, found.choices, what)
    done = f"{what}：{place} 已改 {len(found.lines)} 处，下一条消息起生效"
    more = f"。{also}" if (also := reach(call)) else ""
    return f"{done}，现在是第{version.number}版{more}。改回去发{way_back(call)}"


def _listed(lines: tuple[str, ...]) -> str:
    more = [f"……还有 {len(lines) - _SHOWN} 处"] if len(lines) > _SHOWN else []
    return "\n".join([*lines[:_SHOWN], *more]) or "眼下没有哪一处不一样"
