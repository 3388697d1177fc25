"""What each action makes a OneBot implementation do, over its HTTP API."""

import base64
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.actions import (
    Announce,
    AnswerJoin,
    AnyAction,
    Mute,
    MuteAll,
    Recall,
    Remove,
    Say,
    SendFile,
    SetCard,
    Unmute,
    UnmuteAll,
)
from bot.gateways.contract import Failed, TryLater
from bot.gateways.onebot import errands
from bot.gateways.onebot.gateway import OneBot
from bot.gateways.onebot.settings import OneBotSettings
from bot.people import Member, Role
from tests.standins.onebot import APPS, GOCQ, LAGRANGE, NAPCAT, STANDARD, Call, Platform

pytestmark = pytest.mark.anyio

CHAT = "onebot:10001:600001"
GROUP = {"group_id": 600001}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


Open = Callable[..., OneBot]


@pytest.fixture
async def reach(tmp_path: Path) -> AsyncIterator[Open]:
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


def platform(dialect: str = NAPCAT, **options: Any) -> Platform:
    made = Platform(dialect=dialect, **options)
    made.join(20002, "华东-王明", joined=1763000000)
    made.join(20003, "", role="admin")
    return made


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "data": {"text": words}}


ONE_CALL: list[tuple[AnyAction, str, dict[str, Any]]] = [
    (
        Say(chat=CHAT, text="好 [CQ:at,qq=all]"),
        "send_group_msg",
        {"message": [text("好 [CQ:at,qq=all]")]},
    ),
    (
        Mute(chat=CHAT, member="20002", seconds=600),
        "set_group_ban",
        {"user_id": 20002, "duration": 600},
    ),
    (Unmute(chat=CHAT, member="20002"), "set_group_ban", {"user_id": 20002, "duration": 0}),
    (MuteAll(chat=CHAT), "set_group_whole_ban", {"enable": True}),
    (UnmuteAll(chat=CHAT), "set_group_whole_ban", {"enable": False}),
    (
        Remove(chat=CHAT, member="20002"),
        "set_group_kick",
        {"user_id": 20002, "reject_add_request": False},
    ),
    (
        Remove(chat=CHAT, member="20002", for_good=True),
        "set_group_kick",
        {"user_id": 20002, "reject_add_request": True},
    ),
    (
        SetCard(chat=CHAT, member="20002", card="华东-王"),
        "set_group_card",
        {"user_id": 20002, "card": "华东-王"},
    ),
]


@pytest.mark.parametrize("dialect", APPS)
@pytest.mark.parametrize("action, name, params", ONE_CALL)
async def test_an_action_is_one_exact_call_on_every_dialect(
    reach: Open, dialect: str, action: AnyAction, name: str, params: dict[str, Any]
) -> None:
    there = platform(dialect)
    await reach(there).perform(action)
    assert there.calls == [Call(name, GROUP | params)]


async def test_a_reply_comes_first_then_the_mentions_then_the_words(reach: Open) -> None:
    there = platform()
    said = await reach(there).perform(
        Say(chat=CHAT, text="收到", reply_to="-991", mention=("20002", "all"))
    )
    assert said == "70001"
    assert there.calls[0].params["message"] == [
        {"type": "reply", "data": {"id": "-991"}},
        {"type": "at", "data": {"qq": "20002"}},
        {"type": "at", "data": {"qq": "all"}},
        text(" 收到"),
    ]


@pytest.mark.parametrize("via, extra", [("", {}), (CHAT, GROUP)])
async def test_a_private_word_goes_through_a_group_where_one_is_named(
    reach: Open, via: str, extra: dict[str, int]
) -> None:
    there = platform()
    await reach(there).perform(Say(chat="onebot:10001:@20002", text="您好", via=via))
    params = {"user_id": 20002, "message": [text("您好")], **extra}
    assert there.calls == [Call("send_private_msg", params)]


async def test_a_message_is_recalled_by_its_number_also_a_negative_one(reach: Open) -> None:
    there = platform()
    there.messages[-991] = {"user_id": 20002, "group_id": 600001}
    await reach(there).perform(Recall(chat=CHAT, message="-991"))
    assert there.recalled == [-991]


async def test_a_join_request_is_answered_under_both_names_of_its_type(reach: Open) -> None:
    there = platform()
    await reach(there).perform(AnswerJoin(chat=CHAT, flag="17-1", accept=False, reason="请补充"))
    params = {"flag": "17-1", "sub_type": "add", "type": "add", "approve": False}
    assert there.calls == [Call("set_group_add_request", params | {"reason": "请补充"})]


async def test_what_needs_a_group_is_refused_in_a_direct_chat(reach: Open) -> None:
    there = platform()
    for action in (MuteAll, UnmuteAll):
        with pytest.raises(Failed):
            await reach(there).perform(action(chat="onebot:10001:@20002"))
    assert there.asked == []


@pytest.mark.parametrize(
    "dialect, words",
    [
        (NAPCAT, "ERR_NOT_GROUP_ADMIN（200）"),
        (GOCQ, "ERR_NOT_GROUP_ADMIN（100）"),
        (LAGRANGE, "ERR_NOT_GROUP_ADMIN（200）"),
        (STANDARD, "set_group_ban 失败，没有说明原因（100）"),
    ],
)
async def test_a_no_is_kept_in_the_platforms_words(reach: Open, dialect: str, words: str) -> None:
    there = platform(dialect, admin=False)
    with pytest.raises(Failed, match=words):
        await reach(there).perform(Mute(chat=CHAT, member="20002", seconds=60))
    assert there.calls == []


@pytest.mark.parametrize("dialect", APPS)
async def test_a_wrong_token_is_explained_to_the_owner(reach: Open, dialect: str) -> None:
    there = platform(dialect, token="right")
    with pytest.raises(Failed, match="BANZHANG_ONEBOT_TOKEN"):
        await reach(there, token="wrong").perform(MuteAll(chat=CHAT))
    await reach(there, token="right").perform(MuteAll(chat=CHAT))
    assert there.all_muted


@pytest.mark.parametrize(
    "fault, unsure, done",
    [("500", False, 0), ("429", False, 0), ("never", True, 0), ("lost", True, 1)],
)
async def test_an_answer_that_did_not_come_leaves_us_unsure(
    reach: Open, fault: str, unsure: bool, done: int
) -> None:
    there = platform()
    there.fail(fault)
    with pytest.raises(TryLater) as later:
        await reach(there, seconds=0.05).perform(Say(chat=CHAT, text="大家好"))
    assert later.value.unsure is unsure
    assert len(there.calls) == done


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


@pytest.mark.parametrize("dialect", [NAPCAT, GOCQ, LAGRANGE])
async def test_an_announcement_counts_once_it_is_seen_on_the_board(
    reach: Open, dialect: str
) -> None:
    there = platform(dialect)
    notice = await reach(there).perform(Announce(chat=CHAT, text="周三 19:30\n<成交> & 复盘"))
    sent = there.calls[-2]
    assert sent.action == "_send_group_notice"
    assert sent.params["confirm_required"] == 0
    assert notice == ("10001/1764000001" if dialect == GOCQ else "notice-70001")


async def test_an_announcement_that_nobody_can_see_is_not_taken_for_done(reach: Open) -> None:
    there = platform()
    gateway = reach(there)
    await gateway.perform(Announce(chat=CHAT, text="周三 19:30"))
    there.shows_notices = False
    with pytest.raises(Failed, match="群公告无法确认"):
        await gateway.perform(Announce(chat=CHAT, text="周三 19:30"))


async def test_where_there_is_no_board_the_announcement_fails_for_the_caller_to_say_it(
    reach: Open,
) -> None:
    with pytest.raises(Failed):
        await reach(platform(STANDARD)).perform(Announce(chat=CHAT, text="周三 19:30"))


async def test_a_lost_answer_about_an_announcement_is_looked_up_on_the_board(reach: Open) -> None:
    there = platform()
    there.fail("", "lost")
    gateway = reach(there, seconds=0.05)
    assert await gateway.perform(Announce(chat=CHAT, text="周三 19:30")) == "notice-70001"
    there.fail("", "never")
    with pytest.raises(TryLater) as later:
        await gateway.perform(Announce(chat=CHAT, text="周四 19:30"))
    assert later.value.unsure


@pytest.fixture
def handout(tmp_path: Path) -> Path:
    path = tmp_path / "files" / "纪要.docx"
    path.parent.mkdir()
    path.write_bytes(b"minutes")
    return path


SEND = SendFile(chat=CHAT, path="files/纪要.docx", name="纪要.docx", folder="课程资料")


async def test_napcat_is_given_the_content_and_others_that_read_their_disk_the_path(
    reach: Open, handout: Path
) -> None:
    content = "base64://" + base64.b64encode(b"minutes").decode()
    for dialect, file in [(NAPCAT, content), (GOCQ, str(handout)), (LAGRANGE, str(handout))]:
        there = platform(dialect)
        sent = await reach(there).perform(SEND)
        folder = there.folders["课程资料"]
        expected = GROUP | {"file": file, "name": "纪要.docx", "folder": folder}
        assert there.files == [expected]
        assert sent == ("/file-70002" if dialect == NAPCAT else "")


async def test_a_folder_that_is_there_is_used_and_the_dialect_asked_only_once(
    reach: Open, handout: Path
) -> None:
    there = platform()
    there.folders["课程资料"] = "/folder-1"
    gateway = reach(there)
    await gateway.perform(SEND)
    await gateway.perform(SEND)
    assert {file["folder"] for file in there.files} == {"/folder-1"}
    assert [call.action for call in there.calls].count("get_version_info") == 1


async def test_a_file_goes_to_the_root_when_its_folder_cannot_be_made(
    reach: Open, handout: Path
) -> None:
    there = platform(admin=False)
    await reach(there).perform(SEND)
    [file] = there.files
    assert "folder" not in file


@pytest.mark.parametrize("path", ["../secret.txt", "/etc/hostname", "link.txt", "files", "none"])
async def test_no_path_leads_out_of_the_data_directory(
    reach: Open, handout: Path, tmp_path: Path, path: str
) -> None:
    (tmp_path / "link.txt").symlink_to("/etc/hostname")
    there = platform()
    with pytest.raises(Failed):
        await reach(there).perform(SendFile(chat=CHAT, path=path, name="x"))
    assert there.files == []


async def test_a_file_too_large_for_a_frame_is_refused(
    reach: Open, handout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "LARGEST_FILE", 3)
    with pytest.raises(Failed, match="群文件发不了"):
        await reach(platform()).perform(SEND)


async def test_members_are_listed_with_names_roles_and_the_day_they_came(reach: Open) -> None:
    assert await reach(platform()).members(CHAT) == [
        Member(
            id="20002",
            name="华东-王明",
            role=Role.MEMBER,
            joined=datetime.fromtimestamp(1763000000, UTC),
        ),
        Member(id="20003", name="昵称20003", role=Role.DEPUTY),
    ]


@pytest.mark.parametrize(
    "dialect, words", [(NAPCAT, ["早", "好"]), (GOCQ, ["早", "好"]), (LAGRANGE, ["好"])]
)
async def test_history_is_read_back_oldest_first(
    reach: Open, dialect: str, words: list[str]
) -> None:
    there = platform(dialect)
    there.message("早", at=1764000001)
    there.message("好", at=1764000002, user=10001)
    there.message("别处", at=1764000003, group=600002)
    history = await reach(there).history(CHAT)
    assert [message.text for message in history] == words
    assert history[-1].own


async def test_where_history_cannot_be_read_it_says_so(reach: Open) -> None:
    with pytest.raises(Failed, match="get_group_msg_history"):
        await reach(platform(STANDARD)).history(CHAT)


async def test_only_messages_are_paced(reach: Open) -> None:
    gateway = reach(platform())
    assert gateway.pace(Say(chat=CHAT, text="好")) == 1.2
    assert gateway.pace(SEND) == 1.2
    assert gateway.pace(Announce(chat=CHAT, text="好")) == 1.2
    assert gateway.pace(Unmute(chat=CHAT, member="20002")) == 0
