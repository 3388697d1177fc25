"""人数阶段: what a growing group is told, and settings that are changed, applied and taken back."""

from collections.abc import Sequence

import pytest

from bot.actions import AnyAction, Say
from bot.people import Member
from storage import members
from storage.members import Person
from tests.build import CAST, G1, HR, LIN, OWNER, Company, direct


def crowd(count: int) -> list[Member]:
    """A group of so many, the usual people included."""
    return [*CAST, *(Member(id=f"m{n}", name=f"成员{n}") for n in range(count - len(CAST)))]


def grow(company: Company, count: int) -> list[AnyAction]:
    """The platform's list shows so many members; what the bot did about it at the next minute."""
    with company.database.write() as db:
        members.replace(db, chat_id=1, members=crowd(count), now=company.clock.now())
    return company.go(f"{company.clock.pass_(minutes=1):%Y-%m-%d %H:%M}")


def texts(done: Sequence[AnyAction]) -> str:
    assert all(isinstance(one, Say) and one.chat == direct(OWNER) for one in done)
    return "\n".join(one.text for one in done if isinstance(one, Say))


def test_on_entering_a_phase_the_owner_gets_its_checklist_once_and_in_private(
    company: Company,
) -> None:
    assert not grow(company, 99)
    words = texts(grow(company, 100))
    assert "现在 100 人，进入「100 人」阶段" in words
    assert "□ " in words
    assert "人数阶段 应用 100" in words
    assert not grow(company, 97)
    assert not grow(company, 101)
    assert "进入「200 人」" in texts(grow(company, 203))
    assert "回到「100 人」" in texts(grow(company, 150))


def test_one_word_applies_the_flood_limit_of_a_phase_and_one_takes_it_back(
    company: Company,
) -> None:
    assert "上限 5条/10秒" in company.ask("@班长 人数阶段 应用 200")
    assert "上限 5条/10秒" in company.ask("@班长 规则 刷屏")
    assert "已撤销「人数阶段 应用 200」" in company.ask("@班长 撤销")
    assert "上限 6条/10秒" in company.ask("@班长 规则 刷屏")


def test_applying_a_phase_leaves_the_rest_of_the_rule_alone(company: Company) -> None:
    company.ask("@班长 刷屏 首次提醒 再犯禁言5分钟")
    company.ask("@班长 人数阶段 应用 500")
    rule = company.ask("@班长 规则 刷屏")
    assert "上限 4条/10秒" in rule
    assert "5分钟" in rule


def test_a_group_changes_what_a_phase_means_and_reads_it_back(company: Company) -> None:
    company.ask("@班长 人数阶段 200 刷屏=８条／20秒 小助手=3 沉默=45天 入群=先私聊群主 再进群")
    shown = company.ask("@班长 人数阶段")
    assert "现在 5 人，在「小群」阶段" in shown
    assert "200 人：刷屏 8条/20秒，小助手 3 位，沉默 45 天可提醒；入群：先私聊群主 再进群" in shown
    assert "上限 8条/20秒" in company.ask("@班长 人数阶段 应用 200")
    company.ask("@班长 撤销")
    company.ask("@班长 撤销")
    assert "200 人：刷屏 5条/10秒" in company.ask("@班长 人数阶段")


@pytest.mark.parametrize(
    "line, words",
    [
        ("人数阶段 300", "阶段有：小群、100、200、500"),
        ("人数阶段 200 刷屏=很多", "刷屏请写成"),
        ("人数阶段 200 刷屏=1条/10秒", "2 到 60"),
        ("人数阶段 200 小助手=-1", "0 到 50"),
        ("人数阶段 200 沉默=1天", "7 到 180"),
        ("人数阶段 刷屏=5条/10秒", "阶段有"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    company: Company, line: str, words: str
) -> None:
    before = company.ask("@班长 人数阶段")
    assert words in company.ask(f"@班长 {line}")
    assert company.ask("@班长 人数阶段") == before


def test_hr_looks_and_members_do_not_even_that(company: Company) -> None:
    assert "小群" in company.ask("@班长 人数阶段", by=HR)
    assert "只有群主/副群主" in company.ask("@班长 人数阶段 200 小助手=1", by=HR)
    assert "只有" in company.ask("@班长 人数阶段", by=LIN)


def test_at_480_the_owner_hears_of_a_plan_and_nothing_is_done_by_itself(
    company: Company,
) -> None:
    grow(company, 300)
    with company.database.write() as db:
        for n in range(400):
            person = Person(number=f"9{n}", name=f"同事{n}", company="示例集团")
            person.region = ("华东", "华南", "华北", "西南")[n % 4]
            db.add(person)
            db.flush()
            members.link(db, person=person, platform="fake", external=f"m{n}")
    assert "拆群 方案" in texts(grow(company, 480))
    assert not grow(company, 478)
    plan = company.say("@班长 拆群 方案", by=OWNER)
    words = texts(plan)
    assert "480" not in words.splitlines()[0], "two have gone"
    assert "按片区分成 2 群" in words
    assert "华东 100" in words
    assert "80 人不在花名册里" in words or "78 人不在花名册里" in words
    assert words.count("请华") == 2, "an invitation for each, ready to be passed on"
    assert not any(one.chat == G1 for one in plan)
    listed = company.ask("@班长 拆群 名单 1 片区 份数=2", chat=direct(OWNER))
    assert "新人2611群-1群 239 人" in listed


def test_a_small_group_is_not_divided(company: Company) -> None:
    assert "再分也不迟" in company.ask("@班长 拆群 方案")
