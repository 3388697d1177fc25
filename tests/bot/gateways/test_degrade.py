"""What takes the place of an action that a platform refused, and what the owner is told."""

import pytest

from bot.actions import Announce, MuteAll, Say, UnmuteAll
from bot.gateways.contract import Can
from bot.gateways.degrade import UNSUPPORTED, able, instead

CHAT = "fake:1:G1"


@pytest.mark.parametrize(
    "why, word",
    [
        (UNSUPPORTED, "本群平台不支持全员禁言，已改用提问排队"),
        ("机器人不是管理员", "没能开启全员禁言（机器人不是管理员），已改用提问排队"),
    ],
)
def test_an_owner_learns_what_is_done_instead_of_muting_all(why: str, word: str) -> None:
    assert instead(MuteAll(chat=CHAT), why).word == word


def test_a_mute_that_could_never_be_set_need_not_be_lifted_by_hand() -> None:
    assert not able(Can(hears_all=True), UnmuteAll(chat=CHAT))
    assert instead(UnmuteAll(chat=CHAT), UNSUPPORTED).word == ""
    assert "请马上手动解除" in instead(UnmuteAll(chat=CHAT), "超时").word


def test_words_said_instead_of_a_notice_keep_its_picture() -> None:
    notice = Announce(chat=CHAT, text="今晚 19:30", picture="posters/12.png")
    said = Say(chat=CHAT, text="今晚 19:30", picture="posters/12.png")
    assert instead(notice, "没有发公告的权限").actions == (said,)
