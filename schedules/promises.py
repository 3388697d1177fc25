"""What was promised for a day: each post with its state, why, and the word that comes next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.orm import Session

from bot import times
from schedules import fanout, lifecycle, places, posts, relays, standing, steps
from schedules.steps import SILENT, STEP_NAMES, Planned, Step, To
from schedules.turn import Turn
from storage import guests
from storage.guests import GuestSession
from storage.outbox import STATE_NAMES, Delivery, State

_BEFORE, _AHEAD = timedelta(days=8), timedelta(days=12)
"""So far from its evening a promise may be due: its announcement, moved by holidays; its chase."""

_MANY = 3
"""So many troubled targets are named; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One step of one evening on one day. `next` is what to say or do about it."""

    number: int
    due: datetime
    zone: str
    group: str
    what: str
    state: State
    there: int
    all: int
    why: str
    next: str

    @property
    def line(self) -> str:
        clock = times.local(self.due, self.zone)
        count = f" {self.there}/{self.all}" if self.all > 1 else ""
        why = f"（{self.why}）" if self.why else ""
        state = STATE_NAMES[self.state]
        return f"{clock:%H:%M} #{self.number} {self.what}：{state}{count}{why} → {self.next}"


def of_day(
    db: Session, evenings: Iterable[GuestSession], day: date, now: datetime
) -> list[Promise]:
    """Every promise of these evenings that falls on a day of their own groups' calendar."""
    found: list[Promise] = []
    for evening in evenings:
        turn = Turn.of(db, evening, now)
        since = times.at(day, time(0), turn.group.zone)
        until = times.at(day + timedelta(days=1), time(0), turn.group.zone)
        found += [one for one in _of(turn) if since <= one.due < until]
    return sorted(found, key=lambda one: (one.due, one.number))


def on(db: Session, day: date, *, group_id: int = 0) -> list[GuestSession]:
    """Evenings that may have promised something for a day; of one group, or of all."""
    here = datetime.combine(day, time(12), UTC)
    near = guests.near(db, since=here - _BEFORE, until=here + _AHEAD)
    return [one for one in near if not group_id or guests.takes_part(db, one, group_id)]


def _of(turn: Turn) -> list[Promise]:
    called_off = turn.evening.state in (guests.State.CANCELLED, guests.State.MOVED)
    found = []
    for step in [] if called_off else steps.plan(turn.timing):
        mine = [one for one in turn.deliveries if standing.belongs(step, one)]
        if promise := _promise(turn, step, mine):
            found.append(promise)
    known = {(one.step, one.due) for one in turn.deliveries if one.step in set(Step)}
    notes = [one for one in turn.deliveries if (one.step, one.due) not in known]
    for name in dict.fromkeys(one.step for one in notes):
        if name in posts.OTHER_NAMES:
            mine = [one for one in notes if one.step == name]
            found.append(_stands(turn, posts.name_of(name), mine[-1].due, mine))
    return found


def _promise(turn: Turn, step: Planned, mine: Sequence[Delivery]) -> Promise | None:
    name = STEP_NAMES[step.step]
    if step.step in SILENT:
        done = turn.evening.sealed if step.step is Step.SEAL else bool(mine)
        state = State.DELIVERED if done else State.PLANNED
        return _made(turn, name, step.due, state, int(bool(done)), 1, "", _todo(turn, state, []))
    if mine:
        # When it was promised then: the evening's hours may have changed since.
        current = [one.due for one in mine if one.state != State.SUPERSEDED]
        return _stands(turn, name, min(current, default=step.due), mine)
    decision = turn.decide(step)
    if step.to is To.ATTENDEES or (step.due <= turn.now and not turn.places(step)):
        return None
    if decision.why:
        return _made(turn, name, step.due, State.EXPIRED, 0, 1, decision.why, "无需操作")
    count = len(turn.places(step))
    return _made(turn, name, step.due, State.PLANNED, 0, count, "", "到点自动发")


def _stands(turn: Turn, name: str, due: datetime, mine: Sequence[Delivery]) -> Promise:
    current = [one for one in mine if one.state != State.SUPERSEDED]
    state, why = standing.worst(mine)
    there = sum(one.state == State.DELIVERED for one in current)
    troubled = [one for one in current if one.state == state]
    if len(current) > 1 and state != State.DELIVERED:
        why = "；".join(filter(None, (_where(turn, troubled), why)))
    if state == State.PLANNED and (wait := _wait(turn, troubled)):
        why = "；".join(filter(None, (why, wait)))
    if state == State.DELIVERED:
        why = next((one.detail for one in current if one.detail), "")
    return _made(turn, name, due, state, there, len(current), why, _todo(turn, state, troubled))


def _made(
    turn: Turn, what: str, due: datetime, state: State, there: int, all: int, why: str, next: str
) -> Promise:
    group = turn.group
    return Promise(turn.evening.id, due, group.zone, group.name, what, state, there, all, why, next)


def _where(turn: Turn, troubled: Sequence[Delivery]) -> str:
    names = {place.name: place.group for place in places.told(turn.db, turn.evening)}
    shown = [names.get(one.target) or one.target for one in troubled]
    more = f" 等 {len(shown)} 处" if len(shown) > _MANY else ""
    return "、".join(shown[:_MANY]) + more


def _wait(turn: Turn, waiting: Sequence[Delivery]) -> str:
    """How long what is due already still has to wait for its turn."""
    due = [one for one in waiting if one.due <= turn.now]
    if not due or any(one.tried for one in due):
        return next((one.detail for one in due if one.detail), "")
    there = {place.name: place for place in places.told(turn.db, turn.evening)}
    takes = fanout.takes(turn.db, [there[one.target] for one in due if one.target in there])
    seconds = int(takes.total_seconds())
    return f"还在排队 {len(due)} 条，约 {times.show_seconds(max(seconds, 1))}" if seconds else ""


def _todo(turn: Turn, state: State, troubled: Sequence[Delivery]) -> str:
    code = relays.code(turn.db, turn.evening, troubled[0].target) if troubled else ""
    match state:
        case State.FAILED:
            return f"回复「重试 {turn.evening.id}」"
        case State.UNKNOWN:
            return f"在群里看一眼，回复「补发 {code}」或「不用 {code}」"
        case State.WAITING:
            return f"发到群里后回复「已发 {code}」"
        case State.EXPIRED if not {one.detail for one in troubled} <= lifecycle.NEEDLESS:
            return "需要的话请在群里说一声"
        case State.PLANNED:
            return "到点自动发"
        case State.CLAIMED:
            return "正在发"
    return "无需操作"
