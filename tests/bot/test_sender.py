"""What becomes of a delivery: sent, tried again, replaced, or a person told."""

import asyncio

import pytest

from bot.actions import Announce, AnyAction, Mute, Recall, Say, SendFile
from bot.gateways.contract import Can, Failed, TryLater
from bot.gateways.degrade import able, instead
from storage import claims, outbox
from storage.outbox import Plan, State
from tests.build import G1, OWNER, Company, direct

PLAN = "@班长 嘉宾 安排 11-26 王总 我的第一单"


def put(company: Company, *actions: AnyAction, **more: object) -> None:
    plans = [
        Plan(key=f"k{n}", cause="test", action=action, due=company.clock.now(), **more)  # type: ignore[arg-type]
        for n, action in enumerate(actions)
    ]
    with company.database.write() as db:
        outbox.put(db, plans, now=company.clock.now())


def states(company: Company, cause: str = "test") -> list[str]:
    with company.database.read() as db:
        return [delivery.state for delivery in outbox.of_cause(db, cause)]


def test_one_chat_gets_its_posts_in_order_and_the_urgent_first(company: Company) -> None:
    put(company, *[Say(chat=G1, text=str(n)) for n in range(3)], priority=3)
    with company.database.write() as db:
        urgent = Plan(
            key="u",
            cause="u",
            action=Say(chat=G1, text="urgent"),
            due=company.clock.now(),
            priority=0,
        )
        outbox.put(db, [urgent], now=company.clock.now())
    assert [action.text for action in company.send()] == ["urgent", "0", "1", "2"]


def test_a_busy_platform_is_tried_again_later_and_not_at_once(company: Company) -> None:
    tries = 0

    def busy(action: AnyAction) -> str:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise TryLater("limited")
        return "m1"

    company.gateway.answer = busy
    put(company, Say(chat=G1, text="hello"))
    assert company.send() == []
    assert company.send() == []
    assert tries == 1
    for _ in range(2):
        company.clock.pass_(minutes=1)
        company.send()
    assert states(company) == [State.DELIVERED]


def test_what_may_have_been_posted_is_not_posted_again_and_the_owner_is_asked(
    company: Company,
) -> None:
    company.ask(PLAN)

    def lost(action: AnyAction) -> str:
        if isinstance(action, Announce):
            raise TryLater("no answer", unsure=True)
        return "m1"

    company.gateway.answer = lost
    company.gateway.reads_back = False
    said = company.go("2026-11-24 12:00")
    [delivery] = [d for d in company.deliveries(1) if d.step == "announce"]
    assert delivery.state == State.UNKNOWN
    [asked] = [a.text for a in said if isinstance(a, Say) and a.chat == direct(OWNER)]
    assert "可能已发出预告" in asked
    assert "「补发 1-G1」或「不用」" in asked
    company.clock.pass_(hours=1)
    assert company.send() == []


def test_a_recall_that_may_have_happened_is_simply_done_again(company: Company) -> None:
    answers = iter([TryLater("no answer", unsure=True), None])

    def first_lost(action: AnyAction) -> str:
        if problem := next(answers):
            raise problem
        return ""

    company.gateway.answer = first_lost
    put(company, Recall(chat=G1, message="5"))
    company.send()
    company.clock.pass_(minutes=1)
    assert company.send() == [Recall(chat=G1, message="5")]


def test_a_crash_after_claiming_leaves_posts_unknown_and_repeats_what_is_harmless(
    company: Company,
) -> None:
    company.gateway.reads_back = False
    put(company, Say(chat=G1, text="hello"), Mute(chat=direct("x"), member="x", seconds=60))
    with company.database.write() as db:
        assert len(claims.claim(db, now=company.clock.now(), limit=10)) == 2
    assert [type(action) for action in company.restart()] == [Mute]
    assert states(company) == [State.UNKNOWN, State.DELIVERED]


def test_what_is_too_late_is_not_sent(company: Company) -> None:
    put(company, Say(chat=G1, text="old"), expires=company.clock.now())
    assert company.send() == []
    assert states(company) == [State.EXPIRED]


def test_a_recall_that_the_platform_refuses_is_told_to_the_owner_once_a_day(
    company: Company,
) -> None:
    def not_admin(action: AnyAction) -> str:
        if isinstance(action, Recall):
            raise Failed("ERR_NOT_GROUP_ADMIN")
        return "m1"

    company.gateway.answer = not_admin
    put(company, Recall(chat=G1, message="1"), Recall(chat=G1, message="2"))
    words = [a.text for a in company.send() if isinstance(a, Say) and a.chat == direct(OWNER)]
    assert len(words) == 1
    assert "管理员" in words[0]


def test_a_private_word_that_cannot_arrive_is_mentioned_in_the_group_once_a_day(
    company: Company,
) -> None:
    def not_a_friend(action: AnyAction) -> str:
        if action.chat != G1:
            raise Failed("not a friend")
        return "m1"

    company.gateway.answer = not_a_friend
    secret = Say(chat=direct(OWNER), text="草稿内容", via=G1)
    put(company, secret, secret)
    [said] = company.send()
    assert isinstance(said, Say)
    assert said.mention == (OWNER,)
    assert "草稿内容" not in said.text


def test_what_a_platform_cannot_do_at_all_is_not_tried(company: Company) -> None:
    company.gateway.can = Can(hears_all=True)
    put(company, SendFile(chat=G1, path="a.docx", name="a.docx"))
    said = [action.text for action in company.send() if isinstance(action, Say)]
    assert len([text for text in said if "a.docx" in text]) == 1


@pytest.mark.parametrize("can", [Can(), Can(recall=True, mute=True, direct=True)])
def test_every_action_has_an_answer_to_whether_it_can_be_done(can: Can) -> None:
    for action in (
        Recall(chat=G1, message="1"),
        Say(chat=G1, text=""),
        Mute(chat=G1, member="x", seconds=1),
    ):
        if not able(can, action):
            assert instead(action, "原因").word


def test_pokes_do_not_start_a_second_delivery_of_the_same(company: Company) -> None:
    put(company, Say(chat=G1, text="once"))

    async def twice() -> None:
        sender = company.sender()
        await asyncio.gather(sender.round(), sender.round())
        await sender.settled()

    asyncio.run(twice())
    assert len(company.gateway.done) == 1
