"""Notices, files and pictures through a OneBot implementation."""

import base64
from pathlib import Path

import httpx
import pytest

from bot.actions import (
    Announce,
    Say,
    SendFile,
)
from bot.gateways.contract import Failed, TryLater
from bot.gateways.onebot import errands
from bot.gateways.onebot.gateway import OneBot
from bot.gateways.onebot.settings import OneBotSettings
from tests.standins.onebot_account import CHAT, GROUP, Reach, platform, text
from tests.standins.onebot_groups import APPS, GOCQ, LAGRANGE, NAPCAT, STANDARD

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("dialect", [NAPCAT, GOCQ, LAGRANGE])
async def test_an_announcement_counts_once_it_is_seen_on_the_board(
    reach: Reach, dialect: str
) -> None:
    there = platform(dialect)
    notice = await reach(there).perform(Announce(chat=CHAT, text="周三 19:30\n<成交> & 复盘"))
    sent = there.calls[-2]
    assert sent.action == "_send_group_notice"
    assert sent.params["confirm_required"] == 0
    assert notice == ("10001/1764000001" if dialect == GOCQ else "notice-70001")


async def test_an_announcement_that_nobody_can_see_is_not_taken_for_done(reach: Reach) -> None:
    there = platform()
    gateway = reach(there)
    await gateway.perform(Announce(chat=CHAT, text="周三 19:30"))
    there.shows_notices = False
    with pytest.raises(Failed, match="群公告无法确认"):
        await gateway.perform(Announce(chat=CHAT, text="周四 19:30"))


@pytest.mark.parametrize("dialect", [NAPCAT, GOCQ, LAGRANGE])
async def test_a_notice_that_is_on_the_board_is_not_put_up_again(
    reach: Reach, dialect: str
) -> None:
    there = platform(dialect)
    notice = Announce(chat=CHAT, text="【预告】#12 后天 19:30\n<成交> & 复盘")
    first = await reach(there).perform(notice)
    await reach(there).perform(Announce(chat=CHAT, text="【预告】#13 后天 20:00"))
    assert await reach(there).perform(notice) == first
    assert len(there.notices) == 2
    assert first in await reach(there).board(CHAT)


async def test_nothing_is_put_up_blindly_while_the_board_cannot_be_looked_at(reach: Reach) -> None:
    there = platform()
    there.fail("never")
    gateway = reach(there, seconds=0.05)
    with pytest.raises(TryLater) as later:
        await gateway.perform(Announce(chat=CHAT, text="周三 19:30"))
    assert not later.value.unsure
    assert there.notices == []


async def test_where_there_is_no_board_the_announcement_fails_for_the_caller_to_say_it(
    reach: Reach,
) -> None:
    with pytest.raises(Failed):
        await reach(platform(STANDARD)).perform(Announce(chat=CHAT, text="周三 19:30"))


async def test_a_lost_answer_about_an_announcement_is_looked_up_on_the_board(reach: Reach) -> None:
    there = platform()
    there.fail("", "lost")
    gateway = reach(there, seconds=0.05)
    assert await gateway.perform(Announce(chat=CHAT, text="周三 19:30")) == "notice-70001"
    there.fail("", "never")
    with pytest.raises(TryLater) as later:
        await gateway.perform(Announce(chat=CHAT, text="周四 19:30"))
    assert later.value.unsure


SEND = SendFile(chat=CHAT, path="files/纪要.docx", name="纪要.docx", folder="课程资料")


async def test_napcat_is_given_the_content_and_others_that_read_their_disk_the_path(
    reach: Reach, handout: Path
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
    reach: Reach, handout: Path
) -> None:
    there = platform()
    there.folders["课程资料"] = "/folder-1"
    gateway = reach(there)
    await gateway.perform(SEND)
    await gateway.perform(SEND)
    assert {file["folder"] for file in there.files} == {"/folder-1"}
    assert [call.action for call in there.calls].count("get_version_info") == 1


async def test_a_file_goes_to_the_root_when_its_folder_cannot_be_made(
    reach: Reach, handout: Path
) -> None:
    there = platform(admin=False)
    await reach(there).perform(SEND)
    [file] = there.files
    assert "folder" not in file


@pytest.mark.parametrize(
    "path", ["../secret.txt", "/etc/hostname", "link.txt", "files", "none", "a\0b"]
)
async def test_no_path_leads_out_of_the_data_directory(
    reach: Reach, handout: Path, tmp_path: Path, path: str
) -> None:
    (tmp_path / "link.txt").symlink_to("/etc/hostname")
    there = platform()
    for action in (
        SendFile(chat=CHAT, path=path, name="x"),
        Say(chat=CHAT, text="x", picture=path),
        Announce(chat=CHAT, text="x", picture=path),
    ):
        with pytest.raises(Failed, match="数据目录"):
            await reach(there).perform(action)
    assert (there.files, there.messages, there.notices) == ([], {}, [])


async def test_what_is_too_large_for_a_frame_is_refused(
    reach: Reach, handout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(errands, "LARGEST_FILE", 3)
    monkeypatch.setattr(errands, "LARGEST_PICTURE", 3)
    for action in (SEND, Say(chat=CHAT, text="好", picture=SEND.path)):
        with pytest.raises(Failed, match="发不了"):
            await reach(platform()).perform(action)


PICTURE = {"type": "image", "data": {"file": "base64://" + base64.b64encode(b"minutes").decode()}}


@pytest.mark.parametrize("dialect", APPS)
async def test_a_picture_goes_with_the_words_as_its_content(
    reach: Reach, handout: Path, dialect: str
) -> None:
    there = platform(dialect)
    await reach(there).perform(Say(chat=CHAT, text="海报", picture=SEND.path))
    await reach(there).perform(Say(chat="onebot:10001:@20002", text="海报", picture=SEND.path))
    sent = [call.params["message"] for call in there.calls]
    assert sent == [[text("海报"), PICTURE]] * 2


@pytest.mark.parametrize("takes, images", [(True, [PICTURE["data"]["file"]]), (False, [None])])
async def test_a_notice_has_its_picture_where_that_is_taken_and_its_words_always(
    reach: Reach, handout: Path, takes: bool, images: list[str | None]
) -> None:
    there = platform()
    there.takes_images = takes
    notice = Announce(chat=CHAT, text="周三 19:30", picture=SEND.path)
    assert await reach(there).perform(notice)
    put_up = [call.params for call in there.calls if call.action == "_send_group_notice"]
    assert [params.get("image") for params in put_up] == images
    assert len(there.notices) == 1


async def test_what_is_said_of_a_failure_does_not_contain_the_file(tmp_path: Path) -> None:
    words = f"群公告base64://{'A' * 5000}=设置失败,图片上传失败"
    answer = {"status": "failed", "retcode": 200, "message": words, "wording": words}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    gateway = OneBot(OneBotSettings(api_url="http://x"), tmp_path, transport=transport)
    with pytest.raises(Failed, match=r"^群公告设置失败,图片上传失败（200）$"):
        await gateway.perform(Announce(chat=CHAT, text="好"))
    await gateway.close()
