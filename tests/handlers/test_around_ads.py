"""What is around a message: who sent it and when, where else it was said, what it was before."""

from datetime import timedelta

import pytest

from bot.actions import AnyAction, Recall
from bot.events import Edited, Joined, Message, Segment
from bot.pipeline import Pipeline
from rules.detector.verdict import ECHOED, Trust, advertisement
from tests.build import CAST, G1, LIN, OWNER, ZHANG, Company
from tests.handlers.test_acts import whispers

AD = "加V领资料 wx_888"
SOFT_SELLING = (
    "下班以后带大家做点副业，想参加的周六上午来二楼听一听",
    "朋友新开了一家健身工作室，群里的同事去可以先体验再决定",
    "我姐姐在做少儿英语，孩子想试听一节的家长可以跟我说一声",
    "谁要剩下的体验课名额，比门店便宜，找我就行",
    "想学理财的同学可以来听听我老师周日晚上的公开课，讲得很实在",
    "我在做一个关于睡眠的小课，这周先开放二十个位置，欢迎来聊聊",
    "家里代理了一批保温杯，同事价一个三十九，喜欢的可以来看看",
    "老家亲戚开民宿，群里的朋友过去住可以便宜一些，找我订房",
    "有想一起做社区团购的吗，每天抽一个小时，收入看自己",
    "手里有几张体检卡用不完，比医院价低一点，需要的跟我说",
)


def _doubtful(*, more: float) -> str:
    """What the model as shipped lets pass by itself, and would not with so much more to it."""
    return next(
        text
        for text in SOFT_SELLING
        if advertisement(text).action == "none" != advertisement(text, more=more).action
    )


DOUBTFUL = _doubtful(more=ECHOED)

NOTICE = "各位同事，周四下午三点在二楼会议室过一遍新合同模板，请提前读完第二章"
SISTERS = ("fake:1:600002", "fake:1:600003")


def edited(company: Company, said: Message, text: str, *, by: str = "") -> list[AnyAction]:
    company.receive(
        Edited(
            key=f"{said.key}/edit/{text}",
            chat=said.chat,
            at=company.clock.now(),
            message=said.id,
            member=by or said.member,
            text=text,
        )
    )
    return company.send()


def test_a_message_changed_into_an_advertisement_is_taken_down(company: Company) -> None:
    said = company.hear("大家早上好", by=ZHANG)
    assert Recall(chat=G1, message=said.id) in edited(company, said, AD)


def test_a_typo_that_is_put_right_is_nobodys_business(company: Company) -> None:
    said = company.hear("大家早上号", by=ZHANG)
    assert edited(company, said, "大家早上好") == []


def test_what_an_owner_changes_and_what_somebody_else_claims_to_is_left(company: Company) -> None:
    said = company.hear("大家早上好", by=OWNER)
    assert edited(company, said, AD) == []
    said = company.hear("大家早上好", by=ZHANG)
    assert edited(company, said, AD, by=LIN) == []


@pytest.fixture
def sisters(company: Company) -> Company:
    for number, key in enumerate(SISTERS, 2):
        company.found(f"销售{number}群", key, people=CAST)
    return company


def asked(actions: list[AnyAction], chat: str = G1) -> list[str]:
    return [text for text in whispers(actions, OWNER) if "请你决定" in text]


def test_the_same_doubtful_text_in_a_third_group_is_put_to_its_owner(sisters: Company) -> None:
    for chat in SISTERS:
        assert sisters.say(DOUBTFUL, by=ZHANG, chat=chat) == []
    done = sisters.say(f"{DOUBTFUL}！", by=ZHANG)
    assert "另有 2 处发过差不多的话" in asked(done)[0]
    assert not [one for one in done if isinstance(one, Recall)]
    assert not [text for text in whispers(done, OWNER) if "销售2群" in text]


def test_the_same_doubtful_text_from_a_third_sender_is_put_to_the_owner(company: Company) -> None:
    assert company.say(DOUBTFUL, by="20071") == []
    assert company.say(DOUBTFUL, by="20072") == []
    assert asked(company.say(DOUBTFUL, by="20073"))


def test_one_who_says_it_again_is_no_echo_of_himself(company: Company) -> None:
    for _ in range(3):
        assert company.say(DOUBTFUL, by=ZHANG) == []
        company.clock.pass_(minutes=30)


def test_a_notice_in_every_group_is_a_notice(sisters: Company) -> None:
    for chat in (*SISTERS, G1):
        assert sisters.say(NOTICE, by=ZHANG, chat=chat) == []


def test_what_was_said_before_a_restart_still_counts_and_what_was_yesterday_does_not(
    sisters: Company,
) -> None:
    for chat in SISTERS:
        sisters.say(DOUBTFUL, by=ZHANG, chat=chat)
    sisters.pipeline = Pipeline(sisters.database, sisters.clock.now)
    assert asked(sisters.say(DOUBTFUL, by=ZHANG))
    sisters.clock.pass_(hours=25)
    assert sisters.say(DOUBTFUL, by=LIN) == []


def test_a_text_cut_into_lines_is_put_together(company: Company) -> None:
    done: list[AnyAction] = []
    for line in ("兼职日结", "打字就行", "想做的加V", "wx_888"):
        done += company.say(line, by=ZHANG)
        company.clock.pass_(seconds=10)
    assert [one for one in done if isinstance(one, Recall)]


def test_what_a_card_says_is_judged_and_what_is_forwarded_is_for_the_owner(
    company: Company,
) -> None:
    card = (Segment(kind="card", text=AD),)
    assert [one for one in company.say("", by=ZHANG, segments=card) if isinstance(one, Recall)]
    forward = (Segment(kind="forward", text=f"小美：{AD}"),)
    done = company.say("", by=LIN, segments=forward)
    assert asked(done)
    assert not [one for one in done if isinstance(one, Recall)]


def test_a_group_says_which_sites_are_fine_and_which_are_not(company: Company) -> None:
    link = "报名看 kaoshi.example.top，有优惠，要的私我"
    company.ask("@班长 广告 允许域名 kaoshi.example.top")
    before = company.say("资料在 kaoshi.example.top", by=ZHANG)
    assert before == []
    company.ask("@班长 广告 禁止域名 kaoshi.example.top 允许域名 无 执行")
    assert [one for one in company.say(link, by=ZHANG) if isinstance(one, Recall)]


def test_a_stranger_is_asked_about_where_a_regular_is_let_pass(company: Company) -> None:
    text = next(
        text
        for text in SOFT_SELLING
        if advertisement(text, trust=Trust.STRANGER).action == "ask"
        and advertisement(text, trust=Trust.REGULAR).action == "none"
    )
    now = company.clock.now()
    long_ago = now - timedelta(days=90)
    company.receive(Joined(key="fake:1:j1", chat=G1, at=now, member="20091", name="小周"))
    company.receive(Joined(key="fake:1:j2", chat=G1, at=long_ago, member="20092", name="小吴"))
    assert asked(company.say(text, by="20091"))
    assert company.say(text, by="20092") == []
