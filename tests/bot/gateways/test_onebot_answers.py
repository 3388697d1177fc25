"""What the answers of a OneBot implementation are taken for."""

from pathlib import Path

import httpx
import pytest

from bot.actions import (
    Announce,
    Mute,
    MuteAll,
    Say,
)
from bot.gateways.contract import Failed, SwitchedOff, TryLater
from bot.gateways.onebot.gateway import OneBot
from bot.gateways.onebot.settings import OneBotSettings
from tests.standins.onebot_account import CHAT, Reach, platform
from tests.standins.onebot_groups import APPS, GOCQ, LAGRANGE, NAPCAT, STANDARD

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "dialect, words",
    [
        (NAPCAT, "user not in group（200）"),
        (GOCQ, "user not in group（100）"),
        (LAGRANGE, "user not in group（200）"),
        (STANDARD, "set_group_ban 失败，没有说明原因（100）"),
    ],
)
async def test_a_no_is_kept_in_the_platforms_words(reach: Reach, dialect: str, words: str) -> None:
    there = platform(dialect)
    with pytest.raises(Failed, match=words):
        await reach(there).perform(Mute(chat=CHAT, member="20009", seconds=60))
    assert there.calls == []


@pytest.mark.parametrize("dialect", [NAPCAT, GOCQ, LAGRANGE])
async def test_a_missing_right_names_who_can_give_it(reach: Reach, dialect: str) -> None:
    gateway = reach(platform(dialect, admin=False))
    for action in (Mute(chat=CHAT, member="20002", seconds=60), Announce(chat=CHAT, text="好")):
        with pytest.raises(SwitchedOff, match="机器人不是管理员") as no:
            await gateway.perform(action)
        assert no.value.fix == "请群主在群管理里把机器人设为管理员"


@pytest.mark.parametrize("dialect", [NAPCAT, GOCQ, LAGRANGE])
async def test_a_group_that_we_are_not_in_is_told_as_such(reach: Reach, dialect: str) -> None:
    there = platform(dialect)
    there.in_group = False
    with pytest.raises(Failed) as no:
        await reach(there).perform(Say(chat=CHAT, text="大家好"))
    assert str(no.value) == "机器人不在群"


async def test_a_member_who_is_not_there_is_not_taken_for_us(tmp_path: Path) -> None:
    """go-cqhttp's answer to a mute of a stranger is that of a group it does not know."""
    answer = {"status": "failed", "retcode": 100, "msg": "GROUP_NOT_FOUND", "wording": "群聊不存在"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    gateway = OneBot(OneBotSettings(api_url="http://x"), tmp_path, transport=transport)
    with pytest.raises(Failed, match="群聊不存在（100）"):
        await gateway.perform(Mute(chat=CHAT, member="20009", seconds=60))
    await gateway.close()


@pytest.mark.parametrize("dialect", APPS)
async def test_a_wrong_token_is_explained_to_the_owner(reach: Reach, dialect: str) -> None:
    there = platform(dialect, token="right")
    with pytest.raises(Failed, match="BANZHANG_ONEBOT_TOKEN"):
        await reach(there, token="wrong").perform(MuteAll(chat=CHAT))
    await reach(there, token="right").perform(MuteAll(chat=CHAT))
    assert there.all_muted


@pytest.mark.parametrize(
    "fault, unsure, done",
    [
        ("500", False, 0),
        ("429", False, 0),
        ("flood", False, 0),
        ("never", True, 0),
        ("lost", True, 1),
        ("unconfirmed", True, 1),
    ],
)
async def test_an_answer_that_did_not_come_leaves_us_unsure(
    reach: Reach, fault: str, unsure: bool, done: int
) -> None:
    there = platform()
    there.fail(fault)
    with pytest.raises(TryLater) as later:
        await reach(there, seconds=0.05).perform(Say(chat=CHAT, text="大家好"))
    assert later.value.unsure is unsure
    assert len(there.calls) == done


@pytest.mark.parametrize(
    "fault, retry_after, pause",
    [
        ("429", "7", 7),
        ("429", "", 60),
        ("429", "Wed, 21 Oct 2026 07:28:00 GMT", 60),
        ("429", "9" * 400, 3600),
        ("flood", "", 60),
        ("500", "", 0),
    ],
)
async def test_who_is_told_too_often_is_quiet_as_long_as_asked(
    reach: Reach, fault: str, retry_after: str, pause: float
) -> None:
    there = platform()
    there.retry_after = retry_after
    there.fail(fault)
    with pytest.raises(TryLater) as later:
        await reach(there).perform(Say(chat=CHAT, text="大家好"))
    assert (later.value.pause, later.value.unsure) == (pause, False)


async def test_the_time_limit_of_a_call_is_a_setting(tmp_path: Path) -> None:
    there = platform()
    there.fail("never")
    settings = OneBotSettings(api_url="http://onebot.test", timeout_seconds=0.05)
    gateway = OneBot(settings, tmp_path, transport=httpx.ASGITransport(there.app))
    with pytest.raises(TryLater, match=r"在 0\.05 秒内没有回音"):
        await gateway.perform(MuteAll(chat=CHAT))
    there.close()
    await gateway.close()


@pytest.mark.parametrize(
    "error, unsure",
    [
        (httpx.ConnectError, False),
        (httpx.ConnectTimeout, False),
        (httpx.ReadTimeout, True),
        (httpx.ReadError, True),
        (httpx.RemoteProtocolError, True),
    ],
)
async def test_only_a_call_that_never_left_is_surely_not_done(
    tmp_path: Path, error: type[httpx.TransportError], unsure: bool
) -> None:
    def break_down(request: httpx.Request) -> httpx.Response:
        raise error("down")

    settings = OneBotSettings(api_url="http://onebot.test")
    gateway = OneBot(settings, tmp_path, transport=httpx.MockTransport(break_down))
    with pytest.raises(TryLater) as later:
        await gateway.perform(MuteAll(chat=CHAT))
    assert later.value.unsure is unsure
    await gateway.close()


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b'{"status":"ok"}', b"{}"])
async def test_a_strange_answer_is_never_taken_for_a_yes(tmp_path: Path, answer: bytes) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=answer))
    gateway = OneBot(OneBotSettings(api_url="http://x"), tmp_path, transport=transport)
    with pytest.raises((Failed, TryLater)):
        await gateway.perform(MuteAll(chat=CHAT))
    await gateway.close()


async def test_without_any_connection_the_action_waits(tmp_path: Path) -> None:
    with pytest.raises(TryLater, match="未连接") as later:
        await OneBot(OneBotSettings(), tmp_path).perform(MuteAll(chat=CHAT))
    assert not later.value.unsure
