"""A simulator whose time is set by hand, and the people of its one group."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.actions import AnyAction
from bot.events import AnyEvent, Message
from bot.gateways.contract import Webhook
from bot.gateways.simulator.gateway import Simulator
from bot.people import Member, Role

G1 = "simulator:1:G1"
CAST = (
    Member(id="zhaomin", name="赵敏", role=Role.OWNER),
    Member(id="linyue", name="林悦"),
    Member(id="zhanglei", name="张磊"),
)


class World:
    """The simulator, and what people do there."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "simulator.jsonl"
        self.now = datetime(2026, 11, 24, 4, tzinfo=UTC)
        self.simulator = self.again()
        self.simulator.open("G1", "新人2611群", CAST)

    def again(self) -> Simulator:
        """The platform as another process finds it."""
        return Simulator(self.log, lambda: self.now)

    def call(self, **fields: Any) -> list[AnyEvent]:
        body = json.dumps({"chat": "G1", **fields}).encode()
        return self.simulator.decode(Webhook(body=body))

    def say(self, text: str, member: str = "林悦", **fields: Any) -> Message:
        said = self.call(member=member, text=text, **fields)[-1]
        assert isinstance(said, Message)
        return said

    def do(self, action: AnyAction) -> str:
        return asyncio.run(self.simulator.perform(action))

    def chat(self, target: str = "G1") -> dict[str, Any]:
        state: Any = self.simulator.state()
        return next(chat for chat in state["chats"] if chat["target"] == target)

    def lines(self) -> list[str]:
        return [line["text"] for line in self.chat()["lines"]]
