"""Whether the guest is there: who said so, and what becomes of an evening without one."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.actions import AnyAction
from bot.events import Message
from bot.people import Role
from handlers import wanted
from handlers.commands import PLANNERS, Answer, Call, Refused, command, evening, on
from handlers.grammar import Number, Options
from handlers.live import LEADERS, leading, tell_all
from storage import changes, guests
from storage.groups import Group
from storage.guests import AHEAD, LIVE, GuestSession, State

_EARLY = timedelta(hours=2)
"""A guest who speaks so shortly before the start is there."""


@command("到了 [编号]", who=frozenset({*LEADERS, Role.MEMBER, Role.GUEST}), aliases=("嘉宾 到场",))
def arrive(call: Call, number: Number | None) -> Answer:
    """嘉宾到场了，由嘉宾自己或主持人报一声。"""
    one = evening(call, number, (State.ANNOUNCED, *LIVE), shared=True)
    if not (
        call.roles & PLANNERS
        or call.member == one.host_account
        or is_guest(one, call.member, call.name)
    ):
        raise Refused("只有这一场的嘉宾或主持人可以报到")
    if one.arrived is None:
        one.arrived = call.now
    return f"好的，#{one.id} 嘉宾已到"


@command("备选 [编号] [嘉宾=] [主题=]", who=LEADERS, deed="换嘉宾")
def stand_in(call: Call, number: Number | None, options: Options) -> Answer:
    """开场前用「备选 12 嘉宾=刘老师」定好备选；嘉宾没到时发「备选」换上。"""
    one = evening(call, number, AHEAD)
    leading(call, one)
    if named := options.get("嘉宾"):
        name, account = wanted.who(call, named)
        if one.state not in LIVE:
            return _appoint(call, one, name, account)
        one.standby, one.standby_account = name, account
    if not one.standby:
        raise Refused(f"#{one.id} 没有定备选，写上是谁，如「备选 {one.id} 嘉宾=刘老师」")
    if one.state not in LIVE or one.arrived is not None:
        raise Refused(f"#{one.id} 还用不着换嘉宾。换人请用「嘉宾 修改」")
    values = {"guest": one.standby, "guest_account": one.standby_account}
    values |= {"standby": "", "standby_account": ""}
    if topic := options.get("主题"):
        values["topic"] = wanted.title(topic)
    changes.settle(call.db, one, by=call.member, what=f"换嘉宾 #{one.id}", now=call.now, **values)
    tell_all(call, one, "changed_guest")
    return f"#{one.id} 改由 {one.guest} 分享"


def _appoint(call: Call, one: GuestSession, name: str, account: str) -> Answer:
    what = f"备选嘉宾 #{one.id}"
    changes.change(
        call.db,
        one,
        by=call.member,
        what=what,
        now=call.now,
        standby=name,
        standby_account=account,
    )
    return [call.privately(f"#{one.id} 备选嘉宾：{name}")]


def is_guest(one: GuestSession, member: str, name: str) -> bool:
    """By account where it is known whose it is, else by the name on the card."""
    return member in one.accounts if one.accounts else guests.goes_by(name, one.guest)


@on(Message)
def speaks(db: Session, group: Group, message: Message, now: datetime) -> Sequence[AnyAction]:
    """A guest who says something shortly before the start, or after it, has arrived."""
    for one in guests.ahead(db, group.id):
        soon = message.at >= one.starts - _EARLY and one.state in (State.ANNOUNCED, *LIVE)
        if soon and one.arrived is None and is_guest(one, message.member, message.name):
            one.arrived = message.at
    return ()
