"""The simulator: a made-up chat platform that people use in the browser and scripts drive."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from bot import events
from bot.actions import Announce, AnyAction, Say, SendFile
from bot.events import AnyEvent, Joined, Left, Message, Muted, Recalled
from bot.gateways import files
from bot.gateways.contract import Can, Failed, Limit, Save, Webhook
from bot.gateways.simulator import calls, deeds, view
from bot.gateways.simulator.chats import Chat
from bot.gateways.simulator.client import Client
from bot.gateways.simulator.entries import NAME, SHOWN, US, Opened, role_told
from bot.gateways.simulator.platform import Platform
from bot.people import Address, Member

logger = logging.getLogger(__name__)

TELLING = 1.0
"""Seconds a notice of what the bot itself did may take; as elsewhere, it may get lost."""


class Simulator:
    """A gateway whose platform lives in a file beside the bot's own database.

    Nothing is signed, so it is for test mode only. `save`, when it is set, is told what becomes of
    the bot's own acts in a group, as platforms do; `limit` can be set as well.
    """

    name = NAME
    path = "/simulator/messages"
    can = Can(
        hears_all=True,
        recall=True,
        mute=True,
        mute_all=True,
        remove=True,
        answer_join=True,
        announce=True,
        send_file=True,
        set_card=True,
        mention=True,
        direct=True,
    )

    def __init__(self, log: Path, now: Callable[[], datetime]) -> None:
        """`log` is made by the first thing that happens; files are sent from its folder."""
        self._platform = Platform(log)
        self._client = Client(self._platform, now)
        self._now = now
        self.save: Save | None = None
        self.limit: Limit | None = None

    def open(self, target: str, name: str, members: Sequence[Member]) -> None:
        """Set up a chat with the people in it. One that is there stays as it is."""
        self._platform.catch_up()
        key = f"{NAME}:{US}:{target}"
        if key not in self._platform.chats:
            entry = Opened(key="", chat=key, at=self._now(), name=name, members=tuple(members))
            self._platform.write(entry)

    def greet(self, hook: Webhook) -> str | None:
        return None

    def decode(self, hook: Webhook) -> list[AnyEvent]:
        """Raises Unreadable, also for what a chat client would not let a member do."""
        return self._client.take(calls.read(hook.body))

    async def perform(self, action: AnyAction) -> str:
        self._platform.catch_up()
        chat = self._platform.chats.get(action.chat)
        if not Address.of(action.chat).direct and not (chat and chat.ours):
            raise Failed("机器人不在群")
        entries = deeds.of(action, self._platform, self._now())
        written = [self._platform.write(entry) for entry in entries]
        told = [one for one in written if isinstance(one, Recalled | Muted | Joined | Left)]
        if told and self.save is not None:
            await self._tell(self.save, told)
        posted = isinstance(action, Say | SendFile | Announce)
        return written[0].key.rpartition(":")[2] if posted else ""

    async def _tell(self, save: Save, told: Sequence[AnyEvent]) -> None:
        try:
            async with asyncio.timeout(TELLING):
                await save(told, b"".join(map(events.encode, told)))
        except Exception as problem:
            logger.warning("simulator: a notice got lost: %s", type(problem).__name__)

    def pace(self, action: AnyAction) -> float:
        return 0

    async def members(self, chat: str) -> list[Member]:
        return [
            Member(id=one.id, name=one.name, role=role_told(one.role), joined=one.joined)
            for one in self._chat(chat).members.values()
        ]

    async def history(self, chat: str) -> list[Message]:
        posted = self._chat(chat).messages.values()
        return [one.message for one in posted if not one.recalled_by][-SHOWN:]

    async def board(self, chat: str) -> Mapping[str, str]:
        return {one.key.rpartition(":")[2]: one.text for one in self._chat(chat).notices}

    async def all_muted(self, chat: str) -> bool | None:
        return self._chat(chat).muted_all

    def _chat(self, key: str) -> Chat:
        self._platform.catch_up()
        chat = self._platform.chats.get(key)
        if chat is None or not chat.ours:
            raise Failed("机器人不在群")
        return chat

    def state(self) -> dict[str, object]:
        """Everything people can see, ready for JSON; times are UTC."""
        self._platform.catch_up()
        return view.state(self._platform, self._now())

    def file(self, id: str) -> tuple[Path, str] | None:
        """Where the file or picture is that was sent as message or notice `id`, and its name.

        None when it is gone. What a picture is called on the disk is nobody's business.
        """
        self._platform.catch_up()
        sent = self._platform.sent(id)
        if sent is None:
            return None
        try:
            path = files.inside(self._platform.log.parent, sent.ref)
        except Failed:
            return None
        return path, sent.text or f"图片{path.suffix}"
