"""What a chat points at is fetched from the open internet only."""

from collections.abc import Sequence

import httpx
import pytest

from bot.gateways.contract import Failed, TryLater
from bot.gateways.download import LARGEST, Downloader, is_public

pytestmark = pytest.mark.anyio
PUBLIC = "93.184.215.14"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def downloader(answer: object, addresses: dict[str, Sequence[str]] | None = None) -> Downloader:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return (addresses or {}).get(host, [PUBLIC])

    return Downloader(transport=httpx.MockTransport(answer), resolve=resolve)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.0", "224.0.0.1", "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1"),
        *("::ffff:10.0.0.1", "2002:7f00:1::", "not an address"),
    ],
)
async def test_an_inner_address_is_not_public_however_it_is_written(address: str) -> None:
    assert not is_public(address)


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"picture")

    assert await downloader(answer).get("https://cdn.example:8443/a.png?k=1") == b"picture"
    [request] = seen
    assert (request.url.host, request.url.port) == (PUBLIC, 8443)
    assert request.headers["host"] == "cdn.example:8443"
    assert request.extensions["sni_hostname"] == "cdn.example"


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://cdn.example/a",
        "//cdn.example/a",
        "",
        "https://user:pw@cdn.example/a",
        "https://inner.example/a",
        "https://mixed.example/a",
        "http://[::1]/a",
    ],
)
async def test_what_leads_inside_or_is_no_web_address_is_not_asked_for(url: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise AssertionError("asked")

    inner = {"inner.example": ["10.0.0.1"], "mixed.example": [PUBLIC, "127.0.0.1"]}
    with pytest.raises(Failed):
        await downloader(answer, inner | {"::1": ["::1"]}).get(url)


async def test_a_redirect_is_checked_like_a_first_address() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["host"] == "cdn.example"
        return httpx.Response(302, headers={"location": "http://inner.example/secret"})

    with pytest.raises(Failed, match="内部地址"):
        await downloader(answer, {"inner.example": ["169.254.169.254"]}).get("http://cdn.example/")


async def test_redirects_without_end_are_given_up() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"location": "/again"})

    with pytest.raises(Failed, match="转来转去"):
        await downloader(answer).get("http://cdn.example/")


async def test_what_is_too_large_is_not_read_to_its_end() -> None:
    sent = 0

    async def endless():  # type: ignore[no-untyped-def]
        nonlocal sent
        while True:
            sent += 1
            yield b"\0" * 1_000_000

    with pytest.raises(Failed, match="太大"):
        await downloader(lambda _: httpx.Response(200, content=endless())).get(
            "http://cdn.example/"
        )
    assert sent <= LARGEST // 1_000_000 + 2


@pytest.mark.parametrize(
    "status, error", [(404, Failed), (403, Failed), (500, TryLater), (429, TryLater)]
)
async def test_an_error_of_the_server_may_pass_and_a_refusal_does_not(
    status: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await downloader(lambda _: httpx.Response(status)).get("http://cdn.example/")


async def test_a_server_that_breaks_off_may_answer_later() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("")

    with pytest.raises(TryLater):
        await downloader(answer).get("http://cdn.example/")
