"""Two processes on one database: one acts, the other stands by until the first is gone."""

import asyncio
import random
import time
from collections import Counter
from pathlib import Path

import httpx

from benchmarks.process import Server, until
from tests.build import at
from tests.rig.plan import SHORT
from tests.rig.world import World, walk

TAKES_OVER = 60.0
"""Seconds."""


def test_of_two_processes_one_acts_and_the_other_takes_over_when_it_is_killed(
    tmp_path: Path,
) -> None:
    asyncio.run(_story(World(tmp_path, SHORT, random.Random(1))))


async def _story(world: World) -> None:
    await world.begin()
    second, first = world.server(), world.server()
    try:
        await first.start()
        await second.start()
        assert [await _acts(first), await _acts(second)] == [True, False]
        await walk(first, "2026-11-24T12:30:00+08:00")
        assert _posted(world, "announce") == _promised(world, "announce")
        first.kill()
        world.clock.turn(at("2026-11-24 18:00"))
        killed = time.monotonic()
        await until(
            lambda: _posted(world, "remind_eve") == _promised(world, "remind_eve"),
            seconds=TAKES_OVER,
        )
        assert time.monotonic() - killed < TAKES_OVER
        await first.start()
        assert [await _acts(first), await _acts(second)] == [False, True]
        assert _posted(world, "announce") == _promised(world, "announce")
    finally:
        first.kill()
        second.kill()
        await world.end()


async def _acts(server: Server) -> bool:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{server.port}/healthz")
    return bool(answer.json()["acting"])


def _posted(world: World, step: str) -> Counter[int]:
    """How often each chat saw the step, of whatever evening."""
    posts = (post for post in world.platform.log if post.text.startswith(f"〔{step}〕"))
    return Counter(post.room for post in posts)


def _promised(world: World, step: str) -> Counter[int]:
    now = world.clock.now()
    return Counter(
        promise.place.room
        for promise in world.plan.promises()
        if promise.step == step and promise.due <= now
    )
