"""Set-ups that come with the bot, a file each in preset_files, read as an owner's own file is."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from handlers import policy_file
from handlers.policy_file import File
from storage.rulebook import Rulebook

FOLDER = Path(__file__).parent / "preset_files"


def everything(book: Rulebook) -> Mapping[str, File]:
    """By name, in the order of their files, for a group where `book` is in force."""
    files = (policy_file.read(text, book) for text in _texts())
    return {file.name: file for file in files}


@cache
def _texts() -> tuple[str, ...]:
    return tuple(file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.yaml")))
