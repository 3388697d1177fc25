"""The line that tells a member what a rule did, and why; lines of half a minute go together."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import actions, wording
from bot.actions import AnyAction, Say
from bot.events import Message
from bot.times import show_seconds
from handlers.ladder import Rung
from handlers.scene import Scene
from rules.engine import Verdict
from storage import outbox
from storage.outbox import Plan

MERGE_FOR = timedelta(seconds=30)
LASTS = timedelta(minutes=10)


def plans(
    db: Session,
    scene: Scene,
    message: Message,
    verdict: Verdict,
    step: Rung,
    code: str,
    now: datetime,
) -> list[Plan]:
    """Lines to one chat within 30 seconds go together: nothing is planned for one that joins."""
    cause = f"notice:{scene.chat_id}"
    line = _line(verdict, step, code)
    waiting = outbox.planned(db, cause=cause)
    if waiting is not None:
        waiting.action = actions.encode(_merged(waiting.what, scene, message, line))
        db.flush()
        return []
    before = outbox.last(db, cause=cause)
    due = max(now, before.due + MERGE_FOR) if before else now
    say = Say(chat=scene.chat, text=line, mention=(message.member,))
    key = f"{message.key}/notice/C{scene.chat_id}"
    return [Plan(key=key, cause=cause, action=say, due=due, expires=due + LASTS)]


def waits_for(db: Session, scene: Scene, member: str) -> bool:
    """Whether a member has not been told yet of what was done before."""
    waiting = outbox.planned(db, cause=f"notice:{scene.chat_id}")
    notice = waiting.what if waiting else None
    return isinstance(notice, Say) and member in notice.mention


def _line(verdict: Verdict, step: Rung, code: str) -> str:
    # What was taken down is not put up again in the bot's own words.
    reason = verdict.reason.partition("「")[0] if step.recall else verdict.reason
    return wording.render(
        "breach",
        rule=verdict.rule,
        reason=reason,
        step=step,
        mute=show_seconds(step.mute),
        code=code,
    )


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
