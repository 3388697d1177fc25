"""A picture in a QQ group: by its address, or from the implementation once that has expired."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from bot.events import Segment
from bot.gateways.contract import Failed
from bot.gateways.download import Downloader
from bot.gateways.onebot.gateway import OneBot
from bot.gateways.onebot.settings import OneBotSettings

pytestmark = pytest.mark.anyio
CHAT = "onebot:10001:600001"
PIECE = Segment("image", ref="A1B2.jpg", url="https://multimedia.nt.qq.com.cn/download?rkey=old")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def gateway(folder: Path, data: object, *, expired: bool) -> tuple[OneBot, list[str]]:
    """An implementation that answers get_image with `data`, and the web beside it."""
    asked: list[str] = []

    def api(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.url.path} {json.loads(request.content)['file']}")
        return httpx.Response(200, json={"status": "ok", "retcode": 0, "data": data})

    def web(request: httpx.Request) -> httpx.Response:
        gone = expired and "rkey=old" in str(request.url)
        return httpx.Response(400 if gone else 200, content=b"from the web")

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["93.184.215.14"]

    made = OneBot(
        OneBotSettings(api_url="http://x"),
        folder,
        transport=httpx.MockTransport(api),
        download=Downloader(transport=httpx.MockTransport(web), resolve=resolve),
    )
    return made, asked


async def test_a_picture_is_fetched_from_its_address(tmp_path: Path) -> None:
    onebot, asked = gateway(tmp_path, {}, expired=False)
    assert await onebot.media(CHAT, PIECE) == b"from the web"
    assert asked == []


@pytest.mark.parametrize(
    "data, content",
    [
        ({"base64": base64.b64encode(b"kept").decode(), "url": ""}, b"kept"),
        ({"url": "https://multimedia.nt.qq.com.cn/download?rkey=new"}, b"from the web"),
    ],
)
async def test_once_it_has_expired_the_implementation_is_asked(
    tmp_path: Path, data: object, content: bytes
) -> None:
    onebot, asked = gateway(tmp_path, data, expired=True)
    assert await onebot.media(CHAT, PIECE) == content
    assert asked == ["/get_image A1B2.jpg"]


async def test_a_path_on_the_implementations_disk_is_no_picture(tmp_path: Path) -> None:
    onebot, _ = gateway(tmp_path, {"file": "/root/.config/QQ/a.jpg"}, expired=True)
    with pytest.raises(Failed):
        await onebot.media(CHAT, PIECE)
