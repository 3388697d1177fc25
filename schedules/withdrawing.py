"""Taking a published summary back: posts recalled where that works, and a list of where not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.actions import Recall, SendFile
from schedules.publishing import STEP
from storage import abilities, groups, guests, outbox, summaries
from storage.guests import GuestSession
from storage.outbox import Delivery, Plan, State
from storage.summaries import Summary

WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Of which version how many posts are recalled; what stays somewhere, in words for people."""

    version: int
    recalled: int
    stays: Sequence[str]


def withdraw(
    db: Session, evening: GuestSession, summary: Summary, *, by: str, reason: str, now: datetime
) -> Withdrawn:
    """Whether a recall worked is known later; one that did not is told to the owner by itself."""
    summaries.withdraw(db, summary, by=by, reason=reason, now=now)
    evening.state = guests.State.DRAFTED
    outbox.supersede(db, cause=evening.cause, now=now, steps=(STEP,))
    sent = [one for one in outbox.of_cause(db, evening.cause) if _may_be_there(one)]
    recalls = [_recall(one, evening, now) for one in sent if not still_there(db, one)]
    outbox.put(db, recalls, now=now)
    stays = [why for one in sent if (why := still_there(db, one))]
    return Withdrawn(summary.version, len(recalls), stays)


def _may_be_there(delivery: Delivery) -> bool:
    there = (State.DELIVERED, State.UNKNOWN, State.CLAIMED)
    return delivery.step == STEP and delivery.state in there


def still_there(db: Session, delivery: Delivery) -> str:
    """Why a post cannot be taken back; empty for one that can."""
    group = groups.at_chat(db, delivery.chat)
    where = group.name if group else delivery.chat
    if isinstance(delivery.what, SendFile):
        return f"{where}：群文件「{delivery.what.name}」要手动删，已经下载的收不回"
    if delivery.state != State.DELIVERED or not delivery.receipt:
        return f"{where}：那条纪要消息不知道发到了没有，请看一眼，有就手动撤回"
    if missing := abilities.missing(db, chat=delivery.chat, name="recall"):
        return f"{where}：那条纪要消息撤不回（{missing.why or '这个平台不能撤回'}），请手动处理"
    return ""


def _recall(delivery: Delivery, evening: GuestSession, now: datetime) -> Plan:
    return Plan(
        key=f"{delivery.key}/{WITHDRAW}",
        cause=evening.cause,
        step=WITHDRAW,
        target=delivery.target,
        revision=delivery.revision,
        action=Recall(chat=delivery.chat, message=delivery.receipt),
        due=now,
        priority=0,
    )
