"""What takes more than one call: a notice that is checked, a file that goes into a folder."""

import asyncio
import base64
import html
from pathlib import Path

from msgspec import Raw, Struct

from bot.actions import Announce, SendFile
from bot.gateways.contract import Failed, TryLater
from bot.gateways.onebot import calls, readback
from bot.gateways.onebot.payload import Id, ident
from bot.gateways.onebot.readback import Ask

READ_THEIR_OWN_DISK = ("go-cqhttp", "Lagrange")
"""By app_name: these take a path on the machine they run on, the others also the content."""

LARGEST_FILE = 30 * 1024 * 1024
"""Bytes. A third more on the wire, which NapCat's limit of 50 MB for a frame still takes."""

FILES_LISTED = 200


class RawFolder(Struct):
    folder_id: Id = None
    folder_name: str = ""


class RawListing(Struct):
    folders: list[RawFolder] | None = None


async def announce(ask: Ask, action: Announce) -> str:
    """The id of the notice, once it is seen on the board and was not there before.

    Raises Failed when nobody can say whether it went up: the answer of `_send_group_notice` has
    no id, and NapCat says ok to a notice that the group does not get to see.
    """
    before = await _board(ask, action.chat)
    try:
        await ask("_send_group_notice", _notice(action))
    except TryLater as lost:
        if not lost.unsure:
            raise
        found = _new(before, await _board(ask, action.chat), action.text)
        if not found:
            raise
        return found
    found = _new(before, await _board(ask, action.chat), action.text)
    if not found:
        raise Failed("群公告无法确认")
    return found


def _notice(action: Announce) -> dict[str, object]:
    """NapCat would ask every member to confirm, unless told not to."""
    quiet = {"confirm_required": 0, "pinned": 0, "type": 1}
    still = {"is_show_edit_card": 0, "tip_window_type": 0}
    return {"group_id": calls.group(action.chat), "content": action.text, **quiet, **still}


async def _board(ask: Ask, chat: str) -> dict[str, str] | None:
    try:
        return await readback.board(ask, chat)
    except (Failed, TryLater):
        return None


def _new(before: dict[str, str] | None, after: dict[str, str] | None, text: str) -> str:
    if before is None or after is None:
        return ""
    wanted = _bare(text)
    ids = (id for id, shown in after.items() if id not in before and _bare(shown) == wanted)
    return next(ids, "")


def _bare(text: str) -> str:
    """Boards come back with entities, and with blanks of their own."""
    return "".join(html.unescape(text).split())


async def upload(ask: Ask, action: SendFile, *, data_dir: Path, app: str) -> str:
    """The id of the file where the implementation tells it. Raises Failed for a path outside."""
    group = calls.group(action.chat)
    path = await asyncio.to_thread(_inside, data_dir, action.path)
    near = app.startswith(READ_THEIR_OWN_DISK)
    file = str(path) if near else await asyncio.to_thread(_content, path)
    params = {"group_id": group, "file": file, "name": action.name}
    folder = await _folder(ask, group, action.folder) if action.folder else ""
    data = await ask("upload_group_file", params | ({"folder": folder} if folder else {}))
    return readback.told(data, "file_id")


def _inside(data_dir: Path, name: str) -> Path:
    """Symbolic links are followed first, so that none leads out."""
    root = data_dir.resolve()
    path = (root / name).resolve()
    if not path.is_relative_to(root) or not path.is_file():
        raise Failed("要发的文件不在数据目录里")
    if path.stat().st_size > LARGEST_FILE:
        raise Failed(f"文件超过 {LARGEST_FILE // 1024 // 1024} MB，群文件发不了")
    return path


def _content(path: Path) -> str:
    return "base64://" + base64.b64encode(path.read_bytes()).decode()


async def _folder(ask: Ask, group: int | str, name: str) -> str:
    """The folder's id, made when it is not there; "" (the root) when that does not work.

    The answer to making one differs between implementations, so the root is listed again.
    """
    try:
        found = _named(await ask("get_group_root_files", _root(group)), name)
        if not found:
            making = {"group_id": group, "name": name, "parent_id": "/"}
            await ask("create_group_file_folder", making)
            found = _named(await ask("get_group_root_files", _root(group)), name)
    except (Failed, TryLater):
        return ""
    return found


def _root(group: int | str) -> dict[str, object]:
    """NapCat counts folders among the files it lists, and stops at 50 unless told."""
    return {"group_id": group, "file_count": FILES_LISTED}


def _named(data: Raw, name: str) -> str:
    folders = readback.read(data, RawListing).folders or []
    return next((ident(f.folder_id) for f in folders if f.folder_name == name), "")
