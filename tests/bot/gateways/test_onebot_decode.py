"""What each OneBot implementation sends, and the event it becomes."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot import events
from bot.events import Message, Muted
from bot.gateways.onebot import decode, payload, segments
from bot.gateways.onebot.payload import RawSegment

PAYLOADS = sorted((Path(__file__).parents[2] / "payloads/onebot").glob("*.json"))

GROUP = {
    "time": 1764000000,
    "self_id": 10001,
    "post_type": "message",
    "message_type": "group",
    "message_id": 70001,
    "group_id": 600001,
    "user_id": 20002,
}


def read(body: dict[str, Any]) -> events.AnyEvent | None:
    return decode.event(payload.read(json.dumps(body).encode()), "")


def said(message: object) -> Message:
    event = read({**GROUP, "message": message})
    assert isinstance(event, Message)
    return event


@pytest.mark.parametrize("file", PAYLOADS, ids=lambda file: file.stem)
def test_a_payload_becomes_the_event_written_beside_it(file: Path) -> None:
    case = json.loads(file.read_text())
    event = read(case["payload"])
    assert (event and json.loads(events.encode(event))) == case["event"]


def test_there_are_payloads_of_every_dialect() -> None:
    dialects = {file.stem.rpartition("_")[2] for file in PAYLOADS}
    assert dialects >= {"napcat", "gocqhttp", "lagrange", "standard"}


@pytest.mark.parametrize(
    "array, cq",
    [
        ([("text", {"text": "你好"})], "你好"),
        ([("text", {"text": "[CQ:at,qq=1] &#91;"})], "&#91;CQ:at,qq=1&#93; &amp;#91;"),
        (
            [("reply", {"id": 5}), ("at", {"qq": 10001}), ("text", {"text": " 在吗"})],
            "[CQ:reply,id=5][CQ:at,qq=10001] 在吗",
        ),
        ([("at", {"qq": "7", "name": "小[王],"})], "[CQ:at,qq=7,name=小&#91;王&#93;&#44;]"),
        ([("image", {"file": "a", "url": "u?x=1&y=2"})], "[CQ:image,file=a,url=u?x=1&amp;y=2]"),
        ([("shake", {})], "[CQ:shake]"),
        ([("text", {"text": "看 [CQ:at 和 [图"})], "看 [CQ:at 和 [图"),
    ],
    ids=["text", "escapes", "address", "name", "image", "bare", "no-code"],
)
def test_the_array_and_the_cq_string_give_the_same_event(
    array: list[tuple[str, dict[str, Any]]], cq: str
) -> None:
    assert said([{"type": kind, "data": data} for kind, data in array]) == said(cq)


def test_ids_as_words_give_the_same_event_as_numbers() -> None:
    ban = {**GROUP, "post_type": "notice", "notice_type": "group_ban", "sub_type": "ban"}
    ban |= {"operator_id": 20003, "duration": 60}
    words = {name: str(value) for name, value in ban.items()}
    assert read(ban) == read(words)
    assert read({**GROUP, "message": "好"}) == read(
        {name: str(value) for name, value in GROUP.items()} | {"message": "好"}
    )


def test_a_piece_nobody_knows_is_kept_as_it_came() -> None:
    data = {"content": "# 标题", "deep": {"list": [1, None]}}
    [piece] = said([{"type": "markdown", "data": data}]).segments
    assert (piece.kind, piece.data) == ("markdown", data)


def test_a_notice_that_comes_again_has_the_key_it_had() -> None:
    first = {**GROUP, "post_type": "notice", "notice_type": "group_increase", "message_id": None}
    later = first | {"time": 1764000001}
    other = first | {"user_id": 20003}
    keys = [event.key for event in map(read, [first, first, later, other]) if event]
    assert len(keys) == 4
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    "fields, member, seconds",
    [
        ({"sub_type": "ban", "user_id": 7, "duration": 60}, "7", 60),
        ({"sub_type": "ban", "user_id": 0, "duration": -1}, "", 30 * 86400 - 1),
        ({"sub_type": "ban", "user_id": "0", "duration": 0}, "", 30 * 86400 - 1),
        ({"sub_type": "lift_ban", "user_id": 7, "duration": 0}, "7", 0),
        ({"sub_type": "lift_ban", "user_id": 0, "duration": -1}, "", 0),
    ],
)
def test_a_mute_says_for_whom_and_for_how_long(
    fields: dict[str, Any], member: str, seconds: int
) -> None:
    event = read({**GROUP, "post_type": "notice", "notice_type": "group_ban", **fields})
    assert isinstance(event, Muted)
    assert (event.member, event.seconds) == (member, seconds)


def test_a_mute_that_does_not_say_whose_is_not_taken_for_everyones() -> None:
    ban = {**GROUP, "post_type": "notice", "notice_type": "group_ban", "duration": 60}
    del ban["user_id"]
    assert read(ban) is None


def test_our_own_private_word_belongs_to_the_chat_with_its_reader() -> None:
    own = {**GROUP, "post_type": "message_sent", "message_type": "private", "user_id": 10001}
    event = read({**own, "target_id": 20002, "message": "好"})
    assert isinstance(event, Message)
    assert (event.chat, event.own, event.direct) == ("onebot:10001:@20002", True, True)
    assert read({**own, "message": "好"}) is None


@pytest.mark.parametrize(
    "card",
    ["{", "[]", "[" * 100_000, '{"meta":[1]}', '{"meta":{"a":{"title":null}},"prompt":{}}', ""],
    ids=["broken", "array", "deep", "odd-meta", "odd-words", "empty"],
)
def test_a_card_that_cannot_be_read_is_kept_all_the_same(card: str) -> None:
    [piece] = segments.read([RawSegment("json", {"data": card})])
    assert (piece.kind, piece.text) == ("card", "")
    assert piece.data == {"type": "json", "data": card}


def test_entities_in_a_strangers_xml_are_never_expanded() -> None:
    card = '<!DOCTYPE x [<!ENTITY a "aaaa">]><msg brief="课表 &a;"><title>&a;&a;</title></msg>'
    [piece] = segments.read([RawSegment("xml", {"data": card})])
    assert piece.text == "课表 &a; &a;&a;"
