"""Every setting about joining is written by chat, read back, and taken back."""

import pytest

from tests.build import HR, LIN, Company


@pytest.mark.parametrize(
    "write, read, shown",
    [
        ("入群 条件 总监及以上", "入群 条件", "级别=总监及以上"),
        ("入群 条件 片区=华东、华北 批次=2611", "入群条件", "片区=华东、华北，批次=2611"),
        ("入群 条件 入职日期=2026年9月1日之后", "入群 条件", "入职日期=2026-09-01之后"),
        ("入群 条件 公司 示例集团 岗位 销售", "入群 条件", "公司=示例集团，岗位=销售"),
        ("入群 条件 项目组：星火", "入群 条件", "项目组=星火"),
        ("入群 条件 答案=0426", "入群 条件", "答案=已设"),
        ("级别顺序 专员 主管 总监", "级别顺序", "专员、主管、总监"),
        ("级别顺序 公司=乙公司 P5、P6、P7", "级别顺序 公司=乙公司", "乙公司 的级别从低到高：P5"),
        ("名片 格式 片区-姓名", "名片 格式", "片区-姓名"),
        ("入群 指定 周航", "入群 指定", "由 周航 处理"),
        ("入群 宽限 5天", "入群 宽限", "有 5 天补办"),
        ("欢迎 群规 先看公告", "欢迎 群规", "先看公告"),
    ],
)
def test_what_is_written_is_read_back_and_undone(
    company: Company, write: str, read: str, shown: str
) -> None:
    before = company.ask(f"@班长 {read}")
    assert shown in company.ask(f"@班长 {write}")
    assert shown in company.ask(f"@班长 {read}")
    assert "已撤销" in company.ask("@班长 撤销")
    assert company.ask(f"@班长 {read}") == before


def test_one_condition_is_added_and_taken_off_without_the_others(company: Company) -> None:
    company.ask("@班长 入群 条件 总监及以上")
    assert "级别=总监及以上，" in company.ask("@班长 入群 条件 岗位=销售")
    assert company.ask("@班长 入群 条件 级别=不限").startswith("已改。入群条件：岗位=销售。")
    assert "没有设" in company.ask("@班长 入群 条件 关")


@pytest.mark.parametrize(
    "line, problem",
    [
        ("入群 条件 高管", "看不懂「高管」"),
        ("入群 条件 级别=P9及以上", "没有「P9」"),
        ("入群 条件 入职日期=明年", "看不懂日期"),
        (f"入群 条件 片区={'华' * 300}", "200 个字以内"),
        ("级别顺序 专员 专员", "不重复"),
        ("名片 格式 随便写", "要有「姓名」"),
        ("入群 宽限 99天", "1 到 30 天"),
        ("入群 指定 林悦", "不是本群的群主或副群主"),
    ],
)
def test_what_is_not_understood_changes_nothing(company: Company, line: str, problem: str) -> None:
    assert problem in company.ask(f"@班长 {line}")
    assert "没有设" in company.ask("@班长 入群 条件")
    assert "没有可以撤销" in company.ask("@班长 撤销")


@pytest.mark.parametrize("by", [LIN, HR])
def test_only_keepers_say_who_may_join(company: Company, by: str) -> None:
    assert "只有群主/副群主" in company.ask("@班长 入群 条件 关", by=by)
