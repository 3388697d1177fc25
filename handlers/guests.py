"""Planning, changing and cancelling an evening by chat."""

from collections.abc import Sequence
from datetime import date

from bot import times
from bot.people import Address
from handlers import wanted
from handlers.commands import EVERYONE, PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Misread, Number, Options
from schedules import lifecycle, posts, standing
from schedules.posts import Target
from storage import groups, guests, outbox
from storage.guests import BEFORE, LIVE, STATE_NAMES, Change, GuestSession, State

_DEED = "安排嘉宾分享"
_HELD = (State.CLOSED, State.DRAFTED, State.PUBLISHED)
_UNSEEN = "嘉宾账号"
"""A change that members do not see, and are not told of."""


@command(
    "嘉宾 安排 <日期> <嘉宾> <主题> [时间=]",
    who=PLANNERS,
    aliases=("嘉宾 新建", "安排 嘉宾", "嘉宾安排", "安排嘉宾", "安排"),
    deed=_DEED,
)
def plan(call: Call, day: date, guest: str, topic: str, options: Options) -> str:
    """排一场嘉宾分享，默认 19:30-21:00，提前两天中午预告。"""
    name, account = wanted.who(call, guest)
    starts, asks, ends = wanted.hours(call, day, options.get("时间"))
    wanted.free(call, day)
    new = guests.plan(
        call.db,
        group=call.group,
        guest=name,
        guest_account=account,
        topic=wanted.title(topic),
        starts=starts,
        asks=asks,
        ends=ends,
        by=call.member,
        now=call.now,
    )
    return f"#{new.id} 已建：{_when(call, new)}，{name}《{new.topic}》。{_next(call, new)}"


@command("嘉宾 列表", who=EVERYONE, aliases=("嘉宾 查看", "嘉宾列表"))
def show(call: Call) -> str:
    """看本群的嘉宾安排。"""
    ahead = guests.ahead(call.db, call.group.id)[:10]
    past = [one for one in guests.latest(call.db, call.group.id, limit=30) if one.state in _HELD]
    found = [*past[:3][::-1], *ahead]
    if not found:
        return f"还没有安排嘉宾。群主可以发{call.line('嘉宾 安排 周四 王总 我的第一单')}"
    return "\n".join(
        f"#{one.id} {_when(call, one)} {one.guest}《{one.topic}》 {STATE_NAMES[State(one.state)]}"
        for one in found
    )


@command(
    "嘉宾 修改 <编号> [嘉宾=] [主题=] [日期=] [时间=] [账号=]",
    who=PLANNERS,
    aliases=("嘉宾修改", "修改"),
    deed=_DEED,
)
def change(call: Call, number: Number, options: Options) -> Answer:
    """改嘉宾、主题、日期、时间；预告发出后会在群里更正。"""
    one = evening(call, number, BEFORE)
    if set(options) != {"账号"} or one.state not in LIVE:
        _refuse_begun(one)
    if not options:
        raise Misread("要改什么？如：嘉宾 修改 #12 嘉宾=刘老师 时间=20:00-21:15")
    values, said_so = _changes(call, one, options)
    if not said_so:
        raise Refused("和原来一样，没有改动")
    what = "；".join(said_so)
    guests.change(call.db, one, by=call.member, what=what, now=call.now, **values)
    told = _correct(call, one) if said_so != [_UNSEEN] else []
    more = f"向 {len(told)} 个已预告的群发更正" if told else _next(call, one)
    return f"#{one.id} 已改：{what}。{more}"


@command("嘉宾 取消 [编号] [原因=]", who=PLANNERS, aliases=("嘉宾取消", "取消"), deed=_DEED)
def cancel(call: Call, number: Number | None, options: Options) -> Answer:
    """取消一场分享；预告发出后会在群里说明。"""
    one = evening(call, number, BEFORE)
    _refuse_begun(one)
    guests.change(
        call.db,
        one,
        by=call.member,
        what=f"取消 #{one.id}",
        now=call.now,
        state=State.CANCELLED,
        reason=options.get("原因", "")[: wanted.LONGEST_TITLE],
    )
    told = _call_off(call, one)
    more = f"向 {len(told)} 个已预告的群发取消通知" if told else "还没有预告过，不用通知"
    return f"#{one.id} {one.guest}《{one.topic}》已取消，{more}。恢复发{call.line('撤销')}"


def take_back(call: Call, last: Change) -> str:
    """Undo the caller's last change to a plan, and correct what was said of it."""
    one = guests.get(call.db, last.evening_id, to_change=True)
    if one is None or one.state not in (*BEFORE, State.CANCELLED) or one.starts <= call.now:
        raise Refused("这场已经开始或结束，撤销不了")
    if guests.undo(call.db, last, now=call.now) is None:
        raise Refused(f"「{last.what}」之后又有人改过同一处，撤销会盖掉后来的改动，没有撤销")
    if one.state == State.CANCELLED:
        _call_off(call, one)
    else:
        wanted.free(call, times.local(one.starts, call.group.zone).date(), but=one.id)
        _correct(call, one, back=f"仍为 {_when(call, one)} {one.guest}《{one.topic}》")
    return f"已撤销「{last.what}」，#{one.id} {STATE_NAMES[State(one.state)]}：{_when(call, one)}"


def _when(call: Call, one: GuestSession) -> str:
    starts, ends = (times.local(moment, call.group.zone) for moment in (one.starts, one.ends))
    far = times.local(call.now, call.group.zone).year != starts.year
    year = f"{starts.year}-" if far else ""
    return f"{year}{times.show_moment(one.starts, call.group.zone)}-{ends:%H:%M}"


def _next(call: Call, one: GuestSession) -> str:
    announce = lifecycle.plan(posts.timing(one, call.group))[0]
    if announce.expires is not None and max(announce.due, call.now) >= announce.expires:
        return "离开始太近，不再发预告，到点直接开场"
    due = times.show_moment(announce.due, call.group.zone)
    when = "马上" if announce.due <= call.now else f" {due}"
    missing = f"（群里没找到嘉宾的账号，可发{call.line(f'嘉宾 修改 {one.id} 账号=@某人')}补上）"
    known = "" if one.guest_account else missing
    return f"预告{when}发到本群。发{call.line(f'预览 {one.id}')}看公告{known}"


def _refuse_begun(one: GuestSession) -> None:
    if one.state not in BEFORE:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不能再改")


def _changes(
    call: Call, one: GuestSession, options: Options
) -> tuple[dict[str, object], list[str]]:
    """New values for the evening, and each change as 原→现."""
    values: dict[str, object] = {}
    what: list[str] = []
    if (guest := options.get("嘉宾")) and wanted.who(call, guest)[0] != one.guest:
        values["guest"], values["guest_account"] = wanted.who(call, guest)
        what.append(f"嘉宾 {one.guest}→{values['guest']}")
    if (topic := options.get("主题")) and wanted.title(topic) != one.topic:
        values["topic"] = wanted.title(topic)
        what.append(f"主题 《{one.topic}》→《{values['topic']}》")
    if "日期" in options or "时间" in options:
        starts, asks, ends = wanted.new_hours(call, one, options)
        if (starts, ends) != (one.starts, one.ends):
            wanted.free(call, times.local(starts, call.group.zone).date(), but=one.id)
            values |= {"starts": starts, "asks": asks, "ends": ends}
            shown = times.local(ends, call.group.zone)
            new = f"{times.show_moment(starts, call.group.zone)}-{shown:%H:%M}"
            what.append(f"时间 {_when(call, one)}→{new}")
    if account := options.get("账号"):
        found = wanted.who(call, account)[1]
        if not found:
            raise Refused(f"群里没找到「{account}」，请 @ 那个人")
        if found != one.guest_account:
            values["guest_account"] = found
            what.append(_UNSEEN)
    return values, what


def _told(call: Call, one: GuestSession) -> list[Target]:
    told = standing.told(outbox.of_cause(call.db, one.cause))
    return [
        Target(chat.key, f"C{chat.id}")
        for chat in groups.chats_of(call.db, one.group_id)
        if chat.key in told and not Address.of(chat.key).direct
    ]


def _correct(call: Call, one: GuestSession, *, back: str = "") -> list[Target]:
    """Correct it where it was announced, with all that changed since people were last told."""
    deliveries = outbox.of_cause(call.db, one.cause)
    told, since = _told(call, one), standing.last_told(deliveries)
    call.db.flush()
    changes = guests.changes_since(call.db, one.id, since) if since else []
    shown = [change.what for change in changes if change.what != _UNSEEN]
    words = posts.text("correction", one, call.group, call.now, changes=back or "；".join(shown))
    _replace(call, one, "correction", told, words)
    return told


def _call_off(call: Call, one: GuestSession) -> list[Target]:
    told = _told(call, one)
    words = posts.text("cancelled", one, call.group, call.now, reason=one.reason)
    _replace(call, one, "cancelled", told, words)
    return told


def _replace(call: Call, one: GuestSession, name: str, told: Sequence[Target], words: str) -> None:
    """What still waits is out of date; in the night the new word waits for the morning."""
    outbox.supersede(call.db, cause=one.cause, now=call.now)
    due = lifecycle.loud(call.now, call.group.zone)
    plans = posts.note_plans(name, one, told, words, due=due, expires=one.ends, priority=1)
    outbox.put(call.db, plans, now=call.now)
