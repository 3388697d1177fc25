"""Who may join: asked before where the platform can, looked at afterwards where it cannot."""

import itertools

import pytest

from bot import times
from bot.actions import AnswerJoin, AnyAction, Say
from bot.events import Joined, JoinRequest, RoleChanged
from bot.people import Member, Role
from schedules.joins import LASTS, remind_at
from storage import abilities, joins
from storage.joins import State
from storage.members import Person, link
from tests.build import DEPUTY, G1, LIN, OWNER, ZONE, Company, at, direct

G4 = "fake:1:600004"
_keys = itertools.count(1)


def roster(company: Company, account: str, name: str, **facts: str) -> None:
    with company.database.write() as db:
        person = Person(number=f"n{account}", name=name, company="示例集团", **facts)
        db.add(person)
        db.flush()
        link(db, person=person, platform="fake", external=account)


def ask_in(company: Company, member: str, comment: str = "", *, chat: str = G4) -> list[AnyAction]:
    """Somebody asks to be let in now; what is done about it at once, and a minute later."""
    key = f"fake:1:j{next(_keys)}"
    now = company.clock.now()
    company.receive(
        JoinRequest(key=key, chat=chat, at=now, member=member, flag=f"f-{key}", comment=comment)
    )
    return [*company.send(), *later(company, minutes=1)]


def join(company: Company, *names: str, chat: str = G4, operator: str = "") -> list[AnyAction]:
    now = company.clock.now()
    company.receive(
        *(
            Joined(
                key=f"fake:1:i{next(_keys)}",
                chat=chat,
                at=now,
                member=name,
                name=name,
                operator=operator,
            )
            for name in names
        )
    )
    return company.send()


def later(company: Company, **time: float) -> list[AnyAction]:
    company.clock.pass_(**time)
    return company.go(f"{times.local(company.clock.now(), ZONE):%Y-%m-%d %H:%M:%S}")


def told(done: list[AnyAction], who: str) -> list[str]:
    return [one.text for one in done if isinstance(one, Say) and one.chat == direct(who)]


def answered(done: list[AnyAction]) -> list[tuple[bool, str]]:
    return [(one.accept, one.reason) for one in done if isinstance(one, AnswerJoin)]


@pytest.fixture
def g4(company: Company) -> Company:
    """A group of those from 总监 on: 赵敏 owns it too. 林悦 is 专员, 周总 总监."""
    people = [
        Member(id=OWNER, name="赵敏", role=Role.OWNER),
        Member(id=DEPUTY, name="周航", role=Role.DEPUTY),
    ]
    company.found("总监群", G4, people=people)
    roster(company, LIN, "林悦", level="专员")
    roster(company, "chief", "周总", level="总监")
    company.ask("@班长 入群 条件 总监及以上", chat=G4)
    return company


def test_who_does_not_fit_is_told_why_and_waits_for_a_person(g4: Company) -> None:
    done = ask_in(g4, LIN)
    assert answered(done) == []
    [why] = told(done, LIN)
    assert "级别 专员，不符合 总监及以上" in why
    [pending] = told(done, OWNER)
    assert "1 号申请：林悦，级别 专员，不符合 总监及以上" in pending
    assert "「拒绝 1 理由=…」" in pending
    said = g4.say("拒绝 1 理由=这个群只开放给总监", chat=direct(OWNER), by=OWNER)
    assert answered(said) == [(False, "这个群只开放给总监")]
    assert "这个群只开放给总监" in told(said, LIN)[0]
    with g4.database.read() as db:
        trail = [(one.deed, one.by) for one in joins.trail(db, 1)]
    assert trail == [("asked", ""), ("refused", OWNER)]


def test_who_fits_is_let_in_at_once_and_it_is_on_record(g4: Company) -> None:
    assert answered(ask_in(g4, "chief")) == [(True, "")]
    with g4.database.read() as db:
        assert [one.deed for one in joins.trail(db, 1)] == ["asked", "admitted"]


def test_the_first_decision_stands(g4: Company) -> None:
    ask_in(g4, LIN)
    assert answered(g4.say("@班长 同意 1", by=DEPUTY, chat=G4)) == [(True, "")]
    said = g4.say("@班长 拒绝 1 理由=不行", by=OWNER, chat=G4)
    assert answered(said) == []
    assert "1 号已同意（周航），不能再改" in said[0].text  # type: ignore[union-attr]


def test_a_stranger_is_refused_with_the_reason_that_nobody_could_tell_them(g4: Company) -> None:
    done = ask_in(g4, "stranger", "问题：哪里来的？\n答案：同事介绍\u202e\n回复 同意 1")
    assert "花名册里没有这个账号，答「同事介绍 回复 同意 1」" in told(done, OWNER)[0]
    assert told(done, "stranger") == []
    said = g4.say("@班长 拒绝 1", by=OWNER, chat=G4)
    assert answered(said) == [(False, "花名册里没有这个账号")]


def test_only_keepers_of_that_group_decide(g4: Company) -> None:
    ask_in(g4, LIN)
    assert "只有群主/副群主可以决定谁能进群" in g4.ask("@班长 同意 1", by=LIN)
    assert "本群没有 1 号申请" in g4.ask("@班长 同意 1", by=OWNER, chat=G1)
    assert "没有等着" in g4.ask("@班长 入群 待办", by=OWNER, chat=G1)
    assert "1 号申请" in g4.ask("@班长 入群 待办", by=OWNER, chat=G4)


def test_a_named_person_is_asked_instead_of_the_owner(g4: Company) -> None:
    refused = g4.ask("@班长 入群 指定 林悦", chat=G4)
    assert "不是本群的群主或副群主" in refused
    assert g4.ask("@班长 入群 指定 周航", chat=G4) == "入群申请由 周航 处理"
    done = ask_in(g4, "stranger")
    assert (len(told(done, DEPUTY)), told(done, OWNER)) == (1, [])
    demoted = RoleChanged(
        key="fake:1:r1", chat=G4, at=g4.clock.now(), member=DEPUTY, role=Role.MEMBER
    )
    g4.receive(demoted)
    done = ask_in(g4, "another")
    assert (told(done, DEPUTY), len(told(done, OWNER))) == ([], 1)


def test_a_request_is_reminded_of_once_and_expires_after_a_day(g4: Company) -> None:
    ask_in(g4, LIN)
    assert told(g4.go("2026-11-20 22:00"), OWNER) == []
    [reminder] = told(g4.go("2026-11-21 08:00"), OWNER)
    assert "快到期了" in reminder
    assert told(g4.go("2026-11-21 08:05"), OWNER) == []
    [expired] = told(g4.go("2026-11-21 10:00"), OWNER)
    assert "已过期" in expired
    assert told(g4.go("2026-11-21 10:30"), OWNER) == []
    assert "1 号已过期，不能再改" in g4.ask("@班长 同意 1", chat=G4)


def test_a_reminder_does_not_come_when_the_night_is_over_and_it_is_too_late() -> None:
    asked = at("2026-11-20 03:00") + LASTS
    assert remind_at(asked, ZONE) == at("2026-11-20 22:00")


def test_nobody_is_asked_in_the_night(g4: Company) -> None:
    g4.go("2026-11-20 23:30")
    assert told(ask_in(g4, "stranger"), OWNER) == []
    [pending] = told(g4.go("2026-11-21 08:00"), OWNER)
    assert "1 号申请" in pending


def test_asking_again_and_again_does_not_fill_the_list(g4: Company) -> None:
    ask_in(g4, LIN)
    assert told(ask_in(g4, LIN), OWNER) == []
    assert answered(g4.say("@班长 同意 1", by=OWNER, chat=G4)) == [(True, "")]


def test_an_answer_is_not_found_by_guessing(g4: Company) -> None:
    g4.ask("@班长 入群 条件 级别=不限 答案=0426", chat=G4)
    assert answered(ask_in(g4, "knows", "问题：？\n答案：0426")) == [(True, "")]
    for guess in range(5):
        assert answered(ask_in(g4, "guesses", f"{guess:04}")) == []
    assert answered(ask_in(g4, "guesses", "0426")) == []


def test_an_invitation_lets_in_until_its_evening_is_over(g4: Company) -> None:
    g4.ask("@班长 嘉宾 安排 11-26 王总 我的第一单", chat=G4)
    text = g4.ask("@班长 邀请码 1", chat=G4)
    code = text.partition("邀请码：")[2][:6]
    assert answered(ask_in(g4, "guest1", f"问题：？\n答案：邀请码{code.lower()}")) == [(True, "")]
    assert answered(ask_in(g4, "guest2", f"{code}X")) == []
    assert answered(ask_in(g4, "guest3", code, chat=G1)) == []
    g4.go("2026-11-26 21:30")
    assert answered(ask_in(g4, "guest4", code)) == []


def test_who_came_another_way_is_looked_at_afterwards_and_never_removed(g4: Company) -> None:
    done = [*join(g4, LIN), *later(g4, minutes=1)]
    [word] = told(done, LIN)
    assert "级别 专员，不符合 总监及以上" in word
    assert "11-23(周一)10:00 前" in word
    assert "1 号核验：林悦" in told(done, OWNER)[0]
    done = later(g4, days=3, hours=1)
    assert "他们还在群里" in told(done, OWNER)[0]
    assert {type(one) for one in g4.gateway.done} == {Say}


def test_who_fits_by_now_is_off_the_list_without_a_word(g4: Company) -> None:
    join(g4, LIN)
    later(g4, minutes=1)
    with g4.database.write() as db:
        db.query(Person).filter_by(name="林悦").one().level = "总监"
    assert told(later(g4, days=3), OWNER) == []
    with g4.database.read() as db:
        assert db.get_one(joins.Request, 1).state == State.ADMITTED


def test_who_was_let_in_is_not_looked_at_again(g4: Company) -> None:
    ask_in(g4, LIN)
    g4.say("@班长 同意 1", by=OWNER, chat=G4)
    assert told([*join(g4, LIN), *later(g4, minutes=1)], OWNER) == []


def test_somebody_let_in_by_hand_is_no_open_case(g4: Company) -> None:
    ask_in(g4, LIN)
    join(g4, LIN, operator=DEPUTY)
    assert "1 号已同意（周航）" in g4.ask("@班长 拒绝 1", chat=G4)


def test_where_the_bot_cannot_answer_it_says_so_and_lets_nobody_in(g4: Company) -> None:
    with g4.database.write() as db:
        now = g4.clock.now()
        abilities.note(db, place="fake", name="answer_join", works=False, now=now)
    done = ask_in(g4, "chief")
    assert answered(done) == []
    assert "请在群管理里处理" in told(done, OWNER)[0]
    assert "请在群管理里通过" in g4.ask("@班长 同意 1", chat=G4)


def test_a_wave_puts_the_group_on_its_guard_and_the_owner_is_told_once(g4: Company) -> None:
    g4.say("@班长 入群警戒 上限 3人/5分钟", by=OWNER, chat=G4)
    done = join(g4, *(f"new{n}" for n in range(6)))
    assert len([t for t in told(done, OWNER) if "警戒" in t]) == 1
    assert answered(ask_in(g4, "chief")) == []
    link = g4.say("看 www.example.com/a", by="new1", chat=G4)
    assert [type(one).__name__ for one in link][:1] == ["Recall"]
    assert g4.say("看 www.example.com/a", by=DEPUTY, chat=G4) == []
    assert "已解除警戒" in g4.ask("@班长 入群 解除警戒", chat=G4)
    assert g4.say("看 www.example.com/b", by="new2", chat=G4) == []


def test_a_guard_ends_by_itself_after_its_hour(g4: Company) -> None:
    g4.say("@班长 入群警戒 上限 3人/5分钟", by=OWNER, chat=G4)
    join(g4, *(f"new{n}" for n in range(4)))
    later(g4, minutes=61)
    assert answered(ask_in(g4, "chief")) == [(True, "")]
    assert "没有在警戒" in g4.ask("@班长 解除警戒", chat=G4)
