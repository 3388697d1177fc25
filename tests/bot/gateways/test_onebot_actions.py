"""What each action makes a OneBot implementation do, and what it can tell us."""

from datetime import UTC, datetime
from typing import Any

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
from bot.gateways.contract import Failed
from bot.people import Member, Role
from tests.standins.onebot_account import CHAT, GROUP, Reach, platform, text
from tests.standins.onebot_groups import APPS, GOCQ, LAGRANGE, NAPCAT, STANDARD, Call

pytestmark = pytest.mark.anyio


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
    reach: Reach, dialect: str, action: AnyAction, name: str, params: dict[str, Any]
) -> None:
    there = platform(dialect)
    await reach(there).perform(action)
    assert there.calls == [Call(name, GROUP | params)]


async def test_a_reply_comes_first_then_the_mentions_then_the_words(reach: Reach) -> None:
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
    reach: Reach, via: str, extra: dict[str, int]
) -> None:
    there = platform()
    await reach(there).perform(Say(chat="onebot:10001:@20002", text="您好", via=via))
    params = {"user_id": 20002, "message": [text("您好")], **extra}
    assert there.calls == [Call("send_private_msg", params)]


async def test_a_message_is_recalled_by_its_number_also_a_negative_one(reach: Reach) -> None:
    there = platform()
    there.messages[-991] = {"user_id": 20002, "group_id": 600001}
    await reach(there).perform(Recall(chat=CHAT, message="-991"))
    assert there.recalled == [-991]


async def test_a_join_request_is_answered_under_both_names_of_its_type(reach: Reach) -> None:
    there = platform()
    await reach(there).perform(AnswerJoin(chat=CHAT, flag="17-1", accept=False, reason="请补充"))
    params = {"flag": "17-1", "sub_type": "add", "type": "add", "approve": False}
    assert there.calls == [Call("set_group_add_request", params | {"reason": "请补充"})]


async def test_what_needs_a_group_is_refused_in_a_direct_chat(reach: Reach) -> None:
    there = platform()
    for action in (MuteAll, UnmuteAll):
        with pytest.raises(Failed):
            await reach(there).perform(action(chat="onebot:10001:@20002"))
    assert there.asked == []


async def test_members_are_listed_with_names_roles_and_the_day_they_came(reach: Reach) -> None:
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
    reach: Reach, dialect: str, words: list[str]
) -> None:
    there = platform(dialect)
    there.message("早", at=1764000001)
    there.message("好", at=1764000002, user=10001)
    there.message("别处", at=1764000003, group=600002)
    history = await reach(there).history(CHAT)
    assert [message.text for message in history] == words
    assert history[-1].own


async def test_where_history_cannot_be_read_it_says_so(reach: Reach) -> None:
    with pytest.raises(Failed, match="get_group_msg_history"):
        await reach(platform(STANDARD)).history(CHAT)


@pytest.mark.parametrize(
    "dialect, told", [(NAPCAT, [False, True]), (GOCQ, [None, None]), (STANDARD, [None, None])]
)
async def test_whether_all_are_muted_is_told_by_those_who_say_it(
    reach: Reach, dialect: str, told: list[bool | None]
) -> None:
    gateway = reach(platform(dialect))
    before = await gateway.all_muted(CHAT)
    await gateway.perform(MuteAll(chat=CHAT))
    assert [before, await gateway.all_muted(CHAT)] == told


async def test_only_messages_are_paced(reach: Reach) -> None:
    gateway = reach(platform())
    assert gateway.pace(Say(chat=CHAT, text="好")) == 1.2
    assert gateway.pace(SendFile(chat=CHAT, path="a.docx", name="a.docx")) == 1.2
    assert gateway.pace(Announce(chat=CHAT, text="好")) == 1.2
    assert gateway.pace(Unmute(chat=CHAT, member="20002")) == 0
