"""The simulator's page: what it is told, how the clock is turned, and what it refuses."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.actions import Announce
from bot.app import create
from bot.clock import FileClock
from bot.config import Settings
from bot.gateways.simulator.entries import SWITCHES
from bot.gateways.simulator.gateway import Simulator
from bot.people import Member, Role
from storage import groups, members, migrate
from storage.database import Database
from tests.build import at

STATIC = Path(__file__).parents[2] / "bot/web/static"
G1 = "simulator:1:G1"
CAST = (
    Member(id="zhaomin", name="赵敏", role=Role.OWNER),
    Member(id="wang", name="王总"),
    Member(id="linyue", name="林悦"),
)
NOW = at("2026-11-20 10:00")


class Browser:
    """Somebody at the page of a real server, which works whenever they wait for it."""

    def __init__(self, http: httpx.AsyncClient, runner: asyncio.Runner) -> None:
        self.http = http
        self.runner = runner

    def get(self, path: str) -> httpx.Response:
        return self.runner.run(self.http.get(path))

    def post(self, path: str, body: object) -> httpx.Response:
        return self.runner.run(self.http.post(path, json=body))

    def say(self, member: str, text: str) -> None:
        """Speak, and wait until the bot is done with it."""
        call = {"chat": "G1", "member": member, "text": text}
        assert self.post("/simulator/messages", call).status_code == 204
        self.turn(by=1)

    def turn(self, **to: Any) -> str:
        answer = self.post("/simulator/clock", to)
        assert answer.status_code == 200, answer.text
        now: str = answer.json()["now"]
        return now[:16]

    def refused(self, **to: Any) -> tuple[int, str]:
        answer = self.post("/simulator/clock", to)
        return answer.status_code, answer.json()["error"]

    @property
    def state(self) -> Any:
        return self.get("/simulator/state").json()

    @property
    def said(self) -> list[str]:
        return [message["text"] for message in self.state["chats"][0]["messages"] if message["own"]]


@contextmanager
def serving(settings: Settings) -> Iterator[Browser]:
    app = create(settings)
    transport = httpx.ASGITransport(app)
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        http = httpx.AsyncClient(transport=transport, base_url="http://banzhang")
        try:
            yield Browser(http, runner)
        finally:
            runner.run(http.aclose())
            runner.run(lifespan.__aexit__(None, None, None))


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    settings = Settings(_env_file=None, data_dir=tmp_path, simulator=True, database_url="")
    migrate.upgrade(settings.url)
    clock = FileClock(tmp_path / "clock")
    clock.turn(NOW)
    Simulator(tmp_path / "simulator.jsonl", clock.now).open("G1", "新人2611群", CAST)
    database = Database(settings.url)
    with database.write() as db:
        group = groups.add(db, name="新人2611群", zone="Asia/Shanghai", kind="newhire")
        chat = groups.connect(db, group=group, key=G1)
        members.replace(db, chat_id=chat.id, members=CAST, now=NOW)
    database.close()
    with serving(settings) as browser:
        yield browser


def test_an_evening_is_played_by_turning_to_whatever_comes_next(browser: Browser) -> None:
    browser.say("赵敏", "@班长 嘉宾 安排 11-26 王总 我的第一单")
    assert browser.state["next"] == "2026-11-24T12:00:00+08:00"
    assert browser.turn(next=True) == "2026-11-24T12:00"
    assert "王总" in browser.state["chats"][0]["notices"][0]["text"]
    met = [browser.turn(next=True) for _ in range(13)]
    assert [moment[8:] for moment in met] == [
        "25T18:00",
        "25T20:00",
        "26T17:00",
        "26T19:00",
        "26T19:15",
        "26T19:30",
        "26T19:40",
        "26T19:43",
        "26T20:20",
        "26T20:30",
        "26T20:48",
        "26T20:50",
        "26T21:00",
    ]
    [evening] = browser.state["evenings"]
    assert (evening["guest"], evening["topic"], evening["state"]) == (
        "王总",
        "我的第一单",
        "已结束",
    )
    done = {step["name"] for step in evening["steps"] if step["done"]}
    assert {"预告", "当天提醒", "开场", "答疑", "结束", "感谢嘉宾"} <= done
    assert {"草稿", "反馈邀请"} & done == set()
    assert evening["steps"][0] == {
        "step": "announce",
        "name": "预告",
        "due": "2026-11-24T12:00:00+08:00",
        "state": "已送达",
        "why": "",
        "done": True,
    }


def test_what_was_said_is_answered_before_the_clock_turns(browser: Browser) -> None:
    call = {"chat": "G1", "member": "赵敏", "text": "@班长 嘉宾 安排 11-26 王总 我的第一单"}
    browser.post("/simulator/messages", call)
    browser.turn(by="1d")
    assert len(browser.said) == 1
    answer = browser.state["chats"][0]["messages"][1]
    assert datetime.fromisoformat(answer["at"]).date() == NOW.date()


@pytest.mark.parametrize(
    "to, stands",
    [
        ({"to": "19:30"}, "2026-11-20T19:30"),
        ({"to": "2026-11-24 12:00"}, "2026-11-24T12:00"),
        ({"to": "2026-11-24T12:00"}, "2026-11-24T12:00"),
        ({"to": "2026-11-24T12:00:00+00:00"}, "2026-11-24T20:00"),
        ({"by": 3600}, "2026-11-20T11:00"),
        ({"by": "90"}, "2026-11-20T10:01"),
        ({"by": "30m"}, "2026-11-20T10:30"),
        ({"by": "1h"}, "2026-11-20T11:00"),
        ({"by": "1d"}, "2026-11-21T10:00"),
    ],
)
def test_the_clock_is_turned_in_the_words_of_the_group(
    browser: Browser, to: dict[str, Any], stands: str
) -> None:
    assert browser.turn(**to) == stands


@pytest.mark.parametrize(
    "to",
    [
        {},
        {"to": "09:59"},
        {"to": "2026-11-19 12:00"},
        {"to": "0001-01-01"},
        {"to": "9999-12-31"},
        {"to": "昨天"},
        {"to": 5},
        {"by": -60},
        {"by": "1y"},
        {"by": "9" * 30},
        {"by": True},
        {"next": "yes"},
        {"by": 60, "next": True},
    ],
)
def test_the_clock_never_goes_back_and_takes_no_nonsense(
    browser: Browser, to: dict[str, Any]
) -> None:
    status, words = browser.refused(**to)
    assert (status, bool(words)) == (400, True)
    assert browser.state["now"].startswith("2026-11-20T10:00")


def test_there_is_no_next_step_before_anything_is_planned(browser: Browser) -> None:
    assert browser.state["next"] is None
    assert browser.refused(next=True)[0] == 409


def test_a_step_due_at_night_is_next_in_the_morning(browser: Browser) -> None:
    browser.turn(to="2026-11-25 23:00")
    browser.say("赵敏", "@班长 嘉宾 安排 11-27 王总 我的第一单")
    assert browser.turn(next=True) == "2026-11-26T08:00"
    assert len(browser.state["chats"][0]["notices"]) == 1


def test_the_page_shows_who_is_what(browser: Browser) -> None:
    badges = {one["name"]: one["badges"] for one in browser.state["chats"][0]["members"]}
    assert badges == {"赵敏": ["群主"], "王总": [], "林悦": []}


def test_the_page_is_served_with_its_own_files_only(browser: Browser) -> None:
    page = browser.get("/simulator")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "://" not in page.text
    for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
        assert browser.get(path).status_code == 200


def test_no_script_of_the_page_makes_markup_of_text() -> None:
    scripts = [STATIC / "chat.js", *(STATIC / "chat").glob("*.js")]
    assert len(scripts) > 1
    for script in scripts:
        text = script.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|\.write\(|eval\(", text)


def test_a_switch_turned_on_the_page_stops_the_bot_and_is_shown(browser: Browser) -> None:
    call = {"chat": "G1", "member": "赵敏", "switch": "push", "on": False}
    assert browser.post("/simulator/messages", call | {"member": "林悦"}).status_code == 400
    assert browser.state["chats"][0]["push"] is True
    assert browser.post("/simulator/messages", call).status_code == 204
    chat = browser.state["chats"][0]
    assert chat["push"] is False
    assert chat["lines"][-1]["text"] == "赵敏 关闭了机器人的主动发言"


def test_every_switch_on_the_page_is_one_of_the_simulator(browser: Browser) -> None:
    shown = re.findall(r'data-switch="(\w+)"', browser.get("/simulator").text)
    assert set(shown) == set(SWITCHES)


def test_files_that_the_bot_sent_are_downloaded_as_such(browser: Browser, tmp_path: Path) -> None:
    (tmp_path / "纪要.html").write_text("<script>")
    log = (
        '{"kind":"message","key":"","chat":"simulator:1:G1","at":"2026-11-20T02:00:00Z","id":"",'
        '"member":"1","text":"","own":true,'
        '"segments":[{"kind":"file","text":"纪要\\".html","ref":"纪要.html"}]}\n'
    )
    with (tmp_path / "simulator.jsonl").open("a") as file:
        file.write(log)
    [shown] = browser.state["chats"][0]["files"]
    got = browser.get(f"/simulator/files/{shown['id']}")
    assert got.text == "<script>"
    assert got.headers["content-disposition"].startswith("attachment")
    assert got.headers["content-type"] == "application/octet-stream"
    missing = browser.get("/simulator/files/999")
    assert (missing.status_code, "error" in missing.json()) == (404, True)


@pytest.mark.parametrize(
    "content, kind, disposition",
    [
        (b"\x89PNG\r\n\x1a\n", "image/png", "inline"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", "inline"),
        (b"<svg onload=alert(1)>", "application/octet-stream", "attachment"),
    ],
)
def test_only_a_real_picture_is_shown_as_one(
    browser: Browser, tmp_path: Path, content: bytes, kind: str, disposition: str
) -> None:
    (tmp_path / "海报.png").write_bytes(content)
    simulator = Simulator(tmp_path / "simulator.jsonl", FileClock(tmp_path / "clock").now)
    id = asyncio.run(simulator.perform(Announce(chat=G1, text="今晚", picture="海报.png")))
    got = browser.get(f"/simulator/files/{id}")
    assert (got.content, got.headers["content-type"]) == (content, kind)
    assert got.headers["content-disposition"].startswith(disposition)
    assert got.headers["x-content-type-options"] == "nosniff"


def test_without_test_mode_there_is_no_simulator(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path, simulator=False, database_url="")
    migrate.upgrade(settings.url)
    with serving(settings) as browser:
        assert browser.get("/simulator").status_code == 404
        assert browser.get("/simulator/state").status_code == 404
        assert browser.post("/simulator/clock", {"by": 1}).status_code == 404
        assert browser.post("/simulator/messages", {}).status_code == 404
