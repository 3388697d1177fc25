"""What the model looks at: short runs of letters and of sounds, and a few marks of a message."""

from itertools import pairwise

from rules.detector.views import View

SHORT, LONG = 8, 60
"""Letters below and above which a message is short or long."""

_SPARSE = 0.65
_BUSY = 3


def grams(view: View) -> set[str]:
    """Every run of two or three characters of the view's text, and every letter, each once.

    A single sound says nothing.
    """
    text = view.text
    pairs = map("".join, pairwise(text))
    triples = map("".join, zip(text, text[1:], text[2:], strict=False))
    return {*view.letters, *pairs, *triples}


def marks(view: View) -> list[str]:
    """Names of what holds for the whole message; the first letter is in no gram."""
    source, letters = view.source, view.letters
    found = []
    if len(letters) < SHORT:
        found.append("#short")
    elif len(letters) > LONG:
        found.append("#long")
    if len(letters) < _SPARSE * len(source):
        found.append("#sparse")
    if source.count("\n") >= _BUSY:
        found.append("#lines")
    if "0000" in letters:
        found.append("#number")
    return found
