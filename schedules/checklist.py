"""What is to be mended before an evening, each with the word that mends it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy.orm import Session

from bot import times
from bot.people import Address
from schedules import holidays, places, relays, steps
from schedules.places import Target
from schedules.rehearsal import Rehearsal
from schedules.steps import STEP_NAMES, Step
from schedules.turn import Turn
from storage import abilities, audience, days, groups, guests
from storage.guests import Hush, State
from storage.members import Membership

_NOTICE = 2
"""Calendar days that people should have between hearing of an evening and its start."""

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Shut:
    """Why nothing can be posted in a chat, what opens it, and who posts there instead."""

    why: str
    fix: str
    relay: str


def problems(turn: Turn, played: Rehearsal, closed: Mapping[str, Shut]) -> list[str]:
    """Everything that stands in the way of a good evening, in words for who plans it.

    `turn` is the evening as it really stands now, `played` how its rehearsal went; `closed` are
    its chats that take no posts, by target.
    """
    return [
        *_guest(turn),
        *_people(turn),
        *_closed(turn, closed),
        *_places(turn),
        *_zones(turn),
        *_days(turn),
        *_steps(turn, played),
    ]


def closed(turn: Turn) -> dict[str, Shut]:
    """The evening's chats that are known not to take what the bot posts unasked, by target."""
    there = places.chats(turn.db, turn.evening)
    return {place.name: one for place in there if (one := _shut(turn.db, place))}


def _shut(db: Session, place: Target) -> Shut | None:
    known = abilities.missing(db, chat=place.chat, name=abilities.PUSH)
    account = Address.of(place.chat).account
    here = db.get(Membership, (int(place.name.removeprefix("C")), account))
    if known is None and (here is None or here.left is None):
        return None
    why, fix = (known.why or "不让机器人主动发言", known.fix) if known else ("机器人不在群里", "")
    relay = relays.of_chat(db, place.chat, owner=bool(fix))
    return Shut(why, fix, relay.name if relay else "")


def _guest(turn: Turn) -> list[str]:
    one = turn.evening
    found = []
    if one.confirmed is None:
        found.append(f"嘉宾还没确认，确认后才发嘉宾须知：「嘉宾 确认 {one.id}」")
    if len(one.accounts) < len(one.guest.split("、")):
        found.append(f"不知道嘉宾的账号，只能请主持人转交：「嘉宾 修改 {one.id} 账号=@某人」")
    if not one.poster:
        found.append("没有海报，预告只有文字：请 HR 在网页上这一场里上传")
    day = times.local(one.starts, turn.group.zone).date()
    since, until = (times.at(d, time(0), turn.group.zone) for d in (day, day + timedelta(days=1)))
    for name in one.guest.split("、"):
        for other in guests.of_guest(turn.db, name, since=since, until=until):
            if other.id != one.id and not other.hidden(turn.now):
                there = groups.get(turn.db, other.group_id).name
                found.append(f"嘉宾当天在「{there}」还有 #{other.id}：「改期 {one.id} 日期」换一天")
    return found


def _people(turn: Turn) -> list[str]:
    found = []
    scope = f"--scope {turn.group.name}"
    if not places.hosts(turn.db, turn.evening, turn.group):
        found.append(f"没有主持人，给主持人的提示没人收：「主持 {turn.evening.id} @某人」")
    if not places.hr(turn.db, turn.group):
        found.append(f"没有 HR 账号，草稿由群主审：banzhang role grant 工号 hr {scope}")
    return found


def _closed(turn: Turn, closed: Mapping[str, Shut]) -> list[str]:
    found: dict[Shut, list[Target]] = {}
    for place in places.chats(turn.db, turn.evening) if closed else ():
        if there := closed.get(place.name):
            found.setdefault(there, []).append(place)
    return [_shut_line(one, there) for one, there in found.items()]


def _shut_line(one: Shut, there: Sequence[Target]) -> str:
    what = f"{_named(place.group for place in there)}不可推送（{one.why}）"
    mend = f"{one.fix}；或者 " if one.fix else ""
    if one.relay:
        return f"{what}，会请 {one.relay} 转发：{mend}先和 {one.relay} 说好"
    relay = f"banzhang relay set --chat {there[0].chat} --number 工号"
    return f"{what}，也没有人转发：{mend}{relay}"


def _places(turn: Turn) -> list[str]:
    """Groups and channels that nothing reaches, and groups that cannot be muted."""
    db, one = turn.db, turn.evening
    there = places.told(db, one)
    reached = {place.group for place in there}
    silent = [group.name for group in guests.groups_of(db, one) if group.name not in reached]
    found = [
        f"{_named([name])}没有接上聊天，什么都收不到：banzhang group add --chat 聊天 --name {name}"
        for name in silent
    ]
    found += [
        f"渠道「{channel.name}」的 {person.name} 没有能私聊的账号：banzhang import roster 补上账号"
        for channel, person in audience.channels_of(db, one.id)
        if channel.name not in reached
    ]
    if one.hush != Hush.HARD:
        return found
    joint = places.chats(db, one, joint=True)
    loud = [p for p in joint if abilities.missing(db, chat=p.chat, name="mute_all")]
    names = _named(place.group for place in loud)
    return [*found, f"{names}不能全员静音：「软静音 开 {one.id}」"] if loud else found


def _zones(turn: Turn) -> list[str]:
    one, home = turn.evening, turn.group.zone
    found: dict[str, list[str]] = {}
    for group in guests.groups_of(turn.db, one):
        if times.offset(one.starts, group.zone) != times.offset(one.starts, home):
            found.setdefault(group.zone, []).append(group.name)
    here = f"{times.place(home)} {times.show_moment(one.starts, home)}"
    return [
        f"{_named(names)}在{times.place(zone)}时间 {times.show_moment(one.starts, zone)} 开始"
        f"（{here}），两个时间都会写上：不合适就「嘉宾 修改 {one.id} 时间=」"
        for zone, names in found.items()
    ]


def _days(turn: Turn) -> list[str]:
    one, zone, table = turn.evening, turn.group.zone, days.table(turn.db)
    starts = times.local(one.starts, zone).date()
    due = turn.announce_due() if one.state == State.PLANNED else None
    told = times.local(due, zone).date() if due else starts
    found = []
    if told != starts and (name := _off(told, table)):
        found.append(
            f"预告那天 {times.show_day(told)} 放假（{name}），照发："
            "以后的场次可以「节假日 提前到最近工作日」"
        )
    if name := _off(starts, table):
        found.append(f"分享那天放假（{name}）：「改期 {one.id} 日期」换一天")
    for year in sorted({day.year for day in (told, starts) if not holidays.day(day, table).known}):
        found.append(f"{year} 年的节假日还不知道，按平日算：banzhang import days 文件.csv")
    since = turn.now if one.state == State.PLANNED else one.planned
    if times.days_until(starts, since, zone) < _NOTICE:
        found.append(f"离开始不到两天，大家知道得晚：「改期 {one.id} 日期」换一天")
    return found


def _off(day: date, table: holidays.Table) -> str:
    """The holiday that a day is; empty for a working day or a plain weekend."""
    there = holidays.day(day, table)
    return "" if there.works else there.name


def _steps(turn: Turn, played: Rehearsal) -> list[str]:
    """Steps that will not be taken, and the moment at which the bot stumbled."""
    zone = turn.group.zone
    found = [
        f"{times.show_moment(scene.at, zone)} 的{STEP_NAMES[scene.step.step]}不会发"
        f"（{scene.why}）：要紧的话请自己说一声"
        for scene in played.scenes
        if scene.why
    ]
    planned = {one.step for one in steps.plan(turn.timing)}
    off = {step for step, choice in turn.timing.choices.items() if not choice.on}
    late = set(Step) - planned - off - {Step.WELCOME, Step.MUTE, Step.UNMUTE}
    found += [_too_late(step, turn.evening.id) for step in Step if step in late]
    if played.broke is not None:
        found.append(f"走到 {times.show_moment(played.broke, zone)} 出错，没有演完：请管理员看日志")
    # One line, though the words to be left unsaid differ from place to place.
    return list(dict.fromkeys(found))


def _too_late(step: Step, number: int) -> str:
    """A step for which these hours leave no time."""
    name = STEP_NAMES[step]
    if step in steps.RUNNING:
        return f"这一场太短，排不下{name}：「嘉宾 修改 {number} 时间=」"
    return f"{name}排在太晚的钟点，不会发：「步骤设置 {name} 提前1小时」"


def _named(names: Iterable[str]) -> str:
    """「A」「B」「C」等 7 个群"""
    found = list(dict.fromkeys(names))
    more = f"等 {len(found)} 个群" if len(found) > _NAMED else ""
    return "".join(f"「{name}」" for name in found[:_NAMED]) + more
