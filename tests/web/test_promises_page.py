"""今日承诺 and an evening's plan as HR sees them: what was promised, and what became of it."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from bot.actions import AnyAction
from bot.gateways.contract import Failed
from bot.people import Member, Role
from schedules.tick import tick
from storage import abilities, audience, groups, members
from tests.build import GUEST, HR, OWNER, Company, at
from tests.web.visits import Browser, browser

GONE = "fake:1:600002"
HOSTILE = "<b>机器人已不在群里</b>"


@pytest.fixture
def hr(company: Company) -> Iterator[Browser]:
    found = browser(company)
    found.sign_in()
    yield found
    found.app.state.works.database.close()


@pytest.fixture
def told(company: Company) -> Company:
    """#1 was announced at home, could not be in a second group, and waits for 朋友圈."""

    def answer(action: AnyAction) -> str:
        if action.chat == GONE:
            raise Failed(HOSTILE)
        return f"m{len(company.gateway.done)}"

    owner = Member(id=OWNER, name="赵敏", role=Role.OWNER)
    company.found(f"华东{HOSTILE}", GONE, people=[owner])
    company.gateway.answer = answer
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    with company.database.write() as db:
        person = members.numbered(db, "00007")
        assert person is not None
        audience.set_channel(db, name="朋友圈", person=person)
    company.ask("@班长 铺开 1 范围=全公司 渠道=朋友圈")
    company.ask("@班长 确认")
    company.go("2026-11-24 12:00")
    return company


def rows(page: str) -> list[str]:
    """The rows of the board as people read them."""
    body = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [_read(row) for row in body.split("</tr>") if "<td" in row]


def step(page: str, name: str) -> str:
    """One step of an evening's plan as people read it; what is folded up is read too."""
    found = re.findall(r'<li class="step.*?(?=<li class="step|</details>\s*<section)', page, re.S)
    [mine] = [one for one in map(_read, found) if name in one[:40]]
    return mine


def _read(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_the_board_says_of_each_promise_how_it_stands_why_and_what_comes_next(
    hr: Browser, told: Company
) -> None:
    page = hr.get("/hr/today").text
    [announced] = rows(page)
    assert announced.startswith("12:00 #1 预告 新人2611群 失败 1/3")
    assert announced.endswith("回复「重试 1」")
    assert HOSTILE in announced
    assert HOSTILE not in page
    assert "1 项要看一下 共 1 项：失败 1" in _read(page)


def test_what_all_went_well_is_said_to_be_well(hr: Browser, company: Company) -> None:
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    company.go("2026-11-24 12:00")
    page = hr.get("/hr/today").text
    assert "都在按计划 共 1 项：已送达 1" in _read(page)
    assert "trouble" not in page


def test_a_promise_stays_on_the_day_it_was_made_for_when_hours_change(
    hr: Browser, told: Company
) -> None:
    told.clock.at = at("2026-11-25 10:00")
    told.ask("@班长 嘉宾 修改 1 时间=20:00-21:15")
    told.ask("@班长 确认")
    assert "预告" in _read(hr.get("/hr/today?day=2026-11-24").text)
    assert [row for row in rows(hr.get("/hr/today").text) if "预告" in row] == []


def test_what_nobody_misses_is_no_trouble(hr: Browser, company: Company) -> None:
    company.clock.at = at("2026-11-25 14:00")
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    company.go("2026-11-25 14:00")
    company.go("2026-11-25 18:00")
    page = hr.get("/hr/today").text
    assert "18:00 #1 前一天提醒 新人2611群 已过期 刚发过预告 无需操作" in rows(page)
    assert "trouble" not in page


def test_another_day_shows_what_is_to_come_and_leads_on(hr: Browser, told: Company) -> None:
    page = hr.get("/hr/today?day=2026-11-26").text
    shown = rows(page)
    assert shown[0] == "17:00 #1 主持核对 新人2611群 排队 到点自动发"
    assert "19:30 #1 开场 新人2611群 排队 0/2 到点自动发" in shown
    assert [row[:5] for row in shown] == sorted(row[:5] for row in shown)
    assert 'href="/hr/today?day=2026-11-25"' in page
    assert 'href="/hr/today?day=2026-11-27"' in page
    assert 'href="/hr/evenings/1#plan"' in page


def test_a_day_without_promises_names_the_next_evening(hr: Browser, told: Company) -> None:
    page = _read(hr.get("/hr/today?day=2026-11-18").text)
    assert "这一天没有要发的" in page
    assert "下一场是 #1 我的第一单 ，2026-11-26(周四) 19:30，新人2611群，王总" in page
    assert "后面也没有排好的分享" in hr.get("/hr/today?day=2027-06-01").text


@pytest.mark.parametrize("day", ["", "tomorrow", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_is_none_is_no_page(hr: Browser, day: str) -> None:
    assert hr.get(f"/hr/today?day={day}").status_code == 404


def test_a_wait_for_the_turn_is_seen(hr: Browser, company: Company) -> None:
    with company.database.write() as db:
        abilities.declare(db, platform="fake", can={}, seconds=40, now=company.clock.now())
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    company.clock.at = at("2026-11-24 12:00")
    tick(company.database, company.clock.now())
    [row] = rows(hr.get("/hr/today").text)
    assert "排队 还在排队 1 条，约 40秒" in row


def test_every_page_leads_to_the_board(hr: Browser, told: Company) -> None:
    for path in ("/hr", "/hr/evenings/1", "/hr/elsewhere", "/hr/today"):
        assert 'href="/hr/today"' in hr.get(path).text, path
    assert "/hr/today" not in browser(told).get("/login").text


def test_an_evening_shows_each_target_with_its_receipt_and_every_move(
    hr: Browser, told: Company
) -> None:
    [posted] = [one for one in told.deliveries(1) if one.state == "delivered"]
    page = hr.get("/hr/evenings/1").text
    announced = step(page, "预告")
    assert announced.startswith("11-24(周二)12:00 预告 失败 1/3 新人2611群 已送达 11-24(周二)12:00")
    assert f"消息号 {posted.receipt} 经过 【预告】后天(11-26 周四)19:30-21:00" in announced
    assert "排上 11-24(周二)12:00 排队 → 正在发 11-24(周二)12:00 正在发 → 已送达" in announced
    assert f"正在发 → 失败：{HOSTILE}" in announced
    assert HOSTILE not in page


def test_an_evening_shows_what_is_still_to_come_until_when_and_for_whom(
    hr: Browser, told: Company
) -> None:
    page = hr.get("/hr/evenings/1").text
    opening = step(page, "开场")
    assert opening == (
        f"11-26(周四)19:30 开场 排队 最迟 11-26(周四)19:50 到点发给 新人2611群、华东{HOSTILE}"
    )
    assert step(page, "主持核对").endswith("到点发给 私聊 赵敏")
    plan = page.partition('id="plan"')[2].partition('id="draft"')[0]
    due = re.findall(r"<header>\s*<time>([^<]+)</time>", plan)
    assert due == sorted(due)
    assert len(due) > 15


def test_what_a_person_was_given_to_post_is_told_until_it_is_posted(
    hr: Browser, told: Company
) -> None:
    waits = step(hr.get("/hr/evenings/1").text, "预告")
    assert "朋友圈 待人工 待陈静发布" in waits
    assert re.search(r"交给 私聊 \S+：已送达", waits)
    told.clock.pass_(minutes=20)
    told.say("@班长 已发 1-朋友圈", by=HR)
    posted = step(hr.get("/hr/evenings/1").text, "预告")
    assert "待人工 → 已送达：人工：" in posted


def test_a_correction_stands_beside_the_plan_it_changed(hr: Browser, told: Company) -> None:
    told.clock.at = at("2026-11-25 10:00")
    told.ask("@班长 嘉宾 修改 1 时间=20:00-21:15")
    told.ask("@班长 确认")
    page = hr.get("/hr/evenings/1").text
    corrected = step(page, "更正")
    assert corrected.startswith("11-25(周三)10:00 更正 已送达 新人2611群 已送达")
    assert "时间 11-26(周四)19:30-21:00→20:00-21:15" in corrected
    assert step(page, "开场").startswith("11-26(周四)20:00 开场 排队")
    assert step(page, "预告").startswith("11-24(周二)12:00 预告")


def test_an_evening_that_was_moved_leads_to_the_other_and_back(hr: Browser, told: Company) -> None:
    told.ask("@班长 嘉宾 改期 1 12-03 原因=王总出差")
    told.ask("@班长 确认")
    moved = hr.get("/hr/evenings/1").text
    assert '<a href="/hr/evenings/2">→ 改到 #2</a>' in moved
    assert "开场" not in moved
    new = hr.get("/hr/evenings/2").text
    assert '<a href="/hr/evenings/1">← 由 #1 改期而来</a>' in new
    assert step(new, "改期通知").startswith("11-24(周二)12:00 改期通知 待人工 1/2")
    assert '<a href="/hr/evenings/2">→ #2</a>' in hr.get("/hr").text


def test_hr_sees_who_a_mystery_guest_is_and_until_when_it_is_a_secret(
    hr: Browser, company: Company
) -> None:
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    company.say("@班长 神秘 1 开", by=OWNER)
    for path in ("/hr", "/hr/evenings/1", "/hr/today"):
        assert "王总 神秘，开场揭晓" in _read(hr.get(path).text), path
    company.say("@班长 神秘 1 开 揭晓=20:00", by=OWNER)
    assert "王总 神秘，20:00 揭晓" in _read(hr.get("/hr/evenings/1").text)
    company.go("2026-11-26 20:00")
    assert "揭晓" not in hr.get("/hr/evenings/1").text


def test_persons_and_groups_are_called_what_people_call_them(hr: Browser, company: Company) -> None:
    with company.database.write() as db:
        groups.connect(db, group=groups.get(db, company.group_id), key="other:1:77")
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    company.say("@班长 嘉宾 确认 1", by=GUEST)
    company.go("2026-11-20 10:01")
    page = hr.get("/hr/evenings/1").text
    assert "私聊 王总 已送达" in step(page, "嘉宾欢迎")
    assert step(page, "开场").endswith("新人2611群（fake）、新人2611群（other）")
