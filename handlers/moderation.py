"""From verdicts to consequences: the ladder, or the question to a person, or only a note."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import AnyAction, Mute, Recall
from bot.events import Message
from handlers import forgiving, ladder, nicknames, notices, quarrels
from handlers.ladder import Rung
from handlers.scene import Scene as Scene
from rules.engine import RULES, Mode, Verdict
from storage import lessons, strikes
from storage.outbox import Plan
from storage.strikes import State, Strike

STILL_NOW = timedelta(minutes=10)
MOST_A_DAY = 20
"""So often the bot acts by itself in a chat and on a day; after that it asks."""

REMOVAL_AFTER = 5
"""Strikes after which a person is asked whether the member should stay."""

_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Consequences:
    """What to do, and whether the message counts as caught: it is then no part of what was said."""

    plans: Sequence[Plan] = ()
    caught: bool = False


def act(
    db: Session,
    scene: Scene,
    *,
    event_id: int,
    message: Message,
    verdicts: Sequence[Verdict],
    now: datetime,
) -> Consequences:
    """Take the next step for the first rule that may act, ask about the first that is unsure.

    One message is one breach, whatever the number of rules it breaks.
    """
    for verdict in verdicts:
        if verdict.mode is Mode.OBSERVE:
            state = State.TRIAL if verdict.trial else State.OBSERVED
            if verdict.rename:
                nicknames.note(db, scene, event_id, message, verdict, state)
            else:
                _strike(db, scene, event_id, message, verdict, state)
    fresh = now - message.at <= STILL_NOW
    open_ones = [
        v for v in verdicts if v.mode is not Mode.OBSERVE and not _learned(db, scene, message, v)
    ]
    plain = [verdict for verdict in open_ones if not (verdict.nudge or verdict.rename)]
    nudging = [verdict for verdict in open_ones if verdict.nudge and fresh]
    told = [plan for one in nudging for plan in quarrels.nudge(db, scene, message, one, now)]
    naming = [verdict for verdict in open_ones if verdict.rename and fresh]
    told += [
        plan for one in naming for plan in nicknames.ask(db, scene, event_id, message, one, now)
    ]
    acting = [verdict for verdict in plain if verdict.mode is Mode.ENFORCE and verdict.sure]
    if acting:
        done = _punish(db, scene, event_id, message, acting, now)
        return Consequences([*told, *done.plans], done.caught)
    if plain and fresh:
        return Consequences([*told, *_ask(db, scene, event_id, message, plain[0], now)])
    return Consequences(told)


def _learned(db: Session, scene: Scene, message: Message, verdict: Verdict) -> bool:
    """Whether a person said of a message like this that it is no breach."""
    text = message.name if verdict.rename else message.text
    lesson = lessons.like(db, group_id=scene.group_id, rule=verdict.rule, text=text)
    return lesson is not None


def _punish(
    db: Session,
    scene: Scene,
    event_id: int,
    message: Message,
    acting: Sequence[Verdict],
    now: datetime,
) -> Consequences:
    verdict = next((v for v in acting if v.recall), acting[0])
    if now - message.at > STILL_NOW:
        # Read after the bot was down: an ad still goes, but nobody is scolded for old words.
        return Consequences(_only_recall(scene, message, verdict, now), caught=True)
    today = times.at(times.local(now, scene.zone).date(), time(0), scene.zone)
    if strikes.acted(db, chat_id=scene.chat_id, since=today) >= MOST_A_DAY:
        return Consequences(_ask(db, scene, event_id, message, verdict, now, bound=True))
    step, counts = next_step(db, scene, message, verdict)
    if not counts:
        # Said before anybody could have read the last notice: it does not count once more.
        return Consequences(_only_recall(scene, message, verdict, now), caught=True)
    strike = _strike(db, scene, event_id, message, verdict, State.DONE, step)
    return Consequences(plans(db, scene, message, verdict, step, strike, now), caught=True)


def _only_recall(scene: Scene, message: Message, verdict: Verdict, now: datetime) -> list[Plan]:
    recall = Recall(chat=scene.chat, message=message.id)
    return [_plan(scene, message, 0, recall, now)] if verdict.recall else []


def next_step(db: Session, scene: Scene, message: Message, verdict: Verdict) -> tuple[Rung, bool]:
    """What comes next on the ladder, and whether the breach counts as one more."""
    count, last = strikes.standing(
        db, group_id=scene.group_id, member=message.member, rule=verdict.rule, now=message.at
    )
    count = forgiving.counting(db, scene, message.member, count, last)
    steps = scene.ladders.get(verdict.rule, ())
    recalls = RULES[verdict.rule].recalls
    unread = last is not None and abs(message.at - last) < ladder.REACTION_TIME
    if count and (unread or notices.waits_for(db, scene, message.member)):
        return ladder.rung(steps, count - 1, recalls=recalls), False
    return ladder.rung(steps, count, recalls=recalls), True


def _strike(
    db: Session,
    scene: Scene,
    event_id: int,
    message: Message,
    verdict: Verdict,
    state: State,
    step: Rung | None = None,
) -> Strike:
    return strikes.add(
        db,
        group_id=scene.group_id,
        chat_id=scene.chat_id,
        event_id=event_id,
        member=message.member,
        name=message.name or message.member,
        message=message.id,
        rule=verdict.rule,
        reason=verdict.reason,
        done=str(step) if step else "",
        state=state,
        at=message.at,
        expires=message.at + (ladder.STRIKE_LASTS if step else timedelta()),
    )


def plans(
    db: Session,
    scene: Scene,
    message: Message,
    verdict: Verdict,
    step: Rung,
    strike: Strike,
    now: datetime,
) -> list[Plan]:
    """What one rung of the ladder does: to the message, to the member, to the owner's knowledge."""
    found = []
    if step.recall:
        found.append(_plan(scene, message, 0, Recall(chat=scene.chat, message=message.id), now))
    if step.mute:
        mute = Mute(chat=scene.chat, member=message.member, seconds=step.mute)
        found.append(_plan(scene, message, 1, mute, now))
    if step.remind or step.mute:
        found += notices.plans(db, scene, message, verdict, step, strike.code or "", now)
    often, _ = strikes.standing(
        db, group_id=scene.group_id, member=message.member, rule=verdict.rule, now=message.at
    )
    if step.tell_owner or often >= REMOVAL_AFTER:
        words = wording.render(
            "breach_owner",
            who=message.name or message.member,
            rule=verdict.rule,
            reason=verdict.reason,
            step=str(replace(step, tell_owner=False)),
            code=strike.code,
            member=message.member,
            removal=often >= REMOVAL_AFTER,
            often=often,
        )
        told = enumerate(scene.to_owners(words))
        found += [_plan(scene, message, 2 + n, word, now) for n, word in told]
    return found


def _ask(
    db: Session,
    scene: Scene,
    event_id: int,
    message: Message,
    verdict: Verdict,
    now: datetime,
    *,
    bound: bool = False,
) -> list[Plan]:
    """Put it to the owner; the message stands until a person decides."""
    step, _ = next_step(db, scene, message, verdict)
    strike = _strike(db, scene, event_id, message, verdict, State.ASKED)
    words = wording.render(
        "asked",
        who=message.name or message.member,
        rule=verdict.rule,
        reason=verdict.reason,
        said=short(message.text),
        step=str(step),
        code=strike.code,
        bound=bound,
    )
    told = enumerate(scene.to_owners(words))
    return [_plan(scene, message, 2 + n, word, now, lasts=strikes.ASK_LASTS) for n, word in told]


def short(text: str) -> str:
    """A message on one line, for a person to recognise it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= 40 else f"{line[:40]}…"


def _plan(
    scene: Scene,
    message: Message,
    n: int,
    action: AnyAction,
    now: datetime,
    *,
    lasts: timedelta = _LASTS,
) -> Plan:
    here = f"C{scene.chat_id}"
    return Plan(
        key=f"{message.key}/{n}/{here if action.chat == scene.chat else action.chat}",
        cause=message.key,
        action=action,
        due=now,
        expires=now + lasts,
    )
