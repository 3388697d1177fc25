"""Codes in pictures: what they lead to is judged, wherever the picture could be had."""

import asyncio
import io
from collections.abc import Callable

import pytest
import zxingcpp
from PIL import Image, ImageOps

from bot import codes
from bot.actions import Recall, Say
from bot.events import Joined, Message, Segment
from bot.gateways.contract import Failed, TryLater
from bot.looking import Looking
from storage import archive, pictures
from storage.archive import Arrival
from storage.pictures import State
from tests.build import G1, LIN, OWNER, ZHANG, Company, direct

URL = "https://cdn.example/1.png"
FRIEND = "https://u.wechat.com/abc"


def picture(*texts: str, turned: int = 0, inverted: bool = False, kind: str = "PNG") -> bytes:
    """A picture with these codes side by side."""
    paper = Image.new("L", (300 * max(len(texts), 1), 300), 255)
    for n, text in enumerate(texts):
        made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
        code = Image.fromarray(zxingcpp.write_barcode_to_image(made, scale=5))
        paper.paste(code, (300 * n + 20, 20))
    paper = paper.rotate(turned, expand=True, fillcolor=255)
    paper = ImageOps.invert(paper) if inverted else paper
    written = io.BytesIO()
    paper.convert("RGB").save(written, kind)
    return written.getvalue()


def post(company: Company, *, by: str = LIN, url: str = URL, text: str = "") -> Message:
    pieces = (Segment("text", text), Segment("image", ref="a.png", url=url))
    return company.hear(text, by=by, segments=pieces if text else pieces[1:])


def look(company: Company, words: Callable[[bytes], str] | None = None) -> list:
    """Look into what waits; what the bot did about it. `words` reads what is written there."""

    async def save(events: object, raw: bytes) -> None:
        with company.database.write() as db:
            arrival = Arrival(events, raw)  # type: ignore[arg-type]
            archive.save(db, [arrival], now=company.clock.now(), chats={})

    async def rounds() -> None:
        gateways = {"fake": company.gateway}
        looking = Looking(company.database, gateways, company.clock.now, save, words)
        while await looking.round():
            pass

    asyncio.run(rounds())
    company.receive()
    return company.send()


def newcomer(company: Company, who: str = "new1") -> str:
    joined = Joined(
        key=f"fake:1:in-{who}", chat=G1, at=company.clock.now(), member=who, name="小新"
    )
    company.receive(joined)
    company.clock.pass_(minutes=5)
    company.send()
    return who


@pytest.mark.parametrize(
    "content",
    [
        picture(FRIEND),
        picture(FRIEND, turned=17),
        picture(FRIEND, inverted=True),
        picture(FRIEND, kind="JPEG"),
        picture("wxp://f2f0abc", FRIEND),
    ],
    ids=["plain", "turned", "inverted", "jpeg", "two"],
)
def test_codes_are_read_however_they_are_drawn(content: bytes) -> None:
    assert FRIEND in codes.read(content)


def test_a_newcomers_code_is_taken_down_with_a_reason_and_a_receipt(company: Company) -> None:
    who = newcomer(company)
    company.gateway.pictures[URL] = picture(FRIEND)
    posted = post(company, by=who)
    done = look(company)
    assert Recall(chat=G1, message=posted.id) in done
    [notice] = [a for a in done if isinstance(a, Say) and a.chat == G1]
    assert "二维码" in notice.text
    assert "u.wechat.com" not in notice.text


def test_of_a_member_the_owner_is_asked_and_the_picture_stands(company: Company) -> None:
    company.gateway.pictures[URL] = picture("https://shop.example.top/1")
    post(company, by=LIN)
    done = look(company)
    assert not any(isinstance(a, Recall) for a in done)
    [asked] = [a.text for a in done if isinstance(a, Say) and a.chat == direct(OWNER)]
    assert "外部链接" in asked


@pytest.mark.parametrize("text", ["https://meeting.tencent.com/dm/abc", "3 排 12 座"])
def test_meetings_and_plain_words_pass(company: Company, text: str) -> None:
    who = newcomer(company)
    company.gateway.pictures[URL] = picture(text)
    post(company, by=who)
    assert look(company) == []


def test_a_code_that_the_owner_posted_is_the_groups_own(company: Company) -> None:
    who = newcomer(company)
    company.gateway.pictures[URL] = picture(FRIEND)
    post(company, by=OWNER)
    assert look(company) == []
    post(company, by=who)
    assert look(company) == []


def test_a_code_that_was_called_harmless_is_not_asked_about_again(company: Company) -> None:
    company.gateway.pictures[URL] = picture(FRIEND)
    post(company, by=LIN)
    [asked] = [a.text for a in look(company) if isinstance(a, Say) and a.chat == direct(OWNER)]
    code = asked.split("放过 ")[1][:3]
    company.ask(f"@班长 放过 {code}")
    post(company, by=ZHANG)
    assert look(company) == []


def test_an_allowed_domain_passes(company: Company) -> None:
    company.say("@班长 二维码 允许域名 example.top", by=OWNER)
    company.gateway.pictures[URL] = picture("https://shop.example.top/1")
    post(company, by=LIN)
    assert look(company) == []


def test_what_was_taken_back_meanwhile_is_nobodys_fault(company: Company) -> None:
    who = newcomer(company)
    company.gateway.pictures[URL] = picture(FRIEND)
    posted = post(company, by=who)
    company.take_back(posted, by=who)
    assert look(company) == []


def test_a_picture_delivered_twice_is_looked_into_once(company: Company) -> None:
    company.gateway.pictures[URL] = picture(FRIEND)
    posted = post(company, by=LIN)
    company.receive(posted)
    assert len([a for a in look(company) if isinstance(a, Say)]) == 1
    assert look(company) == []


def test_after_a_crash_between_the_event_and_the_note_nothing_is_done_twice(
    company: Company,
) -> None:
    company.gateway.pictures[URL] = picture(FRIEND)
    posted = post(company, by=LIN)
    assert look(company) != []
    with company.database.write() as db:
        [one] = pictures.of_message(db, chat=G1, message=posted.id)
        one.state, one.url = State.WAITING, URL
    assert look(company) == []


def test_what_could_not_be_had_is_tried_again_and_then_given_up_without_blame(
    company: Company,
) -> None:
    company.gateway.pictures[URL] = TryLater("下载超时")
    posted = post(company, by=newcomer(company))
    for _ in range(6):
        assert look(company) == []
        company.clock.pass_(minutes=1)
    with company.database.read() as db:
        [one] = pictures.of_message(db, chat=G1, message=posted.id)
        assert (one.state, one.tries) == (State.GONE, pictures.MOST_TRIES)
    assert "没取到 1 张" in company.ask("@班长 图片情况")


def test_what_may_not_be_fetched_is_given_up_at_once(company: Company) -> None:
    company.gateway.pictures[URL] = Failed("是内部地址，没有下载")
    post(company, by=newcomer(company))
    assert look(company) == []
    assert "是内部地址" in company.ask("@班长 图片情况")


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"<svg></svg>", picture()[:60], b"\x89PNG\r\n\x1a\n" + b"\0" * 50],
)
def test_what_is_no_picture_is_left_alone(company: Company, content: bytes) -> None:
    company.gateway.pictures[URL] = content
    post(company, by=newcomer(company))
    assert look(company) == []


def test_a_picture_that_unpacks_to_a_monster_is_not_unpacked() -> None:
    written = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(written, "PNG")
    with pytest.raises(codes.NotAPicture):
        codes.read(written.getvalue())


def test_with_the_rule_off_no_picture_is_fetched(company: Company) -> None:
    company.say("@班长 二维码 关", by=OWNER)
    posted = post(company, by=LIN)
    with company.database.read() as db:
        assert pictures.of_message(db, chat=G1, message=posted.id) == []


def test_words_in_a_picture_are_for_a_person_to_decide_about(company: Company) -> None:
    company.gateway.pictures[URL] = picture()
    post(company, by=newcomer(company))
    done = look(company, lambda content: "兼职日结200，想做的加V领资料 wx_888")
    assert not any(isinstance(a, Recall) for a in done)
    [asked] = [a.text for a in done if isinstance(a, Say) and a.chat == direct(OWNER)]
    assert "图片里的字" in asked


def test_everyday_words_in_a_picture_pass(company: Company) -> None:
    company.gateway.pictures[URL] = picture()
    post(company, by=newcomer(company))
    assert look(company, lambda content: "明天下午三点会议室见") == []


def test_words_of_those_who_keep_the_group_are_not_read(company: Company) -> None:
    company.gateway.pictures[URL] = picture()
    post(company, by=OWNER)

    def read(content: bytes) -> str:
        raise AssertionError("read")

    assert look(company, read) == []
