"""What HR chooses for all groups, and what a group has from its parent group."""

import pytest

from bot.actions import Recall, Say
from bot.people import Role
from storage import members, rulebook
from storage.rulebook import Choice
from tests.build import DEPUTY, G1, HR, LIN, OWNER, ZHANG, Company, direct
from tests.handlers.layered import G2, G3, flood, hr, in_force, own, owner, second, yes


def test_the_companys_limit_acts_on_the_next_message_of_every_group(company: Company) -> None:
    second(company)
    assert flood(company, 5) == []
    said = hr(company, "公司规则 刷屏 上限=3条/30秒")
    assert "下一条消息起生效" in said
    assert "管全部 2 个群" in said
    assert "公司规则 撤销" in said
    for chat in (G1, G2):
        assert [type(one) for one in flood(company, 4, chat=chat)] == [Say]
    assert "已撤销" in hr(company, "公司规则 撤销")
    assert flood(company, 5) == []


def test_a_groups_own_value_beats_the_companys_and_the_rules_say_where_each_comes_from(
    company: Company,
) -> None:
    hr(company, "公司规则 刷屏 上限 3条/30秒 询问")
    owner(company, "刷屏 上限 6条/10秒")
    assert flood(company, 6) == []
    shown = company.ask("@班长 规则 刷屏")
    assert "[询问]（公司） 上限 6条/10秒（本群） 首次提醒" in shown
    assert "（默认）" in shown
    owner(company, "刷屏 默认")
    shown = company.ask("@班长 规则 刷屏")
    assert "[询问] 上限 3条/30秒（公司）" in shown


def test_lists_of_the_company_and_the_group_hold_together(company: Company) -> None:
    hr(company, "公司规则 广告 执行 禁词 返利宝")
    owner(company, "广告 执行 禁词 刷单王")
    for word in ("返利宝", "刷单王"):
        done = company.say(f"大家看看{word}吧", by=ZHANG)
        assert any(isinstance(one, Recall) for one in done), word
    assert "禁词 返利宝、刷单王（公司+本群）" in company.ask("@班长 规则 广告")


def test_a_group_lets_pass_what_the_company_bans_with_an_allowed_word(company: Company) -> None:
    hr(company, "公司规则 广告 执行 禁词 返利宝")
    owner(company, "广告 允许词 返利宝")
    assert company.say("大家看看返利宝吧", by=ZHANG) == []


def test_words_the_company_adds_are_tried_first_and_its_hr_hears_what_they_would_do(
    company: Company,
) -> None:
    second(company)
    assert "「公司规则 广告 启用」" in hr(company, "公司规则 广告 禁词 返利宝")
    for chat in (G1, G2):
        assert company.say("大家看看返利宝吧", by=ZHANG, chat=chat) == []
    company.clock.pass_(hours=25)
    words = [one for one in company.tick() if isinstance(one, Say) and "试运行" in one.text]
    assert [one.chat for one in words] == [direct(HR)]
    assert "会多处理 2 条" in words[0].text
    assert "没有改动" in owner(company, "广告 启用")
    hr(company, "公司规则 广告 启用")
    done = company.say("大家看看返利宝吧", by=ZHANG, chat=G2)
    assert any(isinstance(one, Recall) for one in done)


@pytest.mark.parametrize(
    "line, shown",
    [
        ("步骤设置 当天提醒 关", "步骤设置 当天提醒：关"),
        ("节假日 提前到最近工作日", "节假日：提前到最近工作日"),
        ("级别顺序 专员 总监", "级别顺序 通用：专员、总监"),
        ("入群 条件 级别=总监及以上", "入群条件 级别：总监及以上"),
        ("入群 宽限 5天", "入群宽限：5天"),
        ("名片 格式 片区-姓名", "名片格式：片区-姓名"),
        ("欢迎 群规 先看公告", "欢迎群规：先看公告"),
        ("人数阶段 200 小助手=5", "人数阶段 200 小助手：5"),
        ("群健康 周报 关", "群健康周报：关"),
    ],
)
def test_everything_a_group_can_set_the_company_can_set(
    company: Company, line: str, shown: str
) -> None:
    hr(company, f"公司规则 {line}")
    assert own(company, company.group_id) == {}
    assert f"· {shown}（公司）" in owner(company, "群规")
    hr(company, "公司规则 撤销")
    assert shown not in owner(company, "群规")


def test_a_group_may_want_none_of_what_the_company_set(company: Company) -> None:
    hr(company, "公司规则 入群 条件 级别=总监及以上 片区=华东")
    assert "入群条件：片区=华东，级别=经理" in owner(company, "入群 条件 级别=经理")
    assert "没有设" in owner(company, "入群 条件 关")
    hr(company, "公司规则 步骤设置 当天提醒 关")
    owner(company, "步骤设置 当天提醒 开")
    assert in_force(company, company.group_id)["步骤 当天提醒"].mode == "开"


def test_only_hr_of_the_whole_company_may_change_it_and_only_in_private(company: Company) -> None:
    assert "请私聊" in company.ask("@班长 公司规则 刷屏 关", by=HR)
    assert "只有HR" in company.ask("公司规则 刷屏 关", by=OWNER, chat=direct(OWNER))
    company.found("外地群", G3, company="别的公司")
    assert "管的是一部分" in hr(company, "公司规则 刷屏 关")
    assert in_force(company, company.group_id) == {}


@pytest.mark.parametrize("line", ["帮助", "刷平 关", "上级群 无", "入群 指定 群主", "撤销"])
def test_what_is_no_setting_of_the_company_is_refused(company: Company, line: str) -> None:
    assert "改" not in hr(company, f"公司规则 {line}") or line == "撤销"
    assert in_force(company, company.group_id) == {}


def test_a_parents_rule_acts_in_the_group_below_and_a_change_of_it_does_too(
    company: Company,
) -> None:
    group = second(company)
    owner(company, "刷屏 上限 3条/30秒")
    asked = owner(company, "上级群 新人2611群", chat=G2)
    assert "刷屏 上限：6条/10秒 → 3条/30秒" in asked
    assert own(company, group) == {}, "nothing holds before 确认"
    yes(company, chat=G2)
    assert [type(one) for one in flood(company, 4, chat=G2)] == [Say]
    assert "下面 1 个群也照这个" in owner(company, "刷屏 上限 5条/30秒")
    assert flood(company, 5, chat=G2) == []
    assert "上限 5条/30秒（上级群 新人2611群）" in owner(company, "规则 刷屏", chat=G2)
    assert "已撤销「上级群 新人2611群」" in owner(company, "撤销", chat=G2)
    assert flood(company, 6, chat=G2) == []


def test_leaving_a_parent_leaves_what_it_said(company: Company) -> None:
    second(company)
    owner(company, "刷屏 上限 3条/30秒")
    owner(company, "上级群 G1", chat=G2)
    yes(company, chat=G2)
    owner(company, "上级群 无", chat=G2)
    yes(company, chat=G2)
    assert flood(company, 6, chat=G2) == []
    assert "本来就没有" in owner(company, "上级群 无", chat=G2)


def test_a_parent_that_is_gone_is_as_none(company: Company) -> None:
    group = second(company)
    with company.database.write() as db:
        rulebook.change(
            db,
            group_id=group,
            choices={"上级群": Choice(params={"group": 999})},
            author=OWNER,
            author_name="赵敏",
            what="上级群 没了的群",
            now=company.clock.now(),
        )
    assert "上级群：没有" in owner(company, "上级群", chat=G2)
    assert flood(company, 6, chat=G2) == []


def test_banned_words_of_a_new_parent_are_only_watched_until_the_owner_wants_them(
    company: Company,
) -> None:
    group = second(company)
    owner(company, "广告 执行 禁词 返利宝")
    assert "广告 试运行：无 → 禁词 返利宝" in owner(company, "上级群 G1", chat=G2)
    yes(company, chat=G2)
    assert company.say("大家看看返利宝吧", by=ZHANG, chat=G2) == []
    assert in_force(company, group)["广告"].params == {}
    company.clock.pass_(hours=25)
    [word] = [one for one in company.tick() if isinstance(one, Say) and "试运行" in one.text]
    assert word.chat == direct(OWNER)
    assert "上级群 无" in owner(company, "广告 作罢", chat=G2)
    owner(company, "广告 启用", chat=G2)
    done = company.say("大家看看返利宝吧", by=ZHANG, chat=G2)
    assert any(isinstance(one, Recall) for one in done)


def test_no_group_is_above_itself(company: Company) -> None:
    second(company)
    second(company, "华南销售群", G3)
    for chat, parent in ((G2, "G1"), (G3, "G2")):
        owner(company, f"上级群 {parent}", chat=chat)
        yes(company, chat=chat)
    for name in ("G1", "G2", "G3"):
        assert "不能做上级群" in owner(company, f"上级群 {name}")
    owner(company, "刷屏 上限 3条/30秒")
    assert "3条/30秒（上级群 新人2611群）" in owner(company, "规则 刷屏", chat=G3)


def test_only_the_owner_names_a_parent_and_only_where_they_have_a_say(company: Company) -> None:
    second(company)
    company.found("别人的群", G3)
    assert "只有群主" in company.ask("@班长 上级群 G1", by=DEPUTY, chat=G2)
    assert "只有群主" in company.ask("@班长 上级群 G1", by=LIN, chat=G2)
    assert "不能用它的配置" in owner(company, "上级群 别人的群", chat=G2)
    assert "没有叫" in owner(company, "上级群 没有的群", chat=G2)


def test_who_decides_in_a_parent_decides_in_the_parent_alone(company: Company) -> None:
    group = second(company)
    owner(company, "入群 指定 周航")
    owner(company, "入群 条件 级别=总监及以上 答案=班长你好")
    owner(company, "上级群 G1", chat=G2)
    yes(company, chat=G2)
    assert in_force(company, group)["入群条件"].params == {"级别": "总监及以上"}
    assert "入群申请由 群主 处理" in owner(company, "入群 指定", chat=G2)


def test_hr_whose_scope_is_one_group_is_no_hr_of_the_company(company: Company) -> None:
    second(company)
    with company.database.write() as db:
        person = members.person_of(db, platform="fake", external=HR)
        assert person is not None
        members.revoke(db, person=person, role=Role.HR)
        members.grant(db, person=person, role=Role.HR, scope="华东销售群")
    assert "管的是一部分" in hr(company, "公司规则 刷屏 关")
