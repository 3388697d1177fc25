"""Signed OneBot webhooks: who is believed, and what is made of odd bodies."""

import base64
import hmac
import json
import logging
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bot.events import Message
from bot.gateways.contract import Forged, Unreadable, Webhook
from bot.gateways.onebot.gateway import OneBot
from bot.gateways.onebot.settings import OneBotSettings

TESTS = Path(__file__).parents[2]
CASES = json.loads((TESTS / "vectors/onebot_hmac_sha1.json").read_text())["cases"]

HELLO = {
    "time": 1764000000,
    "self_id": 10001,
    "post_type": "message",
    "message_type": "group",
    "message_id": 70001,
    "group_id": 600001,
    "user_id": 20002,
    "message": "大家好",
}


def gateway(**settings: Any) -> OneBot:
    return OneBot(OneBotSettings(**settings), Path())


def hook(body: bytes | dict[str, Any], *, secret: str = "s", self_id: str = "") -> Webhook:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = "sha1=" + hmac.digest(secret.encode(), raw, "sha1").hex()
    headers = {"x-signature": signature} | ({"x-self-id": self_id} if self_id else {})
    return Webhook(headers=headers, body=raw)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_published_signatures_are_judged_rightly(case: dict[str, Any]) -> None:
    body = base64.b64decode(case["body_base64"])
    call = Webhook(headers={"x-signature": case["header_x_signature"]}, body=body)
    onebot = gateway(secret=case["secret"])
    if case["accept"]:
        onebot.decode(call)
    else:
        with pytest.raises(Forged):
            onebot.decode(call)


def test_a_call_without_a_signature_is_told_401_and_a_wrong_one_403() -> None:
    onebot = gateway(secret="s")
    with pytest.raises(Forged) as unsigned:
        onebot.decode(Webhook(body=b"{}"))
    with pytest.raises(Forged) as wrong:
        onebot.decode(hook(b"{}", secret="another"))
    assert (unsigned.value.status, wrong.value.status) == (401, 403)


def test_a_forged_call_is_refused_before_it_is_read() -> None:
    with pytest.raises(Forged):
        gateway(secret="s").decode(hook(b"{ not json", secret="another"))


def test_without_a_secret_every_call_is_refused_and_the_log_says_so_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    onebot = gateway()
    for _ in range(3):
        with pytest.raises(Forged) as closed:
            onebot.decode(hook(HELLO, secret=""))
        assert closed.value.status == 403
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "secret" in caplog.text


TWO = [
    {"self_id": 10001, "secret": "first", "token": "t1"},
    {"self_id": "10002", "secret": "second", "token": "t2"},
]


def test_each_account_has_a_secret_of_its_own() -> None:
    onebot = gateway(accounts=TWO)
    [event] = onebot.decode(hook(HELLO, secret="first", self_id="10001"))
    assert event.chat == "onebot:10001:600001"
    with pytest.raises(Forged):
        onebot.decode(hook(HELLO, secret="first", self_id="10002"))


@pytest.mark.parametrize("self_id", ["", "10003"])
def test_an_account_that_is_not_listed_is_refused(self_id: str) -> None:
    with pytest.raises(Forged):
        gateway(accounts=TWO, secret="s").decode(hook(HELLO, self_id=self_id))


def test_one_account_does_not_speak_for_another() -> None:
    with pytest.raises(Forged):
        gateway(accounts=TWO).decode(hook(HELLO, secret="second", self_id="10002"))


def test_with_the_simple_settings_any_account_is_ours() -> None:
    [event] = gateway(secret="s").decode(hook({**HELLO, "self_id": 31337}, self_id="31337"))
    assert event.key == "onebot:31337:70001"


def test_the_accounts_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANZHANG_ONEBOT_ACCOUNTS", json.dumps(TWO))
    account = OneBotSettings().account("10002")
    assert account is not None
    assert account.token.get_secret_value() == "t2"
    assert "t2" not in repr(OneBotSettings())


@pytest.mark.parametrize(
    "wrong",
    [
        {"api_url": "napcat:3000"},
        {"accounts": [{"self_id": "1"}, {"self_id": 1}]},
        {"accounts": [{"secret": "s"}]},
        {"accounts": [{"self_id": "1", "sercet": "s"}]},
        {"pace_seconds": -1},
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        gateway(**wrong)


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b"1", b'"text"', b'{"post_type":"\xff"}', b"[" * 50_000],
    ids=["broken", "array", "number", "word", "no-utf8", "deep"],
)
def test_what_is_not_a_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        gateway(secret="s").decode(hook(body))


@pytest.mark.parametrize(
    "missing", ["time", "message_id", "group_id", "user_id", "message_type", "post_type"]
)
def test_a_message_that_lacks_something_is_counted_and_no_error(missing: str) -> None:
    onebot = gateway(secret="s")
    body = {name: value for name, value in HELLO.items() if name != missing}
    assert onebot.decode(hook(body)) == []
    assert onebot.unknown.total() == 1


@pytest.mark.parametrize(
    "odd",
    [
        {"sender": []},
        {"sender": {"card": 5}},
        {"sub_type": None},
        {"duration": {"a": 1}},
        {"font": "宋体"},
        {"message": [{"type": "text", "data": []}], "raw_message": "大家好"},
        {"message": [3], "raw_message": "大家好"},
        {"message": None, "raw_message": "大家好"},
    ],
    ids=str,
)
def test_a_field_of_an_odd_type_does_not_cost_the_message(odd: dict[str, Any]) -> None:
    [event] = gateway(secret="s").decode(hook({**HELLO, **odd}))
    assert isinstance(event, Message)
    assert event.text == "大家好"


def test_half_an_emoji_in_a_name_does_not_cost_the_message() -> None:
    """JSON.stringify writes a nickname that was cut inside an emoji as a lone surrogate."""
    body = json.dumps({**HELLO, "sender": {"nickname": "小王\ud83d"}}).encode()
    [event] = gateway(secret="s").decode(hook(body))
    assert isinstance(event, Message)
    assert event.name == "小王?"


@pytest.mark.parametrize(
    "odd",
    [
        {"time": 10**30},
        {"time": "soon"},
        {"time": -(10**18)},
        {"group_id": "@20002"},
        {"group_id": "1:2"},
        {"user_id": {"id": 1}},
        {"message_id": 10**400},
        {"self_id": ""},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_ids_and_times_that_cannot_be_are_counted_and_no_error(odd: dict[str, Any]) -> None:
    onebot = gateway(secret="s")
    assert onebot.decode(hook({**HELLO, **odd})) == []
    assert onebot.unknown.total() == 1
