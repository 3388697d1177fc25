"""A set-up as text: exported, brought in, and those that come with the bot."""

import pytest
import yaml

from bot.actions import Recall, Say
from handlers import policy_file, presets, sections
from handlers.policy_file import LONGEST
from rules.engine import RULES
from storage.rulebook import PARENT
from tests.build import DEPUTY, G1, LIN, OWNER, ZHANG, Company, direct
from tests.handlers.layered import G2, flood, hr, lines, own, owner, second, yes
from tests.handlers.test_copying import MODEL, model


def bring(company: Company, text: str, *, by: str = OWNER, chat: str = G1) -> str:
    return company.ask(f"@班长 导入配置\n{text}", by=by, chat=chat)


def exported(company: Company, chat: str = G1) -> str:
    return owner(company, "导出配置", chat=chat)


def test_what_is_exported_reads_like_what_one_says_and_comes_back_the_same(
    company: Company,
) -> None:
    group = model(company)
    owner(company, "广告 执行 禁词 返利宝、刷单王 允许词 无")
    text = exported(company)
    page = yaml.safe_load(text)
    assert page["群规"]["刷屏"] == {"上限": "3条/30秒", "处理": "首次提醒 再犯禁言10分钟"}
    assert page["步骤设置"] == {"当天提醒": "提前30分钟"}
    assert "班长你好" not in text
    assert "周航" not in text
    asked = bring(company, text, chat=G2)
    assert "· 刷屏 上限：6条/10秒 → 3条/30秒" in lines(asked)
    yes(company, chat=G2)
    owner(company, "广告 启用", chat=G2)
    assert yaml.safe_load(exported(company, chat=G2)) == page
    assert "没有差别" in bring(company, text, chat=G2)
    owner(company, "撤销", chat=G2)
    owner(company, "撤销", chat=G2)
    assert own(company, group) == {}


def test_each_kind_of_choice_is_in_the_file(company: Company) -> None:
    model(company)
    page = yaml.safe_load(exported(company))
    assert set(page) == {"班长配置", *(section.word for section in sections.SECTIONS)}
    assert len(MODEL) == len(sections.SECTIONS) + 1, "two rules, and one of each other kind"


def test_what_was_brought_in_acts_on_the_next_message(company: Company) -> None:
    bring(company, "群规:\n  刷屏:\n    上限: 3条/30秒")
    yes(company)
    assert [type(one) for one in flood(company, 4)] == [Say]


def test_what_a_file_does_not_name_stays_and_默认_goes_back(company: Company) -> None:
    hr(company, "公司规则 刷屏 上限 20条/10秒")
    owner(company, "刷屏 上限 3条/30秒")
    owner(company, "复读 关")
    asked = bring(company, "群规:\n  刷屏: 默认\n")
    assert lines(asked) == ["· 刷屏 上限：3条/30秒 → 20条/10秒"]
    yes(company)
    assert list(own(company, company.group_id)) == ["复读"]


def test_lists_may_be_lists(company: Company) -> None:
    bring(company, "群规:\n  广告:\n    允许域名:\n      - a.com\n      - b.cn\n    禁词: []")
    yes(company)
    kept = own(company, company.group_id)["广告"].params
    assert kept == {"domains": ["a.com", "b.cn"], "words": []}


def test_banned_words_of_a_file_are_tried_first(company: Company) -> None:
    bring(company, "群规:\n  广告:\n    模式: 执行\n    禁词: 返利宝")
    yes(company)
    assert company.say("大家看看返利宝吧", by=ZHANG) == []
    owner(company, "广告 启用")
    assert any(isinstance(one, Recall) for one in company.say("大家看看返利宝吧", by=ZHANG))


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\n群规: *b"


@pytest.mark.parametrize(
    "text, said",
    [
        (BOMB, "第 1 行：不能用 & 和 * 引用"),
        ("群规: !!python/object/apply:os.system [id]", "第 1 行：不能用 ! 标签"),
        ("群规:\n  刷屏:\n\t上限: 3条/30秒", "第 3 行不是能读的 YAML"),
        ("群规：\n  刷屏：关", "第 1 行"),
        ("群规矩:\n  刷屏: 默认", "第 1 行：没有「群规矩」这一项，是「群规」吗？"),
        ("群规:\n  刷平:\n    上限: 3条/30秒", "第 2 行：「群规」里没有「刷平」，是「刷屏」吗？"),
        ("群规:\n  刷屏:\n    模式: 执行\n    上线: 3条", "第 4 行「刷屏」：「刷屏」里可以写"),
        ("群规:\n  刷屏:\n    模式: 打开", "第 3 行「刷屏」：模式只能是"),
        (
            "群规:\n  刷屏:\n    模式: 关\n    上限: 9999条/30秒",
            "第 4 行「刷屏」：「多少条」要在 2 到 60",
        ),
        ("群规:\n  刷屏:\n    上限: 3条/30秒 关", "第 3 行「刷屏」：看不懂「关」"),
        ("群规:\n  刷屏:\n    处理: 再犯提醒", "第 3 行「刷屏」：处理步骤要从"),
        ("群规:\n  争吵:\n    处理: 首次提醒", "第 3 行「争吵」"),
        ("群规:\n  刷屏: 关", "第 2 行：「刷屏」下面要一行一项"),
        ("群规:\n  刷屏:\n    上限:\n      条: 3", "第 3 行：「刷屏 上限」后面直接写设置"),
        ("群规:\n  刷屏: 默认\n  刷屏: 默认", "第 3 行：「刷屏」写了两遍"),
        ("群规: 关", "第 1 行：「群规」下面要一行一项"),
        ("步骤设置:\n  开场: 关", "第 2 行：「步骤设置」里没有「开场」"),
        ("步骤设置:\n  当天提醒: 提前9天", "第 2 行「步骤设置 当天提醒」：最多挪 3 天"),
        ("节假日: 随便", "第 1 行「节假日」"),
        ("入群条件:\n  答案: 你好", "第 2 行「入群条件」：没有「答案」"),
        ("入群条件:\n  级别: 皇帝及以上", "第 2 行「入群条件」：级别顺序里没有「皇帝」"),
        ("入群宽限: 99天", "第 1 行「入群宽限」"),
        ("人数阶段:\n  '300':\n    小助手: 2", "第 2 行：「人数阶段」里没有「300」"),
        ("人数阶段:\n  '200':\n    小助手: 两位", "第 3 行「人数阶段 200」"),
        ("群健康周报: 也许", "第 1 行「群健康周报」"),
        ("班长配置: 2\n群规: {}", "第 1 行：「班长配置」只认 1"),
        ("- 刷屏", "第 1 行：开头要写"),
        ("刷屏", "第 1 行：开头要写"),
        ("? [a, b]\n: c\n? {d: e}\n: f", "第 3 行：「名字」后面直接写"),
        ("[" * 500, "第 1 行：层数或项目太多了"),
        ("节假日: 照发\n---\n节假日: 照发", "一次只能写一份配置"),
        ("节假日: 照发\n" + "#" * LONGEST, f"配置最长 {LONGEST} 个字"),
        ("# 只有注释", "配置是空的"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_line_and_changes_nothing(
    company: Company, text: str, said: str
) -> None:
    answer = bring(company, text)
    assert said in answer, answer
    assert "没有改动" in answer
    assert "确认" not in answer
    assert own(company, company.group_id) == {}


def test_a_bad_line_in_the_middle_keeps_the_good_ones_out(company: Company) -> None:
    bring(company, "群规:\n  复读:\n    模式: 关\n  刷屏:\n    模式: 打开")
    company.say("@班长 确认", by=OWNER)
    assert own(company, company.group_id) == {}


def test_only_the_owner_brings_in_a_file(company: Company) -> None:
    text = "群规:\n  刷屏:\n    模式: 关"
    assert "只有群主" in bring(company, text, by=DEPUTY)
    assert "只有群主" in bring(company, text, by=LIN)


def test_in_private_a_file_finds_its_group_again_on_确认(company: Company) -> None:
    group = second(company)
    text = "群规:\n  刷屏:\n    上限: 3条/30秒"
    asked = company.ask(f"导入配置 群=华东销售群\n{text}", by=OWNER, chat=direct(OWNER))
    assert "华东销售群 会这样变" in asked
    company.ask("确认", by=OWNER, chat=direct(OWNER))
    assert own(company, group)["刷屏"].params == {"limit": 3, "seconds": 30}


def test_the_company_has_a_file_too(company: Company) -> None:
    hr(company, "公司规则 导入配置\n群规:\n  刷屏:\n    上限: 3条/30秒")
    said = hr(company, "确认")
    assert "「公司规则 撤销」" in said
    assert [type(one) for one in flood(company, 4)] == [Say]
    assert "3条/30秒" in hr(company, "公司规则 导出配置")
    hr(company, "公司规则 撤销")
    assert flood(company, 4) == []


@pytest.mark.parametrize("name", ["新人群", "销售群", "总监群"])
def test_a_preset_is_shown_applied_and_taken_back(company: Company, name: str) -> None:
    assert name in owner(company, "预设")
    asked = owner(company, f"预设 {name}")
    assert lines(asked)
    assert own(company, company.group_id) == {}
    yes(company)
    assert "没有差别" in owner(company, f"预设 {name}")
    owner(company, "撤销")
    assert own(company, company.group_id) == {}


def test_every_preset_goes_through_the_door_of_an_owners_file_and_is_named_as_it_is() -> None:
    files = sorted(presets.FOLDER.glob("*.yaml"))
    there = presets.everything()
    assert list(there) == ["新人群", "销售群", "总监群"]
    assert len(files) == len(there)
    for file in there.values():
        assert file.about
        assert set(file.choices) >= set(RULES)
        assert PARENT not in file.choices
        assert policy_file.read(policy_file.write(kept(file), head=file.name), {}).choices == kept(
            file
        )


def kept(file: policy_file.File) -> dict[str, object]:
    return {key: choice for key, choice in file.choices.items() if choice is not None}


def test_a_preset_of_which_nothing_is_new_in_words_acts_at_once(company: Company) -> None:
    asked = owner(company, "预设 总监群")
    assert "→ 首次撤回+提醒+通知群主" in asked
    assert "广告 处理：首次撤回+提醒 再犯撤回+提醒" in asked, "as it is climbed"
    yes(company)
    done = company.say("加V领资料 wx_888", by=ZHANG)
    assert any(isinstance(one, Recall) for one in done)
    assert "级别=总监及以上" in owner(company, "入群 条件")
    assert "周报 开" not in exported(company)


def test_a_preset_confirmed_after_the_rules_changed_is_shown_again(company: Company) -> None:
    owner(company, "预设 销售群")
    company.say("@班长 刷屏 上限 9条/10秒", by=DEPUTY)
    assert "又有变化" in yes(company)
    assert own(company, company.group_id)["刷屏"].params["limit"] == 9


def test_a_sales_group_may_post_its_links_and_a_stranger_no_advertisement(
    company: Company,
) -> None:
    owner(company, "预设 销售群")
    yes(company)
    assert company.say("客户登记表 https://www.wjx.cn/vm/abc123.aspx", by=ZHANG) == []
    assert company.say("今日战报：华东开单 12 笔，回款 30 万", by=ZHANG) == []
    assert company.say("兼职日结200，想做的加V领资料 wx_888", by=ZHANG) != []


def test_a_preset_about_levels_that_a_group_does_not_have_is_refused_alone(
    company: Company,
) -> None:
    owner(company, "级别顺序 学员 组长 班主任")
    assert "总监群" in owner(company, "预设")
    assert "级别顺序里没有「总监」" in owner(company, "预设 总监群")
    assert lines(owner(company, "预设 新人群"))


def test_an_unknown_preset_is_refused_with_the_nearest(company: Company) -> None:
    assert "是「销售群」吗" in owner(company, "预设 销售")
