"""What the rules say of messages and dialogues in a file, by command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

GREETING = {"id": "a", "text": "大家晚上好", "label": "x"}
AD = {"id": "b", "text": "加V领资料 wx_888"}
SHOUTS = ("你什么态度，每次都这样", "你自己不看通知怪谁，只会指手画脚", "你再说一遍，你算老几")
QUARREL = [{"at": 9 * n, "who": "甲乙"[n % 2], "text": SHOUTS[n % 3]} for n in range(8)]
TALK = [{"at": 60 * n, "who": "甲乙"[n % 2], "text": "我觉得这样也行"} for n in range(8)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "lines.jsonl"


def checked(file: Path, *lines: object, options: tuple[str, ...] = ()) -> Result:
    text = "\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    file.write_text(text, encoding="utf-8")
    return CliRunner().invoke(main, ["check", str(file), *options])


def test_each_message_of_a_file_is_answered_on_a_line(file: Path) -> None:
    good, bad = map(json.loads, checked(file, GREETING, AD).stdout.splitlines())
    assert (good["id"], good["label"], good["action"], good["spans"]) == ("a", "normal", "none", [])
    assert (bad["id"], bad["label"], bad["action"]) == ("b", "ad", "act")
    start, end, why = bad["spans"][0]
    assert AD["text"][start:end]
    assert why


def test_of_each_dialogue_it_is_said_at_which_turn_the_owner_would_be_told(file: Path) -> None:
    lines = {"id": "q", "turns": QUARREL}, {"id": "t", "turns": TALK}
    quarrel, talk = map(
        json.loads, checked(file, *lines, options=("--dialogues",)).stdout.split("\n")[:2]
    )
    assert quarrel["id"] == "q"
    assert 0 < quarrel["alert_at"] < len(QUARREL)
    assert talk == {"id": "t", "alert_at": None}


@pytest.mark.parametrize("bad", [b'{"id": "c"}', b"{", b'{"id": "c", "text": "\xff"}', b"[1]"])
def test_a_line_that_does_not_fit_is_named(file: Path, bad: bytes) -> None:
    file.write_bytes(json.dumps(GREETING).encode() + b"\n" + bad)
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 1
    assert "第 2 行" in result.stderr
    assert "Traceback" not in result.output
