"""An evening whose draft waits, and whoever looks at its pages."""

from collections.abc import Iterator

import pytest

from tests.build import GUEST, LIN, ZHANG, Company, at
from tests.web.visits import HOSTILE, SECRET, Browser, browser


@pytest.fixture
def evening(company: Company) -> Company:
    """#1 was held and its draft waits."""
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    company.go("2026-11-24 12:00")
    company.go("2026-11-26 19:30")
    for minute, text in enumerate((SECRET, "拜访之后两小时内一定要发一条小结给客户"), 35):
        company.clock.at = at(f"2026-11-26 19:{minute}")
        company.hear(text, by=GUEST)
    company.clock.at = at("2026-11-26 19:50")
    company.hear(f"我叫{HOSTILE}，电话 13800138000", by=ZHANG, name=HOSTILE)
    company.go("2026-11-26 20:30")
    asked = company.hear(f"请问小客户值得花时间吗？{HOSTILE}", by=LIN, name=HOSTILE)
    company.hear("值得，小单能把流程完整走一遍", by=GUEST, reply_to=asked.id)
    company.go("2026-11-26 21:00")
    company.go("2026-11-26 21:10")
    return company


@pytest.fixture
def stranger(evening: Company) -> Iterator[Browser]:
    found = browser(evening)
    yield found
    found.app.state.works.database.close()


@pytest.fixture
def hr(stranger: Browser) -> Browser:
    assert stranger.sign_in().status_code == 303
    return stranger
