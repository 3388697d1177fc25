"""What the detector reads in a text, what it may not miss, and what it must leave alone."""

import re
from pathlib import Path

import pytest

from rules.detector import strong
from rules.detector.features import grams
from rules.detector.model import FILE, model
from rules.detector.verdict import assess
from rules.detector.views import View, spoken

EVERYDAY = Path(__file__).parents[2] / "benchmarks" / "data" / "everyday.txt"


@pytest.mark.parametrize(
    "written, meant",
    [
        ("扌戈我", "找我"),
        ("加ѵ看ｗｘ", "加v看wx"),
        ("日·结", "日结"),
        ("發財", "发财"),
        ("房子🏠", "房子房"),
        ("电话1️⃣3️⃣8", "电话000"),
        ("13812345678", "0000"),
    ],
)
def test_a_disguised_word_reads_like_the_plain_one(written: str, meant: str) -> None:
    assert View(written).letters == meant


def test_words_of_one_sound_sound_alike_in_characters_and_in_pinyin() -> None:
    assert View("加威心").sounds == View("jia微信").sounds == View("jiaweixin").sounds
    assert View("加威心").sounds != View("加班了").sounds


@pytest.mark.parametrize(
    "text",
    [
        "＋Ⓥ kk_8899 免费領",
        "扌戈我🐧 jiawo 1️⃣3️⃣8️⃣00001111 ok",
        "亻尔\u200b好",
        "",
        "\u0301",
        "𠮷野家 12345678",
    ],
)
def test_every_character_of_a_view_knows_where_it_was_written(text: str) -> None:
    view = View(text)
    places = view.places()
    assert len(places) == len(view.text)
    assert all(0 <= start <= end <= len(text) for start, end in places)
    for letter, (start, end) in zip(view.letters, places[1:], strict=False):
        assert letter in View(text[start:end]).letters


def test_what_is_only_quoted_is_blank_and_the_rest_stays_in_its_place() -> None:
    text = "客户说“你们都不行”，我没回"
    own = spoken(text)
    assert len(own) == len(text)
    assert "不行" not in own
    assert own.index("我没回") == text.index("我没回")
    assert spoken("“大家好呀”") == "“大家好呀”"


def test_no_message_takes_longer_than_its_length() -> None:
    for piece in ("an", "扌", "“", "0", "a.", "1 "):
        assess(piece * 20_000)


@pytest.mark.parametrize("entry", strong.entries(), ids=lambda entry: entry.word)
def test_a_strong_word_is_met_in_its_example_and_not_in_its_near_miss(entry: strong.Strong) -> None:
    def words(text: str) -> set[str]:
        return {found.word for found, _ in strong.find(View(text))}

    assert entry.word in words(entry.example)
    assert entry.word not in words(entry.near_miss)
    assert entry.met <= 1


def test_no_strong_word_is_met_in_everyday_talk() -> None:
    assert not strong.met(EVERYDAY.read_text("utf-8").splitlines())


def test_everyday_talk_is_neither_advertisement_nor_insult() -> None:
    lines = EVERYDAY.read_text("utf-8").splitlines()
    assert [line for line in lines if assess(line).action != "none"] == []


def test_the_model_is_small_and_finds_in_a_text_what_it_was_trained_on() -> None:
    assert FILE.stat().st_size < 5 * 2**20
    view = View("日结兼职，需要的加我")
    found = {view.text[start:end] for _, start, end in model()._hits(view)}
    assert found <= grams(view)
    assert len(found) > 10


def test_every_answer_other_than_normal_names_places_in_the_text() -> None:
    for text in ("想学的佳薇：kecheng_01", "你这个蠢货闭嘴", "大家来看，兼★职★日★结"):
        seen = assess(text)
        assert seen.label != "normal"
        assert seen.spans
        for span in seen.spans:
            assert 0 <= span.start < span.end <= len(text)
            assert re.search("[\u4e00-\u9fff]", span.why)
