"""Calls to the API of an implementation: through its own connection, else over HTTP."""

import asyncio
from collections.abc import Mapping

import httpx
import msgspec
from msgspec import Raw

from bot.gateways.contract import Failed, TryLater
from bot.gateways.onebot.links import Answer, Links, read_answer
from bot.gateways.onebot.settings import Account, OneBotSettings

NOT_LET_IN = "接口拒绝了我们的口令，请核对 BANZHANG_ONEBOT_TOKEN（或该账号的 token）"

NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
ANSWER_LOST_BEHIND_A_PROXY = (502, 504)

_encode = msgspec.json.Encoder().encode


class Api:
    """One HTTP client for all accounts, made when first needed."""

    def __init__(
        self,
        settings: OneBotSettings,
        links: Links,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        seconds: float = 10.0,
    ) -> None:
        self._settings = settings
        self._links = links
        self._transport = transport
        self._seconds = seconds
        self._client: httpx.AsyncClient | None = None

    async def call(
        self, self_id: str, action: str, params: Mapping[str, object], *, patience: float = 1
    ) -> Raw:
        """The `data` of the answer. Raises Failed with the platform's words, or TryLater.

        `patience` stretches the time limit, for calls that carry a file.
        """
        seconds = self._seconds * patience
        link = self._links.speaker(self_id)
        if link is not None:
            answer = await link.call(action, params, seconds=seconds)
        else:
            answer = await self._post(self_id, action, params, seconds)
        return unwrapped(answer, action)

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
        return _answer(response, action)

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


def _answer(response: httpx.Response, action: str) -> Answer:
    status = response.status_code
    if status == 429 or status >= 500:
        unsure = status in ANSWER_LOST_BEHIND_A_PROXY
        raise TryLater(f"OneBot 接口忙（HTTP {status}）", unsure=unsure)
    if status in (401, 403):
        raise Failed(NOT_LET_IN)
    if status == 404:
        raise Failed(f"这个 OneBot 实现没有 {action} 接口")
    if status != 200:
        raise Failed(f"OneBot 接口回答 HTTP {status}")
    try:
        return read_answer(response.content)
    except (ValueError, RecursionError) as error:
        raise TryLater(f"{action} 的回音读不懂", unsure=True) from error


def unwrapped(answer: Answer, action: str) -> Raw:
    """Retcodes are not portable: ok with 0 is a yes, and all else is a no in its own words."""
    if answer.status == "ok" and str(answer.retcode) == "0":
        return answer.data
    code = str(answer.retcode)
    if code in ("1401", "1403"):
        raise Failed(NOT_LET_IN)
    said = (word for word in (answer.wording, answer.message, answer.msg) if word)
    words = str(next(said, f"{action} 失败，没有说明原因"))[:200]
    raise Failed(f"{words}（{code}）" if answer.retcode is not None else words)
