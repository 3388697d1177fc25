"""The stand-in implementation, judged by two bot frameworks that are not ours."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.standins.onebot import Platform
from tests.standins.onebot_client import ReverseClient, served

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    aiocqhttp = pytest.importorskip("aiocqhttp")
    nonebot = pytest.importorskip("nonebot")
    onebot_v11 = pytest.importorskip("nonebot.adapters.onebot.v11")

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def judge() -> AsyncIterator[tuple[Any, str]]:
    bot = aiocqhttp.CQHttp(secret="s", access_token="t", api_timeout_sec=5)
    async with served(bot.asgi) as address:
        yield bot, address


async def test_aiocqhttp_takes_our_signature_and_no_other(judge: tuple[Any, str]) -> None:
    bot, address = judge
    heard: asyncio.Queue[Any] = asyncio.Queue()
    bot.on_message(heard.put)
    right = Platform(secret="s")
    event = right.message("大家好", at=1764000000)
    async with httpx.AsyncClient(trust_env=False) as client:
        answers = [
            (await platform.post(client, f"http://{address}/", event)).status_code
            for platform in (right, Platform(secret="other"), Platform())
        ]
    assert answers[0] in (200, 204)
    assert answers[1:] == [403, 401]
    async with asyncio.timeout(3):
        assert (await heard.get()).raw_message == "大家好"


async def test_aiocqhttp_talks_with_our_reverse_client(judge: tuple[Any, str]) -> None:
    bot, address = judge
    heard: asyncio.Queue[Any] = asyncio.Queue()
    bot.on_message(heard.put)
    there = Platform(token="t", admin=False)
    async with ReverseClient(there, f"ws://{address}/ws") as client:
        await client.push(there.message("大家好", at=1764000000))
        async with asyncio.timeout(3):
            event = await heard.get()
        answer = await bot.send_group_msg(
            self_id=event.self_id, group_id=event.group_id, message="收到"
        )
        assert answer == {"message_id": 70002}
        with pytest.raises(aiocqhttp.ActionFailed):
            await bot.set_group_whole_ban(self_id=event.self_id, group_id=1, enable=True)
    async with ReverseClient(Platform(token="wrong"), f"ws://{address}/ws") as refused:
        assert refused.refused in (401, 403)


async def test_nonebot_talks_with_our_reverse_client() -> None:
    nonebot.init(driver="~fastapi", onebot_access_token="t", log_level="ERROR")
    driver = nonebot.get_driver()
    driver.register_adapter(onebot_v11.Adapter)
    joined: asyncio.Queue[Any] = asyncio.Queue()

    @driver.on_bot_connect
    async def connected(bot: onebot_v11.Bot) -> None:
        joined.put_nowait(bot)

    there = Platform(token="t")
    async with served(nonebot.get_asgi(), lifespan="on") as address:
        url = f"ws://{address}/onebot/v11/ws"
        async with ReverseClient(there, url), asyncio.timeout(3):
            bot = await joined.get()
            said = await bot.send_group_msg(group_id=600001, message="收到")
            assert said == {"message_id": 70001}
            await bot.set_group_add_request(flag="17", sub_type="add", approve=True)
        async with ReverseClient(Platform(token="wrong"), url) as refused:
            assert refused.refused == 403
    assert [call.action for call in there.calls] == ["send_group_msg", "set_group_add_request"]
