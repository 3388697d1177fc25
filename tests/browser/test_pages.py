"""The simulator and the HR pages as people use them, in headless Chromium."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="the browser extra is not here")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
SHOTS = os.environ.get("BANZHANG_SHOTS", "")
"""A folder to keep screenshots in, for people to look at."""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]
WIDE, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
PASSWORD = "banzhang"
MOST_TURNS = 5


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo, served on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "bot", "demo", "--port", str(port), "--folder", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(f"http://127.0.0.1:{port}/healthz")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait(url: str) -> None:
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        assert time.monotonic() < deadline, "the demo did not start"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def browser() -> Iterator["playwright.Browser"]:
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: "playwright.Browser", address: str) -> Iterator["playwright.Page"]:
    """A page that fails the test on a script error, or when it asks another host for anything."""
    context = browser.new_context(viewport=WIDE, base_url=address, locale="zh-CN")
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((address, "data:", "blob:"))
            else problems.append(request.url)
        ),
    )
    page.set_default_timeout(10_000)
    yield page
    context.close()
    assert problems == []


def look(page: "playwright.Page", name: str) -> None:
    """Nothing sticks out sideways, wide or on a phone."""
    for size, viewport in (("wide", WIDE), ("phone", PHONE)):
        page.set_viewport_size(viewport)  # type: ignore[arg-type]
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overflow <= 0, f"{name} is {overflow} px too wide at {size}"
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{SHOTS}/{name}-{size}.png")
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]


def say(page: "playwright.Page", who: str, words: str) -> None:
    shown = page.locator("#speaker option").all_inner_texts()
    label = next(option for option in shown if who in option)
    page.locator("#speaker").select_option(label=label)
    page.locator("#text").fill(words)
    page.locator("#text").press("Enter")
    playwright.expect(page.locator("#text")).to_have_value("")


def turn_until(page: "playwright.Page", expect: str) -> None:
    """Turn from step to step until this is seen; some steps are words to one person alone."""
    for _ in range(MOST_TURNS):
        with page.expect_response("**/simulator/clock"):
            page.get_by_role("button", name="下一步").click()
        with contextlib.suppress(AssertionError):
            playwright.expect(page.locator("body")).to_contain_text(expect, timeout=1000)
            return
    raise AssertionError(f"「{expect}」 did not come")


def sign_in(page: "playwright.Page", password: str = PASSWORD) -> None:
    page.get_by_label("用户").fill("hr")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def test_an_evening_is_planned_held_and_approved_without_leaving_the_browser(
    page: "playwright.Page",
) -> None:
    page.goto("/simulator")
    playwright.expect(page.locator("#title")).to_contain_text("新人2611群")
    messages = page.locator("#messages")

    say(page, "赵敏", "@班长 嘉宾 安排 大后天 王总 我的第一单")
    playwright.expect(messages).to_contain_text("#1 已建")
    say(page, "张磊", "加V领资料 wx_888")
    playwright.expect(messages).to_contain_text("按群规撤回")
    say(page, "林悦", "<img src=x onerror=alert(1)> 大家好")
    playwright.expect(messages).to_contain_text("<img src=x onerror=alert(1)>")
    look(page, "simulator-day")

    for words in ("【预告】", "【提醒】明天", "【提醒】今晚", "【开场】"):
        turn_until(page, words)
    for words in (
        "第一点，先问预算再报价，前三次我一上来就报价，客户只记得贵",
        "第二点，记住客户说的小事，他提过女儿要高考",
        "第三点，报价单不要超过一页，只写问题、办法和价钱",
    ):
        say(page, "王总", words)
    turn_until(page, "【答疑】")
    say(page, "林悦", "客户一上来就嫌贵，第一句怎么回？")
    say(page, "王总", "先别解释，问一句您是跟哪家比的")
    turn_until(page, "【结束】")
    turn_until(page, "草稿待审")
    look(page, "simulator-evening")

    page.goto("/hr")
    look(page, "login")
    sign_in(page, "wrong password")
    playwright.expect(page.locator("body")).to_contain_text("不对")
    sign_in(page)
    look(page, "evenings")
    page.get_by_role("link", name="我的第一单").first.click()
    playwright.expect(page.locator("#draft")).to_contain_text("先问预算再报价")
    look(page, "draft")
    page.locator("#draft a[href^='#m']").first.click()
    assert page.evaluate("document.querySelector(':target') !== null")
    page.get_by_role("button", name="通过并发布").click()
    playwright.expect(page.locator("#receipts")).to_contain_text("第 1 版")
    look(page, "approved")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 Word").click()
    assert download.value.suggested_filename.endswith("_嘉宾分享_王总_我的第一单_v1.docx")
    first = page.locator("#point1")
    first.get_by_text("修改").click()
    first.locator("textarea").fill("第一点，先问清预算，再报价")
    first.get_by_role("button", name="保存").click()
    playwright.expect(page.locator("#draft")).to_contain_text("第 2 版草稿")
    page.get_by_text("改动记录").click()
    playwright.expect(page.locator(".edits ins").first).to_be_visible()
    look(page, "changed")

    page.goto("/simulator")
    playwright.expect(page.locator("#messages")).to_contain_text("【纪要】")
    playwright.expect(page.locator("#messages")).to_contain_text("我的第一单_v1.docx")


def test_hr_follows_what_was_promised_from_the_day_to_what_was_said(
    page: "playwright.Page",
) -> None:
    plan = {"chat": "G2", "member": "周航", "text": "@班长 嘉宾 安排 大后天 王总 报价的时机"}
    assert page.request.post("/simulator/messages", data=plan).ok
    assert page.request.post("/simulator/clock", data={"by": "40h"}).ok
    page.goto("/hr/today")
    sign_in(page)
    playwright.expect(page.get_by_role("heading", name="今日承诺")).to_be_visible()
    look(page, "today")
    announced = page.locator(".promises tr", has_text="预告").filter(has_text="华东销售群")
    for _ in range(3):
        if not announced.count():
            page.get_by_role("link", name="←").click()
    look(page, "another-day")
    announced.get_by_role("link").click()
    step = page.locator(".step", has_text="预告").first
    playwright.expect(step).to_contain_text("已送达")
    playwright.expect(step.locator("blockquote")).to_be_hidden()
    step.get_by_text("经过").first.click()
    playwright.expect(step.locator("blockquote").first).to_contain_text("【预告】")
    playwright.expect(step).to_contain_text("正在发 → 已送达")
    look(page, "plan")


def test_a_stranger_sees_only_the_login(page: "playwright.Page") -> None:
    for path in ("/hr", "/hr/today", "/hr/evenings/1", "/hr/evenings/1/summary.docx"):
        page.goto(path)
        playwright.expect(page.get_by_role("button", name="登录")).to_be_visible()
