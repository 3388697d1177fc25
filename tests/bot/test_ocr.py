"""Words in pictures are really read, where the extra is installed."""

import io
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from bot import app
from bot.config import Settings

FONTS = [*Path("/usr/share/fonts").rglob("*CJK*.ttc"), *Path("/usr/share/fonts").rglob("*CJK*.otf")]


@pytest.mark.skipif(find_spec("rapidocr_onnxruntime") is None, reason="the ocr extra is not here")
@pytest.mark.skipif(not FONTS, reason="no Chinese font on this machine")
@pytest.mark.filterwarnings("ignore")
def test_an_advertisement_in_a_picture_is_read() -> None:
    paper = Image.new("RGB", (520, 90), "white")
    font = ImageFont.truetype(str(FONTS[0]), 40)
    ImageDraw.Draw(paper).text((20, 20), "加V领资料 wx888", font=font, fill="black")
    written = io.BytesIO()
    paper.save(written, "PNG")
    read = app.words_reader(Settings(ocr=True))
    assert read is not None
    assert "领资料" in read(written.getvalue())


@pytest.mark.skipif(find_spec("rapidocr_onnxruntime") is not None, reason="the ocr extra is here")
def test_switched_on_without_the_extra_the_server_says_what_is_missing() -> None:
    with pytest.raises(app.Missing, match="ocr"):
        app.words_reader(Settings(ocr=True))


def test_it_is_off_unless_somebody_wants_it() -> None:
    assert app.words_reader(Settings()) is None
