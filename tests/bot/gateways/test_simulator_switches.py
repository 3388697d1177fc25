"""What people in a simulated group keep the bot from, and the pictures it posts there."""

from pathlib import Path
from typing import Any

import pytest

from bot.actions import Announce, Mute, Recall, Say, SendFile
from bot.gateways.contract import Failed, SwitchedOff, Unreadable
from bot.gateways.files import picture_type
from tests.standins.simulated import G1, World

PNG = b"\x89PNG\r\n\x1a\n" + b"rest"
JPEG = b"\xff\xd8\xff\xe0" + b"rest"


@pytest.fixture
def poster(tmp_path: Path) -> str:
    (tmp_path / "posters").mkdir()
    (tmp_path / "posters" / "王总.png").write_bytes(PNG)
    return "posters/王总.png"


def test_with_push_off_the_bot_only_answers(world: World, poster: str) -> None:
    asked = world.say("@班长 今天")
    assert world.call(member="赵敏", switch="push", on=False) == []
    for action in (
        Say(chat=G1, text="今晚 19:30"),
        Announce(chat=G1, text="今晚 19:30"),
        SendFile(chat=G1, path=poster, name="海报.png"),
    ):
        with pytest.raises(SwitchedOff, match="主动发言已被群主关闭") as no:
            world.do(action)
        assert no.value.fix == "请群主在群设置→群机器人里打开「允许主动发言」"
    world.do(Say(chat=G1, text="今天没有", reply_to=asked.id))
    world.do(Say(chat="simulator:1:@zhaomin", text="没能发出去"))
    world.do(Mute(chat=G1, member="linyue", seconds=60))
    world.call(member="赵敏", switch="push", on=True)
    world.do(Announce(chat=G1, text="今晚 19:30"))


def test_with_notices_off_it_may_still_speak(world: World) -> None:
    world.call(member="zhaomin", switch="notice", on=False)
    with pytest.raises(Failed, match="没有发公告的权限"):
        world.do(Announce(chat=G1, text="今晚 19:30"))
    world.do(Say(chat=G1, text="今晚 19:30"))


def test_switches_are_seen_by_everyone_and_outlive_a_crash(world: World) -> None:
    world.call(member="赵敏", switch="push", on=False)
    world.call(member="赵敏", switch="notice", on=False)
    world.call(member="赵敏", switch="notice")
    chat = world.chat()
    assert (chat["push"], chat["notice"]) == (False, True)
    assert world.lines() == [
        "赵敏 关闭了机器人的主动发言",
        "赵敏 关闭了机器人的群公告权限",
        "赵敏 打开了机器人的群公告权限",
    ]
    assert world.again().state() == world.simulator.state()


@pytest.mark.parametrize(
    "call",
    [
        {"member": "林悦", "switch": "push", "on": False},
        {"member": "班长", "switch": "push"},
        {"switch": "push"},
        {"member": "赵敏", "switch": "recall"},
        {"member": "赵敏", "switch": "push", "on": "no"},
        {"member": "赵敏", "switch": "push", "chat": "@赵敏"},
        {"member": "赵敏", "switch": "push", "chat": "G404"},
    ],
)
def test_nobody_else_turns_a_switch(world: World, call: dict[str, Any]) -> None:
    before = world.log.read_bytes()
    with pytest.raises(Unreadable):
        world.call(**call)
    assert world.log.read_bytes() == before


def test_pictures_go_with_words_and_can_be_fetched_under_no_name_of_theirs(
    world: World, poster: str, tmp_path: Path
) -> None:
    said = world.do(Say(chat=G1, text="神秘嘉宾", picture=poster))
    notice = world.do(Announce(chat=G1, text="神秘嘉宾", picture=poster))
    chat = world.chat()
    [message], [shown] = chat["messages"], chat["notices"]
    assert (message["text"], message["attachments"]) == (
        "神秘嘉宾",
        [{"kind": "image", "name": ""}],
    )
    assert shown["picture"] is True
    assert chat["files"] == []
    assert "王总" not in str(world.simulator.state())
    for id in (said, notice):
        assert world.simulator.file(id) == (tmp_path / poster, "图片.png")
    world.do(Recall(chat=G1, message=said))
    assert world.simulator.file(said) is None


def test_a_picture_from_elsewhere_is_not_posted_at_all(world: World) -> None:
    for path in ("../poster.png", "/etc/hostname", "none.png"):
        for action in (
            Say(chat=G1, text="看", picture=path),
            Announce(chat=G1, text="看", picture=path),
        ):
            with pytest.raises(Failed):
                world.do(action)
    assert (world.chat()["messages"], world.chat()["notices"]) == ([], [])


@pytest.mark.parametrize(
    "content, told",
    [(PNG, "image/png"), (JPEG, "image/jpeg"), (b"<svg onload=alert(1)>", ""), (b"", "")],
)
def test_a_picture_is_what_begins_like_one(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "picture.png"
    file.write_bytes(content)
    assert picture_type(file) == told
