"""Flooding, where the examples do not reach: the edge of its window."""

from datetime import timedelta

from bot.events import Message
from rules.engine import Context
from rules.flooding import Flooding, flooding
from tests.build import at, message

NOON = at("2026-11-24 12:00")


def said(*seconds: float) -> list[Message]:
    """One message at each of these seconds before noon."""
    return [message("在", when=NOON - timedelta(seconds=ago)) for ago in seconds]


def test_only_what_was_said_inside_the_window_counts() -> None:
    now, params = message("在", when=NOON), Flooding(limit=2, seconds=10)
    assert flooding(now, Context(mine=said(11, 10, 9)), params) is None
    found = flooding(now, Context(mine=said(9.9, 9)), params)
    assert found is not None
    assert found.reason == "10 秒内发了 3 条"
