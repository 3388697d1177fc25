"""What takes more than one call or a file: checked notices, group files, pictures."""

import asyncio
import base64
import html
from collections.abc import Mapping
from pathlib import Path

from msgspec import Raw, Struct

from bot.actions import Announce, SendFile
from bot.gateways import files
from bot.gateways.contract import Failed, SwitchedOff, TryLater
from bot.gateways.onebot import calls, readback
from bot.gateways.onebot.payload import Id, ident
from bot.gateways.onebot.readback import Ask

READ_THEIR_OWN_DISK = ("go-cqhttp", "Lagrange")
"""By app_name: these take a path on the machine they run on, the others also the content."""

MB = 1024 * 1024
LARGEST_FILE, LARGEST_PICTURE = 30 * MB, 10 * MB
"""A third more on the wire, which NapCat's limit of 50 MB for a frame still takes."""

FILES_LISTED = 200


class RawFolder(Struct):
    folder_id: Id = None
    folder_name: str = ""


class RawListing(Struct):
    folders: list[RawFolder] | None = None


async def announce(ask: Ask, action: Announce, image: str = "") -> str:
    """The id of the notice, once it is seen on the board; one that is there is not put up again.

    The text carries the number of its evening, so an equal text is the same notice. Raises Failed
    when nobody can say whether it went up: the answer of `_send_group_notice` has no id, and
    NapCat says ok to a notice that the group does not get to see.
    """
    there = await _before(ask, action)
    if there:
        return there
    try:
        await _put_up(ask, action, image)
    except TryLater as lost:
        found = await _seen(ask, action) if lost.unsure else ""
        if not found:
            raise
        return found
    found = await _seen(ask, action)
    if not found:
        raise Failed("群公告无法确认")
    return found


async def _before(ask: Ask, action: Announce) -> str:
    """Where the board cannot be looked at just now, nothing is put up blindly: TryLater."""
    try:
        return _on(await readback.board(ask, action.chat), action.text)
    except TryLater as later:
        raise TryLater(str(later), pause=later.pause) from later
    except Failed:
        return ""


async def _seen(ask: Ask, action: Announce) -> str:
    try:
        return _on(await readback.board(ask, action.chat), action.text)
    except (Failed, TryLater):
        return ""


async def _put_up(ask: Ask, action: Announce, image: str) -> None:
    """With its picture where that is taken, else the words alone; who may not will not twice."""
    try:
        await ask("_send_group_notice", _notice(action) | ({"image": image} if image else {}))
    except SwitchedOff:
        raise
    except Failed:
        if not image:
            raise
        await ask("_send_group_notice", _notice(action))


def _notice(action: Announce) -> dict[str, object]:
    """NapCat would ask every member to confirm, unless told not to."""
    quiet = {"confirm_required": 0, "pinned": 0, "type": 1}
    still = {"is_show_edit_card": 0, "tip_window_type": 0}
    return {"group_id": calls.group(action.chat), "content": action.text, **quiet, **still}


def _on(board: Mapping[str, str], text: str) -> str:
    """The id of the notice that says just this, "" for none."""
    wanted = _bare(text)
    return next((id for id, shown in board.items() if _bare(shown) == wanted), "")


def _bare(text: str) -> str:
    """Boards come back with entities, and with blanks of their own."""
    return "".join(html.unescape(text).split())


async def picture(data_dir: Path, name: str) -> str:
    """A picture as every implementation takes it. Raises Failed for a path outside."""
    path = await asyncio.to_thread(_small_enough, data_dir, name, LARGEST_PICTURE)
    return await asyncio.to_thread(_content, path)


async def upload(ask: Ask, action: SendFile, *, data_dir: Path, app: str) -> str:
    """The id of the file where the implementation tells it. Raises Failed for a path outside."""
    group = calls.group(action.chat)
    path = await asyncio.to_thread(_small_enough, data_dir, action.path, LARGEST_FILE)
    near = app.startswith(READ_THEIR_OWN_DISK)
    file = str(path) if near else await asyncio.to_thread(_content, path)
    params = {"group_id": group, "file": file, "name": action.name}
    folder = await _folder(ask, group, action.folder) if action.folder else ""
    data = await ask("upload_group_file", params | ({"folder": folder} if folder else {}))
    return readback.told(data, "file_id")


def _small_enough(data_dir: Path, name: str, largest: int) -> Path:
    path = files.inside(data_dir, name)
    if path.stat().st_size > largest:
        raise Failed(f"文件超过 {largest // MB} MB，发不了")
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
