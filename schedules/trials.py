"""What rules would have done while they were only watched, told to the owner after a while."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import wording
from bot.actions import Say
from schedules import places, quiet
from storage import archive, groups, outbox, policy, rulebook, strikes
from storage.groups import Group
from storage.outbox import Plan
from storage.rulebook import Choice

WATCHED_FOR = timedelta(hours=24)
WATCHED_MESSAGES = 500
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Watch:
    """One rule that a group watches, and has not been told of. `heard` counts messages since.

    Without a group it is the company that watches, in all of them.
    """

    group: Group | None
    rule: str
    choice: Choice
    cause: str
    heard: int


def due(db: Session, now: datetime) -> bool:
    """Whether any rule was watched for long enough."""
    return any(True for _ in _over(db, now))


def tick(db: Session, now: datetime) -> None:
    """Report every rule that was watched for long enough. Once for each watch."""
    for watch in list(_over(db, now)):
        _report(db, watch, now)


def _over(db: Session, now: datetime) -> Iterator[Watch]:
    for number in rulebook.watching(db):
        group = groups.get(db, number) if number is not None else None
        for rule, choice in policy.watched_here(db, number).items():
            cause = f"watched/{number or '公司'}/{rule}/{choice.since}"[:200]
            if outbox.of_cause(db, cause):
                continue
            since = datetime.fromisoformat(choice.since)
            chats = [chat.id for one in _groups(db, group) for chat in groups.chats_of(db, one.id)]
            heard = archive.heard(db, chat_ids=chats, since=since)
            if now - since >= WATCHED_FOR or heard >= WATCHED_MESSAGES:
                yield Watch(group, rule, choice, cause, heard)


def _groups(db: Session, group: Group | None) -> list[Group]:
    return [group] if group else groups.everyone(db)


def _report(db: Session, watch: Watch, now: datetime) -> None:
    group, rule, choice, cause = watch.group, watch.rule, watch.choice, watch.cause
    since = datetime.fromisoformat(choice.since)
    found = [
        strike
        for one in _groups(db, group)
        for strike in strikes.of_trial(db, group_id=one.id, rule=rule, since=since)
    ]
    words = wording.render(
        "watched",
        rule=rule,
        said=rule if group else f"公司规则 {rule}",
        trial=bool(choice.trial),
        heard=watch.heard,
        count=len(found),
        people=len({one.member for one in found}),
        shown=[(one.code, one.name, one.reason) for one in found[:_SHOWN]],
    )
    plans = [
        Plan(
            key=f"{cause}/{one.name}",
            cause=cause,
            action=Say(chat=one.chat, text=words, via=one.via),
            due=now,
            after=quiet.loud(now, one.zone),
        )
        for one in (places.owners(db, group) if group else places.company_hr(db))
    ]
    outbox.put(db, plans, now=now)
