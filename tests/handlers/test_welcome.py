"""One welcome for all who came together, with what is kept of them and why; cards; leaving."""

import pytest

from bot.actions import Say, SetCard
from bot.events import Left
from storage import abilities, consents
from tests.build import DEPUTY, G1, GUEST, HR, LIN, OWNER, Company, direct
from tests.handlers.test_joining import join, later, roster, told


def welcomes(done: list[object]) -> list[Say]:
    return [one for one in done if isinstance(one, Say) and one.text.startswith("欢迎")]


def test_a_newcomer_gets_one_welcome_and_what_she_was_shown_is_kept(company: Company) -> None:
    join(company, "新来的小陈", chat=G1)
    assert welcomes(later(company, minutes=1)) == []
    [welcome] = welcomes(later(company, minutes=1))
    assert welcome.chat == G1
    for words in ("新来的小陈", "广告", "自我介绍:", "我的数据", "存档"):
        assert words in welcome.text
    with company.database.read() as db:
        shown = consents.last(db, chat=G1, member="新来的小陈")
        assert shown is not None
        assert shown.shown == company.clock.now()
        assert consents.text(db, shown.version) in welcome.text
    assert welcomes(later(company, minutes=5)) == []


def test_twelve_within_two_minutes_are_named_in_one_welcome(company: Company) -> None:
    people = [f"新人{n}" for n in "甲乙丙丁戊己庚辛壬癸子丑"]
    join(company, *people[:6], chat=G1)
    later(company, minutes=1)
    join(company, *people[6:], chat=G1)
    [welcome] = welcomes(later(company, minutes=1))
    assert all(name in welcome.text for name in people)


def test_the_bot_does_not_read_an_advertisement_out_of_a_name(company: Company) -> None:
    lures = ["加微信wx888领资料", "www.example.com", "兼职日结", "13900001111", "看【公告】"]
    join(company, "小陈", *lures, chat=G1)
    [welcome] = welcomes(later(company, minutes=2))
    assert "小陈 和另外 5 位新朋友" in welcome.text
    assert welcome.mention == tuple(lures)


def test_words_and_version_of_the_welcome_change_with_the_owners_rules(company: Company) -> None:
    company.ask("@班长 欢迎 群规 先看公告再提问")
    join(company, "小陈", chat=G1)
    [first] = welcomes(later(company, minutes=2))
    assert "群规：先看公告再提问" in first.text
    company.ask("@班长 撤销")
    join(company, "小李", chat=G1)
    [second] = welcomes(later(company, minutes=2))
    assert "先看公告再提问" not in second.text
    with company.database.read() as db:
        versions = {
            one.version
            for name in ("小陈", "小李")
            if (one := consents.last(db, chat=G1, member=name))
        }
    assert len(versions) == 2


def test_coming_and_going_does_not_make_the_bot_welcome_again(company: Company) -> None:
    join(company, "小陈", chat=G1)
    later(company, minutes=2)
    join(company, "小陈", chat=G1)
    assert welcomes(later(company, minutes=5)) == []


def test_a_welcome_waits_for_the_morning(company: Company) -> None:
    company.go("2026-11-20 23:00")
    join(company, "小陈", chat=G1)
    assert welcomes(later(company, minutes=5)) == []
    assert len(welcomes(company.go("2026-11-21 08:00"))) == 1


def test_a_welcome_does_not_interrupt_the_guest(company: Company) -> None:
    company.ask("@班长 嘉宾 安排 11-20 王总 我的第一单")
    company.go("2026-11-20 19:30")
    join(company, "小陈", chat=G1)
    assert welcomes(company.go("2026-11-20 19:45")) == []
    asking = company.go("2026-11-20 20:30")
    assert len(welcomes([*asking, *company.go("2026-11-20 20:31")])) == 1


def test_without_join_events_the_first_mention_of_the_bot_brings_it(company: Company) -> None:
    company.ask("@班长 帮助", by=LIN)
    assert welcomes(later(company, minutes=5)) == []
    with company.database.write() as db:
        now = company.clock.now()
        abilities.note(db, place="fake", name="hears_all", works=False, now=now)
    company.say("今天吃什么", by=LIN)
    assert welcomes(later(company, minutes=5)) == []
    company.say("@班长 你好", by=LIN)
    company.say("@班长 帮助", by=LIN)
    [welcome] = welcomes(later(company, minutes=5))
    assert "林悦" in welcome.text
    company.say("@班长 帮助", by=LIN)
    assert welcomes(later(company, minutes=5)) == []


def test_known_people_get_their_card_and_others_are_asked(company: Company) -> None:
    roster(company, "n1", "陈晨", region="华东")
    company.ask("@班长 名片 格式 片区-姓名")
    done = join(company, "n1", chat=G1)
    assert done == [SetCard(chat=G1, member="n1", card="华东-陈晨")]
    [welcome] = welcomes(later(company, minutes=2))
    assert "群名片" not in welcome.text
    assert join(company, "n2", chat=G1) == []
    [welcome] = welcomes(later(company, minutes=2))
    assert "请把群名片改成「片区-姓名」" in welcome.text


def test_where_cards_cannot_be_set_everyone_is_asked(company: Company) -> None:
    roster(company, "n1", "陈晨", region="华东")
    company.ask("@班长 名片 格式 片区-姓名")
    with company.database.write() as db:
        now = company.clock.now()
        abilities.note(db, place="fake", name="set_card", works=False, now=now)
    assert join(company, "n1", chat=G1) == []
    assert "请把群名片改成" in welcomes(later(company, minutes=2))[0].text


def leave(company: Company, member: str) -> list[object]:
    now = company.clock.now()
    company.receive(Left(key=f"fake:1:l{member}{now}", chat=G1, at=now, member=member))
    return list(company.send())


def test_who_leaves_before_the_welcome_gets_none(company: Company) -> None:
    join(company, "小陈", chat=G1)
    leave(company, "小陈")
    assert welcomes(later(company, minutes=3)) == []


def test_whoever_planned_hears_when_tonights_guest_leaves(company: Company) -> None:
    company.ask("@班长 嘉宾 安排 11-20 王总 我的第一单", by=HR)
    done = leave(company, GUEST)
    for who in (HR, OWNER):
        [word] = told(done, who)  # type: ignore[arg-type]
        assert "#1《我的第一单》" in word
        assert "嘉宾 王总 退群了" in word


def test_nobody_is_told_that_somebody_else_or_a_guest_of_another_day_left(
    company: Company,
) -> None:
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单", by=HR)
    assert leave(company, GUEST) == []
    assert leave(company, DEPUTY) == []


@pytest.mark.parametrize("chat", [G1, direct(LIN)])
def test_everyone_may_see_what_is_kept_of_them_in_private(company: Company, chat: str) -> None:
    company.hear("大家好")
    company.hear('我说的是 "member":"zhanglei"')
    company.say("加V领资料 wx_888", by=LIN)
    join(company, LIN, chat=G1)
    later(company, minutes=2)
    done = company.say("@班长 我的数据", by=LIN, chat=chat)
    [mine] = told(done, LIN)
    for words in ("消息存档：4 条", "违规记录：1 条", "数据说明：1 次", "用于", "一直保留"):
        assert words in mine
    [other] = told(company.say("@班长 我的数据", by="zhanglei"), "zhanglei")
    assert "消息存档：1 条" in other
