"""SIGKILL in the middle of a burst: what was acknowledged is there, and nothing is done twice."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from benchmarks.load import TOKEN, Api, Load, Posted, request
from benchmarks.process import Server, set_up, until
from benchmarks.traffic import SECRET, Kind, Traffic

CONNECTIONS = 8
EVENTS = 6000
KILLED_AFTER = 1000
"""Acknowledgements; a good part of the burst is still to come."""

REPEATABLE = {"delete_msg", "set_group_ban"}
"""Harmless to do again, so one that was under way at the kill may be seen twice."""


@pytest.mark.xdist_group("processes")
def test_after_a_kill_in_a_burst_nothing_acknowledged_is_missing_and_nothing_was_done_twice(
    tmp_path: Path,
) -> None:
    asyncio.run(_story(tmp_path))


async def _story(folder: Path) -> None:
    set_up(folder, 10)
    api = Api()
    server = Server(folder, settings=_settings(await api.start()))
    try:
        await server.start()
        calls = _calls()
        load = Load(server.port, CONNECTIONS)
        burst = asyncio.create_task(load.saturate(calls, 60))
        await until(lambda: len(load.run.acked) >= KILLED_AFTER)
        server.kill()
        acked = (await burst).acked
        assert 0 < len(acked) < len(calls), "the kill has to come in the middle of the burst"

        await server.start()
        again = [(call, data) for call, data in calls if call.id not in acked][:500]
        await Load(server.port, CONNECTIONS).saturate([*again, *calls[:200]], 60)
        await server.drained()

        ids = Counter(int(event["message_id"]) for event in server.archived())
        assert acked <= ids.keys()
        assert set(ids.values()) == {1}
        assert _repeated(api) == set()
    finally:
        server.stop()
        await api.stop()


def _calls() -> list[Posted]:
    traffic = Traffic(10)
    traffic.ads = 0.1
    new = (call for call in traffic if call.kind is not Kind.AGAIN)
    return [(call, request(call)) for call in itertools.islice(new, EVENTS)]


def _repeated(api: Api) -> set[tuple[str, int]]:
    """Answers and notices that the platform was asked for more than once."""
    done: Iterable[tuple[str, int]] = (
        (heard.action, heard.about)
        for heard in api.heard
        if heard.about and heard.action not in REPEATABLE
    )
    return {one for one, times in Counter(done).items() if times > 1}


def _settings(api_url: str) -> dict[str, str]:
    return {
        "BANZHANG_ONEBOT_SECRET": SECRET,
        "BANZHANG_ONEBOT_TOKEN": TOKEN,
        "BANZHANG_ONEBOT_API_URL": api_url,
        "BANZHANG_ONEBOT_PACE_SECONDS": "0",
    }
