"""图片情况: whether the pictures of a group can be looked into."""

from datetime import timedelta

from bot.people import Address
from handlers.commands import KEEPERS, Answer, Call, command
from storage import groups, pictures
from storage.pictures import State

_SINCE = timedelta(days=7)


@command("图片情况", who=KEEPERS, deed="看图片情况")
def show(call: Call) -> Answer:
    """看一周里查过多少张图片的二维码、有多少张没取到；没取到的不会当作违规。"""
    there = [c.key for c in groups.chats_of(call.db, call.group.id) if not Address.of(c.key).direct]
    since = call.now - _SINCE
    found = pictures.counts(call.db, chats=there, since=since)
    why = pictures.last_trouble(call.db, chats=there, since=since)
    lines = [
        f"一周内查过 {found.get(State.READ, 0)} 张图片，没取到 {found.get(State.GONE, 0)} 张，"
        f"在排队 {found.get(State.WAITING, 0)} 张"
    ]
    lines += [f"最近一次没取到：{why}"] if why else []
    return [call.privately("\n".join(lines))]
