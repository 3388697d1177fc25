"""Once a minute: who decides hears of those at the door, is reminded, and hears what ran out."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import Say
from schedules import entry, quiet, welcomes
from storage import consents, groups, joins, raids
from storage.groups import Group
from storage.joins import Request, State
from storage.outbox import Plan, put

LASTS = timedelta(hours=24)
REMIND_BEFORE = timedelta(hours=4)
"""So long before a request expires who decides is asked once more."""

_EVENING_BEFORE = timedelta(hours=10)
_LISTED = 8
_SHORT = 60


def due(db: Session, _now: datetime) -> bool:
    """Whether there may be anything to do."""
    return joins.any_waiting(db) or consents.any_owed(db) or bool(raids.everywhere(db))


def tick(db: Session, now: datetime) -> None:
    """Tell of what is new, remind, let expire; give welcomes that are owed; end raids."""
    by_group: dict[int, list[Request]] = {}
    for request in joins.waiting(db):
        by_group.setdefault(request.group_id, []).append(request)
    for group_id, there in by_group.items():
        _advance(db, groups.get(db, group_id), there, now)
    welcomes.give(db, now)
    for raid in raids.everywhere(db):
        if raid.until <= now:
            raids.end(db, raid, now=now)


def _advance(db: Session, group: Group, there: Sequence[Request], now: datetime) -> None:
    expired = [one for one in there if one.expires <= now and not _fits_by_now(db, group, one, now)]
    for one in expired:
        joins.decide(db, one, State.EXPIRED, by="", reason="没有人处理", now=now)
    _tell(db, group, "expired", expired, now)
    still = [one for one in there if one.state == State.WAITING]
    new = [one for one in still if one.told is None]
    for one in new:
        one.told = now
    _tell(db, group, "waiting", new, now)
    late = [one for one in still if one.told and one.told < now and one.reminded is None]
    late = [one for one in late if now >= remind_at(one.expires, group.zone)]
    late = [one for one in late if not _fits_by_now(db, group, one, now)]
    for one in late:
        one.reminded = now
        joins.note(db, one, "reminded", now=now)
    _tell(db, group, "reminder", late, now)


def remind_at(expires: datetime, zone: str) -> datetime:
    """Four hours before the end, or the evening before where the night would swallow them."""
    moment = expires - REMIND_BEFORE
    if not quiet.quiet(moment, zone) or quiet.morning(moment, zone) < expires:
        return moment
    return quiet.morning(moment, zone) - _EVENING_BEFORE


def _fits_by_now(db: Session, group: Group, request: Request, now: datetime) -> bool:
    """Somebody inside whom the roster knows better by now is off the list without a word."""
    if not request.inside or request.state != State.WAITING:
        return False
    there = entry.judge(db, group, chat=request.chat, member=request.member, inside=True)
    if not there.admit:
        return False
    return joins.decide(db, request, State.ADMITTED, by="", reason="已符合条件", now=now)


def _tell(db: Session, group: Group, name: str, requests: Sequence[Request], now: datetime) -> None:
    """One word for all of them, to who decides, in private."""
    if not requests:
        return
    words = wording.render(
        "join_list",
        kind=name,
        group=group.name,
        lines=[line(db, one, group.zone) for one in requests[:_LISTED]],
        more=max(0, len(requests) - _LISTED),
        number=requests[0].id,
        answers=any(not one.inside and entry.answers(db, one.chat) for one in requests),
        inside=all(one.inside for one in requests),
    )
    plans = [
        Plan(
            key=f"join:{requests[-1].id}/{name}/{place.name}",
            cause=f"join:{requests[-1].id}",
            action=Say(chat=place.chat, text=words, via=place.via),
            due=now,
            after=quiet.loud(now, group.zone),
            priority=2,
        )
        for place in entry.deciders(db, group)
    ]
    put(db, plans, now=now)


def line(db: Session, request: Request, zone: str) -> str:
    """One request as who decides sees it: 3 号申请：林悦，级别 专员，不符合 总监及以上。"""
    kind = "核验" if request.inside else "申请"
    named = entry.known_name(db, chat=request.chat, member=request.member)
    who = named or f"{request.name or '账号'}（{request.member}）"
    answer = request.answer[:_SHORT] + ("…" if len(request.answer) > _SHORT else "")
    said = f"，答「{answer}」" if answer else ""
    until = times.show_moment(request.expires, zone)
    return f"{request.id} 号{kind}：{who}，{request.why}{said}。{until} 前有效"
