"""Planning, changing and cancelling an evening by chat."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from bot import times
from bot.people import Address
from handlers.commands import EVERYONE, PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Misread, Number, Options
from schedules import lifecycle, posts
from schedules.lifecycle import Step
from schedules.posts import Target
from storage import groups, guests, outbox, said
from storage.guests import BEFORE, STATE_NAMES, Change, GuestSession, State

STARTS, ENDS = time(19, 30), time(21)
_ASKS_AFTER = timedelta(minutes=60)
_LEAST_ASKING = timedelta(minutes=10)
_DEED = "安排嘉宾分享"


@command(
    "嘉宾 安排 <日期> <嘉宾> <主题> [时间=]",
    who=PLANNERS,
    aliases=("嘉宾 新建", "安排 嘉宾"),
    deed=_DEED,
)
def plan(call: Call, day: date, guest: str, topic: str, options: Options) -> str:
    """排一场嘉宾分享，默认 19:30-21:00，提前两天中午预告。"""
    starts, asks, ends = _hours(call, day, options.get("时间"))
    _refuse_conflict(call, day)
    name, account = _who(call, guest)
    new = guests.plan(
        call.db,
        group=call.group,
        guest=name,
        guest_account=account,
        topic=_title(topic),
        starts=starts,
        asks=asks,
        ends=ends,
        by=call.member,
        now=call.now,
    )
    return f"#{new.id} 已建：{_when(call, new)}，{name}《{new.topic}》。{_next(call, new)}"


@command("嘉宾 列表", who=EVERYONE, aliases=("嘉宾 查看",))
def show(call: Call) -> str:
    """看本群的嘉宾安排。"""
    found = guests.latest(call.db, call.group.id, limit=10)
    if not found:
        return "还没有安排嘉宾。群主可以发：嘉宾 安排 11-26 王总 我的第一单"
    return "\n".join(
        f"#{one.id} {_when(call, one)} {one.guest}《{one.topic}》 {STATE_NAMES[State(one.state)]}"
        for one in sorted(found, key=lambda one: one.starts)
    )


@command("嘉宾 修改 <编号> [嘉宾=] [主题=] [日期=] [时间=] [账号=]", who=PLANNERS, deed=_DEED)
def change(call: Call, number: Number, options: Options) -> Answer:
    """改嘉宾、主题、日期、时间；预告发出后会在群里更正。"""
    one = evening(call, number, BEFORE)
    _refuse_begun(one)
    if not options:
        raise Misread("要改什么？如：嘉宾 修改 #12 嘉宾=刘老师 时间=20:00-21:15")
    values, said_so = _changes(call, one, options)
    if not said_so:
        raise Refused("和原来一样，没有改动")
    told = _told(call, one)
    what = "；".join(said_so)
    guests.change(call.db, one, by=call.member, what=what, now=call.now, **values)
    _correct(call, one, told, what)
    more = f"已向 {len(told)} 个已预告的群发更正" if told else _next(call, one)
    return f"#{one.id} 已改：{what}。{more}"


@command("嘉宾 取消 [编号] [原因=]", who=PLANNERS, deed=_DEED)
def cancel(call: Call, number: Number | None, options: Options) -> Answer:
    """取消一场分享；预告发出后会在群里说明。"""
    one = evening(call, number, BEFORE)
    _refuse_begun(one)
    told = _told(call, one)
    reason = options.get("原因", "")
    guests.change(
        call.db,
        one,
        by=call.member,
        what=f"取消 #{one.id}",
        now=call.now,
        state=State.CANCELLED,
        reason=reason,
    )
    outbox.supersede(call.db, cause=one.cause, now=call.now)
    words = posts.text("cancelled", one, call.group, call.now, reason=reason)
    _post(call, one, "cancelled", told, words)
    more = f"已通知 {len(told)} 个已预告的群" if told else "还没有预告过，不用通知"
    return f"#{one.id} {one.guest}《{one.topic}》已取消，{more}。恢复发「撤销」"


def take_back(call: Call, last: Change) -> str:
    """Undo the caller's last change to a plan, and correct what was said of it."""
    one = guests.get(call.db, last.evening_id)
    if one is None or one.state not in (*BEFORE, State.CANCELLED):
        raise Refused("这场已经开始或结束，撤销不了")
    told = _told(call, one)
    guests.undo(call.db, last, now=call.now)
    if one.state == State.CANCELLED:
        outbox.supersede(call.db, cause=one.cause, now=call.now)
        words = posts.text("cancelled", one, call.group, call.now, reason="")
        _post(call, one, "cancelled", told, words)
    else:
        what = f"恢复为 {_when(call, one)} {one.guest}《{one.topic}》"
        _correct(call, one, told, what)
    return f"已撤销「{last.what}」，#{one.id} {STATE_NAMES[State(one.state)]}：{_when(call, one)}"


def _hours(call: Call, day: date, span: str | None) -> tuple[datetime, datetime, datetime]:
    try:
        first, last = times.read_span(span) if span else (STARTS, ENDS)
    except ValueError as problem:
        raise Refused(str(problem)) from None
    starts, ends = (times.at(day, clock, call.group.zone) for clock in (first, last))
    if starts <= call.now:
        raise Refused(f"{times.show_moment(starts, call.group.zone)} 已经过了")
    asks = starts + _ASKS_AFTER
    if asks + _LEAST_ASKING > ends:
        asks = starts + (ends - starts) * 2 / 3
    return starts, asks, ends


def _refuse_conflict(call: Call, day: date, but: int = 0) -> None:
    since = times.at(day, time(0), call.group.zone)
    until = times.at(day + timedelta(days=1), time(0), call.group.zone)
    there = guests.between(call.db, group_id=call.group.id, since=since, until=until)
    if others := [one for one in there if one.id != but]:
        other = others[0]
        next_day = times.show_day(day + timedelta(days=1))
        raise Refused(
            f"{times.show_day(day)} 本群已有 #{other.id} {other.guest}《{other.topic}》。"
            f"可以换一天，如 {next_day}；或先「嘉宾 取消 #{other.id}」"
        )


def _who(call: Call, guest: str) -> tuple[str, str]:
    """The guest's name, and their account where it is plain whose it is."""
    name = guest.removeprefix("@").strip()
    if guest.startswith("@"):
        for segment in call.message.segments:
            if segment.kind == "at" and name in (segment.ref, segment.text):
                return segment.text or name, segment.ref
    return name, said.account_named(call.db, call.group.id, name)


def _title(topic: str) -> str:
    return topic.strip().removeprefix("《").removesuffix("》").strip()


def _when(call: Call, one: GuestSession) -> str:
    ends = times.local(one.ends, call.group.zone)
    return f"{times.show_moment(one.starts, call.group.zone)}-{ends:%H:%M}"


def _next(call: Call, one: GuestSession) -> str:
    announce = lifecycle.plan(posts.timing(one, call.group))[0]
    if announce.expires is not None and call.now >= announce.expires:
        return "离开始不到半小时，不再发预告，到点直接开场"
    due = times.show_moment(announce.due, call.group.zone)
    when = "马上" if announce.due <= call.now else f" {due}"
    known = "" if one.guest_account else "（群里没找到嘉宾的账号，可用「账号=@某人」补上）"
    return f"预告{when}发到本群。回复「预览 {one.id}」看公告{known}"


def _refuse_begun(one: GuestSession) -> None:
    if one.state not in BEFORE:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不能再改")


def _changes(
    call: Call, one: GuestSession, options: Options
) -> tuple[dict[str, object], list[str]]:
    """New values for the evening, and each change as 原→现."""
    values: dict[str, object] = {}
    what: list[str] = []
    if guest := options.get("嘉宾"):
        values["guest"], values["guest_account"] = _who(call, guest)
        what.append(f"嘉宾 {one.guest}→{values['guest']}")
    if topic := options.get("主题"):
        values["topic"] = _title(topic)
        what.append(f"主题 《{one.topic}》→《{values['topic']}》")
    if account := options.get("账号"):
        values["guest_account"] = _who(call, account)[1]
        what.append("嘉宾账号")
    if "日期" in options or "时间" in options:
        values |= _new_hours(call, one, options)
        what.append(f"时间 {_when(call, one)}→{_span(call, values)}")
    same = all(getattr(one, name) == value for name, value in values.items())
    return values, [] if same else what


def _new_hours(call: Call, one: GuestSession, options: Options) -> dict[str, object]:
    starts, ends = (times.local(moment, call.group.zone) for moment in (one.starts, one.ends))
    try:
        today = times.local(call.now, call.group.zone).date()
        day = times.read_day(options["日期"], today) if "日期" in options else starts.date()
    except ValueError as problem:
        raise Refused(str(problem)) from None
    _refuse_conflict(call, day, but=one.id)
    span = options.get("时间") or f"{starts:%H:%M}-{ends:%H:%M}"
    return dict(zip(("starts", "asks", "ends"), _hours(call, day, span), strict=True))


def _span(call: Call, values: dict[str, object]) -> str:
    starts, ends = values["starts"], values["ends"]
    if not (isinstance(starts, datetime) and isinstance(ends, datetime)):
        raise TypeError("an evening starts and ends at a time")
    shown = times.local(ends, call.group.zone)
    return f"{times.show_moment(starts, call.group.zone)}-{shown:%H:%M}"


def _told(call: Call, one: GuestSession) -> list[Target]:
    """Chats that were told of the evening, or may have been."""
    unsent = (outbox.State.PLANNED, outbox.State.EXPIRED, outbox.State.SUPERSEDED)
    told = {
        delivery.chat
        for delivery in outbox.of_cause(call.db, one.cause)
        if delivery.step == Step.ANNOUNCE and delivery.state not in unsent
    }
    return [
        Target(chat.key, f"C{chat.id}")
        for chat in groups.chats_of(call.db, one.group_id)
        if chat.key in told and not Address.of(chat.key).direct
    ]


def _correct(call: Call, one: GuestSession, told: Sequence[Target], what: str) -> None:
    """Correct it where it was announced; where it only waits, it will go out as it is now."""
    outbox.supersede(call.db, cause=one.cause, now=call.now)
    words = posts.text("correction", one, call.group, call.now, changes=what)
    _post(call, one, "correction", told, words)


def _post(call: Call, one: GuestSession, name: str, told: Sequence[Target], words: str) -> None:
    plans = posts.note_plans(name, one, told, words, due=call.now, priority=1)
    outbox.put(call.db, plans, now=call.now)
