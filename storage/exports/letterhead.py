"""The company's own Word sheet: what is taken for one, and where it is kept."""

from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import docx
from docx.opc.exceptions import PackageNotFoundError

LARGEST = 2 * 1024 * 1024
_LARGEST_UNPACKED = 30 * 1024 * 1024
_MOST_PARTS = 500
_NAME = "letterhead.docx"
_ACTIVE = ("vbaproject", "activex", "embeddings/", "externallink")


class Unusable(ValueError):
    """Why a file cannot be the letterhead, in words for HR."""


def check(content: bytes) -> None:
    """Raises Unusable for what is no plain Word document with nothing active or far away in it."""
    if not content:
        raise Unusable("请先选一个 Word 文件。没有保存。")
    if len(content) > LARGEST:
        raise Unusable("文件超过 2 MB 了，请换一个小一点的。没有保存。")
    _check_parts(content)
    try:
        docx.Document(BytesIO(content))
    except (PackageNotFoundError, KeyError, ValueError) as wrong:
        raise Unusable("这不是 .docx 文件，或者文件坏了。没有保存。") from wrong


def _check_parts(content: bytes) -> None:
    try:
        with ZipFile(BytesIO(content)) as parts:
            listed = parts.infolist()
            if len(listed) > _MOST_PARTS or sum(p.file_size for p in listed) > _LARGEST_UNPACKED:
                raise Unusable("文件解开后太大了。没有保存。")
            names = [part.filename.lower() for part in listed]
            if any(word in name for name in names for word in _ACTIVE):
                raise Unusable("模板里不能有宏、控件或嵌入的文件。没有保存。")
            rels = [part for part in listed if part.filename.endswith(".rels")]
            if any(b'TargetMode="External"' in parts.read(part) for part in rels):
                raise Unusable("模板里不能有指向外部的图片或链接。没有保存。")
    except BadZipFile as wrong:
        raise Unusable("这不是 .docx 文件，或者文件坏了。没有保存。") from wrong


def keep(folder: Path, content: bytes) -> None:
    """Put it in the place of the one before, at once or not at all. Raises Unusable."""
    check(content)
    beside = folder / f"{_NAME}.new"
    beside.write_bytes(content)
    beside.replace(folder / _NAME)


def remove(folder: Path) -> None:
    (folder / _NAME).unlink(missing_ok=True)


def of(folder: Path) -> bytes:
    """The letterhead; nothing where there is none."""
    try:
        return (folder / _NAME).read_bytes()
    except FileNotFoundError:
        return b""
