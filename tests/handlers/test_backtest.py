"""回测: asked for by chat, worked on beside everything else, answered in private."""

import asyncio
import re
from datetime import timedelta

import pytest

from bot.actions import AnyAction, Say
from bot.backtesting import Backtesting
from bot.gateways.contract import Can
from schedules import backtests
from storage import abilities
from tests.build import DEPUTY, G1, HR, LIN, OWNER, ZHANG, Company, at, direct, message

AD = "加V领资料 wx_888，电话 13812345678 @所有人"


@pytest.fixture
def talk(company: Company) -> Company:
    """A week of talk with one advertisement in it, and seven lines within six seconds."""
    for day in range(14, 20):
        company.receive(message("大家早上好", when=at(f"2026-11-{day} 09:00")))
    company.receive(message(AD, by=ZHANG, when=at("2026-11-18 12:00")))
    noon = at("2026-11-19 12:00")
    lines = [message(f"第{n}句", when=noon + timedelta(seconds=n)) for n in range(7)]
    company.receive(*lines)
    company.send()
    return company


def works(company: Company) -> list[AnyAction]:
    """The work that goes on beside everything else; what came of it."""
    job = Backtesting(company.database, company.clock.now, lambda: None)
    asyncio.run(_all(job))
    return company.send()


async def _all(job: Backtesting) -> None:
    while await job.one():
        pass


def texts(done: list[AnyAction]) -> list[tuple[str, str]]:
    return [(one.chat, one.text) for one in done if isinstance(one, Say)]


def waits(company: Company) -> bool:
    with company.database.read() as db:
        return bool(backtests.waiting(db))


def test_the_owner_hears_at_once_that_it_began_and_then_the_result_in_private(
    talk: Company,
) -> None:
    began = talk.ask("@班长 回测 广告 近7天")
    assert began.startswith("开始回测「广告 新人 24小时 近7天」，约 15 条消息，只算不处理")
    [(chat, said)] = texts(works(talk))
    assert chat == direct(OWNER)
    assert "近 7 天" in said
    assert "看了 15 条消息" in said
    assert "会抓到 1 条，1 人" in said
    assert "11-18(周三)12:00 张磊：加V领资料" in said
    assert "这只是算一遍，什么都没做" in said
    assert works(talk) == []


def test_what_strangers_wrote_is_quoted_masked_and_calls_nobody(talk: Company) -> None:
    talk.ask("@班长 回测 广告")
    [(_, said)] = texts(works(talk))
    assert "138****5678" in said
    assert "13812345678" not in said
    assert "@" not in said


@pytest.mark.parametrize(
    "line, hits",
    [
        ("刷屏", 1),
        ("刷屏 上限=4条/30秒 近7天", 3),
        ("刷屏 上限 4条/30秒", 3),
        ("刷屏 上限＝4条／30秒", 3),
        ("刷屏 观察 上限 7条/30秒", 0),
        ("刷屏 近1天", 1),
        ("广告 禁词=大家早上好", 7),
        ("广告 禁词 大家早上好 近3天", 3),
        ("重复", 0),
    ],
)
def test_any_settings_that_the_rules_own_command_takes_can_be_tried(
    talk: Company, line: str, hits: int
) -> None:
    talk.ask(f"@班长 回测 {line}")
    [(_, said)] = texts(works(talk))
    assert (f"会抓到 {hits} 条" if hits else "一条也不会抓到") in said
    assert "第1版" in talk.ask("@班长 群规"), "nothing is changed"


def test_what_is_left_out_is_as_the_group_has_it(talk: Company) -> None:
    talk.ask("@班长 刷屏 上限 4条/30秒")
    talk.ask("@班长 刷屏 关")
    talk.ask("@班长 回测 刷屏")
    [(_, said)] = texts(works(talk))
    assert "会抓到 3 条" in said


@pytest.mark.parametrize(
    "line, answer",
    [
        ("刷频", "没有「刷频」这条规则，是「刷屏」吗"),
        ("刷屏 上限=900条/30秒", "「多少条」要在 2 到 60 之间"),
        ("刷屏 下限=3条", "看不懂「下限=3条」"),
        ("刷屏 近0天", "天数写一个，1 到 366"),
        ("刷屏 近9999天", "天数写一个"),
        ("刷屏 近7天 近8天", "天数写一个"),
        ("近7天", "没有「」这条规则"),
        ("", "还差「规则和设置」"),
    ],
)
def test_a_line_that_is_not_understood_begins_nothing(
    talk: Company, line: str, answer: str
) -> None:
    assert answer in talk.ask(f"@班长 回测 {line}")
    assert not waits(talk)


def test_where_nothing_is_archived_it_is_said(company: Company) -> None:
    company.clock.pass_(days=3)
    assert "近 1 天没有存下消息" in company.ask("回测 广告 近1天", chat=direct(OWNER))


def test_only_the_owner_and_the_deputy_may(talk: Company) -> None:
    for who in (LIN, HR):
        assert talk.ask("@班长 回测 广告", by=who) == "只有群主/副群主可以回测"
    assert talk.ask("回测 广告", by=DEPUTY, chat=direct(DEPUTY)).startswith("开始回测")
    assert [chat for chat, _ in texts(works(talk))] == [direct(DEPUTY)]


def test_one_at_a_time_and_it_can_be_stopped(talk: Company) -> None:
    assert "没有在回测" in talk.ask("@班长 回测 停")
    talk.ask("@班长 回测 广告")
    assert "还在回测，一次一个" in talk.ask("@班长 回测 刷屏", by=DEPUTY)
    assert "停了，没有结果" in talk.ask("@班长 回测 停")
    assert works(talk) == []
    assert talk.ask("@班长 回测 刷屏").startswith("开始回测")


def test_one_that_is_stopped_while_it_runs_ends_without_a_result(
    talk: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk.ask("@班长 回测 广告")
    monkeypatch.setattr("bot.backtesting.SLICE", 0)
    monkeypatch.setattr("bot.backtesting._LOOK_EVERY", 0)
    job = Backtesting(talk.database, talk.clock.now, lambda: None)

    async def stopped_midway() -> None:
        running = asyncio.create_task(job.one())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        talk.receive_quietly("@班长 回测 停")
        assert await running

    asyncio.run(stopped_midway())
    assert [text for _, text in texts(talk.send())] == [
        "回测「广告 新人 24小时 近30天」停了，没有结果"
    ]


def begun_and_killed(company: Company) -> None:
    """A process takes it up, and dies in the middle."""
    with company.database.write() as db:
        assert backtests.take(db, company.clock.now()) is not None


def test_after_a_restart_it_is_taken_up_again_and_the_owner_knows(talk: Company) -> None:
    talk.ask("@班长 回测 广告")
    begun_and_killed(talk)
    talk.clock.pass_(minutes=1)
    again, result = (text for _, text in texts(works(talk)))
    assert "程序重启过" in again
    assert "会抓到 1 条" in result
    talk.clock.pass_(minutes=30)
    assert talk.send() == []


def test_one_that_nobody_works_on_is_told_as_broken_off(talk: Company) -> None:
    talk.ask("@班长 回测 广告")
    begun_and_killed(talk)
    assert talk.send() == []
    talk.clock.pass_(minutes=11)
    [(chat, said)] = texts(talk.send())
    assert chat == direct(OWNER)
    assert "中途断了，没有结果" in said
    assert works(talk) == []


def test_one_that_ends_the_process_each_time_is_given_up(talk: Company) -> None:
    talk.ask("@班长 回测 广告")
    for _ in range(backtests.MOST_TRIES):
        begun_and_killed(talk)
    said = [text for _, text in texts(works(talk))]
    assert "中途断了" in said[-1]
    assert not waits(talk)


def test_one_that_breaks_is_told_and_holds_up_no_other(
    talk: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("broken")

    talk.ask("@班长 回测 广告")
    monkeypatch.setattr("bot.replay.play", breaks)
    [(_, said)] = texts(works(talk))
    assert "中途断了" in said
    assert "does not work" in caplog.text
    assert AD not in caplog.text


def test_one_that_takes_long_says_how_far_it_is_and_not_too_often(
    talk: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [message("大家早上好", when=at("2026-11-19 10:00")) for _ in range(400)]
    talk.receive(*lines)
    talk.send()
    talk.ask("@班长 回测 刷屏")
    monkeypatch.setattr("bot.backtesting.SLICE", 0)
    monkeypatch.setattr("bot.backtesting._LOOK_EVERY", 0)
    job = Backtesting(talk.database, lambda: talk.clock.pass_(seconds=0.3), lambda: None)
    asyncio.run(job.one())
    said = [text for _, text in texts(talk.send())]
    told = [re.findall(r"做了 (\d+)%", text) for text in said]
    assert told == [["25"], ["50"], ["75"], []]


def test_where_nobody_can_be_written_to_in_private_the_group_sees_no_names_and_no_words(
    talk: Company,
) -> None:
    with talk.database.write() as db:
        can = {name: name != "direct" for name in Can.__slots__}
        abilities.declare(db, platform="fake", can=can, seconds=0, now=talk.clock.now())
    assert "好了发在这里" in talk.ask("@班长 回测 广告")
    [(chat, said)] = texts(works(talk))
    assert chat == G1
    assert "会抓到 1 条，1 人" in said
    assert "11-18(周三)12:00" in said
    assert "张磊" not in said
    assert "wx_888" not in said


def test_the_ten_most_doubtful_are_shown_the_nearest_to_the_line_first(talk: Company) -> None:
    noon = at("2026-11-19 15:00")
    talk.receive(*(message(f"句{n}", when=noon + timedelta(seconds=n / 10)) for n in range(30)))
    talk.send()
    talk.ask("@班长 回测 刷屏")
    [(_, said)] = texts(works(talk))
    assert "会抓到 25 条" in said
    assert re.findall(r"秒内发了 (\d+) 条", said) == ["7", *(str(n) for n in range(7, 16))]
