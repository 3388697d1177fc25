"""Calls to the API of an implementation: through its own connection, else over HTTP."""

import asyncio
from collections.abc import Mapping

import httpx
import msgspec
from msgspec import Raw

from bot.gateways.contract import TryLater
from bot.gateways.onebot import answers
from bot.gateways.onebot.links import Answer, Links
from bot.gateways.onebot.settings import Account, OneBotSettings

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

_encode = msgspec.json.Encoder().encode


class Api:
    """One HTTP client for all accounts, made when first needed."""

    def __init__(
        self,
        settings: OneBotSettings,
        links: Links,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        seconds: float,
    ) -> None:
        self._settings = settings
        self._links = links
        self._transport = transport
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None

    async def call(
        self, self_id: str, action: str, params: Mapping[str, object], *, patience: float = 1
    ) -> Raw:
        """The `data` of the answer. Raises Failed with a reason for the owner, or TryLater.

        `patience` stretches the time limit, for calls that carry a file.
        """
        seconds = self._seconds * patience
        link = self._links.speaker(self_id)
        if link is not None:
            answer = await link.call(action, params, seconds=seconds)
        else:
            answer = await self._post(self_id, action, params, seconds)
        return answers.unwrapped(answer, action)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _post(
        self, self_id: str, action: str, params: Mapping[str, object], seconds: float
    ) -> Answer:
        account = self._settings.account(self_id)
        if account is None or not account.api_url:
            raise TryLater(f"未连接：账号 {self_id} 没有反向 WebSocket 连接，也没有配置 HTTP API")
        url, headers = f"{account.api_url}/{action}", _headers(account)
        try:
            async with asyncio.timeout(seconds):
                response = await self._http().post(url, content=_encode(params), headers=headers)
        except TimeoutError:
            raise TryLater(f"{action} 在 {seconds:g} 秒内没有回音", unsure=True) from None
        except NEVER_SENT as error:
            raise TryLater(f"连不上 OneBot 接口（{type(error).__name__}）") from error
        except httpx.HTTPError as error:
            raise TryLater(f"{action} 没有回音（{type(error).__name__}）", unsure=True) from error
        return answers.of_http(response, action)

    def _http(self) -> httpx.AsyncClient:
        """Without the environment's proxies: an implementation is a neighbour, not a web site."""
        if self._client is None:
            self._client = httpx.AsyncClient(
                transport=self._transport,
                timeout=httpx.Timeout(None, connect=5, pool=5),
                limits=httpx.Limits(max_connections=20, keepalive_expiry=2),
                trust_env=False,
            )
        return self._client


def _headers(account: Account) -> dict[str, str]:
    token = account.token.get_secret_value()
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return {"Content-Type": "application/json"} | bearer
