"""From the draft to what is published, corrected, or taken back."""

import pytest

from bot import setup
from bot.actions import Recall, Say, SendFile
from bot.people import Role
from storage import summaries
from storage.summaries import State
from tests.build import DEPUTY, G1, GUEST, HR, LIN, OWNER, Company, at, direct, message
from tests.stories.test_evening import posts, whispers

PLAN = "@班长 嘉宾 安排 11-26 王总 我的第一单"
SECOND = "lina"


@pytest.fixture
def drafted(company: Company) -> Company:
    """An evening was held; 陈静 and 李娜 of HR have its draft."""
    company.hire("00008", "李娜", SECOND)
    with company.database.write() as db:
        setup.grant(db, number="00008", role=Role.HR, scope="示例集团")
    company.ask(PLAN)
    company.go("2026-11-24 12:00")
    company.go("2026-11-26 19:30")
    for minute, words in enumerate(TALK):
        company.clock.at = at(f"2026-11-26 19:{32 + 2 * minute}")
        company.hear(words, by=GUEST, id=f"talk{minute}")
    company.go("2026-11-26 20:30")
    company.clock.at = at("2026-11-26 20:32")
    question = company.hear("客户嫌贵，第一句怎么回？", by=LIN)
    company.clock.at = at("2026-11-26 20:33")
    company.hear("先别解释，问他跟哪家比的", by=GUEST, reply_to=question.id)
    company.go("2026-11-26 21:00")
    company.go("2026-11-26 21:10")
    company.clock.at = at("2026-11-27 09:00")
    return company


TALK = (
    "第一点，先问预算再报价，前三次我一上来就报价，客户只记得一个贵字",
    "第二点，老客户的返点一般给到5%，多了公司不批",
    "第三点，报价单不要超过一页，只写问题、办法和价钱",
)


def state(company: Company) -> str:
    with company.database.read() as db:
        newest = summaries.newest(db, 1)
        assert newest is not None
        return newest.state


def test_of_two_reviewers_the_first_decision_stands(drafted: Company) -> None:
    assert "已退回" in drafted.ask("退回 1 客户名没有隐去", by=HR, chat=direct(HR))
    said = drafted.ask("通过 1", by=SECOND, chat=direct(SECOND))
    assert "已由 chenjing 于" in said
    assert "退回，原因：客户名没有隐去" in said
    assert drafted.publish() == []
    assert state(drafted) == State.REJECTED


def test_whoever_runs_the_evening_hears_why_a_draft_came_back(drafted: Company) -> None:
    said = drafted.say("退回 1 客户名没有隐去", by=HR, chat=direct(HR))
    assert any("退回：客户名没有隐去" in text for text in whispers(said, OWNER))


def test_what_was_sent_back_is_changed_in_a_version_of_its_own(drafted: Company) -> None:
    drafted.ask("退回 1 缺第二点", by=HR, chat=direct(HR))
    said = drafted.ask("改 1 第1条 先问预算，再报价", by=HR, chat=direct(HR))
    assert "第2版草稿" in said
    drafted.ask("通过 1", by=HR, chat=direct(HR))
    files = [a.name for a in drafted.publish() if isinstance(a, SendFile)]
    assert all(name.rpartition(".")[0].endswith("_v2") for name in files)
    assert len(files) == 2


def test_made_anew_a_draft_leaves_out_what_was_taken_back_meanwhile(drafted: Company) -> None:
    assert "还没有结果" in drafted.ask("重新整理 1", by=HR, chat=direct(HR))
    drafted.ask("退回 1 重来", by=HR, chat=direct(HR))
    said = message(TALK[1], by=GUEST, when=drafted.clock.now(), id="talk1")
    drafted.take_back(said, by=GUEST)
    assert "第2版" in drafted.ask("重新整理 1", by=HR, chat=direct(HR))
    assert not any("返点" in point.text for point in drafted.draft(1).points)


def test_questions_answers_and_tasks_are_changed_and_dropped_by_name(drafted: Company) -> None:
    cited = drafted.draft(1).qa[0].a_ids
    assert "答1已改" in drafted.ask("改 1 答1 先问他跟哪家比", by=HR, chat=direct(HR))
    assert drafted.draft(1).qa[0].a == "先问他跟哪家比"
    assert drafted.draft(1).qa[0].a_ids == cited
    assert "问1已删" in drafted.ask("删 1 问1", by=HR, chat=direct(HR))
    assert drafted.draft(1).qa == ()
    points = len(drafted.draft(1).points)
    assert "只有" in drafted.ask("删 1 第99条", by=HR, chat=direct(HR))
    drafted.ask("删 1 第1条", by=HR, chat=direct(HR))
    assert len(drafted.draft(1).points) == points - 1


def test_a_guest_puts_a_figure_right_and_hr_sees_where(drafted: Company) -> None:
    said = drafted.say("更正:返点是3%不是5%", by=GUEST, chat=direct(GUEST))
    assert any("已记下，标在第" in text for text in whispers(said, GUEST))
    assert any("嘉宾更正" in text and "3%" in text for text in whispers(said, HR))
    [point] = [one for one in drafted.draft(1).points if one.note]
    assert "返点" in point.text
    assert point.note == "返点是3%不是5%"
    assert "（嘉宾更正：返点是3%不是5%）" in drafted.ask("看 1", by=HR, chat=direct(HR))


def test_nobody_else_corrects_the_guest(drafted: Company) -> None:
    assert "给嘉宾用" in drafted.ask("更正 返点是3%不是5%", by=LIN, chat=direct(LIN))
    assert all(not point.note for point in drafted.draft(1).points)


def test_a_correction_after_publishing_goes_to_the_same_places_as_a_new_version(
    drafted: Company,
) -> None:
    drafted.ask("通过 1", by=HR, chat=direct(HR))
    drafted.publish()
    drafted.say("更正:返点是3%不是5%", by=GUEST, chat=direct(GUEST))
    assert drafted.publish() == []
    drafted.ask("通过 1", by=HR, chat=direct(HR))
    done = drafted.publish()
    assert [a.name for a in done if isinstance(a, SendFile)]
    [note] = [text for text in posts(done) if text.startswith("【纪要更正】")]
    assert "嘉宾更正：返点是3%不是5%" in note
    assert "第 2 版" in note
    assert drafted.publish() == []


def test_approving_twice_changes_nothing(drafted: Company) -> None:
    drafted.ask("通过 1", by=HR, chat=direct(HR))
    drafted.publish()
    assert "通过并发布" in drafted.ask("通过 1", by=HR, chat=direct(HR))
    assert drafted.publish() == []


def test_a_withdrawn_summary_is_recalled_where_possible_and_the_rest_is_listed(
    drafted: Company,
) -> None:
    drafted.ask("通过 1", by=HR, chat=direct(HR))
    drafted.publish()
    assert "要写原因" in drafted.ask("撤回 1", by=HR, chat=direct(HR))
    done = drafted.say("撤回 1 原因=客户名未脱敏", by=HR, chat=direct(HR))
    assert [a.chat for a in done if isinstance(a, Recall)] == [G1]
    [answer] = [a.text for a in done if isinstance(a, Say) and a.chat == direct(HR)]
    assert answer.count("要手动删，已经下载的收不回") == 2
    assert drafted.evening(1).state == "drafted"
    assert "没有已发布的纪要" in drafted.ask("撤回 1 原因=再来一次", by=HR, chat=direct(HR))
    assert drafted.publish() == []


def test_a_withdrawn_summary_comes_back_as_a_new_version(drafted: Company) -> None:
    drafted.ask("通过 1", by=HR, chat=direct(HR))
    drafted.publish()
    drafted.ask("撤回 1 原因=客户名未脱敏", by=HR, chat=direct(HR))
    drafted.ask("删 1 第1条", by=HR, chat=direct(HR))
    drafted.ask("通过 1", by=HR, chat=direct(HR))
    assert [a.name for a in drafted.publish() if isinstance(a, SendFile)]
    assert drafted.evening(1).state == "published"


def test_what_was_not_sent_yet_is_not_sent_after_a_withdrawal(drafted: Company) -> None:
    drafted.clock.at = at("2026-11-27 23:00")
    drafted.ask("通过 1", by=HR, chat=direct(HR))
    assert drafted.publish() == []
    drafted.ask("撤回 1 原因=客户名未脱敏", by=HR, chat=direct(HR))
    assert drafted.go("2026-11-28 08:30") == []


def test_members_and_deputies_do_not_decide(drafted: Company) -> None:
    for who in (LIN, DEPUTY):
        assert drafted.ask("退回 1 不喜欢", by=who, chat=direct(who)).startswith("只有")
    assert state(drafted) == State.DRAFT
