"""What the model learns from and is measured on: public data, texts of our own, and frames.

Public data and the files written for the project lie outside the repository; their folder is
given. Rows that may not be learned from (licence) never get past `read`.
"""

import json
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

FOLDS = 5
EVERYDAY = (
    "lccc", "kdconv", "crosswoz", "chatterbot", "vcsum", "addet:ham",
    "handA:normal_plain", "own:normal_plain",
)  # fmt: skip
HARD = ("own:normal_hard", "own:normal_hard_abuse", "own:normal_heated")

_TEXTS = Path(__file__).parent / "texts"
_FRAMES = (("goods", "ad", "ad", "normal"), ("insulting", "insult", "abuse", "innocent"))
"""Headings of words, of bad frames with their label, and of good ones."""

STORIES = 300
_UNCLEAR = "_fbs"
_BLOCK = 25
"""Neighbours in a file were often written in one mood: they stay on one side of a split."""


class Row(NamedTuple):
    """`dev` rows are only ever measured on. `weight` is how much is made of it in training."""

    id: str
    text: str
    label: str
    source: str
    author: str
    fold: int
    dev: bool
    weight: float


def read(folder: Path) -> list[Row]:
    """All rows that may be used. Raises FileNotFoundError when the data is not there."""
    table = json.loads((folder / "sources.json").read_text("utf-8"))
    allowed = {name for name, about in table.items() if about["ship_model"].startswith("yes")}
    files = [folder / "train.jsonl", folder / "dev.jsonl", *sorted(folder.glob("own_*.jsonl"))]
    rows: list[Row] = []
    for file in files:
        for line in file.read_text("utf-8").splitlines():
            raw = json.loads(line)
            source = raw["source"]
            if source.split(":")[0] in allowed and not source.endswith(_UNCLEAR):
                rows.append(_row(raw, file.stem))
    return rows


def _row(raw: dict[str, str], file: str) -> Row:
    author, _, number = raw["id"].partition("-")
    origin = raw["source"].split(":")[0]
    if origin == "own":
        fold, dev = int(number) // _BLOCK % FOLDS, int(number) % 5 == 0
    else:
        author = "handA" if origin == "handA" else "public"
        fold, dev = crc32(raw["id"].encode()) % FOLDS, file == "dev"
    weight = {"own": 6.0, "handA": 6.0, "cold": 0.3}.get(origin, 1.0)
    return Row(raw["id"], raw["text"], raw["label"], raw["source"], author, fold, dev, weight)


def ours() -> list[Row]:
    """The texts that lie beside this module, written for the detector; for training only."""
    rows: list[Row] = []
    for name in ("ads", "insults", "normal"):
        for kind, text in _sections(name):
            rows.append(_own(f"{name}-{len(rows)}", kind, text))
    return rows + _framed()


def _own(number: str, kind: str, text: str, weight: float = 6.0) -> Row:
    return Row(number, text, kind.split("_")[0], f"text:{kind}", "text", -1, False, weight)


def _sections(name: str) -> Iterator[tuple[str, str]]:
    """Lines of a file, each with the heading in brackets that it stands under."""
    kind = ""
    for line in (_TEXTS / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            kind = line.strip("[]")
        elif line:
            yield kind, line


def _framed() -> list[Row]:
    """The same goods offered and talked about, the same words hurled and quoted."""
    parts: dict[str, list[str]] = {}
    for kind, line in _sections("frames"):
        words = line.split() if kind in ("goods", "insulting") else [line]
        parts.setdefault(kind, []).extend(words)
    rows: list[Row] = []
    for goods, bad, label, good in _FRAMES:
        for word in parts[goods]:
            for name, kind in ((bad, label), (good, "normal")):
                for frame in sorted(parts[name], key=lambda one: _mixed(word + one))[:3]:
                    text = frame.format(x=word, y=word, n=_mixed(frame + word) % 900 + 2)
                    rows.append(_own(f"frame-{len(rows)}", f"{kind}_frame", text, 2.0))
    return rows + [row for number in range(STORIES) for row in _story(parts, number)]


def _story(parts: dict[str, list[str]], number: int) -> Iterator[Row]:
    """One opening, that leads to an offer and to a thought about work."""

    def pick(kind: str) -> str:
        return parts[kind][_mixed(f"{kind}{number}") % len(parts[kind])]

    offer = pick("pitch").format(x=pick("goods"), n=_mixed(str(number)) % 900 + 2)
    pitched = f"{pick('opening')}。{offer}。{pick('closing')}"
    told = f"{pick('opening')}。{pick('ending')}"
    yield _own(f"story-{number}-ad", "ad_story", pitched, 2.0)
    yield _own(f"story-{number}-normal", "normal_story", told, 2.0)


def _mixed(text: str) -> int:
    """A number that looks random and is always the same."""
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest())
