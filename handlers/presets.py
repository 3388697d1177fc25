"""Set-ups that come with the bot, a file each in preset_files, read as an owner's own file is."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from handlers import policy_file
from handlers.policy_file import File
from storage.rulebook import Rulebook

FOLDER = Path(__file__).parent / "preset_files"


@cache
def everything() -> Mapping[str, File]:
    """By name, in the order of their files."""
    return {file.name: file for file in (policy_file.read(text, {}) for text in _texts())}


def fitted(name: str, book: Rulebook) -> File:
    """A preset for a group where `book` is in force.

    Raises Refused where it means nothing there, as a level of which the group's order has none.
    """
    return policy_file.read(_texts()[list(everything()).index(name)], book)


@cache
def _texts() -> tuple[str, ...]:
    return tuple(file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.yaml")))
