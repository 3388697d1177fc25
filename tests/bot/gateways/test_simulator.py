"""The simulator: what members may do on the made-up platform, and that it forgets nothing."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import events
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
from bot.events import AnyEvent, Edited, Joined, JoinRequest, Left, Message, Muted, Recalled
from bot.gateways.contract import (
    Failed,
    Gateway,
    KnowsBoard,
    KnowsHistory,
    KnowsMembers,
    KnowsMutes,
    Unreadable,
    Webhook,
)
from bot.gateways.simulator.gateway import Simulator
from bot.people import Role
from tests.standins.simulated import CAST, G1, World


def test_the_simulator_is_a_gateway_that_knows_what_is_in_its_chats(world: World) -> None:
    gateway: Gateway = world.simulator
    for known in (KnowsMembers, KnowsHistory, KnowsBoard, KnowsMutes):
        assert isinstance(gateway, known)


def test_a_message_becomes_an_event_with_the_platforms_own_names(world: World) -> None:
    first = world.say("大家早")
    second = world.say("早", "zhaomin", chat=G1, reply_to=first.id)
    assert (first.member, first.name, first.role) == ("linyue", "林悦", Role.MEMBER)
    assert (second.role, second.reply_to, second.addressed) == (Role.OWNER, first.id, False)
    assert (second.key, second.chat, second.at) == (f"simulator:1:{second.id}", G1, world.now)
    assert int(second.id) > int(first.id)
    assert events.decode(events.encode(first)) == first


@pytest.mark.parametrize(
    "typed, text, addressed, mentions",
    [
        ("@班长 今天", "今天", True, ["1"]),
        ("＠班长今天", "今天", True, ["1"]),
        ("@班长", "", True, ["1"]),
        ("请 @张磊 看一下", "请 @张磊 看一下", False, ["zhanglei"]),
        ("@班长 @张磊 @赵敏 到齐了", "@张磊 @赵敏 到齐了", True, ["1", "zhanglei", "zhaomin"]),
        ("@全体成员 开始了", "@全体成员 开始了", False, ["all"]),
        ("写信到 a@张磊 或 @王五", "写信到 a@张磊 或 @王五", False, []),
    ],
)
def test_mentions_are_real_and_ours_is_left_out_of_the_text(
    world: World, typed: str, text: str, addressed: bool, mentions: list[str]
) -> None:
    said = world.say(typed)
    assert (said.text, said.addressed, list(said.mentions)) == (text, addressed, mentions)
    assert world.chat()["messages"][-1]["text"] == typed.replace("＠班长", "@班长 ").strip()


def test_somebody_new_who_speaks_joins_first(world: World) -> None:
    joined, said = world.call(member="小吴", text="大家好")
    assert isinstance(joined, Joined)
    assert isinstance(said, Message)
    assert (joined.member, joined.name, said.role) == ("小吴", "小吴", Role.MEMBER)
    assert len(world.call(member="小吴", text="又来了")) == 1
    assert world.lines()[-1] == "小吴 加入了群聊"


def test_somebody_known_elsewhere_joins_under_the_same_id(world: World) -> None:
    joined, said = world.call(chat="G9", member="林悦", text="这里也有我")
    assert isinstance(joined, Joined)
    assert (joined.chat, joined.member, joined.name) == ("simulator:1:G9", "linyue", "林悦")
    assert said.chat == "simulator:1:G9"


def test_a_direct_chat_is_with_one_person_only(world: World) -> None:
    said = world.say("预览 12", "赵敏", chat="@赵敏")
    assert (said.chat, said.direct, said.role) == ("simulator:1:@zhaomin", True, None)
    with pytest.raises(Unreadable):
        world.call(chat="@zhaomin", member="林悦", text="偷看一下")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b"\xff",
        b'{"chat": "G1", "member": "linyue"}',
        b'{"chat": "G1", "member": "linyue", "text": " "}',
        b'{"chat": "G1", "member": "linyue", "text": 5}',
        b'{"chat": "G1", "member": 5, "text": "hi"}',
        b'{"chat": "G1", "text": "hi"}',
        b'{"chat": "G1", "member": "linyue", "text": "a\\u0000b"}',
        b'{"chat": "onebot:1:2", "member": "linyue", "text": "hi"}',
        b'{"chat": "G1", "member": "1", "text": "hi"}',
        '{"chat": "G1", "member": "班长", "text": "hi"}'.encode(),
        b'{"chat": "G1", "member": "linyue", "segments": [{"kind": "spell"}]}',
        json.dumps({"chat": "G1", "member": "linyue", "text": "长" * 4001}).encode(),
        json.dumps({"chat": "G1", "member": "长" * 101, "text": "hi"}).encode(),
        b"[" * 100_000,
    ],
)
def test_what_no_chat_client_would_send_leaves_no_trace(world: World, body: bytes) -> None:
    before = world.log.read_bytes()
    with pytest.raises(Unreadable):
        world.simulator.decode(Webhook(body=body))
    assert world.log.read_bytes() == before


def test_a_muted_member_cannot_speak_until_the_time_has_passed(world: World) -> None:
    world.do(Mute(chat=G1, member="linyue", seconds=600))
    until = world.now + timedelta(seconds=600)
    with pytest.raises(Unreadable, match="muted"):
        world.say("放我出来")
    assert world.chat()["members"][1]["muted_until"] == until.isoformat()
    world.say("我没被禁言", "张磊")
    world.now = until
    world.say("我回来了")
    assert world.chat()["members"][1]["muted_until"] is None


def test_a_mute_can_be_lifted_early(world: World) -> None:
    world.do(Mute(chat=G1, member="linyue", seconds=600))
    world.do(Unmute(chat=G1, member="linyue"))
    world.say("谢谢")
    assert world.lines() == ["林悦 被班长禁言 10分钟", "班长解除了林悦的禁言"]


def test_when_all_are_muted_only_owner_and_deputies_speak(world: World) -> None:
    world.call(member="张磊", role="deputy")
    world.do(MuteAll(chat=G1))
    world.say("安静一下", "赵敏")
    world.say("好的", "张磊")
    for member in ("林悦", "新来的"):
        with pytest.raises(Unreadable, match="muted"):
            world.say("我想说", member)
    assert [one["name"] for one in world.chat()["members"]] == ["赵敏", "林悦", "张磊"]
    world.do(UnmuteAll(chat=G1))
    world.say("可以说了")


def test_what_the_bot_does_is_seen_in_the_chat(world: World) -> None:
    advert = world.say("加V领资料")
    said = world.do(Say(chat=G1, text="请不要发广告", mention=("linyue",), reply_to=advert.id))
    world.do(Recall(chat=G1, message=advert.id))
    notice = world.do(Announce(chat=G1, text="后天 19:30 王总分享"))
    world.do(SetCard(chat=G1, member="zhanglei", card="杭州-张磊"))
    chat = world.chat()
    gone, answer = chat["messages"]
    assert (gone["recalled"], gone["recalled_by"]) == (True, "1")
    assert (answer["id"], answer["own"], answer["name"]) == (said, True, "班长")
    assert answer["text"] == "@林悦 请不要发广告"
    assert (answer["mentions"], answer["reply_to"]) == (["linyue"], advert.id)
    assert chat["notices"][0]["id"] == notice
    assert chat["members"][2]["name"] == "杭州-张磊"


@pytest.mark.parametrize(
    "action",
    [
        Recall(chat=G1, message="999"),
        Mute(chat=G1, member="nobody", seconds=60),
        Remove(chat=G1, member="nobody"),
        AnswerJoin(chat=G1, flag="999", accept=True),
        Announce(chat="simulator:1:@linyue", text="公告"),
        Say(chat="simulator:1:G404", text="有人吗"),
    ],
)
def test_the_platform_refuses_what_makes_no_sense(world: World, action: AnyAction) -> None:
    with pytest.raises(Failed):
        world.do(action)


def test_files_come_from_the_data_folder_and_from_nowhere_else(
    world: World, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    (data / "documents").mkdir(parents=True)
    (data / "documents" / "a.docx").write_text("纪要")
    (tmp_path / "secret").write_text("不能看")
    (data / "link").symlink_to(tmp_path / "secret")
    world.simulator = Simulator(data / "simulator.jsonl", lambda: world.now)
    world.simulator.open("G1", "新人2611群", CAST)
    id = world.do(SendFile(chat=G1, path="documents/a.docx", name="纪要.docx"))
    assert world.chat()["files"] == [{"id": id, "name": "纪要.docx", "at": world.now.isoformat()}]
    assert world.simulator.file(id) == (data / "documents/a.docx", "纪要.docx")
    for path in ("../secret", str(tmp_path / "secret"), "link", "documents", "nothing", "a\0b"):
        with pytest.raises(Failed):
            world.do(SendFile(chat=G1, path=path, name="x"))
    assert world.simulator.file("999") is None


def test_members_send_pictures_that_are_only_named(world: World) -> None:
    said = world.say("看这个", segments=[{"kind": "image", "name": "合影.png"}])
    assert events.shown(said) == "看这个 [图片]"
    shown = world.chat()["messages"][-1]
    assert (shown["kind"], shown["text"]) == ("image", "看这个")
    assert world.chat()["files"] == []


def test_authors_and_moderators_take_messages_back_and_authors_edit(world: World) -> None:
    said = world.say("自我介绍：我是林悦")
    [edited] = world.call(edit=said.id, text="自我介绍：我是林悦，会弹吉他")
    assert isinstance(edited, Edited)
    assert (edited.member, edited.message) == ("linyue", said.id)
    assert world.chat()["messages"][0]["text"] == edited.text
    for call in ({"recall": said.id}, {"edit": said.id, "text": "改掉"}):
        with pytest.raises(Unreadable):
            world.call(member="张磊", **call)
    [recalled] = world.call(member="赵敏", recall=said.id)
    assert isinstance(recalled, Recalled)
    assert (recalled.member, recalled.operator) == ("linyue", "zhaomin")
    with pytest.raises(Unreadable):
        world.call(member="林悦", recall=said.id)


def test_a_request_to_join_is_answered_once(world: World) -> None:
    [asked] = world.call(request="小吴", comment="华东直销小吴")
    assert isinstance(asked, JoinRequest)
    world.do(AnswerJoin(chat=G1, flag=asked.flag, accept=True))
    assert world.chat()["requests"][0]["state"] == "accepted"
    assert len(world.call(member="小吴", text="谢谢")) == 1
    with pytest.raises(Failed):
        world.do(AnswerJoin(chat=G1, flag=asked.flag, accept=False))


def test_who_was_removed_for_good_stays_out(world: World) -> None:
    world.do(Remove(chat=G1, member="zhanglei"))
    assert isinstance(world.call(member="张磊", text="我又来了")[0], Joined)
    world.do(Remove(chat=G1, member="zhanglei", for_good=True))
    for call in ({"text": "又来了"}, {"join": "张磊"}, {"request": "张磊"}):
        with pytest.raises(Unreadable):
            world.call(**{"member": "张磊", **call})


def test_where_the_bot_was_taken_out_it_hears_nothing_and_can_do_nothing(world: World) -> None:
    [left] = world.call(leave="班长", member="赵敏")
    assert isinstance(left, Left)
    assert (left.member, left.removed) == ("1", True)
    assert world.call(member="林悦", text="班长走了吗") == []
    with pytest.raises(Failed, match="机器人不在群"):
        world.do(Say(chat=G1, text="我还在"))
    with pytest.raises(Failed, match="机器人不在群"):
        asyncio.run(world.simulator.members(G1))
    assert len(world.call(join="班长")) == 1
    world.do(Say(chat=G1, text="我回来了"))


def test_the_bot_is_told_of_its_own_acts_when_somebody_listens(world: World) -> None:
    heard: list[AnyEvent] = []

    async def save(told: Any, raw: bytes) -> None:
        heard.extend(told)

    async def lose(told: Any, raw: bytes) -> None:
        raise RuntimeError("the archive is away")

    world.simulator.save = save
    world.do(Mute(chat=G1, member="linyue", seconds=60))
    world.do(Remove(chat=G1, member="zhanglei"))
    world.do(Say(chat=G1, text="好了"))
    assert [type(event) for event in heard] == [Muted, Left]
    world.simulator.save = lose
    world.do(Unmute(chat=G1, member="linyue"))


def test_members_and_history_can_be_read_back(world: World) -> None:
    said = world.say("大家早")
    gone = world.say("说错了")
    world.call(recall=gone.id)
    id = world.do(Say(chat=G1, text="早"))
    history = asyncio.run(world.simulator.history(G1))
    assert [message.id for message in history] == [said.id, id]
    members = asyncio.run(world.simulator.members(G1))
    assert [member.role for member in members] == [Role.OWNER, Role.MEMBER, Role.MEMBER]


def test_notices_and_the_mute_of_all_can_be_read_back(world: World) -> None:
    notices = {world.do(Announce(chat=G1, text=text)): text for text in ("周三 19:30", "周四")}
    assert asyncio.run(world.simulator.board(G1)) == notices
    told = []
    for action in (MuteAll(chat=G1), UnmuteAll(chat=G1)):
        world.do(action)
        told.append(asyncio.run(world.simulator.all_muted(G1)))
    assert told == [True, False]
    with pytest.raises(Failed, match="机器人不在群"):
        asyncio.run(world.simulator.board("simulator:1:G404"))


def played(world: World) -> None:
    """Some of everything."""
    said = world.say("<script>alert(1)</script>")
    world.say("@班长 今天", "赵敏", reply_to=said.id)
    world.call(member="\u202eevil\n{{7*7}}", text="大家好")
    world.call(request="小吴", comment="想进来")
    world.call(edit=said.id, text="改过了")
    world.do(Say(chat=G1, text="今天没有要发的", mention=("zhaomin",)))
    world.do(Announce(chat=G1, text="公告"))
    world.do(Mute(chat=G1, member="linyue", seconds=600))
    world.do(Say(chat="simulator:1:@zhaomin", text="私下说"))
    world.call(leave="张磊")
    world.call(member="赵敏", switch="push", on=False)


def test_after_a_crash_the_platform_knows_all_that_it_accepted(world: World) -> None:
    played(world)
    assert world.again().state() == world.simulator.state()


@pytest.mark.parametrize("torn", [b'{"kind":"message","key":"', b"\xff\xfe", b"{}"])
def test_a_torn_last_line_costs_nothing_but_itself(world: World, torn: bytes) -> None:
    played(world)
    before = world.simulator.state()
    with world.log.open("ab") as log:
        log.write(torn)
    world.simulator = world.again()
    assert world.simulator.state() == before
    said = world.say("继续", "赵敏")
    assert world.again().state() == world.simulator.state()
    assert world.chat()["messages"][-1]["id"] == said.id


def test_two_processes_on_one_log_are_one_platform(world: World) -> None:
    other = world.again()
    mine = world.say("从这边说")
    theirs = asyncio.run(other.perform(Say(chat=G1, text="从那边答")))
    assert int(theirs) > int(mine.id)
    assert world.simulator.state() == other.state()


def test_hostile_names_and_texts_are_kept_as_text(world: World) -> None:
    played(world)
    chat = world.chat()
    assert chat["messages"][2]["name"] == "\u202eevil\n{{7*7}}"
    assert json.loads(json.dumps(chat)) == chat


def test_no_log_is_made_before_something_happens(tmp_path: Path) -> None:
    now: Callable[[], datetime] = lambda: datetime(2026, 11, 24, tzinfo=UTC)  # noqa: E731
    assert Simulator(tmp_path / "simulator.jsonl", now).state()["chats"] == []
    assert list(tmp_path.iterdir()) == []
