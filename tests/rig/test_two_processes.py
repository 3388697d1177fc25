"""Two processes on one database: one acts, the other stands by until the first is gone."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from benchmarks.process import Server, until
from tests.build import at
from tests.rig.plan import SHORT
from tests.rig.world import World, hook, walk

TAKES_OVER = 60.0
"""Seconds."""

NOON = "2026-11-24T12:30:00+08:00"

Story = Callable[[World, Server, Server], Awaitable[None]]


@pytest.mark.xdist_group("processes")
def test_of_two_processes_one_acts_and_the_other_takes_over_when_it_is_killed(
    tmp_path: Path,
) -> None:
    async def story(world: World, first: Server, second: Server) -> None:
        assert [await _acts(first), await _acts(second)] == [True, False]
        await walk(first, NOON)
        assert _posted(world, "announce") == _promised(world, "announce")
        world.platform.hook = ""
        first.kill()
        world.clock.turn(at("2026-11-24 18:00"))
        await until(
            lambda: _posted(world, "remind_eve") == _promised(world, "remind_eve"),
            seconds=TAKES_OVER,
        )
        await first.start()
        assert [await _acts(first), await _acts(second)] == [False, True]
        assert _posted(world, "announce") == _promised(world, "announce")

    asyncio.run(_with_two(World(tmp_path, SHORT, random.Random(1)), story))


async def _with_two(world: World, story: Story) -> None:
    await world.begin()
    first, second = world.server(), world.server()
    world.platform.hook = hook(first)
    try:
        await first.start()
        await second.start()
        await story(world, first, second)
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
