"""Changing, moving and cancelling an evening; who was told is corrected, after a preview."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from bot import times
from handlers import wanted
from handlers.commands import PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Misread, Number, Options
from handlers.guests import DEED, coming, when
from schedules import corrections, muting, places, posts, standing
from schedules.turn import Turn
from storage import changes, outbox, questions, sign_ups
from storage.guests import BEFORE, LIVE, STATE_NAMES, GuestSession, State

_UNSEEN = "嘉宾账号"
"""A change that members do not see, and are not told of."""

_PLAIN = (("嘉宾", "guest"), ("主题", "topic"), ("联系", "contact"))
_CLOSE = timedelta(hours=2)
"""So shortly before the start a second confirmation is asked for."""


@command(
    "嘉宾 修改 <编号> [嘉宾=] [主题=] [日期=] [时间=] [账号=] [联系=] [确认=]",
    who=PLANNERS,
    aliases=("嘉宾修改", "修改"),
    deed=DEED,
)
def change(call: Call, number: Number, options: Options) -> Answer:
    """改嘉宾、主题、日期、时间；预告发出后先给你看更正，确认了再发。"""
    one = evening(call, number, BEFORE)
    if not options.keys() - {"确认"}:
        raise Misread("要改什么？如：嘉宾 修改 #12 嘉宾=刘老师 时间=20:00-21:15")
    if options.keys() - {"账号", "联系", "确认"} or one.state not in LIVE:
        _refuse_begun(one)
    values, said_so = _changes(call, one, options)
    if not values:
        raise Refused("和原来一样，没有改动")
    seen = [what for what in said_so if what != _UNSEEN]
    told = standing.told(Turn.of(call.db, one, call.now).deliveries) if seen else {}
    line = _resolved(call, one, values)
    if told and (question := unconfirmed(call, one, options, "更正", line)):
        preview = f"【更正】{'；'.join(seen)}（#{one.id}）"
        return f"#{one.id} 已经预告到 {len(told)} 处，会发出：\n{preview}\n{question}"
    what = "；".join(said_so)
    if "guest" in values:
        _another_guest(call, one)
    changes.change(call.db, one, by=call.member, what=what, now=call.now, **values)
    turn = Turn.of(call.db, one, call.now, to_change=True)
    corrected = corrections.correct(turn) if seen else []
    more = f"向 {len(corrected)} 处发更正" if corrected else _untold(call, one, bool(told))
    return f"#{one.id} 已改：{what}。{more}"


def _untold(call: Call, one: GuestSession, told: bool) -> str:
    return "和大家知道的一样，不用更正" if told else coming(call, one)


def _another_guest(call: Call, one: GuestSession) -> None:
    """Who was asked before hears that they need not come; the new guest has not agreed yet."""
    if one.confirmed is not None:
        turn = Turn.of(call.db, one, call.now)
        words = posts.text(
            "guest_note", one, turn.group, call.now, revealed=True, what="换了嘉宾，这次不用来了"
        )
        to = places.guest(call.db, one, turn.group)
        plans = posts.notes("guest_replaced", one, to, words, due=call.now, expires=one.ends)
        outbox.put(call.db, plans, now=call.now)
    one.confirmed = one.arrived = None


def _resolved(call: Call, one: GuestSession, values: Mapping[str, object]) -> str:
    """The change as a line that means the same tomorrow, and without anybody mentioned."""
    parts = [f"嘉宾 修改 #{one.id}"]
    parts += [f"{word}={values[name]}" for word, name in _PLAIN if name in values]
    if account := values.get("guest_account"):
        parts.append(f"账号={str(account).replace(' ', ',')}")
    if "starts" in values:
        zone = call.group.zone
        starts, ends = (times.local(moment, zone) for moment in _span(values))
        parts.append(f"日期={starts:%Y-%m-%d} 时间={starts:%H:%M}-{ends:%H:%M}")
    return " ".join(parts)


def _span(values: Mapping[str, object]) -> tuple[datetime, datetime]:
    starts, ends = values["starts"], values["ends"]
    assert isinstance(starts, datetime)
    assert isinstance(ends, datetime)
    return starts, ends


def unconfirmed(call: Call, one: GuestSession, options: Options, what: str, line: str) -> str:
    """The question to put before people are told; empty when it was answered.

    The answer is to this very revision: after a change by somebody else it counts for nothing.
    `line` does the same when it is said again, with the answer at its end.
    """
    needed = 2 if one.starts - call.now < _CLOSE else 1
    revision, _, count = options.get("确认", "").partition("x")
    given = int(count) if revision == f"r{one.revision}" and count.isdecimal() else 0
    if given >= needed:
        return ""
    again = f"{line} 确认=r{one.revision}x{given + 1}"
    soon = "离开始不到 2 小时，要确认两次。" if needed == 2 and not given else ""
    once_more = "再确认一次就发出。" if given else ""
    return call.confirm(f"{soon}{once_more}", line=again, about=f"{what} #{one.id}").strip()


@command("嘉宾 取消 [编号] [原因=] [确认=]", who=PLANNERS, aliases=("嘉宾取消", "取消"), deed=DEED)
def cancel(call: Call, number: Number | None, options: Options) -> Answer:
    """取消一场分享；预告发出后会在群里说明。"""
    one = evening(call, number, BEFORE)
    _refuse_begun(one)
    deliveries = Turn.of(call.db, one, call.now).deliveries
    soon = one.starts - call.now < _CLOSE and standing.told(deliveries)
    reason = wanted.short(options.get("原因", ""), "原因")
    line = f"嘉宾 取消 #{one.id}" + (f" 原因={reason}" if reason else "")
    if soon and (question := unconfirmed(call, one, options, "取消", line)):
        return f"要取消 #{one.id} {when(call, one)} 的分享吗？已经预告过。\n{question}"
    what = f"取消 #{one.id}"
    changes.change(
        call.db, one, by=call.member, what=what, now=call.now, state=State.CANCELLED, reason=reason
    )
    told = corrections.call_off(Turn.of(call.db, one, call.now, to_change=True))
    more = f"向 {len(told)} 处发取消通知" if told else "还没有预告过，不用通知"
    name = f"{one.shown_guest(call.now)}《{one.topic}》"
    return f"#{one.id} {name}已取消，{more}。恢复发{call.line('撤销')}"


@command(
    "嘉宾 改期 <编号> <日期> [时间=] [原因=] [确认=]", who=PLANNERS, aliases=("改期",), deed=DEED
)
def postpone(call: Call, number: Number, day: date, options: Options) -> Answer:
    """改到另一天：新的一场接手提问，原来的一场作废，听过预告的地方各通知一次。"""
    one = evening(call, number, BEFORE)
    if one.state not in BEFORE and not (one.state == State.SHARING and one.arrived is None):
        _refuse_begun(one)
    starts, ends = (times.local(moment, call.group.zone) for moment in (one.starts, one.ends))
    span = options.get("时间") or f"{starts:%H:%M}-{ends:%H:%M}"
    hours = wanted.hours(call, day, span, lasts=one.ends - one.starts)
    if (hours[0], hours[2]) == (one.starts, one.ends):
        raise Refused("和原来一样，没有改动")
    wanted.free(call, day, but=one.id)
    reason = wanted.short(options.get("原因", ""), "原因")
    line = f"嘉宾 改期 #{one.id} {day.isoformat()} 时间={span}" + (
        f" 原因={reason}" if reason else ""
    )
    if _told(call, one) and (question := unconfirmed(call, one, options, "改期", line)):
        to = times.show_moment(hours[0], call.group.zone)
        return f"#{one.id} 改到 {to}，会通知已预告的地方。\n{question}"
    muting.lift(Turn.of(call.db, one, call.now))
    new = changes.move(
        call.db,
        one,
        starts=hours[0],
        asks=hours[1],
        ends=hours[2],
        announce_on=wanted.announce_on(call, hours[0]),
        by=call.member,
        reason=reason,
        reveal=moved_reveal(one, hours[0], call.group.zone),
        now=call.now,
    )
    kept = questions.hand_over(call.db, of=one.id, to=new.id)
    coming_along = sign_ups.hand_over(call.db, of=one.id, to=new.id)
    told = corrections.postpone(Turn.of(call.db, one, call.now, to_change=True), new)
    asked = f"，{kept} 个提问一起过去" if kept else ""
    asked += f"，{coming_along} 人的报名一起过去" if coming_along else ""
    more = f"，向 {len(told)} 处发改期通知" if told else ""
    return f"#{one.id} 已改期→#{new.id}：{when(call, new)}{asked}{more}。{coming(call, new)}"


def _told(call: Call, one: GuestSession) -> bool:
    return bool(standing.told(Turn.of(call.db, one, call.now).deliveries))


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
        what.append(_UNSEEN if one.hidden(call.now) else f"嘉宾 {one.guest}→{values['guest']}")
    if (topic := options.get("主题")) and wanted.title(topic) != one.topic:
        values["topic"] = wanted.title(topic)
        what.append(f"主题 《{one.topic}》→《{values['topic']}》")
    if "日期" in options or "时间" in options:
        _new_hours(call, one, options, values, what)
    if contact := options.get("联系"):
        values["contact"] = wanted.short(contact, "联系方式")
        what.append(_UNSEEN)
    if account := options.get("账号"):
        # What the bot itself wrote is an account already, and not what somebody goes by.
        known = "确认" in options
        found = account.replace(",", " ") if known else wanted.who(call, account)[1]
        if not found:
            raise Refused(f"群里没找到「{account}」，请 @ 那个人")
        if found != values.get("guest_account", one.guest_account):
            values["guest_account"] = found
            what.append(_UNSEEN)
    return values, list(dict.fromkeys(what))


def moved_reveal(one: GuestSession, starts: datetime, zone: str) -> datetime | None:
    """The hour at which a mystery guest is named goes with the evening to its new day."""
    if one.reveal is None:
        return None
    return times.at(times.local(starts, zone).date(), times.local(one.reveal, zone).time(), zone)


def _new_hours(
    call: Call, one: GuestSession, options: Options, values: dict[str, object], what: list[str]
) -> None:
    starts, asks, ends = wanted.new_hours(call, one, options)
    if (starts, ends) == (one.starts, one.ends):
        return
    wanted.free(call, times.local(starts, call.group.zone).date(), but=one.id)
    values |= {"starts": starts, "asks": asks, "ends": ends}
    values["announce_on"] = wanted.announce_on(call, starts)
    values["reveal"] = moved_reveal(one, starts, call.group.zone)
    shown = times.local(ends, call.group.zone)
    new = f"{times.show_moment(starts, call.group.zone)}-{shown:%H:%M}"
    what.append(f"时间 {when(call, one)}→{new}")
