"""One group's set-up for another."""

from bot.actions import Recall, Say
from bot.people import Member, Role
from handlers import sections
from handlers.commands import COMMANDS
from rules.engine import RULES
from storage import rulebook
from storage.database import Base
from storage.layers import NOT_HANDED_ON
from storage.rulebook import PARENT
from tests.build import CAST, DEPUTY, HR, LIN, OWNER, ZHANG, Company, direct
from tests.handlers.layered import (
    G2,
    G3,
    flood,
    hr,
    in_force,
    lines,
    own,
    owner,
    second,
    yes,
)

MODEL = {
    "刷屏": "上限 3条/30秒 首次提醒 再犯禁言10分钟",
    "复读": "询问",
    "步骤设置": "当天提醒 提前30分钟",
    "节假日": "提前到最近工作日",
    "级别顺序": "专员 主管 总监",
    "入群 条件": "级别=总监及以上 答案=班长你好",
    "入群 宽限": "5天",
    "名片 格式": "片区-姓名",
    "欢迎 群规": "先看公告，再说话",
    "人数阶段": "200 小助手=5",
    "群健康 周报": "关",
    "违规抵消": "关",
}
"""A line for each kind of choice; whatever else can be set belongs here as well."""


def model(company: Company) -> int:
    """A group set up in every way, and another one that is as it began; the other's number."""
    for name, rest in MODEL.items():
        assert "看不懂" not in owner(company, f"{name} {rest}")
    owner(company, "入群 指定 周航")
    return second(company)


def test_a_clone_is_shown_as_differences_applied_on_a_word_and_taken_back_as_one(
    company: Company,
) -> None:
    group = model(company)
    asked = owner(company, "复制配置 自=G1 到=G2", chat=G2)
    assert "· 刷屏 上限：6条/10秒 → 3条/30秒" in lines(asked)
    assert "· 步骤设置 当天提醒：默认 → 提前30分钟" in lines(asked)
    assert "班长你好" not in asked
    assert own(company, group) == {}, "nothing is changed before 确认"
    done = yes(company, chat=G2)
    assert f"已改 {len(lines(asked))} 处" in done
    assert [type(one) for one in flood(company, 4, chat=G2)] == [Say]
    assert "没有差别" in owner(company, "复制配置 自=G1", chat=G2)
    assert "已撤销" in owner(company, "撤销", chat=G2)
    assert own(company, group) == {}
    assert flood(company, 4, chat=G2) == []


def test_whom_a_group_named_its_answer_and_its_parent_are_not_copied(company: Company) -> None:
    group = model(company)
    owner(company, "入群 条件 答案=自己的答案", chat=G2)
    owner(company, "复制配置 自=G1", chat=G2)
    yes(company, chat=G2)
    conditions = own(company, group)["入群条件"].params
    assert conditions == {"级别": "总监及以上", "答案": "自己的答案"}
    assert "入群处理人" not in own(company, group)


def test_what_only_the_target_had_set_goes_back_to_the_usual(company: Company) -> None:
    group = second(company)
    owner(company, "刷屏 上限 9条/10秒", chat=G2)
    owner(company, "复制配置 自=G1", chat=G2)
    yes(company, chat=G2)
    assert own(company, group) == {}


def test_what_a_parent_changes_after_the_clone_does_not_reach_the_clone(company: Company) -> None:
    second(company, "样板群", G2)
    copy = second(company, "新群", G3)
    owner(company, "刷屏 上限 3条/30秒")
    owner(company, "上级群 G1", chat=G2)
    yes(company, chat=G2)
    owner(company, "复制配置 自=样板群", chat=G3)
    yes(company, chat=G3)
    assert PARENT not in own(company, copy)
    owner(company, "刷屏 上限 9条/30秒")
    assert [type(one) for one in flood(company, 4, chat=G3)] == [Say]
    assert flood(company, 9, chat=G2) == []


def test_banned_words_that_come_with_a_clone_are_tried_first(company: Company) -> None:
    second(company)
    owner(company, "广告 执行 禁词 返利宝 允许词 战报宝")
    assert "· 广告 试运行：无 → " in owner(company, "复制配置 自=G1", chat=G2)
    yes(company, chat=G2)
    assert company.say("大家看看返利宝吧", by=ZHANG, chat=G2) == []
    assert "没有差别" in owner(company, "复制配置 自=G1", chat=G2)
    owner(company, "广告 启用", chat=G2)
    done = company.say("大家看看返利宝吧", by=ZHANG, chat=G2)
    assert any(isinstance(one, Recall) for one in done)


def test_when_somebody_changed_the_target_meanwhile_the_differences_are_shown_again(
    company: Company,
) -> None:
    group = model(company)
    owner(company, "复制配置 自=G1", chat=G2)
    company.say("@班长 复读 关", by=DEPUTY, chat=G2)
    again = yes(company, chat=G2)
    assert "又有变化，还没有改" in again
    assert "· 复读 模式：关 → 询问" in lines(again)
    assert list(own(company, group)) == ["复读"]
    yes(company, chat=G2)
    assert own(company, group)["复读"].mode == "询问"


def test_of_two_who_clone_at_once_the_second_is_asked_again(company: Company) -> None:
    model(company)
    second_owner = Member(id="lead", name="李四", role=Role.OWNER)
    group = company.found("两个群主的群", G3, people=[*CAST, second_owner])
    owner(company, "复制配置 自=G1", chat=G3)
    company.ask("@班长 预设 新人群", by="lead", chat=G3)
    yes(company, chat=G3)
    assert "又有变化" in yes(company, chat=G3, by="lead")
    with company.database.read() as db:
        version = rulebook.current(db, group)
        assert version is not None
        assert version.author == OWNER


def test_what_was_changed_after_the_clone_stays_when_the_clone_is_taken_back(
    company: Company,
) -> None:
    group = model(company)
    owner(company, "复制配置 自=G1", chat=G2)
    yes(company, chat=G2)
    company.say("@班长 刷屏 上限 7条/10秒", by=DEPUTY, chat=G2)
    said = owner(company, "撤销", chat=G2)
    assert "「刷屏」之后又有人改过，没有动" in said
    assert list(own(company, group)) == ["刷屏"]
    assert own(company, group)["刷屏"].params == {"limit": 7, "seconds": 10}


def test_a_clone_into_another_group_is_taken_back_where_it_was_said(company: Company) -> None:
    group = model(company)
    owner(company, "复制配置 自=G1 到=G2")
    yes(company)
    assert own(company, group)
    assert "华东销售群 群规回到第1版" in owner(company, "撤销")
    assert own(company, group) == {}


def test_in_private_nobody_is_asked_which_group_is_meant(company: Company) -> None:
    group = model(company)
    nowhere = company.ask("复制配置 自=新人2611群", by=OWNER, chat=direct(OWNER))
    assert "要写到哪个群" in nowhere
    asked = company.ask("复制配置 自=新人2611群 到=华东销售群", by=OWNER, chat=direct(OWNER))
    assert lines(asked)
    company.ask("确认", by=OWNER, chat=direct(OWNER))
    assert own(company, group)
    company.ask("撤销 群=华东销售群", by=OWNER, chat=direct(OWNER))
    assert own(company, group) == {}


def test_only_the_targets_owner_may_copy_and_only_from_where_they_have_a_say(
    company: Company,
) -> None:
    group = model(company)
    company.found("别人的群", G3)
    assert "群主可以往里" in company.ask("@班长 复制配置 自=G1", by=DEPUTY, chat=G2)
    assert "只有" in company.ask("@班长 复制配置 自=G1", by=LIN, chat=G2)
    assert "群主可以往里" in company.ask("@班长 复制配置 自=G1 到=G2", by=HR)
    assert "不能用它的配置" in owner(company, "复制配置 自=G3", chat=G2)
    assert "群主可以往里" in owner(company, "复制配置 自=G1 到=G3")
    assert "要写从哪个群来" in owner(company, "复制配置")
    assert "同一个群" in owner(company, "复制配置 自=G1 到=G1")
    assert "没有叫" in owner(company, "复制配置 自=G99 到=G2")
    assert own(company, group) == {}


def test_the_company_changes_below_a_clone_and_holds_where_the_clone_says_nothing(
    company: Company,
) -> None:
    group = model(company)
    owner(company, "复制配置 自=G1", chat=G2)
    yes(company, chat=G2)
    hr(company, "公司规则 争吵 关")
    hr(company, "公司规则 刷屏 上限 20条/10秒")
    assert in_force(company, group)["争吵"].mode == "关"
    assert in_force(company, group)["刷屏"].params["limit"] == 3


def test_whatever_a_command_sets_has_a_section_and_is_copied(company: Company) -> None:
    """A new command that keeps something in the rulebook is set in MODEL, or fails here."""
    setters = {one.name for one in COMMANDS if one.sets} - set(RULES)
    assert setters - {"导出配置", "导入配置", "预设"} == set(MODEL) - set(RULES)
    model(company)
    kept = own(company, company.group_id)
    assert set(kept) - set(sections.places()) <= set(NOT_HANDED_ON)


NO_SET_UP = {
    *("chats", "consents", "group_sizes", "join_requests", "invites", "raids", "slowed"),
    *("audiences", "guest_sessions", "questions"),
    *("health_days", "health_questions", "health_talk", "health_weeks"),
    *("lessons", "quarrels", "strikes", "deeds", "blacklist", "own_codes"),
    *("sign_ups", "asks", "asks_heard", "duties"),
}
"""Chats, people, evenings, records, and what was learned from what people said."""


def test_every_table_about_a_group_is_its_set_up_or_known_not_to_be() -> None:
    """What a group chooses belongs into its rulebook, so that it is copied and undone."""
    tables = Base.metadata.tables.items()
    about_groups = {name for name, table in tables if "group_id" in table.columns}
    assert about_groups == NO_SET_UP | {"rule_versions"}
