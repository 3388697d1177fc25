"""退回, 重新整理 and 撤回: a draft that is not to go out, and a summary that should not have."""

from datetime import datetime

from sqlalchemy.orm import Session

from handlers.commands import Answer, Call, Refused, command
from handlers.grammar import Number, Options
from handlers.reviewing import DEED, REVIEW, decided, draft_of
from schedules import places, posts, quiet, withdrawing
from schedules.withdrawing import Withdrawn
from storage import groups, outbox, said, summaries, summary
from storage.guests import GuestSession
from storage.questions import one_line
from storage.summaries import State, Summary

LONGEST = 200
_LISTED = 12


@command("退回 <编号> <原因>", who=REVIEW, deed=DEED)
def reject(call: Call, number: Number, reason: str) -> Answer:
    """不同意这一版草稿并说明原因，安排这一场的人会收到；先做决定的人算数。"""
    one, version = draft_of(call, number)
    send_back(call.db, one, version, by=call.name, reason=reason, now=call.now)
    return (
        f"#{one.id} 第{version.version}版已退回，什么都没有发布。"
        f"接着改发「改 {one.id} 第1条 新内容」，从头整理发「重新整理 {one.id}」"
    )


def send_back(
    db: Session, one: GuestSession, version: Summary, *, by: str, reason: str, now: datetime
) -> None:
    """Reject a draft; whoever runs the evening hears in private. Raises Refused."""
    why = _reason(reason)
    if not summaries.reject(db, version, by=by, reason=why, now=now):
        raise Refused(decided(db, one, version))
    group = groups.get(db, one.group_id)
    words = f"#{one.id}《{one.topic}》的草稿被 {by} 退回：{why}"
    name, due = f"rejected-v{version.version}", quiet.loud(now, group.zone)
    to = places.hosts(db, one, group)
    outbox.put(db, posts.notes(name, one, to, words, due=due, priority=4), now=now)


@command("重新整理 <编号>", who=REVIEW, deed=DEED)
def redraft(call: Call, number: Number) -> Answer:
    """把聊天记录重新整理成新的一版草稿，原来的版本留底。"""
    one, version = draft_of(call, number)
    if version.state in (State.DRAFT, State.APPROVED):
        raise Refused(f"#{one.id} 第{version.version}版还没有结果，先「退回」再重新整理")
    made = summary.draft(said.lines(call.db, one))
    new = summaries.add(call.db, evening_id=one.id, draft=made, now=call.now)
    return [call.privately(f"#{one.id} 第{new.version}版草稿好了，发「看 {one.id}」看")]


@command("撤回 <编号> [原因=]", who=REVIEW, aliases=("撤回纪要",), deed="撤回纪要")
def withdraw(call: Call, number: Number, options: Options) -> Answer:
    """撤下已经发布的纪要：能撤的消息撤回，撤不了的列给你。"""
    one, newest = draft_of(call, number)
    reason = options.get("原因", "")
    done = take_down(call.db, one, by=call.name, reason=reason, now=call.now)
    lines = [f"#{one.id} 第{done.version}版已撤下，网页和搜索不再显示"]
    if done.recalled:
        lines.append(f"正在撤回 {done.recalled} 条群消息，撤不回的会再告诉群主")
    lines += done.stays[:_LISTED]
    if len(done.stays) > _LISTED:
        lines.append(f"……共 {len(done.stays)} 处，全部见 #{one.id} 的网页")
    if newest.state != State.DRAFT:
        lines.append(f"改好再发布：「改 {one.id} 第1条 新内容」，再「通过 {one.id}」")
    return [call.privately("\n".join(lines))]


def take_down(db: Session, one: GuestSession, *, by: str, reason: str, now: datetime) -> Withdrawn:
    """Withdraw what is published. Raises Refused where nothing is, and without a reason."""
    version = summaries.in_state(db, one.id, State.PUBLISHED)
    if version is None:
        raise Refused(f"#{one.id} 没有已发布的纪要")
    if not reason.strip():
        raise Refused(f"要写原因，如：撤回 {one.id} 原因=客户名未脱敏")
    return withdrawing.withdraw(db, one, version, by=by, reason=_reason(reason), now=now)


def _reason(text: str) -> str:
    line = one_line(text)
    if not 2 <= len(line) <= LONGEST:
        raise Refused(f"原因要在 2 到 {LONGEST} 个字之间")
    return line
