"""The platforms' own log, compared with the plan and with the receipts. Pure."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from storage.moves import State
from storage.outbox import Delivery
from tests.rig.plan import ASKS, BLIND, PLACES, READ_BACK, REPORTED, Place, Plan, Promise
from tests.rig.platform import Post

BY_RULE = ("刚发过预告", "安排得晚", "没有开场")
"""Reasons for which a step is left out on purpose."""

Where = tuple[int, str, int]
"""Number of the evening, step, and the platform's id of the chat."""

_step, _number = re.compile(r"〔(\w+)〕"), re.compile(r"（#(\d+)）")


@dataclass(slots=True)
class Evidence:
    """What is left to be judged: the platforms' log, the receipts, and how the run went.

    `calm` are the moments of the made-up clock at which the server was up and had nothing left to
    do; `restless` those at which that did not come about. `worst` is the longest way from a
    restart to calm, in seconds; `errors` are what the server logged with a traceback.
    """

    log: Sequence[Post] = ()
    unread: Sequence[tuple[int, int]] = ()
    deliveries: Sequence[Delivery] = ()
    kills: int = 0
    calm: list[datetime] = field(default_factory=list)
    restless: list[str] = field(default_factory=list)
    worst: float = 0.0
    errors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Each list names what it found, so that a failure says where to look."""

    kills: int
    planned: int
    timely: int
    posts: int
    missed: Sequence[str]
    doubled: Sequence[str]
    doubled_unseen: Sequence[str]
    board_and_message: Sequence[str]
    repeated_openings: Sequence[str]
    unknown: Mapping[str, int]
    unasked: Sequence[str]
    untrue: Sequence[str]
    restless: Sequence[str]
    errors: Sequence[str]
    worst: float

    @property
    def table(self) -> str:
        rows = (
            ("kills", self.kills),
            ("posts planned", self.planned),
            ("posts with time enough inside validity", self.timely),
            ("posts on the platforms", self.posts),
            ("missed inside validity", len(self.missed)),
            ("doubled where ids or history are available", len(self.doubled)),
            ("doubled where neither is", len(self.doubled_unseen)),
            ("notice and message, board unreadable just then", len(self.board_and_message)),
            ("openings repeated where nothing can be read back", len(self.repeated_openings)),
            ("unknown, history read back", self.unknown["history"]),
            ("unknown, own messages reported", self.unknown["reports"]),
            ("unknown, neither", self.unknown["neither"]),
            ("unknown and nobody asked", len(self.unasked)),
            ("receipts without a post", len(self.untrue)),
            ("worst catch-up after a restart, s", f"{self.worst:.1f}"),
        )
        return "\n".join(f"{name:<50} {value:>6}" for name, value in rows)

    @property
    def wrong(self) -> list[str]:
        """What should not be there, each with where to look; repeated openings are meant."""
        found = {
            "missed": self.missed,
            "doubled": self.doubled,
            "doubled unseen": self.doubled_unseen,
            "not asked": self.unasked,
            "not there": self.untrue,
            "restless": self.restless,
            "error": self.errors,
        }
        return [f"{what}: {one}" for what, several in found.items() for one in several]


def judge(plan: Plan, evidence: Evidence) -> Verdict:
    """What became of every promise."""
    promises, posts = plan.promises(), _posts(plan, evidence.log)
    doubles = [one for found in posts.values() for one in _doubles(found, evidence.unread)]
    unknown = [d for d in evidence.deliveries if d.state == State.UNKNOWN and _place(d)]
    unseen = [post for post, how in doubles if how == "unseen"]
    return Verdict(
        kills=evidence.kills,
        planned=len(promises),
        timely=sum(_had_time(promise, evidence) for promise in promises),
        posts=sum(len(found) for found in posts.values()),
        missed=[_name(p) for p in promises if _missed(p, posts, evidence)],
        doubled=[_told(post) for post, how in doubles if how == "seen"],
        board_and_message=[_told(post) for post, how in doubles if how == "both"],
        doubled_unseen=[_told(p) for p in unseen if not _is_opening(p)],
        repeated_openings=[_told(p) for p in unseen if _is_opening(p)],
        unknown=_by_account(unknown),
        unasked=[d.key for d in unknown if not _asked(plan, d, evidence.log)],
        untrue=[
            d.key
            for d in evidence.deliveries
            if d.state == State.DELIVERED and (place := _place(d)) and not posts.get(_of(d, place))
        ],
        restless=evidence.restless,
        errors=evidence.errors,
        worst=evidence.worst,
    )


def _posts(plan: Plan, log: Iterable[Post]) -> dict[Where, list[Post]]:
    """What the groups saw of each step."""
    found = defaultdict[Where, list[Post]](list)
    for post in log:
        words, number = _step.search(post.text), _number.search(post.text)
        if post.room and words and number:
            step = _half(plan, post, int(number[1])) if words[1] == "code" else words[1]
            found[int(number[1]), step, post.room].append(post)
    return found


def _half(plan: Plan, post: Post, number: int) -> str:
    """Which of the two codes it is: their words are the same."""
    return "code_a" if post.at < plan.evening(number).starts + ASKS else "code_b"


def _doubles(
    found: Sequence[Post], unread: Iterable[tuple[int, int]]
) -> Iterator[tuple[Post, str]]:
    """Every post but the first, and whether one before it could be seen by the server.

    An ordinary message also says what a notice says that could not be seen on its board.
    """
    for n, post in enumerate(found[1:], 1):
        earlier = found[:n]
        failed = any(room == post.room and found[0].id < at < post.id for room, at in unread)
        if failed and not post.notice and all(one.notice for one in earlier):
            yield post, "both"
        else:
            seen = not failed and any(one.id in post.seen for one in earlier)
            yield post, "seen" if seen else "unseen"


def _missed(promise: Promise, posts: Mapping[Where, list[Post]], evidence: Evidence) -> bool:
    """Whether there was time, the post is not there, and nothing on record says why."""
    there = posts.get((promise.number, promise.step, promise.place.room))
    if there or not _had_time(promise, evidence):
        return False
    rows = [
        d
        for d in evidence.deliveries
        if (d.cause, d.step, d.chat)
        == (f"evening:{promise.number}", promise.step, promise.place.chat)
    ]
    return not any(_explains(row) for row in rows)


def _had_time(promise: Promise, evidence: Evidence) -> bool:
    return any(promise.due <= calm < promise.expires for calm in evidence.calm)


def _explains(row: Delivery) -> bool:
    if row.state == State.EXPIRED:
        return row.detail.startswith(BY_RULE)
    return row.state == State.UNKNOWN


def _asked(plan: Plan, unknown: Delivery, log: Iterable[Post]) -> bool:
    """Whether the evening's owner was asked, in private, once nobody could tell."""
    number, place = int(unknown.cause.partition(":")[2]), _place(unknown)
    words = f"补发 {number}-G{place.number if place else 0}」"
    own = PLACES[plan.evening(number).groups[0]]
    return any(
        post.person == own.owner
        and words in post.text
        and unknown.done is not None
        and post.at >= unknown.done
        for post in log
    )


def _place(delivery: Delivery) -> Place | None:
    """The group of an evening's post; none for a word to one person."""
    if not delivery.cause.startswith("evening:"):
        return None
    return next((place for place in PLACES.values() if place.chat == delivery.chat), None)


def _of(delivery: Delivery, place: Place) -> Where:
    return int(delivery.cause.partition(":")[2]), delivery.step, place.room


def _by_account(unknown: Iterable[Delivery]) -> Mapping[str, int]:
    names = {READ_BACK: "history", REPORTED: "reports", BLIND: "neither"}
    return Counter(names[place.account] for one in unknown if (place := _place(one)))


def _is_opening(post: Post) -> bool:
    return post.text.startswith("〔open〕")


def _name(promise: Promise) -> str:
    return f"#{promise.number} {promise.step} G{promise.place.number} due {promise.due:%m-%d %H:%M}"


def _told(post: Post) -> str:
    return f"{post.at:%m-%d %H:%M:%S} in {post.room}: {post.text[:40]}"
