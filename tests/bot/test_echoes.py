"""Who else said nearly the same: what is kept is bounded, and is no text."""

from datetime import timedelta

from bot import echoes
from bot.echoes import Echoes
from bot.events import Message
from tests.build import G1, LIN, ZHANG, at, message

TEXT = "下班以后带大家做点副业，想参加的周六上午来二楼听一听"
OTHER = "我姐姐在做少儿英语，孩子想试听一节的家长可以跟我说一声"
NOON = at("2026-11-24 12:00")


def said(text: str, *, by: str, minutes: int = 0, chat: str = G1) -> Message:
    return message(text, by=by, chat=chat, when=NOON + timedelta(minutes=minutes))


def test_a_word_more_or_another_number_is_still_the_same_text() -> None:
    heard = Echoes([said(f"{TEXT}，名额 12 个", by=ZHANG)])
    assert heard.elsewhere(said(f"{TEXT}，名额 35 个！！", by=LIN)) == 1
    assert heard.elsewhere(said(OTHER, by=LIN)) == 0


def test_what_nobody_would_take_for_an_advertisement_is_not_kept() -> None:
    notice = "周四下午三点在二楼会议室过一遍新合同模板，请提前读完第二章"
    assert Echoes([said(notice, by=ZHANG)]).elsewhere(said(notice, by=LIN)) == 0


def test_short_words_and_what_is_said_to_the_bot_in_private_are_nobodys_echo() -> None:
    heard = Echoes([said("收到，谢谢老师", by=ZHANG), said(TEXT, by=ZHANG, chat="fake:1:@zhang")])
    assert heard.elsewhere(said("收到，谢谢老师", by=LIN)) == 0
    assert heard.elsewhere(said(TEXT, by=LIN)) == 0


def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    heard = Echoes([said(TEXT, by=ZHANG)])
    for number in range(echoes.MOST):
        heard.note(said(OTHER, by=f"2{number:04}", minutes=1))
    assert heard.elsewhere(said(TEXT, by=LIN, minutes=2)) == 0
    assert heard.elsewhere(said(OTHER, by=LIN, minutes=2)) == echoes.FOUND
