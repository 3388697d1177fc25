"""Reviewing a draft by chat: 看, 改, 删 and 通过."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import times
from bot.people import Role
from handlers.commands import Answer, Call, Refused, command, evening
from handlers.grammar import Misread, Number, narrow
from schedules import places
from schedules.places import REVIEWERS
from storage import editing, groups, guests, summaries
from storage.editing import Entry
from storage.guests import STATE_NAMES, GuestSession, State
from storage.summaries import Summary
from storage.summary import Draft, Point

REVIEW = frozenset({*REVIEWERS, Role.OWNER})
DEED = "审核纪要"
_WRITTEN = (State.DRAFTED, State.PUBLISHED)
_DECIDED = {
    summaries.State.APPROVED: "通过，正在发布，不再重复",
    summaries.State.PUBLISHED: "通过并发布，不再重复",
    summaries.State.REJECTED: "退回",
    summaries.State.WITHDRAWN: "通过，后来撤回了",
}


@command("看 [编号]", who=REVIEW, aliases=("看草稿",), deed=DEED)
def show(call: Call, number: Number | None) -> Answer:
    """看一场分享的纪要草稿，只发给你一个人。"""
    one, summary = draft_of(call, number)
    return [call.privately(listed(one, summary))]


@command("改 <编号> <第几条> <新内容>", who=REVIEW, deed=DEED)
def rewrite(call: Call, number: Number, nth: str, text: str) -> Answer:
    """改草稿里的一条，出处不变：「改 12 第3条 新内容」，问答写 问2、答2，跟进写 跟进1。"""
    one, summary = draft_of(call, number)
    entry = named(nth)
    try:
        old = editing.words(summary.draft, entry)
        draft = editing.changed(summary.draft, entry, text.strip())
    except ValueError as problem:
        raise Refused(f"#{one.id} {problem}") from None
    new = change(
        call.db,
        one,
        summary,
        draft,
        by=call.name,
        what=f"改 {entry}",
        now=call.now,
        before=old,
        after=text.strip(),
    )
    words = f"#{one.id} {entry}已改{_begun(new, summary)}：\n原：{old}\n现：{text.strip()}"
    return [call.privately(words)]


@command("删 <编号> <第几条>", who=REVIEW, deed=DEED)
def drop(call: Call, number: Number, nth: str) -> Answer:
    """从草稿里去掉一条，如「删 12 第3条」「删 12 问2」。"""
    one, summary = draft_of(call, number)
    entry = named(nth)
    try:
        old = editing.words(summary.draft, entry)
        draft = editing.without(summary.draft, entry)
    except ValueError as problem:
        raise Refused(f"#{one.id} {problem}") from None
    what = f"删 {entry}"
    new = change(call.db, one, summary, draft, by=call.name, what=what, now=call.now, before=old)
    words = f"#{one.id} {entry}已删{_begun(new, summary)}：{old}\n后面各条的序号往前移一位"
    return [call.privately(words)]


@command("通过 [编号]", who=REVIEW, aliases=("批准",), deed=DEED)
def approve(call: Call, number: Number | None) -> Answer:
    """通过草稿：发布到群文件和网页。"""
    one, summary = draft_of(call, number)
    if empty(summary):
        raise Refused(f"#{one.id} 没有可以发布的内容")
    if not summaries.approve(call.db, summary, by=call.name, now=call.now):
        return decided(call.db, one, summary)
    return f"#{one.id}《{one.topic}》第{summary.version}版已通过，正在发布到群文件和网页"


def named(nth: str) -> Entry:
    """Raises Misread for what is no entry of a draft."""
    try:
        return editing.read(narrow(nth))
    except ValueError as problem:
        raise Misread(str(problem)) from None


def opened(db: Session, one: GuestSession, newest: Summary, *, now: datetime) -> Summary:
    """The version to change: the newest, or the next one when that was decided on.

    Raises Refused while the newest is on its way to where it is published.
    """
    if newest.state == summaries.State.APPROVED:
        raise Refused(f"#{one.id} 第{newest.version}版正在发布，过几分钟再改")
    if newest.state == summaries.State.DRAFT:
        return newest
    return summaries.add(db, evening_id=one.id, draft=newest.draft, now=now)


def change(
    db: Session,
    one: GuestSession,
    newest: Summary,
    draft: Draft,
    *,
    by: str,
    what: str,
    now: datetime,
    before: str = "",
    after: str = "",
) -> Summary:
    """Change the draft; which version that is now. Raises Refused."""
    version = opened(db, one, newest, now=now)
    if not summaries.rewrite(
        db, version, draft=draft, by=by, what=what, now=now, before=before, after=after
    ):
        raise Refused(decided(db, one, version))
    return version


def _begun(version: Summary, before: Summary) -> str:
    new = version.version != before.version
    return f"（第{version.version}版草稿，通过后更正到原来的地方）" if new else ""


def empty(summary: Summary) -> bool:
    """Whether there is nothing in it that anybody would want to read."""
    return not (summary.draft.points or summary.draft.qa or summary.draft.follow_ups)


def listed(one: GuestSession, summary: Summary) -> str:
    """A draft as one message: points by number, then answers and loose ends."""
    draft = summary.draft
    state = summaries.STATE_NAMES[summaries.State(summary.state)]
    why = f"：{summary.reason}" if summary.reason else ""
    lines = [f"#{one.id} {one.guest}《{one.topic}》第{summary.version}版 {state}{why}"]
    lines += [f"要点由模型 {draft.model} 改写，请对照出处"] if draft.model else []
    lines += [f"{n}. {_point(point)}" for n, point in enumerate(draft.points, 1)]
    lines += [f"问{n}：{pair.q}\n答{n}：{pair.a}" for n, pair in enumerate(draft.qa, 1)]
    lines += [f"跟进{n}：{item.text}" for n, item in enumerate(draft.follow_ups, 1)]
    lines += [f"嘉宾更正：{note}" for note in draft.notes]
    if draft.unpaired:
        lines.append(f"还有 {len(draft.unpaired)} 个问题没找到回答，出处在网页上看")
    if not draft.points and not draft.qa:
        lines.append("这一场没有可以整理的内容")
    lines.append(f"改一条：「改 {one.id} 第1条 新内容」，删一条：「删 {one.id} 第1条」")
    lines.append(f"同意：「通过 {one.id}」，不同意：「退回 {one.id} 原因」")
    return "\n".join(lines)


def _point(point: Point) -> str:
    return f"{point.text}（嘉宾更正：{point.note}）" if point.note else point.text


def draft_of(call: Call, number: Number | None) -> tuple[GuestSession, Summary]:
    """The evening meant and its newest version, to be changed. Raises Refused."""
    one = evening(call, number, _WRITTEN[:1])
    if places.hr(call.db, call.group) and not call.roles & set(REVIEWERS):
        raise Refused("本群有 HR，纪要由 HR 审核")
    summary = summaries.newest(call.db, one.id, to_change=True)
    if summary is None:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，还没有草稿")
    return one, summary


def decided(db: Session, one: GuestSession, summary: Summary) -> str:
    """Who was first, and what they said."""
    if summary.decided is None:
        return f"#{one.id} 的草稿刚被别人改过，请再看一次"
    when = times.show_moment(summary.decided, groups.get(db, one.group_id).zone)
    what = _DECIDED[summaries.State(summary.state)]
    why = f"，原因：{summary.reason}" if summary.reason else ""
    first = f"#{one.id} 第{summary.version}版已由 {summary.decided_by} 于 {when} {what}{why}"
    return f"{first}。要再改发「改 {one.id} 第1条 新内容」"


def approve_on_page(db: Session, number: int, *, by: str, now: datetime) -> bool:
    """Approve from the web page. False when somebody decided before."""
    one = guests.get(db, number)
    summary = summaries.newest(db, number, to_change=True)
    if one is None or one.state not in _WRITTEN or summary is None or empty(summary):
        return False
    return summaries.approve(db, summary, by=by, now=now)
