"""A simulator of one group, and OneBot gateways that reach a stand-in in process."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bot.gateways.onebot.gateway import OneBot
from bot.gateways.onebot.settings import OneBotSettings
from tests.standins.onebot import Platform
from tests.standins.onebot_account import Reach
from tests.standins.simulated import World


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def reach(tmp_path: Path) -> AsyncIterator[Reach]:
    """Opens a gateway that reaches a platform's API in process."""
    opened: list[tuple[OneBot, Platform]] = []

    def open_gateway(platform: Platform, *, token: str = "", seconds: float = 5) -> OneBot:
        settings = OneBotSettings(api_url="http://onebot.test/", token=token)
        transport = httpx.ASGITransport(platform.app)
        gateway = OneBot(settings, tmp_path, transport=transport, seconds=seconds)
        opened.append((gateway, platform))
        return gateway

    yield open_gateway
    for gateway, platform in opened:
        platform.close()
        await gateway.close()


@pytest.fixture
def handout(tmp_path: Path) -> Path:
    path = tmp_path / "files" / "纪要.docx"
    path.parent.mkdir()
    path.write_bytes(b"minutes")
    return path


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)
