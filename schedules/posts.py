"""The posts of an evening: what they say, and the deliveries they become."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time

import msgspec

from bot import times, wording
from bot.actions import Announce, AnyAction, MuteAll, Say, UnmuteAll
from schedules.places import Target
from schedules.steps import STEP_NAMES, Choice, Planned, Step, Timing
from storage.groups import Group
from storage.guests import GuestSession, Hush
from storage.outbox import Plan, State

_EVENING_BEGINS = time(17)
_SPOKEN = (Say, Announce)

OTHER_NAMES = {
    "correction": "更正",
    "cancelled": "取消通知",
    "cancelled_again": "开场前取消提醒",
    "moved": "改期通知",
    "guest_note": "告知嘉宾",
    "extended": "延长通知",
    "delayed": "顺延通知",
    "changed_guest": "换嘉宾通知",
    "publish": "纪要发布",
    "withdraw": "纪要撤回",
    "late": "补发说明",
}


def name_of(step: str) -> str:
    """What people call a post of an evening."""
    return STEP_NAMES[Step(step)] if step in set(Step) else OTHER_NAMES.get(step, "说明")


def timing(
    evening: GuestSession,
    group: Group,
    choices: dict[Step, Choice] | None = None,
    *,
    muted: bool = False,
) -> Timing:
    """An evening's hours as the table of steps wants them; `choices` are its home group's."""
    return Timing(
        evening.starts,
        evening.asks,
        evening.ends,
        evening.timed,
        group.zone,
        number=evening.id,
        announce_on=evening.announce_on,
        confirmed=evening.confirmed,
        hard=evening.hush == Hush.HARD,
        muted=muted,
        choices=choices or {},
    )


def facts(
    evening: GuestSession, group: Group, now: datetime, zone: str = "", *, revealed: bool = False
) -> dict[str, object]:
    """What every template may name, on the clock of `zone`, or of the evening's own.

    Elsewhere than at home the hours are given by both clocks. A mystery guest stays one, unless
    the post is `revealed` to somebody who may know.
    """
    zone = zone or group.zone
    starts, ends = (times.local(moment, zone) for moment in (evening.starts, evening.ends))
    word = times.day_word(starts.date(), now, zone)
    evening_now = word == "今天" and starts.time() >= _EVENING_BEGINS
    return {
        "number": evening.id,
        "guest": evening.guest if revealed else evening.shown_guest(now),
        "hint": evening.hint if evening.hidden(now) and not revealed else "",
        "topic": evening.topic,
        "group": group.name,
        "when": "今晚" if evening_now else word,
        "tonight": "今晚" if starts.time() >= _EVENING_BEGINS else "今天",
        "day": f"{starts:%m-%d} 周{times.WEEKDAYS[starts.weekday()]}",
        "start": f"{starts:%H:%M}",
        "ask": f"{times.local(evening.asks, zone):%H:%M}",
        "end": f"{ends:%H:%M}",
        "also": _also(evening, group.zone, zone),
        "hush": evening.hush,
        "away": False,
    }


def _also(evening: GuestSession, home: str, zone: str) -> str:
    """Whose clock was named, and the hours by the clock at home; empty where they are the same."""
    if times.offset(evening.starts, home) == times.offset(evening.starts, zone):
        return ""
    starts, ends = (times.local(moment, home) for moment in (evening.starts, evening.ends))
    there = times.show_day(starts.date())
    return f"{times.place(zone)}时间；{times.place(home)} {there}{starts:%H:%M}-{ends:%H:%M}"


def text(
    name: str,
    evening: GuestSession,
    group: Group,
    now: datetime,
    *,
    zone: str = "",
    revealed: bool = False,
    away: bool = False,
    **more: object,
) -> str:
    """The words of a post as they would be sent now; `away` to a group that is only told."""
    known = facts(evening, group, now, zone, revealed=revealed)
    return wording.render(name, **known | {"away": away}, **more)


def plan(
    step: Planned | str,
    evening: GuestSession,
    place: Target,
    words: str,
    *,
    due: datetime | None = None,
    after: datetime | None = None,
    expires: datetime | None = None,
    priority: int = 2,
    picture: str = "",
) -> Plan:
    """The delivery of a step to one target; a name instead is a word that the table has not.

    A word that is no step is due at `due`.
    """
    if isinstance(step, Planned):
        slot, due, expires, priority = step.slot, step.due, step.expires, step.priority
        name: str = step.step
    else:
        name, slot = step, None
    assert due is not None
    return Plan(
        key=f"{evening.cause}/{name}/r{evening.revision}/{place.name}",
        cause=evening.cause,
        step=name,
        target=place.name,
        revision=evening.revision,
        action=action(name, place, words, picture=picture),
        slot=slot,
        due=due,
        after=after,
        expires=expires,
        priority=priority,
    )


def action(step: str, place: Target, words: str, *, picture: str = "") -> AnyAction:
    """What a step does at a target."""
    if step == Step.MUTE:
        return MuteAll(chat=place.chat)
    if step == Step.UNMUTE:
        return UnmuteAll(chat=place.chat)
    if step == Step.ANNOUNCE and place.shared:
        return Announce(chat=place.chat, text=words, picture=picture)
    return Say(chat=place.chat, text=words, via=place.via, picture=picture)


def notes(
    name: str,
    evening: GuestSession,
    places: Iterable[Target],
    words: str,
    *,
    due: datetime,
    expires: datetime | None = None,
    priority: int = 2,
) -> list[Plan]:
    """A word that is no step of the table, to several targets: such as a line to the owner."""
    return [
        plan(name, evening, place, words, due=due, expires=expires, priority=priority)
        for place in places
    ]


def not_taken(plan: Plan, why: str) -> Plan:
    """The same delivery, closed before it was sent."""
    return replace(plan, state=State.EXPIRED, detail=why)


def reworded(action: AnyAction, words: str, *, picture: str = "") -> AnyAction:
    """The same post in other words, and with this picture or none."""
    if not isinstance(action, _SPOKEN):
        return action
    return msgspec.structs.replace(action, text=words, picture=picture)


def picture(step: str, evening: GuestSession, now: datetime) -> str:
    """The poster goes with the announcement, unless it would show who the guest is."""
    return evening.poster if step == Step.ANNOUNCE and not evening.hidden(now) else ""
