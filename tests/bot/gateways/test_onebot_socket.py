"""The reverse WebSocket: who is let in, what comes in order, and what becomes of calls."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from bot.actions import Announce, MuteAll, Say, SendFile
from bot.events import AnyEvent
from bot.gateways.contract import (
    Closes,
    Failed,
    Gateway,
    KnowsHistory,
    KnowsMembers,
    TakesSockets,
    TryLater,
)
from bot.gateways.onebot.gateway import IN_FLIGHT, OneBot
from bot.gateways.onebot.settings import OneBotSettings
from tests.standins.onebot import STANDARD, Call, Platform
from tests.standins.onebot_client import ReverseClient, served

pytestmark = pytest.mark.anyio

CHAT = "onebot:10001:600001"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Ours:
    """Our side: the gateway behind a real port, and what it saved."""

    gateway: OneBot
    address: str = ""
    saved: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    begun: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    broken: bool = False

    @property
    def url(self) -> str:
        return f"ws://{self.address}/onebot/v11/ws"

    async def save(self, events: Sequence[AnyEvent], raw: bytes) -> None:
        self.begun += 1
        await self.open.wait()
        if self.broken:
            raise OSError("disk full")
        self.saved += [event.key for event in events]
        self.raw.append(raw)

    async def talk(self, socket: WebSocket) -> None:
        await self.gateway.talk(socket, self.save)


@asynccontextmanager
async def ours(data: Path = Path(), *, seconds: float = 5, **settings: Any) -> AsyncIterator[Ours]:
    options = settings or {"token": "t"}
    side = Ours(OneBot(OneBotSettings(**options), data, seconds=seconds))
    side.open.set()
    app = Starlette(routes=[WebSocketRoute("/onebot/v11/ws", side.talk)])
    async with served(app) as side.address:
        yield side
    await side.gateway.close()


async def until(reached: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not reached():  # noqa: ASYNC110
            await asyncio.sleep(0.002)


def keys(first: int, last: int, self_id: int = 10001) -> list[str]:
    return [f"onebot:{self_id}:{number}" for number in range(first, last + 1)]


def test_it_is_all_that_a_gateway_can_be() -> None:
    gateway: Gateway = OneBot(OneBotSettings(), Path())
    for face in (TakesSockets, KnowsMembers, KnowsHistory, Closes):
        assert isinstance(gateway, face)


async def test_events_come_in_and_calls_go_out_on_one_connection() -> None:
    there = Platform(token="t")
    async with ours() as us, ReverseClient(there, us.url) as client:
        event = there.message("大家好", at=1764000000)
        await client.push(event)
        await until(lambda: us.saved)
        assert us.saved == ["onebot:10001:70001"]
        assert json.loads(us.raw[0]) == event
        assert await us.gateway.perform(Say(chat=CHAT, text="收到")) == "70002"
        assert [call.action for call in there.calls] == ["send_group_msg"]
        assert us.gateway.unknown == {}


async def test_the_token_may_also_stand_in_the_address() -> None:
    async with ours() as us:
        there = Platform()
        async with ReverseClient(there, f"{us.url}?access_token=t") as client:
            assert client.connected.is_set()


@pytest.mark.parametrize(
    "headers, status",
    [
        ({"X-Self-ID": "10001"}, 401),
        ({"X-Self-ID": "10001", "Authorization": "Bearer "}, 401),
        ({"X-Self-ID": "10001", "Authorization": "Bearer wrong"}, 403),
        ({"X-Self-ID": "10001", "Authorization": "Bearer tt"}, 403),
        ({"X-Self-ID": "10001", "Authorization": "Bearer \xe9"}, 403),
        ({"Authorization": "Bearer t"}, 403),
        ({"X-Self-ID": "1:2", "Authorization": "Bearer t"}, 403),
    ],
)
async def test_a_stranger_is_refused_at_the_handshake(headers: dict[str, str], status: int) -> None:
    async with ours() as us:
        with pytest.raises(InvalidStatus) as refused:
            await connect(us.url, additional_headers=headers, proxy=None)
        assert refused.value.response.status_code == status


async def test_go_cqhttp_names_its_token_in_its_own_way() -> None:
    headers = {"X-Self-ID": "10001", "Authorization": "Token t"}
    async with ours() as us, connect(us.url, additional_headers=headers, proxy=None) as link:
        assert link.response is not None
        assert link.response.status_code == 101


async def test_without_a_token_of_ours_nobody_is_let_in() -> None:
    async with ours(secret="s") as us, ReverseClient(Platform(), us.url) as client:
        assert client.refused == 403


async def test_a_server_that_cannot_send_a_status_closes_before_it_accepts() -> None:
    sent = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def save(events: Sequence[AnyEvent], raw: bytes) -> None: ...

    scope = {"type": "websocket", "headers": [], "query_string": b"", "path": "/"}
    await OneBot(OneBotSettings(token="t"), Path()).talk(WebSocket(scope, receive, send), save)
    assert [message["type"] for message in sent] == ["websocket.close"]


async def test_frames_that_make_no_sense_are_passed_over() -> None:
    there = Platform(token="t")
    async with ours() as us, ReverseClient(there, us.url) as client:
        odd = [
            "",
            "{",
            "[]",
            "1",
            "{}",
            '{"echo":1}',
            '{"echo":{"a":[]},"status":"ok"}',
            "[" * 9000,
        ]
        odd.append(json.dumps(there.message("别人", at=1764000000) | {"self_id": 10002}))
        for frame in odd:
            await client.push(frame)
        await client.push(there.message("大家好", at=1764000000))
        await until(lambda: us.saved)
        assert us.saved == ["onebot:10001:70002"]
        assert client.times == 1


async def test_what_was_written_stays_out_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    there = Platform(token="t")
    async with ours() as us, ReverseClient(there, us.url) as client:
        us.broken = True
        await client.push('{"post_type":"message","message":"私事"')
        await client.push(there.message("私事", at=1764000000))
        await until(lambda: len(caplog.records) == 2)
    assert "onebot:10001:70001 was not saved: OSError" in caplog.text
    assert "私事" not in caplog.text


async def test_events_are_saved_in_order_without_waiting_for_each_commit() -> None:
    there = Platform(token="t")
    async with ours() as us, ReverseClient(there, us.url) as client:
        us.open.clear()
        for number in range(IN_FLIGHT + 20):
            await client.push(there.message(f"第{number}条", at=1764000000))
        await until(lambda: us.begun == IN_FLIGHT)
        us.open.set()
        await until(lambda: len(us.saved) == IN_FLIGHT + 20)
        assert us.saved == keys(70001, 70000 + IN_FLIGHT + 20)


async def test_what_was_read_is_saved_though_the_connection_ends() -> None:
    there = Platform(token="t")
    async with ours() as us:
        us.open.clear()
        async with ReverseClient(there, us.url) as client:
            await client.push(there.message("再见", at=1764000000))
            await until(lambda: us.begun)
        us.open.set()
        await until(lambda: us.saved)


async def test_an_answer_finds_its_own_call() -> None:
    there = Platform(token="t")
    async with ours() as us, ReverseClient(there, us.url):
        there.fail("late")
        first = asyncio.create_task(us.gateway.perform(Say(chat=CHAT, text="一")))
        await until(lambda: there.calls)
        assert await us.gateway.perform(Say(chat=CHAT, text="二")) == "70002"
        there.release()
        assert await first == "70001"


@pytest.mark.parametrize("fault", ["never", "lost"])
async def test_without_an_answer_in_time_we_are_unsure(fault: str) -> None:
    there = Platform(token="t")
    there.fail(fault)
    async with ours(seconds=0.05, token="t") as us, ReverseClient(there, us.url):
        with pytest.raises(TryLater) as later:
            await us.gateway.perform(Say(chat=CHAT, text="大家好"))
        assert later.value.unsure
        assert len(there.calls) == (fault == "lost")


async def test_a_connection_lost_while_we_wait_leaves_us_unsure_and_comes_back() -> None:
    there = Platform(token="t")
    there.fail("lost")
    async with ours() as us, ReverseClient(there, us.url) as client:
        waiting = asyncio.create_task(us.gateway.perform(Say(chat=CHAT, text="大家好")))
        await until(lambda: there.calls)
        await client.drop()
        with pytest.raises(TryLater) as later:
            await waiting
        assert later.value.unsure
        await until(client.connected.is_set)
        assert client.times == 2
        await us.gateway.perform(MuteAll(chat=CHAT))
        assert there.all_muted


async def test_after_the_connection_is_gone_the_action_waits() -> None:
    there = Platform(token="t")
    async with ours() as us:
        async with ReverseClient(there, us.url):
            await us.gateway.perform(MuteAll(chat=CHAT))
        await until(lambda: us.gateway._links.speaker("10001") is None)
        with pytest.raises(TryLater, match="未连接") as later:
            await us.gateway.perform(MuteAll(chat=CHAT))
        assert not later.value.unsure


async def test_a_newer_connection_takes_over_and_the_older_is_closed() -> None:
    old, new = Platform(token="t"), Platform(token="t")
    old.fail("lost")
    async with ours() as us, ReverseClient(old, us.url, pause=60) as older:
        waiting = asyncio.create_task(us.gateway.perform(Say(chat=CHAT, text="一")))
        await until(lambda: old.calls)
        async with ReverseClient(new, us.url) as newer:
            with pytest.raises(TryLater) as later:
                await waiting
            assert later.value.unsure
            await until(lambda: not older.connected.is_set())
            await us.gateway.perform(Say(chat=CHAT, text="二"))
            assert newer.connected.is_set()
        assert (len(old.calls), len(new.calls)) == (1, 1)


async def test_calls_take_the_api_socket_and_events_the_event_socket() -> None:
    there = Platform(token="t")
    async with (
        ours() as us,
        ReverseClient(there, us.url, role="API") as api,
        ReverseClient(there, us.url, role="Event") as event,
    ):
        await event.push(there.message("大家好", at=1764000000))
        await until(lambda: us.saved)
        await us.gateway.perform(MuteAll(chat=CHAT))
        assert (api.times, event.times) == (1, 1)
        await event.drop()
        await us.gateway.perform(MuteAll(chat=CHAT))
        assert len(there.calls) == 2


async def test_an_event_socket_alone_takes_no_calls() -> None:
    there = Platform(token="t")
    async with ours() as us, ReverseClient(there, us.url, role="Event"):
        with pytest.raises(TryLater, match="未连接"):
            await us.gateway.perform(MuteAll(chat=CHAT))


async def test_a_connection_without_a_role_does_both() -> None:
    there = Platform(token="t")
    async with ours() as us, ReverseClient(there, us.url, role=""):
        await us.gateway.perform(MuteAll(chat=CHAT))
        assert there.all_muted


async def test_two_accounts_do_not_hear_or_speak_for_each_other() -> None:
    one, two = Platform(10001, token="t1"), Platform(10002, token="t2")
    accounts = [{"self_id": 10001, "token": "t1"}, {"self_id": 10002, "token": "t2"}]
    async with (
        ours(accounts=accounts) as us,
        ReverseClient(one, us.url) as first,
        ReverseClient(two, us.url) as second,
        ReverseClient(one, us.url, token="t2") as liar,
        ReverseClient(Platform(10003, token="t1"), us.url) as stranger,
    ):
        assert (liar.refused, stranger.refused) == (403, 403)
        await first.push(one.message("一", at=1764000000))
        await second.push(two.message("二", at=1764000000))
        await until(lambda: len(us.saved) == 2)
        assert set(us.saved) == {"onebot:10001:70001", "onebot:10002:70001"}
        await us.gateway.perform(MuteAll(chat="onebot:10002:600001"))
        assert (one.all_muted, two.all_muted) == (False, True)


async def test_the_live_connection_is_preferred_to_the_http_api() -> None:
    there = Platform(token="t")
    async with served(there.app) as api, ours(token="t", api_url=f"http://{api}") as us:
        await us.gateway.perform(MuteAll(chat=CHAT))
        async with ReverseClient(there, us.url) as client:
            there.fail("late")
            waiting = asyncio.create_task(us.gateway.perform(MuteAll(chat=CHAT)))
            await until(lambda: len(there.calls) == 2)
            await client.drop()
            with pytest.raises(TryLater):
                await waiting
        there.release()


async def test_what_the_implementation_does_not_know_fails_in_its_words() -> None:
    there = Platform(token="t", dialect=STANDARD)
    async with ours() as us, ReverseClient(there, us.url):
        with pytest.raises(Failed, match="1404"):
            await us.gateway.perform(Announce(chat=CHAT, text="周三 19:30"))


async def test_a_file_travels_over_the_socket(tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(b"\0" * 200_000)
    there = Platform(token="t")
    async with ours(tmp_path, token="t") as us, ReverseClient(there, us.url):
        await us.gateway.perform(SendFile(chat=CHAT, path="big.bin", name="big.bin"))
        assert there.calls[0] == Call("get_version_info", {})
        assert len(there.files[0]["file"]) > 200_000
