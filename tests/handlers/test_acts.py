"""Receipts: why, take back, it was wrong, let pass, do it; appeals; and a rule that steps back."""

import re
from collections.abc import Iterator

import pytest

from bot.actions import AnyAction, Mute, Recall, Say, Unmute
from bot.events import Message
from rules import engine
from rules.engine import Context, Found, Params, breaks, keeps
from storage import archive, strikes
from storage.strikes import State
from tests.build import DEPUTY, G1, LIN, OWNER, ZHANG, Company, direct

AD = "加V领资料 wx_888"


@pytest.fixture
def unsure() -> Iterator[None]:
    """A rule that is never sure of itself."""

    class NoParams(Params):
        pass

    @engine.rule("可疑", on=Message, params=NoParams, examples=[keeps("你好"), breaks("这个可疑")])
    def doubtful(message: Message, context: Context, params: NoParams) -> Found | None:
        """像是有问题，拿不准。"""
        return Found("拿不准", sure=False) if "可疑" in message.text else None

    yield
    del engine.RULES["可疑"]


def code_in(actions: list[AnyAction]) -> str:
    """The receipt in what the bot said."""
    for action in actions:
        if isinstance(action, Say) and (
            found := re.search(r"(?:回执|执行) ([2-9A-Z]{3})", action.text)
        ):
            return found[1]
    raise AssertionError(actions)


def whispers(actions: list[AnyAction], to: str) -> list[str]:
    return [a.text for a in actions if isinstance(a, Say) and a.chat == direct(to)]


def flood(company: Company, count: int = 7) -> list[AnyAction]:
    done: list[AnyAction] = []
    for n in range(count):
        done += company.say(f"第{n}条", by=ZHANG)
        company.clock.pass_(seconds=1)
    return done


def test_an_act_has_a_receipt_and_the_member_learns_why(company: Company) -> None:
    code = code_in(company.say(AD, by=ZHANG))
    told = whispers(company.say(f"@班长 为什么 {code}", by=ZHANG), ZHANG)
    assert "违反「广告」" in told[0]
    assert "加V领资料" in told[0]
    assert whispers(company.say("为什么", by=ZHANG, chat=direct(ZHANG)), ZHANG)[0].startswith(code)


def test_who_is_not_concerned_learns_nothing_not_even_that_there_is_something(
    company: Company,
) -> None:
    code = code_in(company.say(AD, by=ZHANG))
    assert company.ask(f"@班长 为什么 {code}", by=LIN) == f"本群没有你能看的回执 {code}"
    assert company.ask("@班长 为什么 ZZZ", by=LIN) == "本群没有你能看的回执 ZZZ"


def test_taking_an_act_back_says_plainly_what_does_not_come_back(company: Company) -> None:
    code = code_in(company.say(AD, by=ZHANG))
    done = company.say(f"@班长 撤销 {code}", by=OWNER)
    answer = next(a.text for a in done if isinstance(a, Say) and a.reply_to)
    assert "撤回的消息放不回来" in answer
    assert "撤销了" in whispers(done, ZHANG)[0]
    assert "没有可以撤销的" in company.ask(f"@班长 撤销 {code}")
    assert isinstance(company.say(AD, by=ZHANG)[0], Recall)


def test_a_mute_is_lifted_and_the_ladder_begins_anew(company: Company) -> None:
    for _ in range(3):
        done = flood(company)
        company.clock.pass_(minutes=1)
    assert any(isinstance(action, Mute) for action in done)
    code = code_in(done)
    back = company.say(f"撤销 {code}", by=OWNER, chat=direct(OWNER))
    assert Unmute(chat=G1, member=ZHANG) in back
    with company.database.read() as db:
        strike = strikes.find(db, group_id=company.group_id, code=code)
        assert strike is not None
        assert strike.state == State.UNDONE


def test_only_owners_and_deputies_take_back(company: Company) -> None:
    code = code_in(company.say(AD, by=ZHANG))
    assert "只有群主/副群主" in company.ask(f"@班长 撤销 {code}", by=LIN)
    assert "已撤销" in company.ask(f"@班长 撤销 {code}", by=DEPUTY)


def test_a_wrong_judgement_is_learned_by_this_group(company: Company) -> None:
    code = code_in(company.say(AD, by=ZHANG))
    assert "误判" in company.ask(f"@班长 误判 {code}")
    assert company.say("加V领资料 wx_888！", by=ZHANG) == []
    assert isinstance(company.say("加V领红包 wx_777", by=ZHANG)[0], Recall)
    with company.database.read() as db:
        said = archive.everything(db)
        assert sum(isinstance(event, Message) for event in said) >= 3


@pytest.mark.usefixtures("unsure")
def test_what_a_rule_is_not_sure_of_is_put_to_a_person_and_stands_until_then(
    company: Company,
) -> None:
    done = company.say("这个可疑", by=ZHANG)
    assert [type(action) for action in done] == [Say]
    [asked] = whispers(done, OWNER)
    assert "「这个可疑」" in asked
    code = code_in(done)
    assert "已按群规处理" in company.ask(f"执行 {code}", chat=direct(OWNER))
    assert "不用再决定" in company.ask(f"放过 {code}", chat=direct(OWNER))


@pytest.mark.usefixtures("unsure")
def test_what_a_person_lets_pass_is_not_asked_about_again(company: Company) -> None:
    code = code_in(company.say("这个可疑", by=ZHANG))
    company.ask(f"放过 {code}", chat=direct(OWNER))
    assert company.say("这个可疑", by=LIN) == []


@pytest.mark.usefixtures("unsure")
def test_what_nobody_decides_on_within_a_day_is_given_up_and_the_owner_told_once(
    company: Company,
) -> None:
    code = code_in(company.say("这个可疑", by=ZHANG))
    company.clock.pass_(hours=23, minutes=59)
    assert whispers(company.tick(), OWNER) == []
    company.clock.pass_(minutes=1)
    [word] = whispers(company.tick(), OWNER)
    assert f"{code} 张磊：可疑" in word
    assert "没有处理" in word
    assert whispers(company.tick(), OWNER) == []
    assert "已作罢" in company.ask(f"执行 {code}", chat=direct(OWNER))


def test_a_rule_in_asking_mode_does_nothing_by_itself(company: Company) -> None:
    assert "[询问]" in company.ask("@班长 广告 询问")
    done = company.say(AD, by=ZHANG)
    assert not any(isinstance(action, Recall) for action in done)
    assert any(
        isinstance(a, Recall)
        for a in company.say(f"执行 {code_in(done)}", by=OWNER, chat=direct(OWNER))
    )


def test_after_twenty_acts_on_a_day_the_bot_asks(company: Company) -> None:
    for n in range(20):
        company.say(f"加V领资料 wx_{n}00{n}", by=f"stranger{n}")
        company.clock.pass_(minutes=1)
    done = company.say("加V领资料 wx_9999", by="stranger99")
    assert not any(isinstance(action, Recall) for action in done)
    assert "已满 20 次" in whispers(done, OWNER)[0]
    company.clock.pass_(days=1)
    assert isinstance(company.say("加V领资料 wx_9998", by="stranger98")[0], Recall)


def test_a_member_appeals_and_a_person_has_to_answer(company: Company) -> None:
    code = code_in(company.say(AD, by=ZHANG))
    done = company.say(f"@班长 申诉 {code} 这是公司的资料", by=ZHANG)
    assert "这是公司的资料" in whispers(done, OWNER)[0]
    assert "只能为自己申诉" in company.ask(f"@班长 申诉 {code}", by=DEPUTY)
    assert "已经申诉过" in company.ask(f"@班长 申诉 {code}", by=ZHANG)
    [listed] = whispers(company.say("@班长 待处理", by=OWNER), OWNER)
    assert code in listed
    done = company.say(f"维持 {code} 理由=联系方式不能发", by=OWNER, chat=direct(OWNER))
    assert "联系方式不能发" in whispers(done, ZHANG)[0]
    assert whispers(company.say("@班长 待处理", by=OWNER), OWNER) == ["没有在等你决定的"]


def test_an_appeal_that_is_right_is_answered_by_taking_the_act_back(company: Company) -> None:
    code = code_in(company.say(AD, by=ZHANG))
    company.say(f"@班长 申诉 {code}", by=ZHANG)
    company.say(f"@班长 误判 {code}", by=OWNER)
    assert whispers(company.say("@班长 待处理", by=OWNER), OWNER) == ["没有在等你决定的"]


def test_a_rule_that_is_overturned_too_often_steps_back_to_asking(company: Company) -> None:
    codes = []
    for n in range(20):
        codes.append(code_in(company.say(f"加V领资料 wx_{n}00{n}", by=f"stranger{n}")))
        company.clock.pass_(minutes=1)
    assert whispers(company.say(f"撤销 {codes[0]}", by=OWNER, chat=direct(OWNER)), OWNER) != []
    done = company.say(f"撤销 {codes[1]}", by=OWNER, chat=direct(OWNER))
    assert any("退到「询问」" in word for word in whispers(done, OWNER))
    assert "[询问]" in company.ask("@班长 规则 广告")
