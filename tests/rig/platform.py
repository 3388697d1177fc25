"""Stand-in OneBot accounts with their groups, and a log of all that was ever accepted."""

import asyncio
import hmac
import itertools
import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from tests.rig.wire import Params

SECRET = "rig-secret"
HISTORY = 20
"""Messages that can be read back, as most implementations have it."""

AGAIN, REPORTS = 0.25, 80
"""Seconds between two tries to report a message, and how many tries there are."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of ours. `history`: chats and boards are read back; `reports`: what we say."""

    self_id: int
    history: bool = False
    reports: bool = False


@dataclass(slots=True, eq=False)
class Post:
    """What was accepted, at a moment of the made-up clock; `room` is 0 in a person's chat.

    `seen` are the earlier posts of the chat that a server could know of. `reported` is when it
    took our word of this one; `sure` is that it did so before it could have wondered.
    """

    id: int
    account: Account
    room: int
    person: int
    text: str
    notice: bool
    at: datetime
    seen: frozenset[int]
    reported: float = 0.0
    sure: bool = False


@dataclass(slots=True)
class Room:
    """What members see: messages, oldest first, and the notices on the board."""

    said: list[Params] = field(default_factory=list)
    board: list[Post] = field(default_factory=list)


class No(Exception):
    """The platform's no, in its words."""


class Platform:
    """`log` is everything accepted, in order. `hook` is where the server takes events.

    `unread` are the rooms whose history or board could not be read at some time, each with the
    number the next post had. `accepted` is called for each post, before anything is answered.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        people: Callable[[int], list[Params]],
        now: Callable[[], datetime],
    ) -> None:
        self.log: list[Post] = []
        self.unread: list[tuple[int, int]] = []
        self.hook = ""
        self.accepted: Callable[[Post], None] = lambda post: None
        self._accounts = {str(account.self_id): account for account in accounts}
        self._people, self._now = people, now
        self._rooms: dict[int, Room] = defaultdict(Room)
        self._numbers = itertools.count(70001)
        self._reporting: set[asyncio.Task[None]] = set()
        self._client = httpx.AsyncClient(trust_env=False, timeout=2)

    async def perform(self, self_id: str, action: str, params: Params) -> Params:
        """One call of one account's API, and the body of the answer."""
        try:
            data = await self._done(self._accounts[self_id], action, params)
        except No as no:
            return {"status": "failed", "retcode": 1200, "data": None, "message": str(no)}
        return {"status": "ok", "retcode": 0, "data": data}

    def failing(self, action: str, params: Params) -> None:
        """A call that is not answered; what is read back is then not seen."""
        if action in ("get_group_notice", "get_group_msg_history"):
            self.unread.append((params["group_id"], next(self._numbers)))

    def restarting(self) -> None:
        """A server that starts from now on can know all that was reported until now."""
        for post in self.log:
            post.sure = post.sure or post.reported > 0

    def talk(self, room: int, count: int) -> None:
        """Members talk among themselves, which pushes what was said out of the history."""
        for _ in range(count):
            self._said(next(self._numbers), room, 40001, "好的")

    async def stop(self) -> None:
        for task in self._reporting:
            task.cancel()
        await self._client.aclose()

    async def _done(self, account: Account, action: str, params: Params) -> object:
        room = self._rooms[params.get("group_id", 0)]
        match action:
            case "send_group_msg" | "send_private_msg":
                return {"message_id": (await self._post(account, params)).id}
            case "get_group_member_list":
                return self._people(params["group_id"])
            case "get_group_msg_history" if account.history:
                return {"messages": room.said[-HISTORY:]}
            case "send_group_notice" if account.history:
                await self._post(account, params, notice=True)
                return None
            case "get_group_notice" if account.history:
                return [_shown(post) for post in room.board]
            case "set_group_whole_ban":
                return None
        raise No(f"不支持的Api {action}")

    async def _post(self, account: Account, params: Params, *, notice: bool = False) -> Post:
        room = 0 if "user_id" in params else params["group_id"]
        post = Post(
            id=next(self._numbers),
            account=account,
            room=room,
            person=params.get("user_id", 0),
            text=params["content"] if notice else _words(params["message"]),
            notice=notice,
            at=self._now(),
            seen=self._readable(account, room),
        )
        self.log.append(post)
        if notice:
            self._rooms[room].board.append(post)
        else:
            self._said(post.id, room, account.self_id, post.text)
        self.accepted(post)
        if account.reports and room:
            await self._report(post)
        return post

    def _readable(self, account: Account, room: int) -> frozenset[int]:
        here = self._rooms[room]
        last = {event["message_id"] for event in here.said[-HISTORY:]}
        board = {post.id for post in here.board}
        read = last | board if account.history else set()
        return frozenset(
            post.id for post in self.log if post.room == room and (post.id in read or post.sure)
        )

    def _said(self, number: int, room: int, user: int, text: str) -> None:
        event = {
            "time": int(self._now().timestamp()),
            "message_type": "group",
            "sub_type": "normal",
            "message_id": number,
            "group_id": room,
            "user_id": user,
            "message": [{"type": "text", "data": {"text": text}}],
            "raw_message": text,
            "sender": {"user_id": user, "nickname": f"昵称{user}"},
        }
        self._rooms[room].said.append(event)

    async def _report(self, post: Post) -> None:
        """Tell the server of its own message, again and again while it is down."""
        event = self._rooms[post.room].said[-1]
        own = {"post_type": "message_sent", "self_id": post.account.self_id}
        body = json.dumps(event | own, ensure_ascii=False).encode()
        post.sure = await self._told(post, body)
        if not post.sure:
            task = asyncio.create_task(self._tell(post, body))
            self._reporting.add(task)
            task.add_done_callback(self._reporting.discard)

    async def _tell(self, post: Post, body: bytes) -> None:
        for _ in range(REPORTS):
            await asyncio.sleep(AGAIN)
            if await self._told(post, body):
                return

    async def _told(self, post: Post, body: bytes) -> bool:
        signature = hmac.digest(SECRET.encode(), body, "sha1").hex()
        signed = {"X-Self-ID": str(post.account.self_id), "X-Signature": f"sha1={signature}"}
        try:
            answer = await self._client.post(self.hook, content=body, headers=signed)
        except httpx.HTTPError:
            return False
        if answer.is_success:
            post.reported = time.monotonic()
        return answer.is_success


def _shown(post: Post) -> Params:
    stamp = {"sender_id": post.account.self_id, "publish_time": int(post.at.timestamp())}
    return {"notice_id": f"notice-{post.id}", "message": {"text": post.text}, **stamp}


def _words(message: list[Params]) -> str:
    return "".join(piece["data"].get("text", "") for piece in message)
