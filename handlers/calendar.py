"""日历: where someone finds the evenings as a calendar to subscribe to."""

from typing import Protocol

from handlers.commands import EVERYONE, PLANNERS, Answer, Call, Refused, command

_OWN = """你的嘉宾分享日历，只给你自己，请不要转发：
{link}
在手机或电脑的日历里选「订阅日历」或「通过网址添加」，粘贴进去。改时间、取消都会自己更新。"""
_GROUP = """「{group}」的日历，可以发给群里的人：
{link}"""


class Links(Protocol):
    """Makes the addresses of feeds. Whoever has one can read the feed."""

    def of_person(self, platform: str, member: str) -> str: ...

    def of_group(self, group_id: int) -> str: ...


_links: Links | None = None


def offer(links: Links | None) -> None:
    """Say who makes the addresses from now on; None where this server is not known by any."""
    global _links
    _links = links


@command("日历", who=EVERYONE, aliases=("订阅日历", "日历 订阅"))
def subscribe(call: Call) -> Answer:
    """把嘉宾分享放进你的日历，链接只发给你。"""
    if _links is None:
        raise Refused("IT 还没有设置 BANZHANG_PUBLIC_URL，日历链接暂时没有")
    texts = [_OWN.format(link=_links.of_person(call.address.platform, call.member))]
    if call.roles & PLANNERS:
        texts.append(_GROUP.format(group=call.group.name, link=_links.of_group(call.group.id)))
    return [call.privately("\n\n".join(texts))]
