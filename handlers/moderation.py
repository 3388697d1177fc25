"""From verdicts to actions: the ladder of reminding, recalling, muting and telling the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import actions, wording
from bot.actions import AnyAction, Mute, Recall, Say
from bot.events import Message
from bot.people import Address
from bot.times import show_seconds
from handlers import ladder
from handlers.ladder import Rung
from rules.engine import RULES, Mode, Verdict
from storage import outbox, strikes
from storage.outbox import Plan

NOTICES_MERGE_FOR = timedelta(seconds=30)
STILL_NOW = timedelta(minutes=10)
_LASTS = timedelta(minutes=10)
_OBSERVED = "观察"


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a breach happened. `owners` are ids of those to tell; `ladders` by rule."""

    chat_id: int
    chat: str
    group_id: int
    owners: Sequence[str] = ()
    ladders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def act(
    db: Session,
    scene: Scene,
    *,
    event_id: int,
    message: Message,
    verdicts: Sequence[Verdict],
    now: datetime,
) -> list[Plan]:
    """Take the next step for the first rule that may act, and write down the rest.

    One message is one breach, whatever the number of rules it breaks.
    """
    acting = [verdict for verdict in verdicts if verdict.mode is Mode.ENFORCE]
    for verdict in verdicts:
        if verdict not in acting:
            _strike(db, scene, event_id, message, verdict, _OBSERVED, lasting=timedelta())
    if not acting:
        return []
    verdict = next((v for v in acting if v.recall), acting[0])
    if now - message.at > STILL_NOW:
        # Read after the bot was down: an ad still goes, but nobody is scolded for old words.
        return _plans(db, scene, message, verdict, Rung(recall=verdict.recall), now)
    step, fresh = _next_step(db, scene, message, verdict)
    if fresh:
        _strike(db, scene, event_id, message, verdict, str(step), lasting=ladder.STRIKE_LASTS)
    else:
        # Said before anybody could have read the last notice: it does not count once more.
        step = Rung(recall=step.recall)
    return _plans(db, scene, message, verdict, step, now)


def _next_step(db: Session, scene: Scene, message: Message, verdict: Verdict) -> tuple[Rung, bool]:
    count, last = strikes.standing(
        db, group_id=scene.group_id, member=message.member, rule=verdict.rule, now=message.at
    )
    steps = scene.ladders.get(verdict.rule, ())
    recalls = RULES[verdict.rule].recalls
    unread = last is not None and abs(message.at - last) < ladder.REACTION_TIME
    if count and (unread or _notice_waits(db, scene, message.member)):
        return ladder.rung(steps, count - 1, recalls=recalls), False
    return ladder.rung(steps, count, recalls=recalls), True


def _notice_waits(db: Session, scene: Scene, member: str) -> bool:
    waiting = outbox.planned(db, cause=f"notice:{scene.chat_id}")
    notice = waiting.what if waiting else None
    return isinstance(notice, Say) and member in notice.mention


def _strike(
    db: Session,
    scene: Scene,
    event_id: int,
    message: Message,
    verdict: Verdict,
    done: str,
    *,
    lasting: timedelta,
) -> None:
    strikes.add(
        db,
        group_id=scene.group_id,
        event_id=event_id,
        member=message.member,
        rule=verdict.rule,
        reason=verdict.reason,
        done=done,
        at=message.at,
        expires=message.at + lasting,
    )
    db.flush()


def _plans(
    db: Session, scene: Scene, message: Message, verdict: Verdict, step: Rung, now: datetime
) -> list[Plan]:
    plans = []
    if step.recall:
        plans.append(_plan(scene, message, 0, Recall(chat=scene.chat, message=message.id), now))
    if step.mute:
        mute = Mute(chat=scene.chat, member=message.member, seconds=step.mute)
        plans.append(_plan(scene, message, 1, mute, now))
    if step.remind or step.mute:
        plans += _notice(db, scene, message, verdict, step, now)
    if step.tell_owner:
        plans += [
            _plan(scene, message, 2 + n, word, now)
            for n, word in enumerate(_to_owners(scene, message, verdict, step))
        ]
    return plans


def _plan(scene: Scene, message: Message, n: int, action: AnyAction, now: datetime) -> Plan:
    here = f"C{scene.chat_id}"
    return Plan(
        key=f"{message.key}/{n}/{here if action.chat == scene.chat else action.chat}",
        cause=message.key,
        action=action,
        due=now,
        expires=now + _LASTS,
    )


def _notice(
    db: Session, scene: Scene, message: Message, verdict: Verdict, step: Rung, now: datetime
) -> list[Plan]:
    """The line that tells the member; lines to one chat within 30 seconds go together."""
    cause = f"notice:{scene.chat_id}"
    # What was taken down is not put up again in the bot's own words.
    reason = verdict.reason.partition("「")[0] if step.recall else verdict.reason
    line = wording.render(
        "breach", rule=verdict.rule, reason=reason, step=step, mute=show_seconds(step.mute)
    )
    waiting = outbox.planned(db, cause=cause)
    if waiting is not None:
        waiting.action = actions.encode(_merged(waiting.what, scene, message, line))
        db.flush()
        return []
    before = outbox.last(db, cause=cause)
    due = max(now, before.due + NOTICES_MERGE_FOR) if before else now
    say = Say(chat=scene.chat, text=line, mention=(message.member,))
    key = f"{message.key}/notice/C{scene.chat_id}"
    return [Plan(key=key, cause=cause, action=say, due=due, expires=due + _LASTS)]


def _merged(notice: AnyAction, scene: Scene, message: Message, line: str) -> Say:
    if not isinstance(notice, Say):
        raise TypeError("a notice is something said")
    who = message.name or message.member
    text = notice.text
    if len(notice.mention) == 1:
        first = notice.mention[0]
        text = f"{scene.names.get(first, first)}：{text}"
    mention = tuple(dict.fromkeys((*notice.mention, message.member)))
    return Say(chat=notice.chat, text=f"{text}\n{who}：{line}", mention=mention)


def _to_owners(scene: Scene, message: Message, verdict: Verdict, step: Rung) -> Sequence[AnyAction]:
    text = wording.render(
        "breach_owner",
        who=message.name or message.member,
        rule=verdict.rule,
        reason=verdict.reason,
        step=str(replace(step, tell_owner=False)),
    )
    here = Address.of(scene.chat)
    return [Say(chat=str(here.to(owner)), text=text, via=scene.chat) for owner in scene.owners]
