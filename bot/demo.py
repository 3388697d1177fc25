"""A made-up company to try things on, and three days of it in under a minute."""

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher
from fastapi import FastAPI
from sqlalchemy.orm import Session

from bot import times
from bot.app import create, open_database
from bot.clock import FileClock
from bot.config import Settings
from bot.gateways.simulator.gateway import Simulator
from bot.people import Member, Role
from storage import groups, guests, members, migrate
from storage.members import Person

ZONE = "Asia/Shanghai"
PASSWORD = "banzhang"
HOME, OTHER = "simulator:1:G1", "simulator:1:G2"
PEOPLE = {
    "赵敏": Member(id="zhaomin", name="赵敏", role=Role.OWNER),
    "周航": Member(id="zhouhang", name="周航", role=Role.DEPUTY),
    "陈静": Member(id="chenjing", name="陈静"),
    "王总": Member(id="wang", name="王总"),
    "林悦": Member(id="linyue", name="林悦"),
    "张磊": Member(id="zhanglei", name="张磊"),
}
SALES = (
    Member(id="zhouhang", name="周航", role=Role.OWNER),
    Member(id="linyue", name="林悦"),
    Member(id="chenjing", name="陈静"),
)

Say = Callable[[str], object]


def prepare(folder: Path) -> Settings:
    """Make the company in `folder`, unless it is there, and the settings to serve it with."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        _env_file=None,
        database_url=f"sqlite:///{folder.absolute() / 'banzhang.db'}",
        data_dir=folder,
        zone=ZONE,
        admin_user="hr",
        admin_password_hash=PasswordHasher().hash(PASSWORD),
        simulator=True,
        clock_file=folder / "clock",
    )
    migrate.upgrade(settings.url)
    clock = FileClock(folder / "clock")
    if not clock.path.exists():
        today = times.local(clock.now(), ZONE).date()
        clock.turn(times.at(today, time(9), ZONE))
    with open_database(settings) as database, database.write() as db:
        if groups.named(db, "新人2611群") is None:
            _found(db, clock.now())
    simulator = Simulator(folder / "simulator.jsonl", clock.now)
    simulator.open("G1", "新人2611群", list(PEOPLE.values()))
    simulator.open("G2", "华东销售群", SALES)
    return settings


def _found(db: Session, now: datetime) -> None:
    for name, key, kind, cast in (
        ("新人2611群", HOME, "newhire", tuple(PEOPLE.values())),
        ("华东销售群", OTHER, "sales", SALES),
    ):
        group = groups.add(db, name=name, zone=ZONE, kind=kind, company="示例集团")
        chat = groups.connect(db, group=group, key=key)
        members.replace(db, chat_id=chat.id, members=cast, now=now)
    for number, member in enumerate(PEOPLE.values(), 1):
        person = Person(number=f"{number:05d}", name=member.name, company="示例集团")
        db.add(person)
        db.flush()
        members.link(db, person=person, platform="simulator", external=member.id)
        if member.name == "陈静":
            members.grant(db, person=person, role=Role.HR, scope="示例集团")


def greet(settings: Settings, host: str, port: int, *, say: Say) -> None:
    """Say where to look."""
    say(f"\n  班长已启动（演示数据在 {settings.data_dir}）")
    say(f"  聊天模拟器   http://{host}:{port}/simulator")
    say(f"  HR 网页      http://{host}:{port}/hr    用户 hr  密码 {PASSWORD}")
    say("  按 Ctrl+C 结束\n")


@dataclass(frozen=True, slots=True)
class Beat:
    """One moment of the story. `to` is whom it answers."""

    at: datetime
    who: str
    text: str
    to: str = ""
    direct: bool = False
    joins: bool = False


def play(settings: Settings, *, say: Say) -> Path:
    """Play the story through the real server; the summary that HR gets is returned.

    Raises FileExistsError when the folder has a story already.
    """
    with open_database(settings) as database, database.read() as db:
        if guests.get(db, 1) is not None:
            raise FileExistsError(f"{settings.data_dir} 里已经演过一遍，请换一个 --folder")
    return asyncio.run(_play(settings, say))


async def _play(settings: Settings, say: Say) -> Path:
    app = create(settings)
    today = times.local(FileClock(settings.data_dir / "clock").now(), ZONE).date()
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://simulator", timeout=30
        ) as http,
    ):
        player = _Player(http, say)
        for beat in beats(today + timedelta(days=3)):
            await player.take(beat)
        await player.turn(beat.at + timedelta(minutes=5))
    return _summary(app, settings, say)


def _summary(app: FastAPI, settings: Settings, say: Say) -> Path:
    files = sorted((settings.data_dir / "documents").rglob("*.docx"))
    if not files:
        raise RuntimeError("the story ended without a summary")
    say(f"\nHR 的纪要：{files[-1]}")
    return files[-1]


class _Player:
    """Plays beats through the simulator's own doors, and prints what the chat shows."""

    def __init__(self, http: httpx.AsyncClient, say: Say) -> None:
        self.http = http
        self.say = say
        self.shown: set[tuple[str, str, str]] = set()
        self.last: dict[str, str] = {}

    async def take(self, beat: Beat) -> None:
        await self.turn(beat.at)
        target = f"@{PEOPLE[beat.who].id}" if beat.direct else "G1"
        call = {"chat": target, "member": beat.who, "text": beat.text}
        if beat.joins:
            call = {"chat": target, "join": beat.who}
        elif beat.to in self.last:
            call["reply_to"] = self.last[beat.to]
        (await self.http.post("/simulator/messages", json=call)).raise_for_status()
        await self.turn(beat.at)

    async def turn(self, to: datetime) -> None:
        """Move the clock to `to`, if it is behind, and print what happened on the way."""
        state = (await self.http.get("/simulator/state")).json()
        behind = datetime.fromisoformat(state["now"]) < to
        turn = {"to": to.isoformat()} if behind else {"by": 0}
        (await self.http.post("/simulator/clock", json=turn)).raise_for_status()
        self._print((await self.http.get("/simulator/state")).json())

    def _print(self, state: dict[str, Any]) -> None:
        for chat in state["chats"]:
            for notice in chat["notices"]:
                self._line(chat, notice | {"name": "班长·群公告"})
            for message in chat["messages"]:
                self._line(chat, message)
                self.last[message["name"]] = message["id"]

    def _line(self, chat: dict[str, Any], said: dict[str, Any]) -> None:
        mark = (chat["key"], said["name"], said["id"])
        words = " ".join(str(said["text"] or f"[文件] {said.get('file', '')}").split())
        if mark not in self.shown:
            self.shown.add(mark)
            when = times.local(datetime.fromisoformat(said["at"]), ZONE)
            self.say(f"{when:%m-%d %H:%M} [{chat['name']}] {said['name']}：{words}")


def beats(day: date) -> Iterator[Beat]:
    """The story, with the guest's evening on `day`."""
    text = (resources.files("bot") / "demo_story.txt").read_text(encoding="utf-8")
    pattern = re.compile(r"D(-\d)? (\d\d):(\d\d) (?:join (\S+)|(\S+?)( @)?: (.+?)(?: >(\S+))?)")
    for line in text.splitlines():
        found = pattern.fullmatch(line.strip())
        if not found:
            continue
        moment = times.at(
            day + timedelta(days=int(found[1] or 0)), time(int(found[2]), int(found[3])), ZONE
        )
        yield Beat(
            at=moment,
            who=found[4] or found[5],
            text=(found[7] or "").replace("{day}", f"{day:%m-%d}"),
            to=found[8] or "",
            direct=bool(found[6]),
            joins=bool(found[4]),
        )
