"""One evening, from the owner's line of chat to HR's document."""

from datetime import UTC, datetime

import pytest

from bot.actions import Announce, Say, SendFile
from bot.events import Segment
from bot.gateways.contract import Failed
from storage.outbox import State
from tests.build import G1, GUEST, HR, LIN, OWNER, ZHANG, Company, at, direct

PLAN = "@班长 嘉宾 安排 11-26 王总 我的第一单"


@pytest.fixture
def planned(company: Company) -> Company:
    company.ask(PLAN)
    return company


def posts(actions: list) -> list[str]:
    """What went to the group's own chat."""
    return [a.text for a in actions if isinstance(a, Say | Announce) and a.chat == G1]


def whispers(actions: list, to: str) -> list[str]:
    return [a.text for a in actions if isinstance(a, Say) and a.chat == direct(to)]


def test_an_owner_plans_an_evening_in_one_line(company: Company) -> None:
    said = company.ask(PLAN)
    assert "#1" in said
    assert "11-26(周四)19:30-21:00" in said
    assert "11-24(周二)12:00" in said
    evening = company.evening(1)
    assert (evening.guest, evening.topic, evening.guest_account) == ("王总", "我的第一单", GUEST)
    assert evening.starts == datetime(2026, 11, 26, 11, 30, tzinfo=UTC)


def test_a_preview_goes_to_the_one_who_asked_alone(planned: Company) -> None:
    said = planned.say("@班长 预览 1", by=OWNER)
    assert posts(said) == []
    assert ["后天" in text for text in whispers(said, OWNER)] == [True]


def test_the_announcement_goes_out_once_two_days_ahead(planned: Company) -> None:
    assert planned.go("2026-11-24 11:59") == []
    said = planned.go("2026-11-24 12:00")
    assert len(posts(said)) == 1
    assert "【预告】后天(11-26 周四)19:30-21:00，王总" in posts(said)[0]
    assert planned.evening(1).state == "announced"
    assert planned.go("2026-11-24 12:01") == []
    [receipt] = [d for d in planned.deliveries(1) if d.step == "announce"]
    assert (receipt.state, receipt.receipt) == (State.DELIVERED, "m1")


def test_a_board_that_does_not_work_is_replaced_by_a_message(planned: Company) -> None:
    def no_board(action: object) -> str:
        if isinstance(action, Announce):
            raise Failed("ERR_NOT_GROUP_ADMIN")
        return "m9"

    planned.gateway.answer = no_board
    said = planned.go("2026-11-24 12:00")
    assert len(posts(said)) == 1
    assert "ERR_NOT_GROUP_ADMIN" in whispers(said, OWNER)[0]


@pytest.mark.parametrize(
    "wakes, word", [("11-24 15:20", "后天"), ("11-25 09:00", "明天"), ("11-26 10:00", "今晚")]
)
def test_an_announcement_missed_while_down_is_made_up_in_words_that_fit(
    planned: Company, wakes: str, word: str
) -> None:
    said = planned.go(f"2026-{wakes}")
    announcements = [text for text in posts(said) if "预告" in text]
    assert len(announcements) == 1
    assert announcements[0].startswith(f"【补发预告】{word}")
    assert len([t for t in whispers(said, OWNER) if "12:00" in t and "补发" in t]) == 1


def test_an_announcement_too_late_to_be_of_use_is_dropped_and_the_owner_told(
    planned: Company,
) -> None:
    said = planned.go("2026-11-26 19:10")
    assert [text for text in posts(said) if "预告" in text] == []
    assert any("预告" in text and "已过期" in text for text in whispers(said, OWNER))
    [receipt] = [d for d in planned.deliveries(1) if d.step == "announce"]
    assert receipt.state == State.EXPIRED


def test_a_late_announcement_waits_for_the_morning(planned: Company) -> None:
    assert posts(planned.go("2026-11-24 23:10")) == []
    assert len(posts(planned.go("2026-11-25 08:00"))) == 1


def test_a_reminder_right_after_a_late_announcement_is_left_out(planned: Company) -> None:
    planned.go("2026-11-25 17:00")
    assert posts(planned.go("2026-11-25 18:00")) == []
    assert len(posts(planned.go("2026-11-26 19:00"))) == 1


def test_an_evening_takes_its_steps_at_their_hours(planned: Company) -> None:
    seen = {}
    for when in ("24 12:00", "25 18:00", "26 19:00", "26 19:30", "26 20:30", "26 21:00"):
        seen[when] = [text[:4] for text in posts(planned.go(f"2026-11-{when}"))]
    assert seen == {
        "24 12:00": ["【预告】"],
        "25 18:00": ["【提醒】"],
        "26 19:00": ["【提醒】"],
        "26 19:30": ["【开场】"],
        "26 20:30": ["【答疑】"],
        "26 21:00": ["【结束】"],
    }
    assert planned.evening(1).state == "closed"


def test_an_evening_missed_while_the_bot_was_down_is_closed_in_silence(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    said = planned.go("2026-11-26 22:00")
    assert posts(said) == []
    assert planned.evening(1).state == "drafted"


def test_a_late_opening_says_sorry(planned: Company) -> None:
    planned.go("2026-11-26 19:00")
    assert "抱歉" in posts(planned.go("2026-11-26 19:42"))[0]


def evening_with_talk(company: Company) -> None:
    """The talk of an evening, up to the draft."""
    company.go("2026-11-24 12:00")
    company.go("2026-11-26 19:30")
    story = [
        ("19:32", GUEST, "我讲讲我的第一单，2009年，入行第47天"),
        ("19:36", GUEST, "第一点，先问预算再报价，前三次我一上来就报价，客户只记得贵"),
        ("19:40", LIN, "原来要先问预算"),
        ("19:45", GUEST, "第二点，记住客户说的小事，他提过女儿要高考"),
        ("19:52", GUEST, "第三点，报价单不要超过一页，只写问题、办法和价钱"),
        ("20:00", GUEST, "跟进节奏是二五八：第二天发纪要，第五天给案例，第八天约下一次"),
        ("20:10", GUEST, "合同里一定要写清楚付款节点，我那单最后一笔拖了四个月"),
    ]
    for clock, who, text in story:
        company.clock.at = at(f"2026-11-26 {clock}")
        company.say(text, by=who)
    company.go("2026-11-26 20:30")
    company.clock.at = at("2026-11-26 20:32")
    company.say("客户一上来就嫌贵，第一句怎么回？电话13800138000", by=LIN)
    company.clock.at = at("2026-11-26 20:33")
    company.say("先别解释，问一句您是跟哪家比的", by=GUEST)
    company.go("2026-11-26 21:00")


def test_hr_hears_of_the_draft_and_every_line_of_it_has_a_source(planned: Company) -> None:
    evening_with_talk(planned)
    said = planned.go("2026-11-26 21:10")
    [word] = whispers(said, HR)
    assert "#1 我的第一单" in word
    assert "通过 1" in word
    draft = planned.draft(1)
    known = {line.id: line.text for line in planned.lines(1)}
    assert 3 <= len(draft.points) <= 8
    for point in draft.points:
        assert point.ids
        assert set(point.ids) <= set(known)
    assert "13800138000" not in str(draft)


def test_hr_approves_in_three_replies_and_the_document_goes_out(planned: Company) -> None:
    evening_with_talk(planned)
    planned.go("2026-11-26 21:10")
    planned.clock.at = at("2026-11-26 21:15")
    listed = planned.ask("看 1", by=HR, chat=direct(HR))
    assert "1. " in listed
    planned.ask("改 1 第1条 报价先问预算", by=HR, chat=direct(HR))
    assert planned.draft(1).points[0].text == "报价先问预算"
    assert "已通过" in planned.ask("通过 1", by=HR, chat=direct(HR))
    done = planned.publish()
    files = [action for action in done if isinstance(action, SendFile)]
    assert [file.name for file in files] == [
        "20261126_嘉宾分享_王总_我的第一单_v1.docx",
        "20261126_嘉宾分享_王总_我的第一单_v1.md",
    ]
    assert all((planned.folder / file.path).exists() for file in files)
    assert planned.evening(1).state == "published"
    assert "不再重复" in planned.ask("通过 1", by=HR, chat=direct(HR))
    assert planned.publish() == []


def test_a_draft_is_nobodys_business_in_the_group(planned: Company) -> None:
    evening_with_talk(planned)
    planned.go("2026-11-26 21:10")
    assert "HR" in planned.ask("@班长 看 1", by=LIN)
    assert "HR" in planned.ask("@班长 通过 1", by=OWNER)
    assert planned.evening(1).state == "drafted"


def test_ads_commands_and_what_was_taken_back_are_not_in_the_transcript(planned: Company) -> None:
    planned.go("2026-11-26 19:30")
    planned.clock.at = at("2026-11-26 19:40")
    planned.say("加V领资料 wx_888", by=ZHANG)
    planned.say("@班长 帮助", by=LIN)
    regretted = planned.hear("这句说错了", by=LIN)
    planned.take_back(regretted, by=LIN)
    for link in ("https://a.example/1", "https://a.example/2", "https://a.example/3"):
        planned.say(f"资料在 {link}", by=GUEST)
    kept = [line.text for line in planned.lines(1)]
    assert [text.startswith("资料在") for text in kept] == [True, True, True]


def test_pictures_and_voice_keep_their_place(planned: Company) -> None:
    planned.go("2026-11-26 19:30")
    planned.clock.at = at("2026-11-26 19:40")
    planned.hear("看这张", by=GUEST)
    planned.hear("", by=GUEST, segments=(Segment(kind="image", ref="a.jpg"),))
    planned.hear("", by=GUEST, segments=(Segment(kind="voice", ref="b.amr"),))
    assert [line.text for line in planned.lines(1)] == ["看这张", "[图片]", "[语音]"]


def test_a_changed_evening_is_corrected_where_it_was_announced(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    preview = planned.ask("@班长 嘉宾 修改 #1 嘉宾=刘老师 时间=20:00-21:15")
    assert "王总→刘老师" in preview
    said = planned.say("确认", by=OWNER)
    [correction] = [text for text in posts(said) if text.startswith("【更正】")]
    assert "王总→刘老师" in correction
    planned.go("2026-11-26 19:00")
    assert posts(planned.go("2026-11-26 19:30")) == []
    assert posts(planned.go("2026-11-26 20:00"))[0].startswith("【开场】")


def test_a_change_before_the_announcement_corrects_nothing(planned: Company) -> None:
    said = planned.say("@班长 嘉宾 修改 1 主题=谈判", by=OWNER)
    assert [text for text in posts(said) if "更正" in text] == []
    assert "谈判" in posts(planned.go("2026-11-24 12:00"))[0]


def test_a_cancelled_evening_says_so_where_it_was_announced_and_nothing_more(
    planned: Company,
) -> None:
    planned.go("2026-11-24 12:00")
    said = planned.say("@班长 嘉宾 取消 #1 原因=王总出差", by=OWNER)
    assert len([text for text in posts(said) if text.startswith("【取消】")]) == 1
    assert planned.go("2026-11-25 18:00") == []
    assert planned.go("2026-11-26 19:30") == []


def test_a_cancelled_plan_comes_back_with_undo(planned: Company) -> None:
    planned.ask("@班长 嘉宾 取消 1")
    planned.ask("@班长 撤销")
    assert len(posts(planned.go("2026-11-24 12:00"))) == 1


def test_an_evening_planned_late_is_announced_at_once(company: Company) -> None:
    company.clock.at = at("2026-11-26 10:00")
    company.say(PLAN, by=OWNER)
    said = company.go("2026-11-26 10:00")
    assert posts(said)[0].startswith("【预告】今晚")


def test_today_lists_each_promise_with_its_state_and_what_to_do(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    planned.go("2026-11-26 19:00")
    said = planned.ask("@班长 今天")
    assert "19:00 #1 当天提醒：已送达" in said
    assert "19:30 #1 开场：排队" in said


def test_another_evening_on_the_same_night_is_refused_with_a_choice(planned: Company) -> None:
    assert "#1" in planned.ask("@班长 嘉宾 安排 11-26 刘芳 谈判")
    assert "没有 #2" in planned.ask("@班长 预览 2")
