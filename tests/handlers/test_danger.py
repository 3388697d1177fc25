"""What cannot be taken back is done with a code, by whoever asked, within a minute."""

import re

import pytest

from bot.actions import AnswerJoin, MuteAll, Recall, Remove, Say, UnmuteAll
from bot.events import Joined, JoinRequest, Left
from bot.people import Member
from storage import abilities, groups, members
from tests.build import CAST, DEPUTY, G1, LIN, OWNER, ZHANG, Company, direct


def code(words: str) -> str:
    found = re.search(r"确认 ([2-9A-Z]{3})", words)
    assert found, words
    return found[1]


def receipt(words: str) -> str:
    return words.split(" ")[0]


def said(actions: list) -> str:
    return "\n".join(a.text for a in actions if isinstance(a, Say))


def test_nobody_is_removed_before_the_owner_said_the_code(company: Company) -> None:
    shown = company.ask("@班长 移出 @张磊 理由=一直发广告")
    assert "将把 张磊（zhanglei）移出「新人2611群」" in shown
    assert not any(isinstance(a, Remove) for a in company.say("确认", by=OWNER))
    done = company.say(f"确认 {code(shown)}", by=OWNER)
    assert [a for a in done if isinstance(a, Remove)] == [Remove(chat=G1, member=ZHANG)]
    why = company.ask(f"@班长 为什么 {receipt(said(done))}")
    assert "赵敏 移出 张磊" in why
    assert "理由：一直发广告" in why


@pytest.mark.parametrize("how", ["late", "wrong", "another", "elsewhere", "twice"])
def test_a_code_is_good_once_for_a_minute_where_it_was_asked(company: Company, how: str) -> None:
    word = f"确认 {code(company.ask('@班长 移出 @张磊'))}"
    by, chat = OWNER, G1
    if how == "late":
        company.clock.pass_(seconds=61)
    elif how == "wrong":
        word = "确认 ZZZ"
    elif how == "another":
        by = DEPUTY
    elif how == "elsewhere":
        chat = direct(OWNER)
    else:
        company.say(word, by=OWNER)
    done = company.say(word, by=by, chat=chat)
    assert not any(isinstance(a, Remove) for a in done)
    assert "没有等你用这个码确认" in said(done)


def test_what_changed_meanwhile_is_judged_anew(company: Company) -> None:
    word = f"确认 {code(company.ask('@班长 移出 @王总'))}"
    company.ask("@班长 嘉宾 安排 11-20 王总 我的第一单", by=DEPUTY)
    done = company.say(word, by=OWNER)
    assert not any(isinstance(a, Remove) for a in done)
    assert "不能这样处理" in said(done)


def test_who_left_meanwhile_is_not_removed(company: Company) -> None:
    word = f"确认 {code(company.ask('@班长 移出 @张磊'))}"
    left = Left(key="fake:1:left", chat=G1, at=company.clock.now(), member=ZHANG, operator=ZHANG)
    company.receive(left)
    done = company.say(word, by=OWNER)
    assert not any(isinstance(a, Remove) for a in done)
    assert "群里没有" in said(done)


@pytest.mark.parametrize("who", ["@周航", "@赵敏"])
def test_those_who_keep_the_group_are_not_removed(company: Company, who: str) -> None:
    assert "不能这样处理" in company.ask(f"@班长 移出 {who}")


def test_only_the_owner_removes_and_blacklists(company: Company) -> None:
    for line in ("移出 @张磊", "拉黑 @张磊", "黑名单 清空"):
        assert company.ask(f"@班长 {line}", by=DEPUTY).startswith("只有群主")


def test_an_owner_removes_five_a_day(company: Company) -> None:
    people = [Member(id=f"m{n}", name=f"路人{n}") for n in range(6)]
    with company.database.write() as db:
        chat = groups.chat_for(db, G1)
        members.replace(db, chat_id=chat.id, members=[*CAST, *people], now=company.clock.now())
    for n in range(5):
        company.say(f"确认 {code(company.ask(f'@班长 移出 m{n}'))}", by=OWNER)
    assert "到上限了" in company.ask("@班长 移出 m5")


def test_a_removal_cannot_be_taken_back_and_the_bot_says_so(company: Company) -> None:
    done = company.say(f"确认 {code(company.ask('@班长 移出 @张磊 拉黑=是'))}", by=OWNER)
    assert "zhanglei" in company.ask("@班长 黑名单")
    back = company.ask(f"@班长 撤销 {receipt(said(done))}")
    assert "请重新邀请，已放出黑名单" in back
    assert company.ask("@班长 黑名单") == "黑名单是空的"


def test_whoever_is_blacklisted_is_refused_at_the_door(company: Company) -> None:
    company.say(f"确认 {code(company.ask('@班长 拉黑 20099 理由=发广告'))}", by=OWNER)
    asks = JoinRequest(
        key="fake:1:join9", chat=G1, at=company.clock.now(), member="20099", flag="f9", comment=""
    )
    company.receive(asks)
    [answer] = [a for a in company.send() if isinstance(a, AnswerJoin)]
    assert (answer.flag, answer.accept) == ("f9", False)
    assert "已放出" in company.ask("@班长 黑名单 删 20099")


def test_whoever_is_blacklisted_and_comes_anyway_is_told_of_and_not_removed(
    company: Company,
) -> None:
    company.say(f"确认 {code(company.ask('@班长 拉黑 20099'))}", by=OWNER)
    joined = Joined(
        key="fake:1:in9", chat=G1, at=company.clock.now(), member="20099", name="小广告"
    )
    company.receive(joined)
    done = company.send()
    assert not any(isinstance(a, Remove) for a in done)
    assert any(
        "移出 20099" in a.text for a in done if isinstance(a, Say) and a.chat == direct(OWNER)
    )


def test_emptying_the_blacklist_needs_a_code(company: Company) -> None:
    company.say(f"确认 {code(company.ask('@班长 拉黑 20099'))}", by=OWNER)
    shown = company.ask("@班长 黑名单 清空")
    assert "共 1 个账号" in shown
    assert "放出 1 个账号" in said(company.say(f"确认 {code(shown)}", by=OWNER))


def test_many_messages_are_recalled_with_a_code_and_what_was_taken_back_is_not(
    company: Company,
) -> None:
    lines = [company.hear(f"第{n}句闲话", by=ZHANG) for n in "一二三四"]
    company.take_back(lines[1], by=ZHANG)
    company.clock.pass_(seconds=5)
    shown = company.ask("@班长 批量撤回 @张磊 2条", by=DEPUTY)
    assert "最近 2 条" in shown
    done = company.say(f"确认 {code(shown)}", by=DEPUTY)
    recalled = {a.message for a in done if isinstance(a, Recall)}
    assert recalled == {lines[2].id, lines[3].id}
    assert "最多撤回 20 条" in company.ask("@班长 批量撤回 @张磊 21条", by=DEPUTY)


def test_a_mute_of_all_without_an_end_needs_a_code_and_one_with_an_end_ends_by_itself(
    company: Company,
) -> None:
    shown = company.ask("@班长 全员禁言")
    assert "直到有人解除" in shown
    done = company.say("@班长 全员禁言 30分钟", by=OWNER)
    assert MuteAll(chat=G1) in done
    assert "已经在全员禁言" in company.ask("@班长 全员禁言 10分钟")
    assert company.go("2026-11-20 10:29") == []
    assert company.go("2026-11-20 10:31") == [UnmuteAll(chat=G1)]
    assert company.go("2026-11-20 10:40") == []


def test_a_mute_of_all_is_lifted_early_by_word_or_by_receipt(company: Company) -> None:
    first = company.ask("@班长 全员禁言 30分钟")
    assert UnmuteAll(chat=G1) in company.say(f"@班长 撤销 {receipt(first)}", by=OWNER)
    company.ask("@班长 全员禁言 30分钟")
    assert UnmuteAll(chat=G1) in company.say("@班长 解除全员禁言", by=DEPUTY)
    assert company.go("2026-11-20 10:31") == []


def test_where_the_bot_cannot_it_says_what_to_do_instead(company: Company) -> None:
    with company.database.write() as db:
        abilities.note(
            db, place="fake", name="remove", works=False, now=company.clock.now(), why="不支持移人"
        )
    assert company.ask("@班长 移出 @张磊") == "我在这里做不到（不支持移人）。请在群管理里手动移出"


def test_members_are_not_led_to_believe_that_they_confirmed_something(company: Company) -> None:
    assert company.say("大家确认一下", by=LIN) == []
    assert "没有等你用这个码确认" in said(company.say("确认 8K2", by=LIN))


def test_in_private_an_owner_of_two_groups_confirms_for_the_one_that_was_meant(
    company: Company,
) -> None:
    company.found("华东销售群", "fake:1:600002", people=CAST)
    asked = company.ask("全员禁言 群=华东销售群", chat=direct(OWNER))
    done = company.say(f"确认 {code(asked)}", by=OWNER, chat=direct(OWNER))
    assert [a.chat for a in done if isinstance(a, MuteAll)] == ["fake:1:600002"]
