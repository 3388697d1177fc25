"""The one group on a stand-in OneBot that tests act in, and how they reach it."""

from typing import Any, Protocol

from bot.gateways.onebot.gateway import OneBot
from tests.standins.onebot import Platform
from tests.standins.onebot_groups import NAPCAT

CHAT = "onebot:10001:600001"
GROUP = {"group_id": 600001}


class Reach(Protocol):
    """Opens a gateway to a platform; `seconds` is the time limit of a call."""

    def __call__(self, platform: Platform, *, token: str = "", seconds: float = 5) -> OneBot: ...


def platform(dialect: str = NAPCAT, **options: Any) -> Platform:
    made = Platform(dialect=dialect, **options)
    made.join(20002, "华东-王明", joined=1763000000)
    made.join(20003, "", role="admin")
    return made


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "data": {"text": words}}
