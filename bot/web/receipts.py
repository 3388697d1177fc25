"""What an evening's page shows of its plan: every step, and what became of it at each target."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.actions import Announce, Say
from bot.people import Address
from schedules import places, posts, publishing, standing, steps
from schedules.steps import STEP_NAMES, Planned, Step
from schedules.turn import Turn
from storage import groups, guests, members, moves, outbox
from storage.guests import State as Evening
from storage.moves import Move
from storage.outbox import Delivery, State

TROUBLED = (State.FAILED, State.UNKNOWN, State.WAITING)
"""What somebody should look at. What expired is over, often because nobody needed it any more."""

_CALLED_OFF = (Evening.CANCELLED, Evening.MOVED)
_DRAFTED = (Evening.DRAFTED, Evening.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One delivery as people read it. `where` is its target by name, `words` what was said.

    `handed` are the messages that gave a person the words to post.
    """

    where: str
    words: str
    delivery: Delivery
    moves: Sequence[Move]
    handed: Sequence["Receipt"] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of the plan, or one word that the plan has not, such as a correction.

    `why` says of a step without receipts what is the matter; `ahead` is who will get it.
    """

    name: str
    due: datetime
    expires: datetime | None
    state: State
    why: str
    receipts: Sequence[Receipt] = ()
    ahead: Sequence[str] = ()

    @property
    def current(self) -> list[Receipt]:
        return [one for one in self.receipts if one.delivery.state != State.SUPERSEDED]

    @property
    def replaced(self) -> list[Receipt]:
        return [one for one in self.receipts if one.delivery.state == State.SUPERSEDED]

    @property
    def there(self) -> int:
        return sum(one.delivery.state == State.DELIVERED for one in self.current)


def troubled(entries: Sequence[Entry]) -> list[tuple[State, int]]:
    """How many entries somebody should look at, by state."""
    by_state = Counter(one.state for one in entries)
    return [(state, by_state[state]) for state in TROUBLED if by_state[state]]


def of_evening(turn: Turn) -> list[Entry]:
    """The plan in order of time, with everything else that was posted about the evening."""
    names = _Names.of(turn)
    rest = [one for one in turn.deliveries if one.step != publishing.STEP]
    found = []
    called_off = turn.evening.state in _CALLED_OFF
    for step in [] if called_off else steps.plan(turn.timing):
        mine = [one for one in rest if standing.belongs(step, one)]
        rest = [one for one in rest if not standing.belongs(step, one)]
        found.append(_of_step(turn, step, mine, names))
    together: dict[tuple[str, datetime, int], list[Delivery]] = {}
    for one in rest:
        together.setdefault((one.step, one.due, one.revision), []).append(one)
    found += [_of_note(turn, mine, names) for mine in together.values()]
    return sorted(found, key=lambda one: one.due)


def _of_step(turn: Turn, step: Planned, mine: Sequence[Delivery], names: "_Names") -> Entry:
    name = STEP_NAMES[step.step]
    receipts = [_receipt(turn.db, one, names) for one in mine]
    if current := [one for one in mine if one.state != State.SUPERSEDED]:
        # When it was promised then: its hours may have changed since.
        due, (state, why) = min(one.due for one in current), standing.worst(current)
        return Entry(name, due, step.expires, state, why, receipts)
    there = [names.of_place(one.chat, one.name) for one in turn.places(step)]
    state, why = _untaken(turn, step, bool(there))
    ahead = there if state == State.PLANNED else ()
    return Entry(name, step.due, step.expires, state, why, receipts, ahead)


def _untaken(turn: Turn, step: Planned, anybody: bool) -> tuple[State, str]:
    """How a step stands that led to no delivery."""
    if step.step is Step.SEAL and turn.evening.sealed:
        return State.DELIVERED, ""
    if step.step is Step.DRAFT and turn.evening.state in _DRAFTED:
        return State.DELIVERED, ""
    decision = turn.decide(step)
    if decision.why:
        return State.EXPIRED, decision.why
    if step.due <= turn.now and not anybody and step.step is not Step.SEAL:
        return State.EXPIRED, "没有要发给的人"
    return State.PLANNED, ""


def _of_note(turn: Turn, mine: Sequence[Delivery], names: "_Names") -> Entry:
    first = mine[0]
    state, why = standing.worst(mine)
    if all(one.state == State.SUPERSEDED for one in mine):
        state, why = State.SUPERSEDED, outbox.REPLACED
    receipts = [_receipt(turn.db, one, names) for one in mine]
    return Entry(posts.name_of(first.step), first.due, first.expires, state, why, receipts)


def _receipt(db: Session, delivery: Delivery, names: "_Names") -> Receipt:
    made = moves.of_delivery(db, delivery.id)
    waited = delivery.state == State.WAITING or any(one.was == State.WAITING for one in made)
    handed = outbox.of_cause(db, f"relay/{delivery.key}") if waited else ()
    action = delivery.what
    return Receipt(
        where=names.of_place(delivery.chat, delivery.target),
        words=action.text if isinstance(action, Say | Announce) else "",
        delivery=delivery,
        moves=made,
        handed=[_receipt(db, one, names) for one in handed],
    )


def chats(turn: Turn) -> dict[str, str]:
    """The evening's chats by what people call them: their groups, with the platform if need be."""
    there = places.chats(turn.db, turn.evening)
    twice = Counter(one.group for one in there)
    return {
        one.chat: f"{one.group}（{Address.of(one.chat).platform}）"
        if twice[one.group] > 1
        else one.group
        for one in there
    }


def others(turn: Turn) -> list[str]:
    """Groups beside the evening's own, with those that share it marked, and its channels."""
    shared = {group.name for group in guests.groups_of(turn.db, turn.evening, joint=True)}
    told = dict.fromkeys(place.group for place in places.told(turn.db, turn.evening))
    rest = [name for name in told if name != turn.group.name]
    return [f"{name}（联合）" if name in shared else name for name in rest]


@dataclass(frozen=True, slots=True)
class _Names:
    """What people call places: groups by their chats, persons by their cards in the home group."""

    db: Session
    chats: Mapping[str, str]
    cards: Mapping[str, str]

    @classmethod
    def of(cls, turn: Turn) -> "_Names":
        cards: dict[str, str] = {}
        for chat in groups.chats_of(turn.db, turn.group.id):
            cards |= {id: one.name for id, one in members.in_chat(turn.db, chat.id).items()}
        return cls(turn.db, chats(turn), cards)

    def of_place(self, chat: str, target: str) -> str:
        address = Address.of(chat)
        if not address.direct:
            group = None if chat in self.chats else groups.at_chat(self.db, chat)
            return self.chats.get(chat) or (group.name if group else chat)
        if target and not target.startswith("@"):
            return target
        return f"私聊 {self._person(address)}"

    def _person(self, address: Address) -> str:
        if card := self.cards.get(address.person):
            return card
        person = members.person_of(self.db, platform=address.platform, external=address.person)
        return person.name if person else address.person
