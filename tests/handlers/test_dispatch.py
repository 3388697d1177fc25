"""Who is addressed, and what is only talk."""

import pytest

from bot.actions import Say
from handlers.commands import COMMANDS, EVERYONE, KEEPERS, command
from handlers.grammar import Usage, after
from tests.build import DEPUTY, G1, HR, LIN, OWNER, Company, direct


@pytest.mark.parametrize(
    "talk",
    [
        "班长今天请假了",
        "问一下班长",
        "班长，今天请假了吗",
        "班长 辛苦了",
        "帮助一下新同事",
        "今天",
        "通过",
        "规则",
        "1",
        "确认",
    ],
)
def test_talk_about_the_bot_is_only_talk(company: Company, talk: str) -> None:
    assert company.say(talk, by=OWNER) == []


def test_quoting_an_old_post_of_the_bot_is_only_talk(company: Company) -> None:
    assert company.say("这个我知道", by=OWNER, reply_to="m1") == []
    assert company.say("@班长 好的好的", by=OWNER, reply_to="m1") == []


@pytest.mark.parametrize(
    "line",
    [
        "@班长 群规",
        "@班长 规则",
        "/规则",
        "／规则",
        "班长 规则",
        "班长，规则",
        "班长: 群规",
        "@班长  群规 ",
    ],
)
def test_a_command_is_heard_in_each_form_of_address(company: Company, line: str) -> None:
    assert "群规 第1版" in company.ask(line, by=LIN)


@pytest.mark.parametrize("form", ["预览 1", "预览1", "预览 #1", "预览 ＃1", "预览 1号", "#1 预览"])
def test_the_number_of_an_evening_is_read_in_each_form(company: Company, form: str) -> None:
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    assert "我的第一单" in company.ask(f"@班长 {form}")


def test_a_typo_is_answered_with_what_was_meant_and_1_does_it(company: Company) -> None:
    said = company.ask("@班长 嘉宾 按排 11-26 王总 我的第一单")
    assert "嘉宾 安排 11-26 王总 我的第一单" in said
    assert company.say("1", by=LIN) == []
    assert "#1 已建" in company.ask("1")
    assert company.say("1", by=OWNER) == []


def test_an_offer_lasts_two_minutes(company: Company) -> None:
    company.ask("@班长 嘉宾 按排 11-26 王总 我的第一单")
    company.clock.pass_(minutes=3)
    assert company.say("1", by=OWNER) == []


def test_what_is_missing_is_named(company: Company) -> None:
    assert "主题" in company.ask("@班长 嘉宾 安排 11-26 王总")
    assert "看不懂日期" in company.ask("@班长 嘉宾 安排 某天 王总 我的第一单")
    assert "已经过了" in company.ask("@班长 嘉宾 安排 2020-01-01 王总 我的第一单")


def test_cancelling_without_a_number_asks_which(company: Company) -> None:
    for day in ("11-26", "11-27", "11-30"):
        company.ask(f"@班长 嘉宾 安排 {day} 王总 我的第一单")
    said = company.ask("@班长 嘉宾 取消")
    assert all(f"#{n} " in said for n in (1, 2, 3))
    assert [company.evening(n).state for n in (1, 2, 3)] == ["planned"] * 3


def test_a_command_delivered_three_times_takes_effect_once(company: Company) -> None:
    said = company.hear("@班长 嘉宾 安排 11-26 王总 我的第一单", by=OWNER)
    company.receive(said, said)
    company.receive(said)
    assert len([a for a in company.send() if isinstance(a, Say)]) == 1
    assert "#2" not in company.ask("@班长 嘉宾 列表")


def test_in_private_no_address_is_needed(company: Company) -> None:
    assert "新人2611群 群规" in company.ask("规则", by=DEPUTY, chat=direct(DEPUTY))
    assert "没有安排" in company.ask("嘉宾 列表", by=HR, chat=direct(HR))


def test_a_stranger_in_private_learns_nothing(company: Company) -> None:
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    for line in ("预览 1", "看 1", "规则", "嘉宾 列表"):
        said = company.ask(line, by="stranger", chat=direct("stranger"))
        assert "我的第一单" not in said
        assert "新人2611群" not in said


def test_help_names_every_command_the_reader_may_use(company: Company) -> None:
    said = company.ask("@班长 帮助", by=LIN)
    assert "规则" in said
    assert "· 嘉宾 安排" not in said
    owners = company.ask("@班长 帮助")
    for known in COMMANDS:
        assert known.name in owners or not known.who & KEEPERS, known.name
    assert "嘉宾 安排 <日期> <嘉宾> <主题>" in company.ask("@班长 帮助 嘉宾")
    assert "群主/副群主" in company.ask("@班长 帮助 嘉宾 安排")


def test_help_does_not_flood_the_group(company: Company) -> None:
    assert len(company.ask("@班长 帮助").splitlines()) < 30


def test_every_command_has_help() -> None:
    for known in COMMANDS:
        assert known.help, known.name


def test_a_usage_line_that_does_not_fit_its_function_is_refused_at_import() -> None:
    def takes_one(call: object, name: str) -> str:
        return name

    with pytest.raises(TypeError):
        Usage.of("测试 <甲> <乙>", takes_one)
    with pytest.raises(ValueError, match="two commands"):
        command("帮助 <甲>", who=EVERYONE)(takes_one)


def test_words_inside_other_words_are_not_commands() -> None:
    assert after(("规则",), "规则书在哪") is None
    assert after(("嘉宾", "安排"), "嘉宾安排得真好") is None
    assert after(("看",), "看看大家") is None


def test_a_handler_that_breaks_loses_its_writes_but_not_the_event(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("handlers.guests.coming", breaks)
    said = company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    assert "没办成" in said
    assert "还没有安排" in company.ask("@班长 嘉宾 列表")
    monkeypatch.undo()
    assert "已建" in company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")


def test_what_a_hostile_name_says_is_only_text(company: Company) -> None:
    said = company.ask("@班长 嘉宾 安排 11-26 {{7*7}} <b>{{config}}</b>")
    assert "{{7*7}}《<b>{{config}}</b>》" in said
    posted = company.go("2026-11-24 12:00")
    assert "{{7*7}}与大家分享《<b>{{config}}</b>》" in str(posted[0])
    assert posted[0].chat == G1
