"""Telling more groups of an evening, sharing one with them, and channels that people post in."""

from collections.abc import Sequence
from datetime import time, timedelta

from sqlalchemy.orm import Session

from bot import times, wording
from bot.actions import Say
from bot.people import Address
from handlers.commands import PLANNERS, Answer, Call, NoneHere, Refused, command, evening
from handlers.grammar import Number, Options
from schedules import fanout, muting, places, quiet, standing
from schedules.steps import Step
from schedules.turn import Turn
from storage import audience, changes, groups, guests, outbox
from storage.groups import Group
from storage.guests import AHEAD, BEFORE, STATE_NAMES, GuestSession, State
from storage.members import roles_in, scopes
from storage.outbox import Plan

_EVERYWHERE = ("全公司", "全国", "全部")
_PLACES = {"公司": "company", "片区": "region", "级别": "level", "项目组": "project"}
_DEED = "铺开"
_NAMED = 12


@command(
    "铺开 <编号> [范围=] [公司=] [片区=] [级别=] [项目组=] [渠道=] [确认=]",
    who=PLANNERS,
    aliases=("嘉宾 铺开",),
    deed=_DEED,
)
def spread(call: Call, number: Number, options: Options) -> Answer:
    """让更多群一起收到预告和各步通知，如：铺开 12 片区=华东 级别=总监 渠道=朋友圈。"""
    one = evening(call, number, AHEAD)
    if one.state not in AHEAD:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不能再铺开")
    there = {group.id for group in guests.groups_of(call.db, one)}
    new = [group for group in _found(call.db, options) if group.id not in there]
    channels = _channels(call.db, options.get("渠道", ""))
    if not new and not channels:
        raise Refused("没有新的群或渠道符合。范围可以写群名、片区、级别、项目组，或「全公司」")
    names = "、".join(group.name for group in new[:_NAMED])
    more = f" 等 {len(new)} 个群" if len(new) > _NAMED else ""
    if new and options.get("确认") != f"{len(new)}":
        question = f"#{one.id} 将铺开到 {len(new)} 个群：{names}{more}"
        said = call.said.partition(" 确认=")[0]
        return call.confirm(question, line=f"{said} 确认={len(new)}", about=f"铺开 #{one.id}")
    for group in new:
        _join(call, one, group, joint=False)
    if new:
        joined = [group.id for group in new]
        what = f"铺开 #{one.id}"
        changes.note_join(call.db, one, by=call.member, what=what, now=call.now, joined=joined)
    for channel in channels:
        audience.add_channel(
            call.db, evening_id=one.id, channel_id=channel.id, by=call.member, now=call.now
        )
    posted = "、".join(channel.name for channel in channels)
    parts = [f"{len(new)} 个群"] if new else []
    parts += [f"渠道 {posted}"] if posted else []
    return f"#{one.id} 已铺开到 {'、'.join(parts)}。{_eta(call, one)}"


def _eta(call: Call, one: GuestSession) -> str:
    """When the announcement will have reached everybody."""
    turn = Turn.of(call.db, one, call.now)
    told = standing.told(turn.deliveries)
    left = [place for place in places.told(call.db, one) if place.name not in told]
    takes = fanout.takes(call.db, left)
    due = turn.announce_due()
    if not left or due is None:
        return ""
    begins = max(due, quiet.loud(call.now, call.group.zone))
    ends = begins + takes + timedelta(seconds=59)
    starts = times.show_moment(begins, call.group.zone)
    until = f"，预计 {times.local(ends, call.group.zone):%H:%M} 前发完" if takes else ""
    return f"预告 {starts} 起发{until}"


@command("嘉宾 联合 <编号> [群名]", who=PLANNERS, aliases=("联合",), deed="做联合场")
def share(call: Call, number: Number, name: str | None) -> Answer:
    """和别的群合办一场：一个提问队列、一份纪要。不写群名就是本群加入。"""
    one = guests.get(call.db, number, to_change=True)
    if one is None or one.state not in BEFORE:
        raise Refused(f"没有 #{number} 这场还没开始的分享")
    home = groups.get(call.db, one.group_id)
    if call.group.id != home.id and not _plans(call, home):
        return _ask_home(call, one, home)
    group = groups.named(call.db, name) if name else call.group
    if group is None:
        raise Refused(f"没有叫「{name}」的群")
    _free(call, one, group)
    if not _join(call, one, group, joint=True):
        raise Refused(f"#{one.id} 已经是 {group.name} 的联合场")
    what = f"联合 #{one.id}"
    changes.note_join(call.db, one, by=call.member, what=what, now=call.now, joined=[group.id])
    names = "、".join(g.name for g in guests.groups_of(call.db, one, joint=True))
    return f"#{one.id} 是联合场了：{names}。提问合成一个队列，纪要一份，出勤按人算一次"


def _plans(call: Call, home: Group) -> bool:
    """Whether the caller decides in the evening's own group as well."""
    held = roles_in(call.db, home, platform=call.address.platform, member=call.member)
    return bool(held & PLANNERS)


def _ask_home(call: Call, one: GuestSession, home: Group) -> str:
    """An evening is its own group's: whoever decides there says yes or no."""
    words = wording.render(
        "wants_to_share",
        group=call.group.name,
        by=call.name,
        number=one.id,
        topic=one.topic,
    )
    plans = [
        Plan(
            key=f"share/{one.id}/{call.group.id}/{place.name}",
            cause="joined",
            action=Say(chat=place.chat, text=words, via=place.via),
            due=call.now,
            after=quiet.loud(call.now, home.zone),
        )
        for place in places.owners(call.db, home)
    ]
    outbox.put(call.db, plans, now=call.now)
    return f"已经请「{home.name}」的群主同意和 #{one.id} 做联合场，同意后会告诉你"


def _free(call: Call, one: GuestSession, group: Group) -> None:
    """Raises Refused when the other group has an evening of its own on that day."""
    day = times.local(one.starts, group.zone).date()
    since, until = (times.at(d, time(0), group.zone) for d in (day, day + timedelta(days=1)))
    there = guests.between(call.db, group_id=group.id, since=since, until=until)
    others = [other for other in there if other.id != one.id]
    if others:
        raise Refused(f"{times.show_day(day)} {group.name} 已有 #{others[0].id}，不能再做联合场")


@command("铺开退出 <编号> [群名]", who=PLANNERS, aliases=("铺开 退出", "退出"), deed=_DEED)
def leave(call: Call, number: Number, name: str | None) -> Answer:
    """本群（或写明的群）不再收这一场的通知。"""
    one = guests.get(call.db, number, to_change=True)
    group = groups.named(call.db, name) if name else call.group
    if one is None or group is None:
        raise Refused(f"没有 #{number} 这场分享，或没有这个群")
    if one.group_id == group.id or group.id not in (call.group.id, _sent_away(call, one, group)):
        raise NoneHere(f"#{one.id} 不能由本群让 {group.name} 退出")
    targets = {f"C{chat.id}" for chat in groups.chats_of(call.db, group.id)}
    turn = Turn.of(call.db, one, call.now, to_change=True)
    if not audience.remove(call.db, evening_id=one.id, group_id=group.id):
        raise NoneHere(f"{group.name} 本来就没有收 #{one.id} 的通知")
    # Nobody stays muted in a group that has left.
    lifts = [plan for plan in muting.at_once(turn, Step.UNMUTE) if plan.target in targets]
    outbox.put(call.db, lifts, now=call.now)
    for delivery in turn.deliveries:
        planned = delivery.target in targets and delivery.state == outbox.State.PLANNED
        if planned and delivery.step != Step.UNMUTE:
            outbox.move(call.db, delivery, outbox.State.SUPERSEDED, now=call.now, why="本群退出了")
    what = f"退出 #{one.id} {group.name}"
    changes.settle(call.db, one, by=call.member, what=what, now=call.now)
    groups.touch(call.db, group.id)
    return f"{group.name} 不再收 #{one.id} 的通知"


def _sent_away(call: Call, one: GuestSession, group: Group) -> int:
    """The evening's own group may send another one away; others speak for themselves only."""
    return group.id if one.group_id == call.group.id else 0


def _join(call: Call, one: GuestSession, group: Group, *, joint: bool) -> bool:
    new = audience.add(
        call.db,
        evening_id=one.id,
        group_id=group.id,
        joint=joint,
        by=call.member,
        now=call.now,
    )
    if new:
        groups.touch(call.db, group.id)
        _tell_owners(call, one, group, joint=joint)
    return new


def _tell_owners(call: Call, one: GuestSession, group: Group, *, joint: bool) -> None:
    """Whoever owns the other group hears of it first, and how to say no."""
    others = [group] if group.id != call.group.id else [groups.get(call.db, one.group_id)]
    for other in others:
        words = wording.render(
            "joined",
            number=one.id,
            guest=one.shown_guest(call.now),
            topic=one.topic,
            group=group.name,
            by=call.name,
            joint=joint,
            own=other.id == group.id,
        )
        plans = [
            Plan(
                key=f"joined/{one.id}/{group.id}/{int(joint)}/{place.name}",
                cause="joined",
                action=Say(chat=place.chat, text=words, via=place.via),
                due=call.now,
                after=quiet.loud(call.now, other.zone),
            )
            for place in places.owners(call.db, other)
            if Address.of(place.chat).person != call.member
        ]
        outbox.put(call.db, plans, now=call.now)


def _found(db: Session, options: Options) -> list[Group]:
    """Groups that every given place covers; 范围 names one or several, of any kind."""
    asked = {_PLACES[name]: options[name] for name in _PLACES if name in options}
    words = set(options.get("范围", "").replace("、", " ").replace("，", " ").split())
    if not asked and not words:
        return []
    return [
        group
        for group in groups.everyone(db)
        if all(getattr(group, column) == value for column, value in asked.items())
        and (not words or words & set(_EVERYWHERE) or words & (scopes(db, group) - {""}))
    ]


def _channels(db: Session, names: str) -> Sequence[audience.Channel]:
    known = {channel.name: channel for channel, _ in audience.channels(db)}
    wanted = names.replace("、", " ").replace("，", " ").replace(",", " ").split()
    for name in wanted:
        if name not in known:
            there = "、".join(known) or "还没有，请 IT 用 banzhang channel set 添加"
            raise Refused(f"没有「{name}」这个渠道。现有：{there}")
    return [known[name] for name in wanted]
