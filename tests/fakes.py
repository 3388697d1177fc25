"""A gateway that remembers, and a clock that is moved by hand."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.actions import AnyAction
from bot.events import AnyEvent
from bot.gateways.contract import Can, Webhook


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_(self, **time: float) -> datetime:
        self.at += timedelta(**time)
        return self.at


class FakeGateway:
    """Does everything, and keeps what it did in `done`. `answer` may raise instead."""

    path = "/fake/"
    can = Can(**dict.fromkeys(Can.__slots__, True))

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.done: list[AnyAction] = []
        self.answer: Callable[[AnyAction], str] = lambda action: f"m{len(self.done)}"

    def greet(self, hook: Webhook) -> str | None:
        return None

    def decode(self, hook: Webhook) -> list[AnyEvent]:
        return []

    async def perform(self, action: AnyAction) -> str:
        await asyncio.sleep(0)
        receipt = self.answer(action)
        self.done.append(action)
        return receipt

    def pace(self, action: AnyAction) -> float:
        return 0
