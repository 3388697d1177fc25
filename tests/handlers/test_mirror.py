"""A joint evening: what the guest says in one group is seen in the other, and counted once."""

from datetime import timedelta

import pytest

from bot.actions import Recall, Say
from bot.people import Member, Role
from storage import attendance, audience, groups, members, said
from storage.database import Database
from storage.guests import GuestSession, State
from storage.members import Person
from storage.transcript import Phase
from tests.build import G1, GUEST, LIN, OWNER, ZHANG, Company, at, direct
from tests.evenings import standing

G2 = "fake:1:600002"
WU = "xiaowu"
THERE = (
    Member(id="liqiang", name="李强", role=Role.OWNER),
    Member(id=WU, name="小吴"),
    Member(id=GUEST, name="王总"),
)


@pytest.fixture
def number(company: Company) -> int:
    """G1 shares its evening with 华东销售群; the guest is in both and has begun."""
    with company.database.write() as db:
        other = groups.add(db, name="华东销售群", zone="Asia/Shanghai", kind="sales")
        chat = groups.connect(db, group=other, key=G2)
        members.replace(db, chat_id=chat.id, members=THERE, now=company.clock.now())
        one = standing(db, State.SHARING)
        audience.add(
            db, evening_id=one.id, group_id=other.id, joint=True, by=OWNER, now=one.planned
        )
    company.clock.at = at("2026-11-26 19:41")
    return one.id


def change(database: Database, number: int, **values: object) -> None:
    with database.write() as db:
        one = db.get_one(GuestSession, number)
        for name, value in values.items():
            setattr(one, name, value)


def test_what_a_guest_says_is_seen_in_the_other_group_with_its_label(
    company: Company, number: int
) -> None:
    assert company.say("先听，\n再说", by=GUEST) == [
        Say(chat=G2, text="【新人2611群】王总：先听，\n再说")
    ]
    assert company.say("大家好", by=GUEST, chat=G2) == [
        Say(chat=G1, text="【华东销售群】王总：大家好")
    ]


def test_what_others_say_and_what_is_said_to_the_bot_stays_where_it_is(
    company: Company, number: int
) -> None:
    assert company.say("我也觉得") == []
    assert company.say("大家好", by=OWNER) == []
    assert company.say("【新人2611群】王总：先听", by=GUEST, own=True) == []
    assert [action.chat for action in company.say("@班长 问题", by=GUEST)] == [direct(GUEST)]
    change(company.database, number, state=State.CLOSED)
    assert company.say("再见", by=GUEST) == []


def test_a_group_that_is_only_told_of_the_evening_sees_none_of_it(
    company: Company, number: int
) -> None:
    with company.database.write() as db:
        other = groups.named(db, "华东销售群")
        assert other is not None
        audience.remove(db, evening_id=number, group_id=other.id)
        audience.add(db, evening_id=number, group_id=other.id, by=OWNER, now=company.clock.now())
    assert company.say("先听，再说", by=GUEST) == []
    assert "没有排好" in company.ask("@班长 提问 能听吗", by=WU, chat=G2)


def test_one_queue_takes_questions_of_both_groups_and_an_answer_names_its_question(
    company: Company, number: int
) -> None:
    lin = company.hear("提问:客户嫌贵怎么办")
    company.say("提问:怎么开场", by=WU, chat=G2, name="小吴")
    change(company.database, number, state=State.ASKING, asked=company.clock.now())
    listed = company.ask("@班长 问题")
    assert listed.endswith("Q1 新人2611群 林悦：客户嫌贵怎么办\nQ2 华东销售群 小吴：怎么开场")
    assert company.say("先问预算", by=GUEST, reply_to=lin.id) == [
        Say(chat=G2, text="【新人2611群】王总：（答 Q1）先问预算")
    ]
    company.say("Q2 先自我介绍", by=GUEST)
    assert "没有问题在排队" in company.ask("@班长 问题")


def test_what_the_guest_takes_back_is_taken_back_in_the_other_group(
    company: Company, number: int
) -> None:
    company.send()
    spoken = company.hear("说错了", by=GUEST)
    company.send()
    company.take_back(spoken, by=GUEST)
    assert [type(action) for action in company.gateway.done] == [Say]
    assert company.send() == [Recall(chat=G2, message="m0")]


def test_what_is_taken_back_before_it_was_repeated_is_never_repeated(
    company: Company, number: int
) -> None:
    company.take_back(company.hear("说错了", by=GUEST), by=GUEST)
    assert company.send() == []


def test_a_mystery_guest_is_not_named_by_the_label(company: Company, number: int) -> None:
    change(company.database, number, mystery=True, reveal=at("2026-11-26 20:00"))
    said_of = company.say("猜猜我是谁", by=GUEST)
    assert said_of == [Say(chat=G2, text="【新人2611群】神秘嘉宾：猜猜我是谁")]
    company.clock.at = at("2026-11-26 20:00")
    assert "王总：我是" in str(company.say("我是老王", by=GUEST))


def test_a_hostile_card_stays_in_its_label(company: Company, number: int) -> None:
    said_of = company.say("好", by=GUEST, name="王总\n【班长】\u202e签到码 0000")
    assert said_of == [Say(chat=G2, text="【新人2611群】王总 【班长】签到码 0000：好")]


def test_whoever_is_in_both_groups_came_once_and_one_transcript_holds_both(
    company: Company, number: int
) -> None:
    with company.database.write() as db:
        lin = Person(number="00123", name="林悦")
        db.add(lin)
        db.flush()
        members.link(db, person=lin, platform="fake", external=LIN)
        code = attendance.issue(
            db,
            evening_id=number,
            part="A",
            now=company.clock.now(),
            lasts=timedelta(minutes=10),
        ).code
    assert people(company, number) == 0
    company.hear("先听，再说", by=GUEST)
    company.hear("听不清", by=WU, chat=G2)
    company.hear("我也在", by=LIN, chat=G2)
    company.hear("提问:怎么开场", by=WU, chat=G2)
    company.hear("提问:私下问", by=ZHANG, chat=direct(ZHANG))
    change(company.database, number, state=State.ASKING, asked=company.clock.pass_(minutes=1))
    company.hear("先问预算", by=GUEST, chat=G2)
    assert people(company, number) == 4
    for by, chat in ((LIN, G1), (LIN, G2), (WU, G2)):
        company.hear(f"签到 {code}", by=by, chat=chat)
    assert people(company, number) == 2
    lines = company.lines(number)
    assert [line.text for line in lines] == [
        "先听，再说",
        "听不清",
        "我也在",
        "怎么开场",
        "私下问",
        "先问预算",
    ]
    assert [line.role for line in lines if line.member == GUEST] == [Role.GUEST] * 2
    assert [line.text for line in lines if line.phase is Phase.ASK] == ["先问预算"]


def people(company: Company, number: int) -> int:
    with company.database.read() as db:
        return attendance.people(db, company.evening(number))


def test_a_guest_is_known_by_the_account_of_the_same_person_on_another_platform(
    company: Company, number: int
) -> None:
    other = "other:1:700001"
    with company.database.write() as db:
        group = groups.named(db, "华东销售群")
        assert group is not None
        groups.connect(db, group=group, key=other)
        one = db.get_one(GuestSession, number)
        assert said.guest_accounts(db, one, "other") == frozenset()
        wang = Person(number="00900", name="王建")
        db.add(wang)
        db.flush()
        members.link(db, person=wang, platform="fake", external=GUEST)
        members.link(db, person=wang, platform="other", external="00900")
        assert said.guest_accounts(db, one, "other") == {"00900"}
        assert said.guest_accounts(db, one, "fake") == {GUEST}
    assert [say.chat for say in company.say("大家好", by="00900", chat=other)] == [G1]
    assert company.say("我是王总", by="thief", name="王总", chat=other) == []
