"""Checking in with the code that is shown, and rating the evening afterwards."""

from datetime import timedelta

from bot.actions import Say
from storage import attendance, feedback
from storage.guests import GuestSession, State
from tests.build import DEPUTY, LIN, ZHANG, Company, at, direct
from tests.evenings import standing, take


def evening(company: Company) -> int:
    """An evening that is going on, in its first half."""
    with company.database.write() as db:
        number = standing(db, State.SHARING).id
    company.clock.at = at("2026-11-26 19:41")
    return number


def show_code(company: Company, number: int, part: str = "A") -> str:
    with company.database.write() as db:
        now, lasts = company.clock.now(), timedelta(minutes=10)
        return attendance.issue(db, evening_id=number, part=part, now=now, lasts=lasts).code


def end(company: Company, number: int, *, sealed: bool = False) -> None:
    with company.database.write() as db:
        one = db.get_one(GuestSession, number)
        take(one, State.CLOSED)
        one.sealed = one.ends + timedelta(minutes=30) if sealed else None


def present(company: Company, number: int) -> list[str]:
    with company.database.read() as db:
        return [mark.member for mark in attendance.attendees(db, number)]


def wrong(code: str, n: int) -> str:
    return f"{(int(code) + n) % 10_000:04}"


def answer(company: Company, line: str, by: str = LIN) -> str:
    return company.ask(line, by=by)


def test_a_code_in_time_counts_once_and_later_the_way_to_make_it_up_is_told(
    company: Company,
) -> None:
    number = evening(company)
    code = show_code(company, number)
    company.clock.pass_(minutes=4)
    assert answer(company, f"签到 {code}") == "签到成功：到场"
    company.clock.pass_(minutes=1)
    assert "已经签到" in answer(company, f"签到：{code}")
    company.clock.pass_(minutes=9)
    late = answer(company, f"@班长 签到 {code}", by=ZHANG)
    assert "已过期" in late
    assert "补课" in late
    assert present(company, number) == [LIN]


def test_a_check_in_delivered_three_times_makes_one_mark_and_one_reply(company: Company) -> None:
    number = evening(company)
    said = company.hear(f"签到 {show_code(company, number)}")
    company.receive(said, said)
    company.receive(said)
    assert [action.text for action in company.send() if isinstance(action, Say)] == [
        "签到成功：到场"
    ]
    assert present(company, number) == [LIN]


def test_what_was_sent_in_time_counts_although_it_is_heard_late(company: Company) -> None:
    number = evening(company)
    code = show_code(company, number)
    sent = company.clock.now() + timedelta(minutes=9)
    company.clock.pass_(minutes=20)
    company.say(f"签到 {code}", at=sent)
    company.say(f"签到 {code}", by=ZHANG, at=sent + timedelta(minutes=1))
    assert present(company, number) == [LIN]


def test_wrong_tries_are_counted_and_the_fifth_is_the_last(company: Company) -> None:
    number = evening(company)
    code = show_code(company, number)
    said = [answer(company, f"签到 {wrong(code, n)}") for n in range(1, 6)]
    assert ["还可以试 4 次" in said[0], "还可以试 1 次" in said[3]] == [True, True]
    assert "不能再试" in said[4]
    assert "不能再试" in answer(company, f"签到 {code}")
    assert answer(company, f"签到 {code}", by=ZHANG) == "签到成功：到场"
    assert present(company, number) == [ZHANG]


def test_checking_in_without_a_code_an_evening_or_after_sealing_is_answered(
    company: Company,
) -> None:
    assert "没有可以签到的分享" in answer(company, "签到 7421")
    number = evening(company)
    assert "没有可用的签到码" in answer(company, "签到 7421")
    code = show_code(company, number)
    end(company, number)
    assert answer(company, f"签到 {code}") == "签到成功：到场"
    end(company, number, sealed=True)
    assert "已截止" in answer(company, f"签到 {code}", by=ZHANG)


def test_talk_about_checking_in_is_only_talk(company: Company) -> None:
    number = evening(company)
    show_code(company, number)
    for talk in ("签到", "签到了吗", "签到 74211", "我签到 7421 了", "班长 签到 一下"):
        assert company.say(talk) == []


def test_a_code_may_be_sent_in_private_and_in_wide_digits(company: Company) -> None:
    number = evening(company)
    code = show_code(company, number)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert company.ask(f"签到 {code}", chat=direct(LIN), by=LIN) == "签到成功：到场"
    assert answer(company, f"签到　{wide}", by=ZHANG) == "签到成功：到场"
    assert "四位数字" in company.ask("签到 一", chat=direct(DEPUTY), by=DEPUTY)


def test_only_those_who_came_rate_an_evening_in_private_and_once(company: Company) -> None:
    number = evening(company)
    answer(company, f"签到 {show_code(company, number)}")
    assert "结束后" in company.ask(f"评分 {number} 5", chat=direct(LIN), by=LIN)
    end(company, number)
    assert "私聊" in answer(company, f"@班长 评分 {number} 5")
    assert "没有你到场的记录" in company.ask(f"评分 {number} 5", chat=direct(ZHANG), by=ZHANG)
    assert "1 到 5" in company.ask(f"评分 {number} 6", chat=direct(LIN), by=LIN)
    for line in (f"评分 {number} 3", f"#{number} 评分 5分 例子很实在，听懂了"):
        said = company.ask(line, chat=direct(LIN), by=LIN)
        assert "谢谢" in said
        assert "满 5 人" in said
    with company.database.read() as db:
        assert feedback.count(db, number) == 1
