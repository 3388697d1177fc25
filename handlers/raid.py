"""Join waves: a group on its guard, and how its owner calls that off."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import AnyAction, Say
from bot.events import Joined
from handlers.commands import KEEPERS, Answer, Call, NoneHere, command, on
from handlers.rulelines import settings
from rules.engine import Mode
from rules.raid import NAME, Raid
from schedules import places, quiet
from storage import outbox, policy, raids
from storage.groups import Group
from storage.outbox import Plan


@on(Joined)
def watch(db: Session, group: Group, event: Joined, now: datetime) -> Sequence[AnyAction]:
    """Too many at once put the group on its guard, and the owner is told once."""
    setting = settings(policy.book(db, group.id))[NAME]
    params = setting.params
    if setting.mode is Mode.OFF or not isinstance(params, Raid):
        return ()
    count = raids.came(db, chat=event.chat, since=now - timedelta(minutes=params.minutes))
    if count <= params.limit or raids.standing(db, group.id) is not None:
        return ()
    _begin(db, group, params, count, now)
    return ()


def _begin(db: Session, group: Group, params: Raid, count: int, now: datetime) -> None:
    raid = raids.begin(db, group_id=group.id, now=now, lasts=timedelta(minutes=params.lasts))
    words = wording.render(
        "join_raid",
        group=group.name,
        minutes=params.minutes,
        count=count,
        until=times.show_moment(raid.until, group.zone),
    )
    plans = [
        Plan(
            key=f"raid:{raid.id}/{place.name}",
            cause=f"raid:{raid.id}",
            action=Say(chat=place.chat, text=words, via=place.via),
            due=now,
            after=quiet.loud(now, group.zone),
        )
        for place in places.owners(db, group)
    ]
    outbox.put(db, plans, now=now)


@command("入群 解除警戒", who=KEEPERS, aliases=("解除警戒",), deed="解除警戒")
def stand_down(call: Call) -> Answer:
    """没事了：入群申请照条件处理，新成员的链接放行。"""
    raid = raids.standing(call.db, call.group.id)
    if raid is None:
        raise NoneHere(f"{call.group.name} 没有在警戒")
    raids.end(call.db, raid, now=call.now, by=call.member)
    return f"{call.group.name} 已解除警戒"
