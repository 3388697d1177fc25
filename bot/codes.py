"""What the codes in a picture say. The picture is a stranger's, so nothing of it is believed."""

import io
import warnings
from collections.abc import Sequence

import zxingcpp
from PIL import Image

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2400
MOST_CODES = 8
LONGEST_TEXT = 1000
_SQUARE = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.AllMatrix])
_KINDS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")


class NotAPicture(ValueError):
    """Why a file is no picture we look into."""


def read(content: bytes) -> Sequence[str]:
    """The texts of the QR and other square codes in it, at most MOST_CODES. Raises NotAPicture."""
    image = _grey(content)
    found = zxingcpp.read_barcodes(image, formats=_SQUARE)
    texts = (code.text[:LONGEST_TEXT] for code in found if code.text)
    return list(dict.fromkeys(texts))[:MOST_CODES]


def _grey(content: bytes) -> Image.Image:
    """The first frame in grey, no larger than a code needs."""
    with warnings.catch_warnings():
        # A picture that unpacks to far more than it weighs is refused below, by its own head.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            image = Image.open(io.BytesIO(content), formats=_KINDS)
            if image.width * image.height > MOST_PIXELS:
                raise NotAPicture("图片太大")
            image.draft("L", (LONGEST_SIDE, LONGEST_SIDE))
            grey = image.convert("L")
        except NotAPicture:
            raise
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
            raise NotAPicture("不是图片或图片坏了") from problem
    grey.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return grey
