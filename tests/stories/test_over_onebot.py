"""The whole road over HTTP: a stand-in OneBot posts signed events, and logs what we call."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from bot.app import create
from bot.config import Settings
from bot.gateways.onebot.gateway import OneBot
from bot.gateways.onebot.settings import OneBotSettings
from bot.people import Role
from storage import groups, members
from storage.database import Database
from storage.members import Person
from tests.build import ZONE, at
from tests.fakes import HandClock
from tests.standins.onebot import Platform

OWNER, GUEST, LIN, ZHANG, HR = 20001, 20002, 20003, 20004, 20005
SECRET, TOKEN = "webhook-secret-1", "api-token-1"


class Evening:
    """The app, a platform, and a clock, joined over HTTP in one process."""

    def __init__(self, url: str, folder: Path) -> None:
        self.clock = HandClock(at("2026-11-20 10:00"))
        self.platform = Platform(secret=SECRET, token=TOKEN)
        for user, card, role in (
            (OWNER, "赵敏", "owner"),
            (GUEST, "王总", "member"),
            (LIN, "林悦", "member"),
            (ZHANG, "张磊", "member"),
        ):
            self.platform.join(user, card, role=role)
        onebot = OneBot(
            OneBotSettings(
                _env_file=None,
                secret=SECRET,
                token=TOKEN,
                api_url="http://onebot",
                pace_seconds=0,
            ),
            folder,
            transport=httpx.ASGITransport(self.platform.app),
        )
        settings = Settings(_env_file=None, database_url=url, data_dir=folder)
        self.app: FastAPI = create(settings, gateways=[onebot], clock=self.clock)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://banzhang"
        )
        with self.app.state.works.database.write() as db:
            _found(db)

    async def post(self, event: dict[str, object]) -> int:
        response = await self.platform.post(self.http, "/onebot/v11/", event)
        return response.status_code

    async def say(self, user: int, text: str, **more: object) -> None:
        event = self.platform.message(text, user=user, at=int(self.clock.at.timestamp()))
        assert await self.post(event | more) == 204
        await self.quiet()

    async def whisper(self, user: int, text: str) -> None:
        event = self.platform.message(text, user=user, at=int(self.clock.at.timestamp()))
        del event["group_id"]
        await self.post(event | {"message_type": "private", "sub_type": "friend"})
        await self.quiet()

    async def go(self, when: str) -> None:
        self.clock.at = at(when)
        await self.app.state.works.tick()
        await self.quiet()

    async def quiet(self) -> None:
        """Until everything that came in was handled, and all that followed was sent."""
        async with asyncio.timeout(10):
            await asyncio.sleep(0.01)
            while not await asyncio.to_thread(self.app.state.works.idle):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    def said(self, action: str = "send_group_msg") -> list[str]:
        return [_words(call.params) for call in self.platform.calls if call.action == action]


def _words(params: dict[str, object]) -> str:
    pieces = params.get("message") or []
    return "".join(p["data"].get("text", "") for p in pieces)  # type: ignore[attr-defined]


def _found(db: object) -> None:
    group = groups.add(db, name="新人2611群", zone=ZONE, kind="newhire", company="示例集团")  # type: ignore[arg-type]
    groups.connect(db, group=group, key="onebot:10001:600001")  # type: ignore[arg-type]
    hr = Person(number="00007", name="陈静", company="示例集团")
    db.add(hr)  # type: ignore[attr-defined]
    db.flush()  # type: ignore[attr-defined]
    members.link(db, person=hr, platform="onebot", external=str(HR))  # type: ignore[arg-type]
    members.grant(db, person=hr, role=Role.HR, scope="示例集团")  # type: ignore[arg-type]


@asynccontextmanager
async def running(url: str, folder: Path) -> AsyncIterator[Evening]:
    evening = Evening(url, folder)
    async with evening.app.router.lifespan_context(evening.app), evening.http:
        yield evening


def test_one_evening_from_the_webhook_to_hrs_document(url: str, tmp_path: Path) -> None:
    async def story() -> None:
        async with running(url, tmp_path) as evening:
            await evening.say(OWNER, "/嘉宾 安排 11-26 王总 我的第一单")
            assert "#1 已建" in evening.said()[-1]

            await evening.go("2026-11-24 12:00")
            [notice] = [n for n in evening.platform.notices if "预告" in str(n)]
            assert "后天" in str(notice)
            assert [text for text in evening.said() if "预告】" in text] == []

            await evening.go("2026-11-26 19:30")
            evening.clock.at = at("2026-11-26 19:35")
            for n, words in enumerate(TALK):
                evening.clock.at = at(f"2026-11-26 19:{36 + n}")
                await evening.say(GUEST, words)
            await evening.say(ZHANG, "加V领资料 wx_888")
            assert len(evening.platform.recalled) == 1
            await evening.go("2026-11-26 20:30")
            await evening.say(LIN, "客户一上来就嫌贵，第一句怎么回？")
            evening.clock.pass_(minutes=1)
            await evening.say(GUEST, "先别解释，问一句您是跟哪家比的")
            await evening.go("2026-11-26 21:00")
            await evening.go("2026-11-26 21:10")
            assert "草稿好了" in evening.said("send_private_msg")[-1]

            await evening.whisper(HR, "看 1")
            assert "加V" not in evening.said("send_private_msg")[-1]
            await evening.whisper(HR, "改 1 第1条 报价先问预算")
            await evening.whisper(HR, "通过 1")
            word, plain = evening.platform.files
            assert "20261126_嘉宾分享_王总_我的第一单_v1.docx" in str(word)
            assert "20261126_嘉宾分享_王总_我的第一单_v1.md" in str(plain)
            assert [text[:4] for text in evening.said() if text.startswith("【")] == [
                "【开场】",
                "【答疑】",
                "【结束】",
                "【纪要】",
            ]
            assert "报价先问预算" in evening.said()[-1]

    asyncio.run(story())


TALK = (
    "我讲讲我的第一单，2009年，入行第47天",
    "第一点，先问预算再报价，前三次我一上来就报价，客户只记得贵",
    "第二点，记住客户说的小事，他提过女儿要高考",
    "第三点，报价单不要超过一页，只写问题、办法和价钱",
    "跟进节奏是二五八：第二天发纪要，第五天给案例，第八天约下一次",
    "合同里一定要写清楚付款节点，我那单最后一笔拖了四个月",
)


def test_one_command_delivered_three_times_at_once_takes_effect_once(
    url: str, tmp_path: Path
) -> None:
    async def story() -> None:
        async with running(url, tmp_path) as evening:
            event = evening.platform.message(
                "/嘉宾 安排 11-26 王总 我的第一单",
                user=OWNER,
                at=int(at("2026-11-20 10:00").timestamp()),
            )
            statuses = await asyncio.gather(*[evening.post(event) for _ in range(2)])
            statuses.append(await evening.post(event))
            await evening.quiet()
            assert statuses == [204, 204, 204]
            assert len(evening.said()) == 1

    asyncio.run(story())


@pytest.mark.parametrize(
    "body, headers, status",
    [
        (b'{"post_type":"message"}', {"X-Signature": "sha1=" + "0" * 40}, 403),
        (b'{"post_type":"message"}', {}, 401),
        (b"x" * 5_000_000, {"X-Signature": "sha1=" + "0" * 40}, 413),
    ],
)
def test_what_is_not_from_the_platform_is_refused_in_one_line_and_changes_nothing(
    url: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    body: bytes,
    headers: dict[str, str],
    status: int,
) -> None:
    async def story() -> None:
        async with running(url, tmp_path) as evening:
            caplog.clear()
            response = await evening.http.post("/onebot/v11/", content=body, headers=headers)
            assert response.status_code == status

    with caplog.at_level(logging.INFO, logger="bot"):
        asyncio.run(story())
    lines = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(lines) == 1
    assert SECRET not in caplog.text
    assert _archived(url) == 0


@pytest.mark.parametrize(
    "body, status, kept",
    [
        (b'{"post_type":"message"', 400, 0),
        (b"[1,2]", 400, 0),
        (b'{"post_type":"notice","notice_type":"of_another_kind","time":1}', 204, 0),
        (
            json.dumps(
                {
                    "time": 1764000000,
                    "self_id": 10001,
                    "post_type": "message",
                    "message_type": "group",
                    "message_id": 5,
                    "group_id": 600001,
                    "user_id": LIN,
                    "message": [{"type": "hologram", "data": {"x": 1}}],
                    "sender": {},
                }
            ).encode(),
            204,
            1,
        ),
    ],
    ids=["broken", "no object", "unknown event", "unknown segment"],
)
def test_signed_but_odd_calls_get_the_right_status(
    url: str, tmp_path: Path, body: bytes, status: int, kept: int
) -> None:
    async def story() -> None:
        async with running(url, tmp_path) as evening:
            headers = evening.platform.sign(body)
            response = await evening.http.post("/onebot/v11/", content=body, headers=headers)
            assert response.status_code == status
            await evening.quiet()
            health = (await evening.http.get("/healthz")).json()
            assert health["failed"] == 0

    asyncio.run(story())
    assert _archived(url) == kept


def _archived(url: str) -> int:
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one()
    finally:
        database.close()
