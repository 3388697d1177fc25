"""Which messages are advertisements, and what a member is told."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from bot.events import Segment
from rules.ads import Ads, ads
from rules.detector import sender
from rules.detector.verdict import Trust, advertisement
from rules.engine import Context, Found, Said
from tests.build import at, message


def judged(text: str, *segments: Segment, **params: tuple[str, ...]) -> Found | None:
    said = message(text, when=at("2026-11-24 12:00"), segments=segments)
    return ads(said, Context(), Ads(**params))


def test_the_reason_names_the_contact_and_the_spans_point_at_it() -> None:
    text = "同学们，加Ｖ领資料 ＷＸ＿８８８"
    found = judged(text)
    assert found is not None
    assert found.reason == "含揽客的联系方式「ＷＸ＿８８８」"
    assert [text[span.start : span.end] for span in found.spans] == [
        "ＷＸ＿８８８",
        "加Ｖ",
        "领資料",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "加v领资料 wx_888",
        "加ѵ领资料 wх_888",
        "加\u200bV领\u200b资料 wx_888",
        "＋Ⓥ kk_8899 免费领",
        "薇信：kk_8899",
        "徽信 kk_8899 副业",
        "家v kk_8899 想学的来",
        "v x：kk_8899",
        "丘丘 712345678",
        "扣扣 712345678 日结",
        "企鹅号 712345678 高仿鞋",
        "号：七①二③四⑤六⑦八，想要的来",
        "兼。职。日。结",
        "扌戈我，会员半价",
    ],
)
def test_a_changed_spelling_does_not_hide_an_advertisement(text: str) -> None:
    assert judged(text)


@pytest.mark.parametrize(
    "text",
    [
        "加微信要怎么开口，客户才不反感",
        "有人私信我 加V领资料 wx_888，是骗子，大家别加",
        "海报上写着“代办信用卡，日结”，我没敢理",
        "小薇 13812345678 是这期班委",
        "安徽 13812345678 的快递是谁的",
        "张磊微信 zhang_lei88，请大家加一下对作业",
        "大家扣1，加油",
        "报 名 的 扣 1 ， 领 红 包 啦",
        "祝★大★家★生★日★快★乐",
        "倒计时 5️⃣4️⃣3️⃣2️⃣1️⃣0️⃣",
        "①②③④⑤⑥⑦ 各选一个",
        "时代开票软件更新了",
        "课件 https://docs.qq.com/sheet/abc 需要的自取",
        "官网 www.example.com 有介绍",
        "",
    ],
)
def test_everyday_talk_of_a_sales_class_passes(text: str) -> None:
    assert judged(text) is None


def test_what_the_group_allows_passes_and_nothing_else() -> None:
    text = "会员半价 shop.example.com，私我"
    assert judged(text, domains=("example.com",), allow=("会员半价",)) is None
    assert judged("代刷，私我，看 shop.example.com", domains=("example.com",))
    assert judged("代刷 notexample.com 私我", domains=("example.com",))
    assert judged("加V领资料 wx_889", allow=("wx_888",))


def test_a_word_the_group_bans_is_found_in_any_dress() -> None:
    found = judged("今天到货 神＊仙 水！", words=("神仙水",))
    assert found is not None
    assert found.reason == "含本群禁词「神＊仙 水」"
    assert judged("今天到货 神仙水", words=("神仙水",), allow=("神仙水",)) is None


def test_nobody_answers_for_the_name_of_the_one_he_mentions() -> None:
    mention = Segment(kind="at", text="加V领资料wx_888", ref="7")
    assert judged("@加V领资料wx_888 你好", mention) is None
    assert judged("@加V领资料wx_888 你好")


def test_a_list_that_could_not_be_read_back_is_refused() -> None:
    for bad in ("有 空格", "a/b", "甲、乙", "无", "🎉"):
        with pytest.raises(ValidationError):
            Ads(words=(bad,))


def test_a_very_long_message_shows_a_few_spans_only() -> None:
    found = judged("代★刷★" * 1000)
    assert found is not None
    assert len(found.spans) <= 20


def test_what_only_looks_like_an_invitation_is_a_question_at_most() -> None:
    found = judged("请加QQ群 712345678，进群改备注")
    assert found is None or not found.sure


def test_a_blocked_domain_is_one_even_where_its_owner_was_let_pass() -> None:
    text = "课件在 pan.example.com"
    assert judged(text) is None
    found = judged(text, blocked=("example.com",), domains=("example.com",))
    assert found is not None
    assert [text[span.start : span.end] for span in found.spans] == ["pan.example.com"]


def after(*before: str, now: str, apart: int = 10, **params: tuple[str, ...]) -> Found | None:
    """What the rule says of the last of several messages, so many seconds apart."""
    noon = at("2026-11-24 12:00")
    mine = [
        Said(noon - timedelta(seconds=apart * n), text) for n, text in enumerate(before[::-1], 1)
    ]
    return ads(message(now, when=noon), Context(mine=mine), Ads(**params))


def test_an_advertisement_cut_into_lines_is_seen_as_one() -> None:
    lines = ("日结兼职", "打字就行", "想做的加V")
    found = after(*lines, now="wx_888")
    assert found is not None
    assert found.reason.startswith("几条连起来")
    assert all(0 <= span.start < span.end <= len("wx_888") for span in found.spans)
    assert after(*lines, now="wx_888", apart=200) is None
    assert after(*lines, now="好的收到") is None


def test_a_card_is_judged_by_what_it_says_and_a_forwarded_text_is_for_a_person() -> None:
    words = "兼★职★日★结，打字就行"
    card = judged("", Segment(kind="card", text=words))
    forward = judged("看看这个", Segment(kind="forward", text=words))
    assert card is not None
    assert forward is not None
    assert (card.sure, forward.sure) == (True, False)
    assert card.spans == forward.spans == ()


def test_a_stranger_is_believed_less_than_somebody_known_for_long() -> None:
    noon = at("2026-11-24 12:00")
    said = message("大家好", when=noon)
    known = [None, noon - timedelta(hours=2), noon - timedelta(days=3), noon - timedelta(days=90)]
    trusts = [sender.trust(said, Context(joined=joined)) for joined in known]
    assert trusts == [Trust.MEMBER, Trust.STRANGER, Trust.MEMBER, Trust.REGULAR]
    text = "家里有张健身卡可以转给大家"
    scores = [advertisement(text, trust=trust).score for trust in (Trust.STRANGER, *trusts[2:])]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3
