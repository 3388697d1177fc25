"""Folding, and the way back."""

from collections.abc import Callable

import pytest

from bot.text import Folded, compact, fold


@pytest.mark.parametrize(
    "written, read",
    [
        ("ＷＸ＿８８８：", "wx_888:"),
        ("加Ｖ領資料", "加v领资料"),
        ("w\u200bx\u00ad8️⃣\u2060", "wx8"),
        ("wх аnd Νν", "wx and nv"),
        ("ⓥ🅥🆅𝓿Ⅴ ①❷➂㉔", "vvvvv 12324"),
        ("d\u0301a\u0301i kuān", "dai kuan"),
        ("二〇二六，壹佰", "二〇二六,壹佰"),
        ("\ud800\u3164", ""),
    ],
)
def test_tricks_of_spelling_do_not_matter(written: str, read: str) -> None:
    assert fold(written).text == read


def test_compact_text_has_only_letters_digits_and_plus() -> None:
    assert compact("＋ V-信：\nab_ 1，🎉 加我").text == "+v信ab1加我"


@pytest.mark.parametrize("make", [fold, compact])
def test_a_place_in_the_folded_text_is_found_again_in_the_original(
    make: Callable[[str], Folded],
) -> None:
    source = "看\u200b㎡，【加\u200bＶ】ﬁ 8️⃣8"
    folded = make(source)
    assert len(folded.spans) == len(folded.text)
    start = folded.text.index("加v")
    assert source[slice(*folded.original(start, start + 2))] == "加\u200bＶ"
    fi = folded.text.index("fi")
    assert source[slice(*folded.original(fi, fi + 2))] == "ﬁ"
    assert source[slice(*folded.original(len(folded.text) - 2, len(folded.text)))] == "8️⃣8"


def test_code_points_outside_the_common_planes_do_not_fill_the_memory() -> None:
    table = fold("")._table
    size = len(table)
    assert fold("\U000f0000\U00100000").text == "\U000f0000\U00100000"
    assert len(table) == size
