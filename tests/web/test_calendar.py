"""Calendar feeds: everyone finds what concerns them, and a guess finds nothing."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response
from icalendar import Calendar

from bot.people import Member
from bot.web import calendar
from bot.web.calendar import Addresses, Tokens
from storage import audience, changes, groups, guests, members
from storage.database import Database
from storage.guests import State
from storage.members import Person
from tests.fakes import HandClock

KEY = "a key that nobody guesses"
START = datetime(2026, 11, 26, 11, 30, tzinfo=UTC)
ANNOUNCED = date(2026, 11, 24)
TIMES = {"starts": 0, "asks": 60, "ends": 90}
LIN, ZHANG, WANG, ZHOU = "20001", "20002", "20003", "20004"


class Place:
    """Two groups on QQ, 林悦 in the first and 张磊 in the second, and a server with their feeds."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = HandClock(datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
        self.app = FastAPI()
        calendar.install(self.app, database, self.clock, KEY, public_url="")
        self.links = Addresses("", Tokens(KEY))
        self.here = self.group("新人2611群", "qq:1:600001", LIN)
        self.there = self.group("新人2612群", "qq:1:600002", ZHANG)

    def group(self, name: str, chat: str, *people: str) -> int:
        with self.database.write() as db:
            group = groups.add(db, name=name, zone="Asia/Shanghai", kind="newhire")
            row = groups.connect(db, group=group, key=chat)
            there = [Member(id=one) for one in people]
            members.replace(db, chat_id=row.id, members=there, now=self.clock.now())
            return group.id

    def plan(self, guest: str, *, group: int, account: str = "", days: int = 0) -> int:
        """An evening with this guest, so many days after the 26th; its number."""
        with self.database.write() as db:
            return changes.plan(
                db,
                group=groups.get(db, group),
                guest=guest,
                guest_account=account,
                topic="我的第一单",
                starts=START + timedelta(days=days),
                asks=START + timedelta(days=days, minutes=60),
                ends=START + timedelta(days=days, minutes=90),
                announce_on=ANNOUNCED,
                by="10001",
                now=self.clock.now(),
            ).id

    def change(self, number: int, **values: object) -> None:
        with self.database.write() as db:
            evening = guests.get(db, number)
            assert evening is not None
            changes.change(db, evening, by="10001", what="改", now=self.clock.now(), **values)

    def share(self, number: int, *, joint: bool) -> None:
        with self.database.write() as db:
            audience.add(
                db,
                evening_id=number,
                group_id=self.there,
                joint=joint,
                by="10001",
                now=self.clock.now(),
            )

    def ask(self, path: str, method: str = "GET", **headers: str) -> Response:
        client = AsyncClient(transport=ASGITransport(self.app), base_url="http://hr")
        return asyncio.run(client.request(method, path, headers=headers))

    def of_group(self, group: int) -> list[str]:
        return titles(self.ask(self.links.of_group(group)))

    def of_person(self, member: str, platform: str = "qq") -> list[str]:
        return titles(self.ask(self.links.of_person(platform, member)))


def titles(response: Response) -> list[str]:
    assert response.status_code == 200
    return [str(event["SUMMARY"]) for event in Calendar.from_ical(response.content).events]


@pytest.fixture
def place(database: Database) -> Place:
    return Place(database)


def test_a_group_finds_its_own_evenings_and_those_it_shares_or_is_told_of(place: Place) -> None:
    shared = place.plan("王总", group=place.here)
    told = place.plan("刘老师", group=place.here, days=1)
    place.plan("方姐", group=place.here, days=2)
    place.plan("老葛", group=place.there, days=3)
    place.share(shared, joint=True)
    place.share(told, joint=False)
    assert place.of_group(place.there) == [
        "王总《我的第一单》",
        "刘老师《我的第一单》",
        "老葛《我的第一单》",
    ]


def test_a_person_finds_the_evenings_of_all_their_groups_until_they_leave(place: Place) -> None:
    place.plan("王总", group=place.here)
    place.plan("老葛", group=place.there, days=1)
    assert place.of_person(LIN) == ["王总《我的第一单》"]
    with place.database.write() as db:
        chat = groups.chat_for(db, "qq:1:600002")
        members.note(db, chat_id=chat.id, member=LIN)
    assert place.of_person(LIN) == ["王总《我的第一单》", "老葛《我的第一单》"]
    with place.database.write() as db:
        members.note(db, chat_id=chat.id, member=LIN, left=place.clock.now())
    assert place.of_person(LIN) == ["王总《我的第一单》"]


def test_guest_host_and_standby_find_their_evening_and_those_alike_do_not(place: Place) -> None:
    number = place.plan("王总", group=place.here, account=f"{WANG} {ZHOU}")
    with place.database.write() as db:
        evening = guests.get(db, number)
        assert evening is not None
        evening.host_account, evening.standby_account = "20005", "20006"
    for account in (WANG, ZHOU, "20005", "20006"):
        assert place.of_person(account) == ["王总《我的第一单》"]
    for account in ("2000", "0003", "%", "_____", f"{WANG} {ZHOU}"):
        assert place.of_person(account) == []
    assert place.of_person(WANG, platform="wecom") == []


def test_all_accounts_of_one_person_find_the_same(place: Place) -> None:
    place.plan("王总", group=place.here)
    with place.database.write() as db:
        person = Person(number="00031", name="林悦")
        db.add(person)
        db.flush()
        members.link(db, person=person, platform="qq", external=LIN)
        members.link(db, person=person, platform="wecom", external="linyue")
    assert place.of_person("linyue", platform="wecom") == ["王总《我的第一单》"]


def test_a_mystery_guest_is_in_nobodys_feed_but_their_own_before_the_opening(
    place: Place,
) -> None:
    with place.database.write() as db:
        chat = groups.chat_for(db, "qq:1:600001")
        members.note(db, chat_id=chat.id, member=WANG, name="王总")
    number = place.plan("王总", group=place.here, account=WANG)
    place.change(number, mystery=True, contact="wang@example.com", hint="公司第3号员工")
    with place.database.write() as db:
        evening = guests.get(db, number)
        assert evening is not None
        evening.poster, evening.host_account = "wangzong.png", ZHOU
    feeds = [place.links.of_group(place.here)]
    feeds += [place.links.of_person("qq", member) for member in (LIN, ZHOU)]
    for feed in feeds:
        text = place.ask(feed).content.replace(b"\r\n ", b"").decode()
        assert "SUMMARY:神秘嘉宾《我的第一单》\r\n" in text
        for secret in ("王总", WANG, "wang", "example.com"):
            assert secret not in text
    assert place.of_person(WANG) == ["王总《我的第一单》"]
    with place.database.write() as db:
        evening = guests.get(db, number)
        assert evening is not None
        evening.opened = START
    assert place.of_group(place.here) == ["王总《我的第一单》"]


def test_a_changed_evening_stays_one_entry_and_a_moved_one_becomes_two(place: Place) -> None:
    number = place.plan("王总", group=place.here)
    feed = place.links.of_group(place.here)
    [before] = Calendar.from_ical(place.ask(feed).content).events
    place.change(number, guest="刘老师", starts=START + timedelta(minutes=30))
    [after] = Calendar.from_ical(place.ask(feed).content).events
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after["SUMMARY"] == "刘老师《我的第一单》"
    assert after.start - before.start == timedelta(minutes=30)
    with place.database.write() as db:
        evening = guests.get(db, number)
        assert evening is not None
        later = {name: START + timedelta(days=7, minutes=m) for name, m in TIMES.items()}
        changes.move(
            db,
            evening,
            announce_on=ANNOUNCED,
            by="10001",
            reason="出差",
            now=place.clock.now(),
            **later,
        )
    old, new = Calendar.from_ical(place.ask(feed).content).events
    assert (old["UID"], old["STATUS"]) == (before["UID"], "CANCELLED")
    assert old["SEQUENCE"] > after["SEQUENCE"]
    assert new["UID"] != old["UID"]
    assert new["STATUS"] == "CONFIRMED"


def test_what_was_called_off_stays_for_two_months_and_is_gone_in_the_end(place: Place) -> None:
    number = place.plan("王总", group=place.here)
    place.change(number, state=State.CANCELLED)
    place.clock.at = START + timedelta(days=61)
    assert place.of_group(place.here) == ["已取消：王总《我的第一单》"]
    place.clock.at = START + timedelta(days=91)
    assert place.of_group(place.here) == []


def test_a_guess_is_answered_like_any_page_that_is_not_there(place: Place) -> None:
    unknown = place.ask("/calendar/elsewhere")
    strangers = Addresses("", Tokens("another key"))
    person = place.links.of_person("qq", LIN)
    for path in (
        "/calendar/p/x.ics",
        "/calendar/p/密码.ics",
        "/calendar/p/WyJxcSIsIjIwMDAxIl0.ics",
        strangers.of_person("qq", LIN),
        strangers.of_group(place.here),
        person.replace("/p/", "/g/"),
        place.links.of_group(place.here).replace("/g/", "/p/"),
        place.links.of_group(99),
        person.removesuffix(".ics"),
    ):
        answer = place.ask(path)
        assert (answer.status_code, answer.content) == (404, unknown.content), path
        assert answer.headers == unknown.headers


def test_an_address_of_nobody_we_know_is_an_empty_calendar(place: Place) -> None:
    assert place.of_person("99999") == []


def test_a_client_that_has_the_feed_is_told_so_until_something_changes(place: Place) -> None:
    number = place.plan("王总", group=place.here)
    feed = place.links.of_person("qq", LIN)
    first = place.ask(feed)
    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert first.headers["cache-control"] == "private, max-age=900"
    place.clock.pass_(minutes=20)
    again = place.ask(feed, **{"If-None-Match": f'"old", {first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    place.change(number, topic="我的第二单")
    assert place.ask(feed, **{"If-None-Match": first.headers["etag"]}).status_code == 200
    assert place.ask(feed, method="HEAD").status_code == 200
