"""The HR pages, as a browser and as a stranger see them."""

import re
from html import unescape
from io import BytesIO
from urllib.parse import unquote

import pytest
from openpyxl import load_workbook

from bot.actions import Say, SendFile
from bot.events import AnyEvent, Message
from bot.gateways.contract import Failed
from bot.web.downloads import Unwritable
from storage import archive, changes, groups
from storage.exports.document import Document
from tests.build import G1, OWNER, Company, at
from tests.web.visits import HOSTILE, SECRET, Browser, browser

DEEDS = ["approve", "reject", "withdraw", "entries/point/1", "entries/point/1/drop", "poster"]
PATHS = (
    "/hr",
    "/hr?page=2",
    "/hr/evenings/1",
    "/hr/evenings/99",
    "/hr/evenings/1/summary.docx",
    "/hr/evenings/1/summary.md",
    "/hr/evenings/1/summary.pdf",
    "/hr/evenings/1/poster",
    "/hr/today",
    "/hr/today?day=2026-11-24",
    "/hr/elsewhere",
)


def test_without_a_login_every_page_leads_to_the_login_page(stranger: Browser) -> None:
    for path in PATHS:
        answer = stranger.get(path)
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/login?next=/hr"), path
        assert answer.content == b"", path


def test_without_a_login_nothing_can_be_changed(stranger: Browser, evening: Company) -> None:
    before = evening.draft(1)
    stranger.look("/login")
    for path in DEEDS:
        answer = stranger.send(f"/hr/evenings/1/{path}", text="改掉", reason="改掉")
        assert answer.headers["location"] == "/login?next=", path
    assert evening.draft(1) == before
    assert evening.publish() == []


def test_after_the_login_people_come_where_they_wanted_to_go(stranger: Browser) -> None:
    wanted = stranger.get("/hr/evenings/1?from=chat")
    page = stranger.look(wanted.headers["location"])
    [following] = re.findall(r'name="next" value="([^"]*)"', page.text)
    answer = stranger.sign_in(next=unescape(following))
    assert answer.headers["location"] == "/hr/evenings/1?from=chat"
    assert stranger.get("/login?next=/hr").headers["location"] == "/hr"


@pytest.mark.parametrize(
    "next",
    [
        "https://example.org",
        "//example.org",
        "/\\example.org",
        "/\t/example.org",
        "hr",
        "",
        "/hr\n",
    ],
)
def test_the_login_sends_nobody_to_another_site(stranger: Browser, next: str) -> None:
    assert stranger.sign_in(next=next).headers["location"] == "/hr"


def test_the_cookie_is_out_of_reach_for_scripts_and_new_with_the_login(stranger: Browser) -> None:
    before = stranger.look("/login").headers["set-cookie"]
    after = stranger.sign_in().headers["set-cookie"]
    assert before.split(";")[0] != after.split(";")[0]
    for part in ("HttpOnly", "SameSite=lax", "Max-Age=43200", "Path=/"):
        assert part in after
    assert "Secure" not in after


def test_over_https_the_cookie_is_secure(company: Company) -> None:
    found = browser(company, public_url="https://hr.example")
    assert "Secure" in found.sign_in().headers["set-cookie"]
    found.app.state.works.database.close()


def test_wrong_tries_are_refused_and_then_limited(stranger: Browser) -> None:
    for _ in range(5):
        answer = stranger.sign_in("wrong")
        assert answer.status_code == 401
        assert "用户名或密码不对" in answer.text
    answer = stranger.sign_in()
    assert answer.status_code == 429
    assert "请 5 分钟后再试" in answer.text
    assert stranger.get("/hr").status_code == 303


def test_without_a_password_the_login_page_says_how_to_set_one(company: Company) -> None:
    found = browser(company, admin_password_hash="")
    page = found.look("/login")
    assert "banzhang hash-password" in page.text
    assert found.send("/login", user="admin", password="").status_code in (401, 403)
    found.app.state.works.database.close()


def test_leaving_takes_the_cookie_away(hr: Browser) -> None:
    hr.look("/hr")
    assert hr.get("/logout").status_code == 405
    assert hr.send("/logout").headers["location"] == "/login"
    assert hr.get("/hr").status_code == 303


def test_the_list_shows_each_evening_on_its_groups_clock(hr: Browser, evening: Company) -> None:
    with evening.database.write() as db:
        there = groups.add(db, name="London", zone="Europe/London", kind="sales")
        later = at("2026-12-01 19:30")
        for topic in ("Cold calls", HOSTILE):
            changes.plan(
                db, group=there, guest="Mia", guest_account="", topic=topic, starts=later,
                asks=later, ends=later, announce_on=later.date(), by="x", now=later,
            )  # fmt: skip
    page = hr.look("/hr").text
    assert "2026-12-01(周二) 11:30" in page
    assert "2026-11-26(周四) 19:30" in page
    assert page.index("#3") < page.index("#2") < page.index("#1")
    assert "草稿待审" in page
    assert HOSTILE not in page
    assert "这一页没有内容" in hr.get("/hr?page=2").text


def test_an_empty_list_says_how_to_begin(company: Company) -> None:
    found = browser(company)
    found.sign_in()
    assert "还没有安排过嘉宾分享" in found.get("/hr").text
    found.app.state.works.database.close()


def test_every_line_of_the_draft_opens_the_message_it_comes_from(
    hr: Browser, evening: Company
) -> None:
    page = hr.get("/hr/evenings/1").text
    draft = evening.draft(1)
    assert draft.points
    assert draft.qa
    bubbles = {int(found) for found in re.findall(r'id="m(\d+)"', page)}
    for ids in (
        *(point.ids for point in draft.points),
        *(pair.q_ids + pair.a_ids for pair in draft.qa),
        *(item.ids for item in draft.follow_ups),
        draft.unpaired,
    ):
        assert bubbles >= set(ids)
        assert all(f'class="chip" href="#m{one}"' in page for one in ids)


def test_what_was_taken_back_is_no_longer_shown(hr: Browser, evening: Company) -> None:
    evening.clock.at = at("2026-11-26 21:12")
    with evening.database.read() as db:
        [said] = [event for event in archive.everything(db) if _text(event) == SECRET]
    evening.take_back(said, by=OWNER)
    page = hr.get("/hr/evenings/1").text
    assert "原消息已撤回" in page
    assert f"<p>{SECRET}</p>" not in page


def _text(event: AnyEvent) -> str:
    return event.text if isinstance(event, Message) else ""


def test_what_people_call_themselves_and_write_is_only_text(hr: Browser) -> None:
    page = hr.get("/hr/evenings/1").text
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page


def test_numbers_of_persons_are_masked_in_the_transcript(hr: Browser) -> None:
    page = hr.get("/hr/evenings/1").text
    assert "13800138000" not in page
    assert "138****8000" in page


def test_a_point_can_be_reworded_while_it_is_a_draft(hr: Browser, evening: Company) -> None:
    before = evening.draft(1).points[0]
    hr.look("/hr/evenings/1")
    answer = hr.send("/hr/evenings/1/entries/point/1", text=f" 报价先问预算{HOSTILE} ")
    assert answer.headers["location"] == "/hr/evenings/1#point1"
    after = evening.draft(1).points[0]
    assert after.text == f"报价先问预算{HOSTILE}"
    assert after.ids == before.ids
    assert HOSTILE not in hr.get("/hr/evenings/1").text
    assert hr.send("/hr/evenings/1/entries/point/1", text=" ").status_code == 409
    assert hr.send("/hr/evenings/1/entries/point/99", text="多出来的").status_code == 409
    assert hr.send("/hr/evenings/1/entries/nothing/1", text="多出来的").status_code == 404
    assert evening.draft(1).points[0] == after


def test_approving_publishes_at_once_and_only_once(hr: Browser, evening: Company) -> None:
    hr.look("/hr/evenings/1")
    answer = hr.send("/hr/evenings/1/approve")
    assert answer.headers["location"] == "/hr/evenings/1"
    page = hr.get("/hr/evenings/1").text
    assert "第 1 版已发布：admin，11-26(周四)21:10" in page
    assert "发布中" in page
    assert _published(page).count("排队") == 3
    assert sorted(type(action).__name__ for action in evening.send()) == [
        "Say",
        "SendFile",
        "SendFile",
    ]
    assert _published(hr.get("/hr/evenings/1").text).count("已送达") == 3

    evening.clock.at = at("2026-11-26 21:30")
    again = hr.send("/hr/evenings/1/approve")
    assert again.status_code == 409
    assert "已由 admin 于 11-26(周四)21:10 通过" in again.text
    assert [a for a in evening.publish() if isinstance(a, Say | SendFile)] == []


def test_a_change_after_publishing_is_a_draft_of_the_next_version(
    hr: Browser, evening: Company
) -> None:
    hr.look("/hr/evenings/1")
    hr.send("/hr/evenings/1/approve")
    evening.send()
    hr.send("/hr/evenings/1/entries/point/1", text="先问预算，再报价")
    page = hr.look("/hr/evenings/1").text
    assert "第 2 版草稿" in page
    assert "<ins>" in page
    hr.send("/hr/evenings/1/approve")
    assert next(a.name for a in evening.send() if isinstance(a, SendFile)).endswith("_v2.docx")


def test_a_draft_sent_back_needs_a_reason_and_is_not_approved_any_more(
    hr: Browser, evening: Company
) -> None:
    hr.look("/hr/evenings/1")
    assert hr.send("/hr/evenings/1/reject", reason=" ").status_code == 409
    assert hr.send("/hr/evenings/1/reject", reason=f"缺第二点{HOSTILE}").status_code == 303
    page = hr.look("/hr/evenings/1").text
    assert "已退回" in page
    assert HOSTILE not in page
    assert hr.send("/hr/evenings/1/approve").status_code == 409
    assert [a for a in evening.publish() if a.chat == G1] == []


def test_a_withdrawn_summary_shows_what_stays_somewhere(hr: Browser, evening: Company) -> None:
    hr.look("/hr/evenings/1")
    assert hr.send("/hr/evenings/1/withdraw", reason="写错了人").status_code == 409
    hr.send("/hr/evenings/1/approve")
    evening.send()
    hr.send("/hr/evenings/1/withdraw", reason="写错了人")
    page = hr.look("/hr/evenings/1").text
    assert "第 1 版已撤回" in page
    assert page.count("要手动删") == 2


def test_a_table_for_excel_keeps_text_as_text(hr: Browser, evening: Company) -> None:
    hr.look("/hr/evenings/1")
    hr.send("/hr/evenings/1/entries/answer/1", text="=1+1")
    book = load_workbook(BytesIO(hr.get("/hr/evenings/1/summary.xlsx").content))
    answer = book["问答"]["C2"]
    assert (answer.value, answer.data_type) == ("=1+1", "s")
    kept = hr.get("/hr/evenings/1/summary.json").json()
    assert kept["qa"][0]["a"] == "=1+1"
    assert {one["id"] for one in kept["sources"]} >= set(kept["qa"][0]["a_ids"])


def _published(page: str) -> str:
    """The part of an evening's page that tells where its summary went."""
    return page.partition('id="receipts"')[2].partition("</section>")[0]


def test_a_place_that_did_not_take_it_is_shown_with_the_reason(
    hr: Browser, evening: Company
) -> None:
    def no_files(action: object) -> str:
        if isinstance(action, SendFile):
            raise Failed("群文件已满<b>")
        return "m1"

    evening.gateway.answer = no_files
    hr.look("/hr/evenings/1")
    hr.send("/hr/evenings/1/approve")
    evening.send()
    page = hr.get("/hr/evenings/1").text
    assert '<span class="badge failed">失败</span>' in page
    assert "群文件已满&lt;b&gt;" in page


@pytest.mark.parametrize("token", ["", "made-up"])
def test_a_form_that_we_did_not_give_out_changes_nothing(
    hr: Browser, evening: Company, token: str
) -> None:
    before = evening.draft(1)
    hr.csrf = token
    for path in DEEDS:
        answer = hr.send(f"/hr/evenings/1/{path}", text="改掉", reason="改掉")
        assert answer.status_code == 403, path
    assert hr.send("/logout").status_code == 403
    assert evening.draft(1) == before
    assert evening.publish() == []


def test_the_summary_can_be_taken_home(hr: Browser) -> None:
    for kind, begins in (("docx", b"PK"), ("md", b"")):
        answer = hr.get(f"/hr/evenings/1/summary.{kind}")
        assert answer.status_code == 200
        assert answer.content.startswith(begins)
        [name] = re.findall(r"filename\*=UTF-8''(\S+)", answer.headers["content-disposition"])
        assert "草稿" in unquote(name)
        assert unquote(name).endswith(f".{kind}")
        assert answer.headers["cache-control"] == "no-store"


def test_a_pdf_is_offered_where_it_can_be_written(hr: Browser) -> None:
    hr.app.state.extras = {"pdf": lambda document: document.title.encode()}
    assert ">PDF</a>" in hr.get("/hr/evenings/1").text
    answer = hr.get("/hr/evenings/1/summary.pdf")
    assert answer.text == "《我的第一单》要点与问答"
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].endswith(".pdf")


def test_a_server_without_the_pdf_extra_says_so_and_shows_no_button(hr: Browser) -> None:
    hr.app.state.extras = {}
    assert "PDF" not in hr.get("/hr/evenings/1").text
    answer = hr.get("/hr/evenings/1/summary.pdf")
    assert answer.status_code == 404
    assert "没有安装 PDF 组件" in answer.text


def test_a_pdf_that_cannot_be_written_here_is_explained(hr: Browser) -> None:
    def no_font(document: Document) -> bytes:
        raise Unwritable("服务器上没有中文字体<b>")

    hr.app.state.extras = {"pdf": no_font}
    answer = hr.get("/hr/evenings/1/summary.pdf")
    assert answer.status_code == 503
    assert "服务器上没有中文字体&lt;b&gt;" in answer.text


def test_an_evening_that_is_not_there_is_said_not_to_be(hr: Browser) -> None:
    for number in ("99", "0", "x", str(10**30)):
        for suffix in ("", "/summary.docx"):
            answer = hr.get(f"/hr/evenings/{number}{suffix}")
            assert answer.status_code == 404, number
            assert "回到全部场次" in answer.text


def test_an_evening_ahead_has_nothing_to_show_yet(hr: Browser, evening: Company) -> None:
    evening.ask("@班长 嘉宾 安排 12-03 周总 报价的时机")
    page = hr.look("/hr/evenings/2").text
    assert "还没有草稿" in page
    assert "还没有聊天记录" in page
    assert hr.get("/hr/evenings/2/summary.md").status_code == 404
    answer = hr.send("/hr/evenings/2/approve")
    assert answer.status_code == 409
    assert "没有可以审核的草稿" in answer.text


def test_no_page_is_kept_framed_or_given_to_other_sites(hr: Browser) -> None:
    for path in (*PATHS, "/login", "/"):
        headers = hr.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"], path
        assert "frame-ancestors 'none'" in headers["content-security-policy"], path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        assert headers["cache-control"] == "no-store", path


def test_a_huge_form_is_not_even_read(stranger: Browser) -> None:
    stranger.look("/login")
    answer = stranger.send("/login", user="admin", password="x" * 200_000)
    assert answer.status_code == 413


def test_the_pages_take_nothing_from_other_hosts(hr: Browser) -> None:
    page = hr.get("/hr/evenings/1").text
    assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    assert hr.get("/static/style.css").status_code == 200
