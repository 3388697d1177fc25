"""A stand-in OneBot 11 implementation: its API and its signed webhooks, with no QQ behind.

`Platform` is the account and its groups. Reach its API in process through `Platform.app`, or give
that to `onebot_client.served` for a real address; send its events with `Platform.post`, or over a
socket with `onebot_client.ReverseClient`.
"""

import asyncio
import hmac
import html
import itertools
import json
from collections import deque
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

STANDARD, NAPCAT, GOCQ, LAGRANGE = "standard", "napcat", "go-cqhttp", "lagrange"

APPS = {
    STANDARD: "plain-onebot",
    NAPCAT: "NapCat.Onebot",
    GOCQ: "go-cqhttp",
    LAGRANGE: "Lagrange.OneBot",
}
EXTENSIONS = {
    "_send_group_notice",
    "_get_group_notice",
    "upload_group_file",
    "create_group_file_folder",
    "get_group_root_files",
    "get_group_msg_history",
}
FAULTS = {"late", "never", "lost", "500", "429"}
"""late: done, answered after release(). lost: done, never answered. The others: not done."""

Params = dict[str, Any]


class Call(NamedTuple):
    action: str
    params: Params


class No(Exception):
    """The platform's no, in its words."""


class Platform:
    """`calls` is what really happened there, in order; `asked` is all that was asked for."""

    def __init__(
        self,
        self_id: int = 10001,
        *,
        dialect: str = NAPCAT,
        token: str = "",
        secret: str = "",
        admin: bool = True,
    ) -> None:
        self.self_id, self.dialect, self.token, self.secret = self_id, dialect, token, secret
        self.admin = admin
        self.shows_notices = True
        self.calls: list[Call] = []
        self.asked: list[Call] = []
        self.faults: deque[str] = deque()
        self.members: dict[int, Params] = {}
        self.messages: dict[int, Params] = {}
        self.recalled: list[int] = []
        self.muted: dict[int, int] = {}
        self.all_muted = False
        self.notices: list[Params] = []
        self.folders: dict[str, str] = {}
        self.files: list[Params] = []
        self._numbers = itertools.count(70001)
        self._released, self._over = asyncio.Event(), asyncio.Event()
        self.app: ASGIApp = Starlette(
            routes=[Route("/{action}", self._serve, methods=["GET", "POST"])]
        )

    def fail(self, *faults: str) -> None:
        """What goes wrong with the next calls, one fault each, see FAULTS; "" for nothing."""
        assert set(faults) <= FAULTS | {""}
        self.faults.extend(faults)

    def release(self) -> None:
        """Let the late answers go."""
        self._released.set()

    def close(self) -> None:
        self._released.set()
        self._over.set()

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

    def sign(self, body: bytes) -> dict[str, str]:
        """The headers of a webhook."""
        signature = hmac.digest(self.secret.encode(), body, "sha1").hex()
        return {
            "Content-Type": "application/json",
            "X-Self-ID": str(self.self_id),
            **({"X-Signature": f"sha1={signature}"} if self.secret else {}),
        }

    async def post(self, client: httpx.AsyncClient, url: str, event: Params) -> httpx.Response:
        body = json.dumps(event, ensure_ascii=False).encode()
        return await client.post(url, content=body, headers=self.sign(body))

    async def ask(self, action: str, params: Params, *, socket: bool = False) -> tuple[int, Params]:
        """Do it, and give the HTTP status and the body of the answer; faults come in between."""
        self.asked.append(Call(action, params))
        fault = self.faults.popleft() if self.faults else ""
        if fault == "never":
            await self._over.wait()
        if fault in ("never", "500", "429"):
            return int(fault) if fault != "never" else 500, {"status": "failed", "retcode": 500}
        answer = self._answer(action, params, socket)
        if fault == "late":
            await self._released.wait()
        if fault == "lost":
            await self._over.wait()
        return answer

    def _answer(self, action: str, params: Params, socket: bool) -> tuple[int, Params]:
        do = getattr(self, f"do_{action.removeprefix('_')}", None)
        if do is None or (self.dialect == STANDARD and action in EXTENSIONS):
            return self._unknown(action, socket)
        try:
            data = do(params)
        except No as no:
            return 200, self._failed(str(no), 1200 if socket else 200)
        except (KeyError, TypeError) as missing:
            return 200, self._failed(f"参数错误 {missing}", 1400 if socket else 400)
        self.calls.append(Call(action, params))
        return 200, {"status": "ok", "retcode": 0, "data": data, "message": "", "wording": ""}

    def _unknown(self, action: str, socket: bool) -> tuple[int, Params]:
        if socket:
            return 200, self._failed(f"不支持的Api {action}", 1404)
        if self.dialect in (STANDARD, GOCQ):
            return 404, {}
        return 200, self._failed(f"不支持的Api {action}", 200 if self.dialect == NAPCAT else 404)

    def _failed(self, words: str, code: int) -> Params:
        """Words under the dialect's name; the standard has none, and a code without meaning."""
        said = {
            STANDARD: {"retcode": 1404 if code == 1404 else 100},
            GOCQ: {"retcode": 100, "msg": "API_ERROR", "wording": words},
            NAPCAT: {"retcode": code, "message": words, "wording": words},
            LAGRANGE: {"retcode": code, "message": words},
        }
        return {"status": "failed", "data": None, **said[self.dialect]}

    async def _serve(self, request: Request) -> JSONResponse:
        given = request.headers.get("authorization", "")
        if self.token and given != f"Bearer {self.token}":
            told = {"message": "token verify failed!"} if self.dialect == NAPCAT else {}
            return JSONResponse(told, 403 if given or self.dialect == NAPCAT else 401)
        action = request.path_params["action"]
        status, answer = await self.ask(action, json.loads(await request.body() or b"{}"))
        return JSONResponse(answer, status)

    def _as_admin(self, user: object = None) -> None:
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
        said = self.message(words, user=self.self_id, group=params["group_id"], at=1764000000)
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

    def do_send_group_notice(self, params: Params) -> str | None:
        """NapCat asks for confirmation unless told not to, and a notice may be swallowed."""
        self._as_admin()
        number = f"notice-{next(self._numbers)}"
        if self.shows_notices:
            self.notices.append({"id": number, "text": params["content"], "time": len(self.calls)})
        return number if self.dialect == LAGRANGE else None

    def do_get_group_notice(self, params: Params) -> list[Params]:
        return [
            {
                "sender_id": self.self_id,
                "publish_time": 1764000000 + notice["time"],
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
