"""The groups behind the OneBot stand-in: what is in them, and what each action does there."""

import html
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

STANDARD, NAPCAT, GOCQ, LAGRANGE = "standard", "napcat", "go-cqhttp", "lagrange"

APPS = {
    STANDARD: "plain-onebot",
    NAPCAT: "NapCat.Onebot",
    GOCQ: "go-cqhttp",
    LAGRANGE: "Lagrange.OneBot",
}
Params = dict[str, Any]
EARLY = 1764000000
"""Where their time stands, unless `Groups.now` says otherwise."""


class Call(NamedTuple):
    action: str
    params: Params


class No(Exception):
    """The platform's no, in its words; `label` is go-cqhttp's name for it, `result` QQ's number."""

    def __init__(self, words: str, label: str = "API_ERROR", result: int = 0) -> None:
        super().__init__(words)
        self.label, self.result = label, result


class Groups:
    """One account and its groups: `calls` is what really happened there, in order.

    `admin`, `in_group`, `shows_notices` and `takes_images` are what it may and can do there.
    """

    def __init__(self, self_id: int, *, dialect: str, admin: bool) -> None:
        self.self_id, self.dialect, self.admin = self_id, dialect, admin
        self.in_group = self.shows_notices = self.takes_images = True
        self.now: Callable[[], int] = lambda: EARLY
        self.calls: list[Call] = []
        self.members: dict[int, Params] = {}
        self.messages: dict[int, Params] = {}
        self.recalled: list[int] = []
        self.muted: dict[int, int] = {}
        self.all_muted = False
        self.notices: list[Params] = []
        self.folders: dict[str, str] = {}
        self.files: list[Params] = []
        self._numbers = itertools.count(70001)

    def join(self, user: int, card: str = "", *, role: str = "member", joined: int = 0) -> None:
        self.members[user] = {
            "user_id": user,
            "nickname": f"昵称{user}",
            "card": card,
            "role": role,
            "join_time": joined,
        }

    def message(self, text: str, *, user: int = 20002, group: int = 600001, at: int) -> Params:
        """A group message, as the dialect reports it: an array, or a CQ string."""
        number = next(self._numbers)
        pieces: object = [{"type": "text", "data": {"text": text}}]
        told = self.members.get(user, {"user_id": user, "nickname": f"昵称{user}"})
        event = {
            "time": at,
            "self_id": self.self_id,
            "post_type": "message",
            "message_type": "group",
            "sub_type": "normal",
            "message_id": number,
            "group_id": group,
            "user_id": user,
            "message": text if self.dialect in (STANDARD, GOCQ) else pieces,
            "raw_message": text,
            "sender": told,
        }
        self.messages[number] = event
        return event

    def _as_admin(self, user: object = None) -> None:
        if not self.admin and self.dialect == GOCQ:
            raise No("机器人权限不足", "NOT_MANAGEABLE")
        if not self.admin:
            raise No("ERR_NOT_GROUP_ADMIN")
        if user is not None and user not in self.members:
            raise No("user not in group")

    def do_get_version_info(self, params: Params) -> Params:
        return {"app_name": APPS[self.dialect], "app_version": "1", "protocol_version": "v11"}

    def do_send_group_msg(self, params: Params) -> Params:
        words = params["message"]
        if not isinstance(words, str):
            words = "".join(piece["data"].get("text", "") for piece in words)
        said = self.message(words, user=self.self_id, group=params["group_id"], at=self.now())
        return {"message_id": said["message_id"]}

    def do_send_private_msg(self, params: Params) -> Params:
        return {"message_id": next(self._numbers)}

    def do_delete_msg(self, params: Params) -> None:
        if params["message_id"] not in self.messages:
            raise No("msg not found")
        if self.messages[params["message_id"]]["user_id"] != self.self_id:
            self._as_admin()
        self.recalled.append(params["message_id"])

    def do_set_group_ban(self, params: Params) -> None:
        """A duration left out lifts the mute on NapCat, and lasts 30 minutes elsewhere."""
        self._as_admin(params["user_id"])
        missing = 0 if self.dialect == NAPCAT else 1800
        self.muted[params["user_id"]] = params.get("duration", missing)

    def do_set_group_whole_ban(self, params: Params) -> None:
        self._as_admin()
        self.all_muted = params.get("enable", True)

    def do_set_group_kick(self, params: Params) -> None:
        self._as_admin(params["user_id"])
        del self.members[params["user_id"]]

    def do_set_group_card(self, params: Params) -> None:
        self._as_admin(params["user_id"])
        self.members[params["user_id"]]["card"] = params["card"]

    def do_set_group_add_request(self, params: Params) -> None:
        self._as_admin()
        if not params.get("flag"):
            raise No("No such request")

    def do_get_group_member_list(self, params: Params) -> list[Params]:
        return list(self.members.values())

    def do_get_group_msg_history(self, params: Params) -> Params:
        said = [m for m in self.messages.values() if m["group_id"] == params["group_id"]]
        if self.dialect == NAPCAT and not said:
            raise No("消息不存在")
        last = said[-19 if self.dialect == GOCQ else -params.get("count", 20) :]
        return {"messages": last[-1:] * len(last) if self.dialect == LAGRANGE else last}

    def do_get_group_info(self, params: Params) -> Params:
        """Only NapCat says whether all are muted: -1 when they are."""
        shut = {"group_all_shut": -1 if self.all_muted else 0} if self.dialect == NAPCAT else {}
        return {"group_id": params["group_id"], "group_name": "群", **shut}

    def do_send_group_notice(self, params: Params) -> str | None:
        """NapCat asks for confirmation unless told not to, and a notice may be swallowed.

        A picture that it cannot use is a no, with the whole picture in its words.
        """
        self._as_admin()
        if "image" in params and not self.takes_images:
            raise No(f"群公告{params['image']}设置失败,image字段可能格式不正确")
        number = f"notice-{next(self._numbers)}"
        if self.shows_notices:
            at = self.now() + len(self.calls)
            self.notices.append({"id": number, "text": params["content"], "at": at})
        return number if self.dialect == LAGRANGE else None

    def do_get_group_notice(self, params: Params) -> list[Params]:
        return [
            {
                "sender_id": self.self_id,
                "publish_time": notice["at"],
                "message": {"text": html.escape(notice["text"]).replace(" ", "&nbsp;")},
                **({} if self.dialect == GOCQ else {"notice_id": notice["id"]}),
            }
            for notice in self.notices
        ]

    def do_get_group_root_files(self, params: Params) -> Params:
        folders = [{"folder_id": id, "folder_name": name} for name, id in self.folders.items()]
        return {"files": [], "folders": folders}

    def do_create_group_file_folder(self, params: Params) -> Params | None:
        self._as_admin()
        self.folders[params["name"]] = f"/folder-{next(self._numbers)}"
        return {"groupItem": {}} if self.dialect == NAPCAT else None

    def do_upload_group_file(self, params: Params) -> Params | None:
        """go-cqhttp and Lagrange open a path on their own disk, and know nothing of base64."""
        held = params["file"].startswith("base64://") and self.dialect == NAPCAT
        if not held and not Path(params["file"]).is_file():
            raise No("FILE_NOT_FOUND")
        if params.get("folder", "") not in ("", *self.folders.values()):
            raise No("folder not found")
        self.files.append(params)
        return {"file_id": f"/file-{next(self._numbers)}"} if self.dialect == NAPCAT else None
