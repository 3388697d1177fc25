"""Set-ups by command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.actions import Say
from bot.cli import main
from bot.clock import FileClock
from tests.build import DEPUTY, Company
from tests.handlers.layered import flood, own, owner

FILE = "群规:\n  刷屏:\n    上限: 3条/30秒\n"


@pytest.fixture
def run(company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """The command line beside a running company, on its clock."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BANZHANG_DATABASE_URL", company.database.url)
    monkeypatch.setenv("BANZHANG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BANZHANG_SIMULATOR", "1")
    (tmp_path / "a.yaml").write_text(FILE, encoding="utf-8-sig")

    def run(*words: str, stdin: str = "") -> Result:
        FileClock(tmp_path / "clock").turn(company.clock.now())
        return CliRunner().invoke(main, ["policy", *words], input=stdin)

    return run


def test_a_file_is_shown_brought_in_and_taken_back(run, company: Company) -> None:  # type: ignore[no-untyped-def]
    said = run("import", "新人2611群", "a.yaml", stdin="n\n")
    assert "· 刷屏 上限：6条/10秒 → 3条/30秒" in said.output
    assert "没有改动" in said.output
    assert own(company, company.group_id) == {}
    assert "已改 1 处" in run("import", "新人2611群", "a.yaml", stdin="y\n").output
    assert [type(one) for one in flood(company, 4)] == [Say]
    assert FILE in run("export", "新人2611群").output
    assert "没有差别" in run("import", "新人2611群", "a.yaml", "--yes").output
    assert "（命令行 " in owner(company, "群规")
    assert "已撤销" in run("undo", "新人2611群").output
    assert flood(company, 4) == []
    assert run("undo", "新人2611群").exit_code == 1


def test_the_companys_file_holds_in_every_group(run, company: Company) -> None:  # type: ignore[no-untyped-def]
    assert run("import", "公司", "a.yaml", "--yes").exit_code == 0
    assert [type(one) for one in flood(company, 4)] == [Say]
    assert FILE in run("export", "公司").output


def test_taking_back_says_what_was_changed_again_since(run, company: Company) -> None:  # type: ignore[no-untyped-def]
    run("import", "新人2611群", "a.yaml", "--yes")
    company.say("@班长 刷屏 上限 5条/30秒", by=DEPUTY)
    said = run("undo", "新人2611群")
    assert (said.exit_code, "没有撤销" in said.output) == (1, True)


def test_what_cannot_be_read_is_one_sentence_and_changes_nothing(  # type: ignore[no-untyped-def]
    run, company: Company, tmp_path: Path
) -> None:
    (tmp_path / "bad.yaml").write_text("群规:\n  刷屏:\n    模式: 打开", encoding="utf-8")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "huge.yaml").write_bytes(b"#" * 1_000_000)
    for words in (
        ("import", "新人2611群", "bad.yaml", "--yes"),
        ("import", "新人2611群", "bytes.yaml", "--yes"),
        ("import", "新人2611群", "huge.yaml", "--yes"),
        ("import", "没有的群", "a.yaml", "--yes"),
        ("export", "没有的群"),
    ):
        said = run(*words)
        assert said.exit_code == 1
        assert said.output.startswith("Error: ")
        assert said.output.count("\n") == 1
    assert own(company, company.group_id) == {}
