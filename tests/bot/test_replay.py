"""The archive played once more says what was said when it was live."""

from collections.abc import Iterator

import pytest

from bot import replay
from bot.actions import Say
from bot.events import Joined, PictureRead, Recalled, RoleChanged, Segment
from bot.people import Role
from bot.pipeline import Pipeline
from bot.replay import Asked
from handlers import moderation
from rules.engine import RULES, Params
from storage import past
from storage.database import Database
from tests.build import DEPUTY, G1, GUEST, LIN, OWNER, ZHANG, Company, at, message

SHOUTS = ("你什么态度，每次都这样", "你自己不看通知怪谁，只会指手画脚", "你再说一遍，你算老几")
AD = "加V领资料 wx_888"
Hit = tuple[str, str, str]


@pytest.fixture(params=[1, 7, past.STEP])
def step(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many events are read at once."""
    monkeypatch.setattr(past, "STEP", request.param)


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> list[Hit]:
    """What the rules say on the real road, as it is handed on to be acted on."""
    seen: list[Hit] = []
    act = moderation.act

    def noting(*args: object, **more: object) -> object:
        key = more["message"].key  # type: ignore[attr-defined]
        seen.extend((v.rule, key, v.reason) for v in more["verdicts"])  # type: ignore[attr-defined]
        return act(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(moderation, "act", noting)
    return seen


def played(database: Database, rule: str, params: Params, company: Company) -> Iterator[Hit]:
    asked = Asked(company.group_id, rule, params, at("2026-11-20 00:00"))
    for one in replay.play(database, asked):
        if one is not None and one.verdict is not None:
            yield (rule, one.message.key, one.verdict.reason)


def says(company: Company, text: str, by: str, after: float = 60, **more: object) -> None:
    company.clock.pass_(seconds=after)
    company.receive(message(text, by=by, when=company.clock.now(), **more))


def comes(company: Company, who: str, after: float = 5) -> None:
    moment = company.clock.pass_(seconds=after)
    company.receive(Joined(key=f"fake:1:j{who}", chat=G1, at=moment, member=who, name=who))


def an_evening_with_everything(company: Company) -> None:
    """Each rule at its edge: just not caught, just caught, and those who are left alone."""
    says(company, "在上一次之前就有人说话", LIN)
    # Flooding, with the first of them exactly at the edge of the window, and then inside it.
    for after in (60, 4, 1, 1, 1, 1, 2, 0.5):
        says(company, f"这是一句{after}不同的话", ZHANG, after)
    # Repeats, the last one just outside the five minutes and then inside.
    for after in (60, 100, 100, 100, 30):
        says(company, "大家记得今晚来看我直播", LIN, after)
    # The process dies: what it held in memory is read back.
    company.pipeline = Pipeline(company.database, company.clock.now)
    for piece, after in (("兼职日结", 60), ("打字就行", 10), ("想做的加V", 10), ("wx_888", 10)):
        says(company, piece, LIN, after)
    says(company, "", ZHANG, segments=(Segment("forward", AD),))
    says(company, AD, "new", role=Role.MEMBER)
    for n in range(9):
        says(company, SHOUTS[n % 3], (LIN, ZHANG)[n % 2], 9)
    says(company, "大家好", "n99", name="办证刻章+V 8823")
    # Codes in pictures, one of them harmless.
    for number, code in enumerate(("https://u.wechat.com/abc", "3 排 12 座")):
        says(company, "", LIN, id=f"p{number}", segments=(Segment("image", ref="a"),))
        read = PictureRead(
            key=f"fake:1:p{number}/picture/0",
            chat=G1,
            at=company.clock.now(),
            message=f"p{number}",
            member=LIN,
            codes=(code,),
        )
        company.receive(read)
    # Left alone: the owner, the deputy, the guest of the evening; and our own account.
    for who in (OWNER, DEPUTY, GUEST):
        says(company, AD, who)
    says(company, AD, "1", own=True)
    # Somebody is made a deputy, and is left alone from then on.
    says(company, AD, ZHANG)
    company.receive(
        RoleChanged(
            key="fake:1:rc", chat=G1, at=company.clock.now(), member=ZHANG, role=Role.DEPUTY
        )
    )
    says(company, AD, ZHANG)
    company.receive(
        Recalled(key="fake:1:rr", chat=G1, at=company.clock.now(), message="1", member=LIN)
    )
    # A wave of newcomers, and a link of one of them before and after it is one.
    for n in range(10):
        comes(company, f"n{n}")
    says(company, "看这里 www.example.com/abc", "n3")
    comes(company, "n10")
    says(company, "看这里 www.example.com/abc", "n4")
    says(company, "看这里 www.example.com/abc", LIN)


def test_every_rule_says_of_the_archive_what_it_said_live(
    company: Company, live: list[Hit], step: None
) -> None:
    company.ask("@班长 嘉宾 安排 11-20 王总 我的第一单")
    an_evening_with_everything(company)
    company.clock.pass_(hours=2)
    assert {rule for rule, _, _ in live} == set(RULES), "the evening is to show every rule"
    for name, rule in RULES.items():
        again = list(played(company.database, name, rule.params(), company))
        assert again == [hit for hit in live if hit[0] == name], name


def test_the_window_begins_where_it_is_asked_to_with_what_was_said_just_before(
    company: Company,
) -> None:
    for after in (60, 1, 1, 1, 1, 1, 1):
        says(company, f"这是一句{after}不同的话", ZHANG, after)
    since = company.clock.now()
    asked = Asked(company.group_id, "刷屏", RULES["刷屏"].params(), since)
    [only] = [one for one in replay.play(company.database, asked) if one is not None]
    assert only.message.at == since
    assert only.verdict is not None
    assert only.verdict.reason == "10 秒内发了 7 条"


def test_other_settings_find_something_else_and_wider_ones_more(company: Company) -> None:
    for _ in range(6):
        says(company, "这是一句不同的话", ZHANG, 1)
    kind = RULES["刷屏"].params
    strict = kind.model_validate({"limit": 3, "seconds": 30})
    assert len(list(played(company.database, "刷屏", strict, company))) == 3
    assert list(played(company.database, "刷屏", kind(), company)) == []


def test_a_message_like_one_that_was_called_no_breach_is_known(company: Company) -> None:
    [notice] = [one for one in company.say(AD) if isinstance(one, Say)]
    code = notice.text.partition("回执 ")[2][:3]
    company.ask(f"@班长 误判 {code}")
    company.clock.pass_(minutes=5)
    company.say(AD, by=ZHANG)
    asked = Asked(company.group_id, "广告", RULES["广告"].params(), at("2026-11-20 00:00"))
    found = [one for one in replay.play(company.database, asked) if one and one.verdict]
    assert [(one.message.member, one.known) for one in found] == [(LIN, True), (ZHANG, True)]


def test_what_is_said_while_it_is_played_is_not_waited_for(company: Company) -> None:
    for n in range(5):
        says(company, f"第{n}句", LIN)
    asked = Asked(company.group_id, "刷屏", RULES["刷屏"].params(), at("2026-11-20 00:00"))
    playing = replay.play(company.database, asked)
    assert next(playing) is None
    says(company, "边回测边说话", LIN)
    heard = [one.message.text for one in playing if one is not None]
    assert heard == [f"第{n}句" for n in range(5)]


def test_what_somebody_slowed_said_too_soon_is_left_out_as_it_was(company: Company) -> None:
    company.ask("@班长 冷静 张磊 10分钟")
    says(company, AD, ZHANG, 30)
    says(company, AD, ZHANG, 5)
    hits = list(played(company.database, "广告", RULES["广告"].params(), company))
    assert len(hits) == 1
