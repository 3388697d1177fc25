"""沉默成员: who is on the list, and the friendly word that comes rarely, slowly and in private."""

import pytest

from bot.actions import AnyAction, Remove, Say
from bot.people import Member
from storage import groups, members
from tests.build import CAST, DEPUTY, G1, GUEST, HR, LIN, OWNER, ZHANG, Company, at, direct, message


@pytest.fixture
def quiet(company: Company) -> Company:
    """The bot has listened for forty days; 林悦 spoke five days ago, 张磊 and 王总 never did."""
    company.receive(message("大家早上好", by=OWNER, when=at("2026-10-14 10:00")))
    company.receive(message("收到一单", by=LIN, when=at("2026-11-18 10:00")))
    company.go("2026-11-23 10:00")
    return company


def told(done: list[AnyAction]) -> list[str]:
    """Who got the friendly word."""
    return [one.chat for one in done if isinstance(one, Say) and "有一阵没看到你说话" in one.text]


def test_the_list_names_who_was_not_heard_and_what_they_would_be_told(quiet: Company) -> None:
    said = quiet.say("@班长 沉默成员", by=OWNER)
    assert {one.chat for one in said} == {direct(OWNER)}
    listed = quiet.ask("沉默成员", chat=direct(OWNER))
    assert "30 天没说话的有 2 人" in listed
    assert "张磊(没说过话)" in listed
    assert "林悦" not in listed
    assert "周航" not in listed, "a deputy is not reminded"
    assert "有一阵没看到你说话" in listed


def test_the_word_comes_to_each_alone_one_after_the_other_and_never_in_the_group(
    quiet: Company,
) -> None:
    done = quiet.say("@班长 沉默成员 提醒", by=DEPUTY)
    assert len(told(done)) == 1
    done += quiet.go("2026-11-23 10:01")
    assert sorted(told(done)) == sorted([direct(ZHANG), direct(GUEST)])
    assert not any(one.chat == G1 for one in done if isinstance(one, Say))
    assert not any(isinstance(one, Remove) for one in done)
    assert not any(one.via for one in done if isinstance(one, Say) and one.chat == direct(ZHANG))


def test_nobody_is_reminded_twice_within_a_month_in_whatever_group(quiet: Company) -> None:
    with quiet.database.write() as db:
        other = groups.add(db, name="销售二群", zone="Asia/Shanghai", kind="sales")
        chat = groups.connect(db, group=other, key="fake:1:600002")
        there = [*CAST, Member(id="sun", name="孙"), Member(id="zhou", name="周")]
        members.replace(db, chat_id=chat.id, members=there, now=at("2026-10-01 10:00"))
    hello = message("早", by=LIN, chat="fake:1:600002", when=at("2026-10-15 09:00"))
    quiet.receive(hello)
    quiet.say("@班长 沉默成员 提醒", by=OWNER)
    quiet.go("2026-11-23 10:05")
    assert "都提醒过了" in quiet.ask("@班长 沉默成员 提醒")
    done = quiet.say("@班长 沉默成员 提醒", by=OWNER, chat="fake:1:600002")
    done += quiet.go("2026-11-23 11:00")
    assert sorted(told(done)) == [direct(LIN), direct("sun"), direct("zhou")]
    quiet.clock.at = at("2026-12-24 10:00")
    assert "开始提醒" in quiet.ask("@班长 沉默成员 提醒", by=HR)


def test_at_night_nobody_is_disturbed(quiet: Company) -> None:
    quiet.clock.at = at("2026-11-23 23:00")
    assert not told(quiet.say("@班长 沉默成员 提醒", by=OWNER))
    assert len(told([*quiet.go("2026-11-24 08:00"), *quiet.go("2026-11-24 08:01")])) == 2


def test_whoever_spoke_a_minute_ago_is_not_called_silent(quiet: Company) -> None:
    quiet.hear("我在的", by=ZHANG)
    assert "张磊" not in quiet.ask("沉默成员", chat=direct(OWNER))


def test_what_was_not_sent_yet_can_be_stopped(quiet: Company) -> None:
    sent = told(quiet.say("@班长 沉默成员 提醒", by=OWNER))
    assert "还没发的 1 条不再发" in quiet.ask("@班长 沉默成员 停")
    assert not told(quiet.go("2026-11-23 10:30"))
    assert len(sent) == 1


def test_who_was_not_listened_to_for_so_long_is_not_called_silent(company: Company) -> None:
    company.hear("大家早上好")
    assert "才听了 0 天" in company.ask("@班长 沉默成员")


def test_members_have_no_list_of_each_other(quiet: Company) -> None:
    assert "只有" in quiet.ask("@班长 沉默成员", by=LIN)
    assert "天数" in quiet.ask("@班长 沉默成员 三天")
