"""banzhang backtest: the archive through a rule, by command line."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.clock import FileClock
from tests.build import G1, OWNER, ZHANG, Company, at, message


@pytest.fixture
def run(company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The command line beside a company in which seven lines came within six seconds."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BANZHANG_DATABASE_URL", company.database.url)
    monkeypatch.setenv("BANZHANG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BANZHANG_SIMULATOR", "1")
    noon = at("2026-11-19 12:00")
    for n in range(7):
        company.receive(message(f"第{n}句", by=ZHANG, when=noon + timedelta(seconds=n)))

    def run(*words: str) -> Result:
        FileClock(tmp_path / "clock").turn(company.clock.now())
        return CliRunner().invoke(main, ["backtest", *words])

    return run


def test_the_report_goes_to_stdout_and_the_progress_does_not(run, company: Company) -> None:  # type: ignore[no-untyped-def]
    company.send()
    result = run("刷屏", "--days", "7", "--set", "上限=4条/30秒")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("【新人2611群】回测「刷屏」上限 4条/30秒，近 7 天")
    assert "看了 7 条消息，会抓到 3 条，1 人" in result.stdout
    assert "张磊：第4句" in result.stdout
    assert company.send() == []
    assert "第1版" in company.ask("@班长 群规", by=OWNER), "nothing is changed"


def test_machines_get_one_object(run) -> None:  # type: ignore[no-untyped-def]
    data = json.loads(run("刷屏", "--json", "--group", "新人2611群").stdout)
    assert data["params"] == {"limit": 6, "seconds": 10}
    assert (data["messages"], data["hits"], data["people"], data["days"]) == (7, 1, 1, 30)
    [one] = data["doubtful"]
    assert one["reason"] == "10 秒内发了 7 条"
    assert 0 < one["margin"] < 0.2


@pytest.mark.parametrize(
    "words, said",
    [
        (("刷频",), "没有「刷频」这条规则，是「刷屏」吗"),
        (("刷屏", "--set", "下限=3条"), "看不懂「下限=3条」"),
        (("刷屏", "--set", "上限=900条/30秒"), "要在 2 到 60 之间"),
        (("刷屏", "--set", "上限"), "不是 K=V"),
        (("刷屏", "--days", "0"), "--days"),
        (("刷屏", "--group", "别的群"), "没有「别的群」这个群。现有的群：新人2611群"),
        (("",), "没有「」这条规则"),
    ],
)
def test_what_is_not_known_is_named(run, words: tuple[str, ...], said: str) -> None:  # type: ignore[no-untyped-def]
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_of_several_groups_one_has_to_be_named(run, company: Company) -> None:  # type: ignore[no-untyped-def]
    company.found("华东销售群", G1 + "2")
    result = run("刷屏")
    assert result.exit_code == 2
    assert "请用 --group 写明是哪个群。现有的群：新人2611群、华东销售群" in result.stderr
    assert run("刷屏", "--group", "华东销售群").exit_code == 0
