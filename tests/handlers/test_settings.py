"""Owners changing the rules by chat."""

import pytest

from bot.actions import Mute, Recall, Say
from handlers import ladder
from rules.engine import RULES
from tests.build import DEPUTY, G1, LIN, OWNER, ZHANG, Company, at, message


def flood(company: Company, count: int, *, by: str = ZHANG, every: float = 1) -> list:
    done = []
    for n in range(count):
        company.clock.pass_(seconds=every)
        done += company.say(f"这是第{n}句不同的话，{'一二三四五六七八九十'[n % 10]}", by=by)
    return done


def test_a_changed_limit_holds_from_the_next_message(company: Company) -> None:
    company.say("@班长 刷屏 上限 3条/30秒", by=OWNER)
    assert flood(company, 3) == []
    [notice] = flood(company, 1)
    assert isinstance(notice, Say)
    assert "刷屏" in notice.text
    assert notice.mention == (ZHANG,)


def test_the_rules_show_their_version_author_and_time_and_undo_returns_to_the_one_before(
    company: Company,
) -> None:
    assert "第1版" in company.ask("@班长 群规")
    company.say("@班长 刷屏 上限 6条/30秒 首次提醒 再犯禁言10分钟", by=OWNER)
    shown = company.ask("@班长 群规")
    assert "第2版（赵敏 11-20(周五)10:00 改）" in shown
    assert "上限 6条/30秒" in shown
    assert "首次提醒 → 再犯禁言10分钟" in shown
    assert "第1版" in company.ask("@班长 撤销")
    assert "上限 6条/10秒" in company.ask("@班长 群规")


def test_a_member_cannot_change_the_rules(company: Company) -> None:
    said = company.ask("@班长 刷屏 上限 2条/30秒", by=LIN)
    assert said == "只有群主/副群主可以改群规"
    assert "第1版" in company.ask("@班长 群规")


def test_undo_takes_back_ones_own_change_and_leaves_the_others(company: Company) -> None:
    company.say("@班长 刷屏 上限 8条/30秒", by=OWNER)
    company.say("@班长 复读 上限 5条/5分钟", by=DEPUTY)
    company.ask("@班长 撤销")
    rules = company.ask("@班长 群规")
    assert "上限 6条/10秒" in rules
    assert "上限 5条/5分钟" in rules
    assert "没有可以撤销" in company.ask("@班长 撤销")


def test_undo_does_not_cover_up_what_somebody_changed_later(company: Company) -> None:
    company.say("@班长 刷屏 上限 8条/30秒", by=OWNER)
    company.say("@班长 刷屏 上限 9条/30秒", by=DEPUTY)
    assert "没有撤销" in company.ask("@班长 撤销")
    assert "上限 9条/30秒" in company.ask("@班长 群规")


@pytest.mark.parametrize(
    "line",
    [
        "刷屏 上限 100000条/30秒",
        "刷屏 上限 六条",
        "刷屏 再犯禁言10分钟",
        "刷屏 首次禁言99天",
        "刷屏",
        "争吵 首次禁言10分钟",
    ],
)
def test_a_line_that_is_not_understood_changes_nothing(company: Company, line: str) -> None:
    company.ask(f"@班长 {line}")
    assert "第1版" in company.ask("@班长 群规")


def test_a_rule_that_is_off_or_only_observes_does_nothing(company: Company) -> None:
    for mode in ("关", "观察"):
        company.say(f"@班长 刷屏 {mode}", by=OWNER)
        assert f"[{mode}]" in company.ask("@班长 群规")
        assert flood(company, 12) == []
    company.clock.pass_(minutes=5)
    company.say("@班长 刷屏 开", by=OWNER)
    assert flood(company, 12) != []


def test_every_setting_of_every_rule_can_be_written_and_read_by_chat(company: Company) -> None:
    for rule in RULES.values():
        for phrase in rule.params.phrases:
            values = {name: _other(rule, name) for name in rule.params.model_fields}
            line = phrase.format_map(values)
            company.say(f"@班长 {rule.name} {line}", by=OWNER)
            assert line in company.ask(f"@班长 规则 {rule.name}"), line


def _other(rule: object, name: str) -> object:
    default = getattr(rule.params(), name)  # type: ignore[attr-defined]
    return default + 1 if isinstance(default, int) else "例子"


def test_the_ladder_goes_up_and_the_member_is_told_why(company: Company) -> None:
    company.say("@班长 刷屏 上限 2条/60秒", by=OWNER)
    company.clock.at = at("2026-11-20 10:05")
    steps = []
    for _ in range(4):
        company.clock.pass_(minutes=5)
        done = flood(company, 3, every=10)
        company.clock.pass_(minutes=1)
        steps.append([type(action) for action in (*done, *company.send())])
    assert steps[:2] == [[Say], [Recall, Say]]
    assert [Mute in step for step in steps] == [False, False, True, True]


def test_a_burst_counts_once_before_anyone_could_have_read_the_reminder(
    company: Company,
) -> None:
    company.say("@班长 刷屏 上限 2条/60秒", by=OWNER)
    done = flood(company, 6, every=0.1)
    assert [type(action) for action in done] == [Say]


def test_notices_within_half_a_minute_are_one_message(company: Company) -> None:
    company.say("加V领资料 wx_888", by=ZHANG)
    done = company.say("加V领资料 wx_889", by=LIN)
    done += company.say("加微信领取资料 wx_890", by="somebody")
    assert [action for action in done if isinstance(action, Say)] == []
    company.clock.pass_(seconds=31)
    [notice] = company.send()
    assert isinstance(notice, Say)
    assert set(notice.mention) == {LIN, "somebody"}


def test_owners_deputies_and_the_guest_of_tonight_are_left_alone(company: Company) -> None:
    company.say("@班长 嘉宾 安排 11-20 王总 我的第一单", by=OWNER)
    for who in (OWNER, DEPUTY, "wang", "chenjing"):
        assert company.say("加V领资料 wx_888", by=who) == [], who
    assert any(isinstance(action, Recall) for action in company.say("加V领资料 wx_888", by=ZHANG))


def test_nobody_climbs_the_ladder_before_the_last_notice_could_be_read(company: Company) -> None:
    company.say("@班长 刷屏 上限 2条/60秒", by=OWNER)
    company.clock.at = at("2026-11-20 10:05")
    done = flood(company, 30, every=1)
    assert [type(action) for action in done if not isinstance(action, Recall)] == [Say]


def test_words_from_before_the_bot_came_back_are_nobodys_fault(company: Company) -> None:
    old = [
        message(f"第{n}句不同的话", by=ZHANG, when=company.clock.now())
        for n in "一二三四五六七八九"
    ]
    ad = message("加V领资料 wx_888", by=LIN, when=company.clock.now())
    company.clock.pass_(hours=8)
    company.receive(*old, ad)
    assert company.send() == [Recall(chat=G1, message=ad.id)]


def test_a_guest_known_by_name_alone_is_left_alone_tonight(company: Company) -> None:
    company.say("@班长 嘉宾 安排 11-20 刘芳 谈判", by=OWNER)
    assert company.say("加V领资料 wx_888", by="l9", name="华东-刘芳") == []
    assert company.say("加V领资料 wx_888", by="l8", name="刘芳的助理小陈") != []


def test_the_owner_is_told_when_the_ladder_says_so(company: Company) -> None:
    company.say("@班长 广告 首次撤回+提醒+通知群主", by=OWNER)
    done = company.say("加V领资料 wx_888", by=ZHANG)
    [word] = [a for a in done if isinstance(a, Say) and a.chat != G1]
    assert word.chat.endswith(f"@{OWNER}")
    assert "张磊" in word.text


@pytest.mark.parametrize(
    "words, rung",
    [
        ("提醒", ladder.Rung(remind=True)),
        ("撤回+提醒", ladder.Rung(remind=True, recall=True)),
        ("禁言1小时+通知群主", ladder.Rung(mute=3600, tell_owner=True)),
    ],
)
def test_a_rung_reads_as_it_is_shown(words: str, rung: ladder.Rung) -> None:
    assert ladder.Rung.of(words) == rung
    assert ladder.Rung.of(str(rung)) == rung
