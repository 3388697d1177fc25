"""更正: what a guest puts right after the evening."""

import re
from datetime import timedelta

from handlers.commands import EVERYONE, Answer, Call, Refused, command
from handlers.grammar import narrow
from handlers.questions import homes
from handlers.reviewing import opened
from schedules import places, posts, quiet
from storage import editing, groups, guests, outbox, said, summaries
from storage.guests import HELD, GuestSession
from storage.masking import readable
from storage.questions import one_line
from storage.summaries import Summary

LONGEST = 200
LASTS = timedelta(days=30)
"""How long after the evening its guest can put something right by chat."""

_WHICH = re.compile(r"#\s*(\d{1,9})\s+")


@command("更正 <内容>", who=EVERYONE)
def amend(call: Call, text: str) -> Answer:
    """嘉宾讲完后更正自己的话，如「更正 返点是3%不是5%」，纪要里会标明，HR 会看到。"""
    which = _WHICH.match(narrow(text))
    words = readable(one_line(text[which.end() :] if which else text))
    if not 2 <= len(words) <= LONGEST:
        raise Refused(f"更正请写在 2 到 {LONGEST} 个字之间")
    one = _mine(call, int(which[1]) if which else None)
    before = summaries.newest(call.db, one.id, to_change=True)
    if before is None:
        raise Refused(f"#{one.id} 的草稿还没整理好，整理好以后再发一次")
    version = opened(call.db, one, before, now=call.now)
    draft, entry = editing.corrected(version.draft, words)
    summaries.rewrite(
        call.db,
        version,
        draft=draft,
        by=call.name,
        what=f"嘉宾更正 {entry or ''}".strip(),
        now=call.now,
        after=words,
    )
    _tell(call, one, version, f"{entry or '文末'}：{words}")
    beside = f"，标在{entry}旁边" if entry else "，写在纪要最后"
    after = "HR 通过后发更正" if version.version > 1 else "HR 审核时会看到"
    return [call.privately(f"#{one.id} 已记下{beside}。{after}")]


def _mine(call: Call, number: int | None) -> GuestSession:
    """The caller's own evening: the one with this number, or the last."""
    found = [
        one
        for group_id in homes(call)
        for one in guests.between(
            call.db, group_id=group_id, since=call.now - LASTS, until=call.now
        )
        if one.state in HELD and said.by_guest(call.db, one, call.message)
    ]
    wanted = [one for one in found if number in (None, one.id)]
    if not wanted:
        which = "没有你最近讲过的分享" if number is None else f"#{number} 不是你最近讲的"
        raise Refused(f"更正是给嘉宾用的：{which}")
    return max(wanted, key=lambda one: one.starts)


def _tell(call: Call, one: GuestSession, version: Summary, what: str) -> None:
    """Those who review hear of it, each in private."""
    group = groups.get(call.db, one.group_id)
    to = places.hr(call.db, group) or places.owners(call.db, group)
    words = (
        f"#{one.id}《{one.topic}》嘉宾更正 {what}。"
        f"「看 {one.id}」看第{version.version}版草稿，「通过 {one.id}」发布"
    )
    due = quiet.loud(call.now, group.zone)
    name = f"amended-{call.message.id}"
    outbox.put(call.db, posts.notes(name, one, to, words, due=due, priority=4), now=call.now)
