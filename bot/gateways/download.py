"""Fetching what a chat points at: public addresses only, checked at every hop, small and soon."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx

from bot.gateways.contract import Failed, TryLater

LARGEST = 10 * 1024 * 1024
"""Bytes."""

SECONDS = 15.0
MOST_HOPS = 3
_MOVED = (301, 302, 303, 307, 308)

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """By the system's resolver."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]) for *_, where in found]


class Downloader:
    """Connects to the very address that was checked, so that a name cannot change in between.

    `resolve` and `public` are given by tests, whose server is on this machine.
    """

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = resolve,
        public: Callable[[str], bool] | None = None,
    ) -> None:
        self._client = httpx.AsyncClient(
            transport=transport, timeout=SECONDS, trust_env=False, follow_redirects=False
        )
        self._resolve = resolve
        self._public = public or is_public

    async def get(self, url: str) -> bytes:
        """Raises Failed for what is not to be fetched, TryLater for what may come later."""
        try:
            async with asyncio.timeout(SECONDS):
                return await self._follow(url)
        except TimeoutError:
            raise TryLater("下载超时") from None
        except httpx.HTTPError as problem:
            raise TryLater(f"下载不了（{type(problem).__name__}）") from None

    async def close(self) -> None:
        await self._client.aclose()

    async def _follow(self, url: str) -> bytes:
        for _ in range(MOST_HOPS):
            answer = await self._one(url)
            if isinstance(answer, bytes):
                return answer
            url = answer
        raise Failed("地址转来转去，没有下载")

    async def _one(self, url: str) -> bytes | str:
        """The content, or where it is said to be."""
        try:
            wanted = httpx.URL(url)
        except httpx.InvalidURL:
            raise Failed("地址看不懂，没有下载") from None
        if wanted.scheme not in ("http", "https") or not wanted.host or wanted.userinfo:
            raise Failed("不是网址，没有下载")
        checked = wanted.copy_with(host=await self._checked(wanted))
        request = self._client.build_request(
            "GET",
            checked,
            headers={"Host": wanted.netloc.decode("ascii"), "Accept-Encoding": "identity"},
            extensions={"sni_hostname": wanted.host},
        )
        answer = await self._client.send(request, stream=True)
        try:
            if answer.status_code in _MOVED:
                return str(wanted.join(answer.headers.get("location", "")))
            return await _body(answer)
        finally:
            await answer.aclose()

    async def _checked(self, wanted: httpx.URL) -> str:
        """An address of the host; none of them may be private, or a clever name would get in."""
        port = wanted.port or (443 if wanted.scheme == "https" else 80)
        try:
            found = await self._resolve(wanted.host, port)
        except OSError:
            raise TryLater("找不到这个网址的服务器") from None
        if not found or not all(map(self._public, found)):
            raise Failed("是内部地址，没有下载")
        return found[0]


async def _body(answer: httpx.Response) -> bytes:
    if answer.status_code != 200:
        later = answer.status_code >= 500 or answer.status_code == 429
        raise (TryLater if later else Failed)(f"对方回了 {answer.status_code}")
    content = b""
    async for piece in answer.aiter_bytes():
        content += piece
        if len(content) > LARGEST:
            raise Failed("太大了，没有下载")
    return content


def is_public(address: str) -> bool:
    """Whether an address is of the open internet, however it is written."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return ip.is_global and not ip.is_multicast
