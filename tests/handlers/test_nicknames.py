"""Names that are advertisements: the owner is asked once, and nobody is muted for a name."""

import asyncio

import pytest
from msgspec.structs import replace

from bot import roster
from bot.actions import AnyAction, Mute, Recall, Say, SetCard
from bot.events import Joined, Renamed
from bot.people import Member
from storage import abilities
from tests.build import CAST, G1, LIN, OWNER, ZHANG, Company
from tests.fakes import FakeGateway
from tests.handlers.test_acts import code_in, whispers

SELLER = "20088"
AD = "加V领资料wx888"


def joins(company: Company, name: str, *, member: str = SELLER) -> list[AnyAction]:
    now = company.clock.now()
    company.receive(Joined(key=f"fake:1:join/{member}", chat=G1, at=now, member=member, name=name))
    return company.send()


def is_renamed(company: Company, name: str, *, member: str = SELLER) -> list[AnyAction]:
    now = company.clock.now()
    company.receive(
        Renamed(key=f"fake:1:card/{member}/{name}", chat=G1, at=now, member=member, name=name)
    )
    return company.send()


def harm(actions: list[AnyAction]) -> list[AnyAction]:
    return [one for one in actions if isinstance(one, Mute | Recall | SetCard)]


@pytest.mark.parametrize("name", [AD, "兼职日结找我", "办证刻章+V 8823"])
def test_the_owner_is_asked_about_a_name_that_sells_when_its_bearer_joins(
    company: Company, name: str
) -> None:
    done = joins(company, name)
    assert f"执行 {code_in(done)}" in whispers(done, OWNER)[0]
    assert name in whispers(done, OWNER)[0]
    assert not harm(done)
    assert not [one for one in done if isinstance(one, Say) and one.chat == G1]


@pytest.mark.parametrize(
    "name", ["华东销售-王伟", "理财小王", "贷款专员刘洋", "代课老师-王芳", "A1+Q2项目-李", ""]
)
def test_people_who_sell_for_a_living_may_say_so(company: Company, name: str) -> None:
    done = joins(company, name) + company.say("大家好", by=SELLER, name=name)
    assert whispers(done, OWNER) == []


def test_a_card_is_judged_when_it_changes_and_when_its_bearer_speaks(company: Company) -> None:
    joins(company, "小美")
    assert whispers(is_renamed(company, AD), OWNER)
    assert whispers(company.say("大家好", by=ZHANG, name="兼职日结找我"), OWNER)


def test_the_owner_is_asked_once_for_each_name(company: Company) -> None:
    assert whispers(joins(company, AD), OWNER)
    assert whispers(company.say("大家好", by=SELLER, name=AD), OWNER) == []
    assert whispers(is_renamed(company, AD), OWNER) == []
    assert whispers(is_renamed(company, "兼职日结找我"), OWNER)


def test_on_the_owners_word_the_card_is_changed_and_its_bearer_is_told(company: Company) -> None:
    code = code_in(joins(company, AD))
    done = company.say(f"@班长 执行 {code}", by=OWNER)
    assert SetCard(chat=G1, member=SELLER, card="成员0088") in done
    assert "成员0088" in whispers(done, SELLER)[0]
    assert not [one for one in done if isinstance(one, Mute)]
    done = company.say(f"@班长 撤销 {code}", by=OWNER)
    assert SetCard(chat=G1, member=SELLER, card=AD) in done


def test_who_is_on_the_roster_gets_their_own_name(company: Company) -> None:
    company.hire("00088", "孙宁", SELLER)
    code = code_in(joins(company, AD))
    done = company.say(f"@班长 执行 {code}", by=OWNER)
    assert SetCard(chat=G1, member=SELLER, card="孙宁") in done


def test_a_name_that_was_let_pass_stays_so_whoever_bears_it(company: Company) -> None:
    code = code_in(joins(company, AD))
    assert "放过了" in company.ask(f"@班长 放过 {code}")
    assert whispers(joins(company, AD, member="20099"), OWNER) == []


def test_where_cards_cannot_be_set_the_owner_hears_it_before_and_after(company: Company) -> None:
    with company.database.write() as db:
        abilities.note(db, place=G1, name="set_card", works=False, now=company.clock.now())
    done = joins(company, AD)
    asked = whispers(done, OWNER)[0]
    assert "请你请本人改" in asked
    code = asked.partition("放过 ")[2][:3]
    assert "没有改" in company.ask(f"@班长 执行 {code}")


def test_the_names_of_those_who_keep_the_group_are_theirs(company: Company) -> None:
    assert whispers(company.say("大家好", by=OWNER, name=AD), OWNER) == []


def test_a_group_that_does_not_care_for_names_is_not_asked(company: Company) -> None:
    company.ask("@班长 名片 关")
    assert whispers(joins(company, AD), OWNER) == []


def test_names_have_no_ladder(company: Company) -> None:
    assert "只私下请群主决定" in company.ask("@班长 名片 首次提醒 再犯禁言10分钟")


class Listing(FakeGateway):
    """A platform that tells who is in a chat, and nothing when a card changes."""

    async def members(self, chat: str) -> list[Member]:
        return [replace(one, name=AD) if one.id == LIN else one for one in CAST]


def test_a_new_name_in_a_member_list_is_judged_though_nobody_told(company: Company) -> None:
    now = company.clock.now()
    asyncio.run(roster.refresh(company.database, {"fake": Listing()}, now))
    company.receive()
    assert AD in whispers(company.send(), OWNER)[0]
