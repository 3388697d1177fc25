"""Reviewing a draft by chat: 看, 改 and 通过."""

from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.orm import Session

from bot import times
from bot.people import Role
from handlers.commands import Answer, Call, Refused, command, evening
from handlers.grammar import Number
from schedules import places
from schedules.places import REVIEWERS
from storage import guests, summaries
from storage.guests import STATE_NAMES, GuestSession, State
from storage.summaries import Summary
from storage.summary import Draft

REVIEW = frozenset({*REVIEWERS, Role.OWNER})
_DEED = "审核纪要"
_WRITTEN = (State.DRAFTED, State.PUBLISHED)


@command("看 [编号]", who=REVIEW, aliases=("看草稿",), deed=_DEED)
def show(call: Call, number: Number | None) -> Answer:
    """看一场分享的纪要草稿，只发给你一个人。"""
    one, summary = _draft(call, number)
    return [call.privately(listed(one, summary.draft))]


@command("改 <编号> <第几条> <新内容>", who=REVIEW, deed=_DEED)
def rewrite(call: Call, number: Number, nth: int, text: str) -> Answer:
    """改草稿里的一条要点，出处不变。"""
    one, summary = _draft(call, number)
    points = summary.draft.points
    if not 1 <= nth <= len(points):
        raise Refused(f"#{one.id} 的要点是第 1 到 {len(points)} 条")
    old = points[nth - 1]
    changed = replace(old, text=text.strip())
    draft = replace(summary.draft, points=(*points[: nth - 1], changed, *points[nth:]))
    if not summaries.rewrite(call.db, summary, draft=draft, by=call.name):
        raise Refused(_decided(call, one, summary))
    return [call.privately(f"#{one.id} 第{nth}条已改：\n原：{old.text}\n现：{changed.text}")]


@command("通过 [编号]", who=REVIEW, aliases=("批准",), deed=_DEED)
def approve(call: Call, number: Number | None) -> Answer:
    """通过草稿：发布到群文件和网页。"""
    one, summary = _draft(call, number)
    if empty(summary):
        raise Refused(f"#{one.id} 没有可以发布的内容")
    if not summaries.approve(call.db, summary, by=call.name, now=call.now):
        return _decided(call, one, summary)
    return f"#{one.id}《{one.topic}》第{summary.version}版已通过，正在发布到群文件和网页"


def empty(summary: Summary) -> bool:
    """Whether there is nothing in it that anybody would want to read."""
    return not (summary.draft.points or summary.draft.qa or summary.draft.follow_ups)


def listed(one: GuestSession, draft: Draft) -> str:
    """A draft as one message: points by number, then how many answers and loose ends."""
    lines = [f"#{one.id} {one.guest}《{one.topic}》草稿"]
    lines += [f"{n}. {point.text}" for n, point in enumerate(draft.points, 1)]
    lines += [f"问：{pair.q}\n答：{pair.a}" for pair in draft.qa]
    lines += [f"待跟进：{item.text}" for item in draft.follow_ups]
    if draft.unpaired:
        lines.append(f"还有 {len(draft.unpaired)} 个问题没找到回答，出处在网页上看")
    if not draft.points and not draft.qa:
        lines.append("这一场没有可以整理的内容")
    lines.append(f"改一条：「改 {one.id} 第1条 新内容」；同意：「通过 {one.id}」")
    return "\n".join(lines)


def _draft(call: Call, number: Number | None) -> tuple[GuestSession, Summary]:
    one = evening(call, number, _WRITTEN[:1])
    has_hr = places.hr(call.db, call.group)
    if has_hr and not call.roles & set(REVIEWERS):
        raise Refused("本群有 HR，纪要由 HR 审核")
    summary = summaries.newest(call.db, one.id)
    if summary is None:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，还没有草稿")
    return one, summary


def _decided(call: Call, one: GuestSession, summary: Summary) -> str:
    if summary.decided is None:
        return f"#{one.id} 的草稿刚被别人改过，请再看一次"
    when = times.show_moment(summary.decided, call.group.zone)
    return f"#{one.id} 已由 {summary.decided_by} 于 {when} 通过并发布，不再重复，也不能再改"


def approve_on_page(db: Session, number: int, *, by: str, now: datetime) -> bool:
    """Approve from the web page. False when somebody decided before."""
    one = guests.get(db, number)
    summary = summaries.newest(db, number)
    if one is None or one.state != State.DRAFTED or summary is None or empty(summary):
        return False
    return summaries.approve(db, summary, by=by, now=now)
