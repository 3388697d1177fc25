"""Planning an evening by chat, and seeing what is planned."""

from datetime import date

from bot import times
from bot.actions import Say
from bot.people import Role
from handlers import wanted
from handlers.commands import EVERYONE, PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Number, Options
from schedules import holidays, places, steps
from schedules.turn import Turn
from storage import changes, days, guests, outbox
from storage.guests import BEFORE, HELD, STATE_NAMES, GuestSession, State
from storage.outbox import Plan

DEED = "安排嘉宾分享"


@command(
    "嘉宾 安排 <日期> <嘉宾> <主题> [时间=] [另外=]",
    who=PLANNERS,
    aliases=("嘉宾 新建", "安排 嘉宾", "嘉宾安排", "安排嘉宾", "安排"),
    deed=DEED,
)
def plan(call: Call, day: date, guest: str, topic: str, options: Options) -> str:
    """排一场嘉宾分享，默认 19:30-21:00，提前两天中午预告。"""
    name, account = wanted.who(call, guest)
    starts, asks, ends = wanted.hours(call, day, options.get("时间"))
    title = wanted.title(topic)
    if others := wanted.on(call, day):
        return _taken(call, day, others[0], name, title, options)
    if options.get("另外") != "是" and (same := wanted.elsewhere(call, name, day)):
        return _same_guest(call, day, same[0], title, options)
    new = changes.plan(
        call.db,
        group=call.group,
        guest=name,
        guest_account=account,
        topic=title,
        starts=starts,
        asks=asks,
        ends=ends,
        announce_on=wanted.announce_on(call, starts),
        by=call.member,
        now=call.now,
    )
    unsure = _unknown_days(call, new)
    return f"#{new.id} 已建：{when(call, new)}，{name}《{new.topic}》。{coming(call, new)}{unsure}"


def _taken(
    call: Call, day: date, other: GuestSession, guest: str, topic: str, options: Options
) -> str:
    """The night is taken: other nights, or both guests on one."""
    span = f" 时间={options['时间']}" if "时间" in options else ""
    ways = [
        (times.show_day(one), f"嘉宾 安排 {one.isoformat()} {guest} {topic}{span}")
        for one in wanted.next_free(call, day)
    ]
    both = f"嘉宾={other.guest}、{guest} 主题={other.topic}／{topic}"
    if other.state in BEFORE and other.group_id == call.group.id and not other.mystery:
        ways.append(("做成联合场", f"嘉宾 修改 #{other.id} {both}"))
    taken = f"{times.show_day(day)} {wanted.taken_by(call, other)}，没有安排。可选："
    return call.choose(taken, ways)


def _same_guest(call: Call, day: date, other: GuestSession, topic: str, options: Options) -> str:
    """The guest is in another group that night; twice at the same time nobody can be."""
    span = f" 时间={options['时间']}" if "时间" in options else ""
    alone = f"嘉宾 安排 {day.isoformat()} {other.guest} {topic}{span} 另外=是"
    there = guests.groups_of(call.db, other)[0].name
    return call.choose(
        f"{times.show_day(day)} {other.guest} 已在 {there} 有 #{other.id}《{other.topic}》，"
        "没有安排。可选：",
        [
            (f"和 #{other.id} 做成联合场", f"嘉宾 联合 #{other.id}"),
            ("仍然单独安排", alone),
        ],
    )


def _unknown_days(call: Call, new: GuestSession) -> str:
    """Where nobody knows yet which days are off, say so, and tell IT once a year."""
    day = times.local(new.starts, call.group.zone).date()
    if holidays.day(day, days.table(call.db)).known:
        return ""
    text = (
        f"{day.year} 年的节假日安排还不知道，先按周一到周五是工作日算。"
        "放假通知出来后，请运行 banzhang import days 文件.csv"
    )
    plans = [
        Plan(
            key=f"days/{day.year}/{one.name}",
            cause="days",
            action=Say(chat=one.chat, text=text, via=one.via),
            due=call.now,
        )
        for one in places.hr(call.db, call.group, (Role.IT,))
    ]
    outbox.put(call.db, plans, now=call.now)
    return f"（{holidays.UNKNOWN}，按平日算）"


@command("嘉宾 列表", who=EVERYONE, aliases=("嘉宾 查看", "嘉宾列表"))
def show(call: Call) -> str:
    """看本群的嘉宾安排。"""
    ahead = guests.ahead(call.db, call.group.id)[:10]
    past = [one for one in guests.latest(call.db, call.group.id, limit=30) if one.state in HELD]
    found = [*past[:3][::-1], *ahead]
    if not found:
        return f"还没有安排嘉宾。群主可以发{call.line('嘉宾 安排 周四 王总 我的第一单')}"
    return "\n".join(
        f"#{one.id} {when(call, one)} {one.shown_guest(call.now)}《{one.topic}》"
        f" {STATE_NAMES[State(one.state)]}"
        for one in found
    )


@command("嘉宾 确认 [编号]", who=EVERYONE, aliases=("嘉宾确认",))
def confirm(call: Call, number: Number | None) -> Answer:
    """嘉宾确认能来；群主也可以代为登记。"""
    one = evening(call, number, BEFORE)
    if not (call.member in one.accounts or call.roles & PLANNERS):
        raise Refused("只有这一场的嘉宾，或群主/副群主/HR 可以确认")
    if one.state not in BEFORE:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不用再确认")
    if one.confirmed is not None:
        return [call.privately(f"#{one.id} 已经确认过了，到时见")]
    one.confirmed = call.now
    return [call.privately(f"#{one.id} 已登记嘉宾确认，马上把须知发给嘉宾")]


def when(call: Call, one: GuestSession) -> str:
    """11-26(周四)19:30-21:00, with the year where it is another one."""
    starts, ends = (times.local(moment, call.group.zone) for moment in (one.starts, one.ends))
    far = times.local(call.now, call.group.zone).year != starts.year
    year = f"{starts.year}-" if far else ""
    return f"{year}{times.show_moment(one.starts, call.group.zone)}-{ends:%H:%M}"


def coming(call: Call, one: GuestSession) -> str:
    """When it will be announced, and how to see the words first."""
    timing = Turn.of(call.db, one, call.now).timing
    announce = next((s for s in steps.plan(timing) if s.step is steps.Step.ANNOUNCE), None)
    if announce is None:
        return "本群关掉了预告，到点直接开场"
    if announce.expires is not None and max(announce.due, call.now) >= announce.expires:
        return "离开始太近，不再发预告，到点直接开场"
    due = times.show_moment(announce.due, call.group.zone)
    when = "马上" if announce.due <= call.now else f" {due}"
    missing = f"（群里没找到嘉宾的账号，可发{call.line(f'嘉宾 修改 {one.id} 账号=@某人')}补上）"
    known = "" if one.guest_account else missing
    return f"预告{when}发到本群。发{call.line(f'预览 {one.id}')}看公告{known}"
