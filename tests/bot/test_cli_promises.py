"""Channels and days off by command line, and what becomes of announcements when days change."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.actions import AnyAction, Say
from bot.cli import main
from bot.clock import FileClock
from storage import audience, days
from storage.members import Person
from tests.build import G1, OWNER, Company, at, direct

NEW_YEAR = """\
日期,类型,名称
2027-01-01,休,元旦
2027-01-02,休,元旦
2027-01-03,休,元旦
"""


@pytest.fixture
def run(company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The command line beside a running company, on its clock."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BANZHANG_DATABASE_URL", company.database.url)
    monkeypatch.setenv("BANZHANG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BANZHANG_SIMULATOR", "1")
    (tmp_path / "days.csv").write_text(NEW_YEAR, encoding="utf-8-sig")

    def run(*words: str) -> Result:
        FileClock(tmp_path / "clock").turn(company.clock.now())
        return CliRunner().invoke(main, words)

    return run


def sent(company: Company) -> list[AnyAction]:
    """What goes out a minute later: the clock in the file runs on, the company's stands still."""
    company.clock.pass_(minutes=1)
    return company.send()


@pytest.fixture
def planned(company: Company) -> Company:
    """#1 on the first Monday of a year nobody knows the holidays of yet."""
    company.clock.at = at("2026-12-28 10:00")
    company.ask("@班长 节假日 提前到最近工作日")
    company.ask("@班长 嘉宾 安排 2027-01-04 王总 我的第一单")
    return company


def test_a_channel_is_named_listed_and_forgotten(run, company: Company) -> None:  # type: ignore[no-untyped-def]
    assert "还没有渠道" in run("channel", "list").output
    said = run("channel", "set", "--name", "朋友圈", "--number", "00007")
    assert (said.exit_code, said.output) == (0, "朋友圈 由 陈静（00007）发布\n")
    assert run("channel", "list").output == "朋友圈：陈静（00007）\n"
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    assert "渠道 朋友圈" in company.ask("@班长 铺开 1 渠道=朋友圈")
    assert run("channel", "drop", "--name", "朋友圈").exit_code == 0
    with company.database.read() as db:
        assert audience.channels_of(db, 1) == []


def test_who_cannot_be_written_to_is_said_at_once(run, company: Company) -> None:  # type: ignore[no-untyped-def]
    with company.database.write() as db:
        db.add(Person(number="00009", name="李娜"))
    for words in (("set", "--name", "微博", "--number", "00009"), ("list",)):
        assert "联系不上" in run("channel", *words).output


@pytest.mark.parametrize("name", ["", "G6", "c7", "朋友 圈", "@wang", "a/b", "长" * 51])
def test_a_channel_must_be_one_word_that_means_nothing_else(  # type: ignore[no-untyped-def]
    run, company: Company, name: str
) -> None:
    result = run("channel", "set", "--name", name, "--number", "00007")
    assert result.exit_code == 1
    assert "渠道不能叫" in result.output
    assert "还没有渠道" in run("channel", "list").output


def test_an_unknown_person_or_channel_is_named(run) -> None:  # type: ignore[no-untyped-def]
    assert "404" in run("channel", "set", "--name", "微博", "--number", "404").output
    missing = run("channel", "drop", "--name", "微博")
    assert (missing.exit_code, "没有「微博」" in missing.output) == (1, True)


def test_new_days_off_are_told_and_move_nothing_but_the_owner_is_asked(
    run, planned: Company
) -> None:  # type: ignore[no-untyped-def]
    before = planned.evening(1).announce_on
    assert before == at("2027-01-01 00:00").date()
    said = run("import", "days", "days.csv")
    assert said.exit_code == 0, said.output
    assert said.output.splitlines() == [
        "2027-01-01 休 元旦",
        "2027-01-02 休 元旦",
        "2027-01-03 休 元旦",
        "新增或更改 3 天",
        "表里有放假安排的年份：2027",
        "#1（新人2611群）预告 01-01(周五)12:00 → 12-31(周四)：已私信群主",
    ]
    assert planned.evening(1).announce_on == before
    [proposal] = sent(planned)
    assert isinstance(proposal, Say)
    assert (proposal.chat, proposal.via) == (direct(OWNER), G1)
    assert proposal.text == (
        "【新人2611群】#1 的预告原定 01-01(周五)12:00，按新的放假安排建议改到 12-31(周四)。"
        "同意就发「预告日 1 2026-12-31」"
    )


def test_the_owner_agrees_with_the_very_words_of_the_proposal(run, planned: Company) -> None:  # type: ignore[no-untyped-def]
    run("import", "days", "days.csv")
    sent(planned)
    answer = planned.ask("预告日 1 2026-12-31", chat=direct(OWNER))
    assert "#1 的预告改到 12-31(周四)12:00 发（原定 01-01(周五)12:00）" in answer
    [posted] = [one for one in planned.go("2026-12-31 12:00") if one.chat == G1]
    assert "01-04 周一" in posted.text  # type: ignore[union-attr]


def test_the_same_days_again_are_nothing_new_nobody_is_asked_twice(run, planned: Company) -> None:  # type: ignore[no-untyped-def]
    run("import", "days", "days.csv")
    sent(planned)
    assert "新增或更改 0 天" in run("import", "days", "days.csv").output
    assert sent(planned) == []


def test_a_day_that_somebody_chose_is_not_second_guessed(run, planned: Company) -> None:  # type: ignore[no-untyped-def]
    planned.ask("@班长 预告日 1 12-30")
    assert "→" not in run("import", "days", "days.csv").output
    assert sent(planned) == []


def test_a_group_that_posts_on_any_day_is_left_alone(run, planned: Company) -> None:  # type: ignore[no-untyped-def]
    planned.ask("@班长 节假日 照发")
    planned.ask("@班长 嘉宾 安排 2027-01-05 王总 谈判")
    assert "#2" not in run("import", "days", "days.csv").output


def test_what_is_too_late_to_change_is_not_proposed(run, planned: Company) -> None:  # type: ignore[no-untyped-def]
    planned.clock.at = at("2026-12-31 13:00")
    assert "→" not in run("import", "days", "days.csv").output


def test_a_proposal_waits_for_the_morning(run, planned: Company) -> None:  # type: ignore[no-untyped-def]
    planned.clock.at = at("2026-12-28 23:00")
    assert "已私信群主" in run("import", "days", "days.csv").output
    assert sent(planned) == []
    assert len(planned.go("2026-12-29 08:00")) == 1


def test_a_file_with_a_bad_row_keeps_nothing(run, company: Company, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "days.csv").write_text(NEW_YEAR + "2027-02-30,休,\n")
    result = run("import", "days", "days.csv")
    assert (result.exit_code, "第 5 行" in result.output) == (1, True)
    with company.database.read() as db:
        assert days.table(db) == {}
