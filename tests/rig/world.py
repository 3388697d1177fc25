"""A made-up clock, the platforms on a port of their own, and servers that know both."""

import json
import random
import re
from collections.abc import Mapping
from pathlib import Path

import httpx

from benchmarks.process import Server, database_url
from bot.clock import FileClock
from storage.database import Database
from tests.rig.plan import ACCOUNTS, PLACES, PLANNED, Plan, set_up
from tests.rig.platform import SECRET, Platform
from tests.rig.wire import CALM, TROUBLE, Params, Wire

TOKEN = "rig-token"
PATIENCE = 60.0
"""Seconds for a server to live until a given moment."""

_error = re.compile(r"[\w.]+(?:Error|Exception|Forbidden)\b").match


class World:
    """What goes on while servers come and go; `folder` is theirs, with everything planned."""

    def __init__(self, folder: Path, plan: Plan, chance: random.Random) -> None:
        set_up(folder, plan)
        self.folder, self.plan = folder, plan
        self.clock = FileClock(folder / "clock")
        self.clock.turn(PLANNED)
        self.platform = Platform(ACCOUNTS, _members, self.clock.now)
        self.database = Database(database_url(folder))
        self._wire = Wire(self.platform.perform, self.platform.failing, TOKEN, chance)
        self._settings: Mapping[str, str] = {}

    async def begin(self) -> None:
        """From now on the platforms can be called."""
        self._settings = _settings(await self._wire.start(), self.clock.path)

    def trouble(self, there_is: bool) -> None:
        """Trouble on the wire comes in spells."""
        self._wire.faults = TROUBLE if there_is else CALM

    async def end(self) -> None:
        self._wire.stop()
        await self.platform.stop()
        self.database.close()

    def server(self) -> Server:
        """One more process on the same database, not started yet."""
        return Server(self.folder, settings=self._settings)

    def errors(self) -> list[str]:
        """The last lines of all tracebacks in the servers' log, each once."""
        lines = (self.folder / "server.log").read_text(errors="replace").splitlines()
        begun, found = False, set()
        for line in lines:
            begun = begun or line.startswith("Traceback")
            if begun and _error(line):
                found.add(line)
                begun = False
        return sorted(found)


def hook(server: Server) -> str:
    """Where a server takes events."""
    return f"http://127.0.0.1:{server.port}/onebot/v11/"


async def walk(server: Server, moment: str) -> None:
    """Have a server live until then, from one thing that it has to do to the next.

    Raises httpx.HTTPError when it dies on the way.
    """
    url = f"http://127.0.0.1:{server.port}/simulator/clock"
    async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
        await client.post(url, json={"to": moment})


def _settings(api: str, clock: Path) -> dict[str, str]:
    accounts = [
        {
            "self_id": str(account.self_id),
            "secret": SECRET,
            "token": TOKEN,
            "api_url": f"{api}/{account.self_id}",
        }
        for account in ACCOUNTS
    ]
    return {
        "BANZHANG_SIMULATOR": "1",
        "BANZHANG_CLOCK_FILE": str(clock),
        "BANZHANG_ONEBOT_ACCOUNTS": json.dumps(accounts),
        "BANZHANG_ONEBOT_PACE_SECONDS": "0",
        "BANZHANG_ONEBOT_TIMEOUT_SECONDS": "1",
    }


def _members(room: int) -> list[Params]:
    there = next(place for place in PLACES.values() if place.room == room)
    return [
        {"user_id": int(one.id), "nickname": one.name, "role": str(one.role)}
        for one in there.people
    ]
