"""Posters: HR puts them up on an evening's page, and nobody else sees them before they go out."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.actions import Announce
from bot.web.posters import LARGEST
from tests.build import Company
from tests.web.visits import Browser, browser

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 100
JPEG = b"\xff\xd8\xff\xe0" + b"y" * 100
PLACE = "/hr/evenings/1/poster"


@pytest.fixture
def planned(company: Company) -> Company:
    company.ask("@班长 嘉宾 安排 11-26 王总 我的第一单")
    return company


@pytest.fixture
def hr(planned: Company) -> Iterator[Browser]:
    found = browser(planned)
    found.sign_in()
    found.look("/hr/evenings/1")
    yield found
    found.app.state.works.database.close()


def kept(company: Company) -> list[Path]:
    return sorted((company.folder / "posters").glob("*"))


@pytest.mark.parametrize(
    "content, ending, kind", [(PNG, "png", "image/png"), (JPEG, "jpg", "image/jpeg")]
)
def test_a_poster_goes_out_with_the_announcement(
    hr: Browser, planned: Company, content: bytes, ending: str, kind: str
) -> None:
    answer = hr.upload(PLACE, "poster", content)
    assert (answer.status_code, answer.headers["location"]) == (303, "/hr/evenings/1#poster")
    [file] = kept(planned)
    assert file.read_bytes() == content
    assert file.name.startswith("1-")
    assert file.name.endswith(f".{ending}")
    seen = hr.get(PLACE)
    assert (seen.content, seen.headers["content-type"]) == (content, kind)
    assert seen.headers["x-content-type-options"] == "nosniff"
    assert f'<img src="{PLACE}"' in hr.get("/hr/evenings/1").text
    [posted] = [one for one in planned.go("2026-11-24 12:00") if isinstance(one, Announce)]
    assert posted.picture == f"posters/{file.name}"


@pytest.mark.parametrize(
    "content, words",
    [
        (b"<svg onload=alert(1)>", "只能传 PNG 或 JPEG"),
        (b"GIF89a", "只能传 PNG 或 JPEG"),
        (b"", "请先选一张图片"),
        (PNG + b"z" * LARGEST, "超过 2 MB"),
    ],
)
def test_what_is_no_poster_is_refused_with_the_reason(
    hr: Browser, planned: Company, content: bytes, words: str
) -> None:
    answer = hr.upload(PLACE, "poster", content)
    assert answer.status_code == 422
    assert words in answer.text
    assert planned.evening(1).poster == ""
    assert kept(planned) == []
    assert hr.get(PLACE).status_code == 404


def test_far_too_much_is_not_even_read(hr: Browser, planned: Company) -> None:
    answer = hr.upload(PLACE, "poster", PNG + b"z" * (5 * LARGEST))
    assert answer.status_code == 413
    assert kept(planned) == []


def test_one_poster_takes_the_place_of_another_and_can_be_taken_away(
    hr: Browser, planned: Company
) -> None:
    hr.upload(PLACE, "poster", PNG)
    [first] = kept(planned)
    hr.upload(PLACE, "poster", JPEG)
    [second] = kept(planned)
    assert first != second
    assert hr.get(PLACE).content == JPEG
    assert hr.send(f"{PLACE}/remove").status_code == 303
    assert kept(planned) == []
    assert planned.evening(1).poster == ""


def test_a_poster_that_was_posted_or_is_shared_is_kept_when_another_comes(
    hr: Browser, planned: Company
) -> None:
    hr.upload(PLACE, "poster", PNG)
    planned.go("2026-11-24 12:00")
    hr.upload(PLACE, "poster", JPEG)
    assert [file.read_bytes()[:4] for file in kept(planned)].count(PNG[:4]) == 1
    planned.ask("@班长 嘉宾 改期 1 12-03")
    planned.ask("@班长 确认")
    assert hr.send("/hr/evenings/2/poster/remove").status_code == 303
    assert hr.get(PLACE).content == JPEG


def test_a_poster_is_only_for_an_evening_ahead(hr: Browser, planned: Company) -> None:
    planned.go("2026-11-26 19:30")
    answer = hr.upload(PLACE, "poster", PNG)
    assert answer.status_code == 409
    assert "已经开始" in answer.text
    assert kept(planned) == []
    assert hr.upload("/hr/evenings/99/poster", "poster", PNG).status_code == 404


def test_a_stranger_neither_sees_nor_sets_a_poster(hr: Browser, planned: Company) -> None:
    hr.upload(PLACE, "poster", PNG)
    stranger = browser(planned)
    stranger.look("/login")
    assert stranger.get(PLACE).headers["location"] == f"/login?next={PLACE}"
    assert stranger.upload(PLACE, "poster", JPEG).status_code in (303, 403)
    assert stranger.send(f"{PLACE}/remove").status_code in (303, 403)
    hr.csrf = "made-up"
    assert hr.upload(PLACE, "poster", JPEG).status_code == 403
    assert hr.get(PLACE).content == PNG
    stranger.app.state.works.database.close()


def test_a_file_outside_or_of_another_kind_is_never_served(hr: Browser, planned: Company) -> None:
    (planned.folder / "page.png").write_text("<script>alert(1)</script>")
    for name in ("page.png", "../conftest.py", "/etc/passwd", "gone.png"):
        with planned.database.write() as db:
            one = planned.evening(1)
            one.poster = name
            db.merge(one)
        assert hr.get(PLACE).status_code == 404, name
