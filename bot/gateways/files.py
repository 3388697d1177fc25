"""The files that gateways send: where they may lie, and which of them are pictures."""

from pathlib import Path

from bot.gateways.contract import Failed

BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""How files of these types begin, by their own specifications."""


def inside(folder: Path, name: str) -> Path:
    """The file, with symbolic links followed first, so that none leads out. Raises Failed."""
    try:
        root = folder.resolve()
        path = (root / name).resolve()
        if path.is_relative_to(root) and path.is_file():
            return path
    except (OSError, ValueError):
        pass
    raise Failed("没有这个文件，或它不在数据目录里")


def picture_type(path: Path) -> str:
    """The media type of a PNG or JPEG picture, whatever it is called; "" for any other file."""
    with path.open("rb") as file:
        head = file.read(max(map(len, BEGINNINGS)))
    return next((kind for start, kind in BEGINNINGS.items() if head.startswith(start)), "")
