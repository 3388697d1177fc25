"""A stand-in OneBot 11 implementation: its API and its signed webhooks, with no QQ behind.

`Platform` is the account and its groups. Reach its API in process through `Platform.app`, or give
that to `onebot_client.served` for a real address; send its events with `Platform.post`, or over a
socket with `onebot_client.ReverseClient`.
"""

import asyncio
import hmac
import json
from collections import deque

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.standins.onebot_groups import GOCQ, LAGRANGE, NAPCAT, STANDARD, Call, Groups, No, Params

EXTENSIONS = {
    "_send_group_notice",
    "_get_group_notice",
    "upload_group_file",
    "create_group_file_folder",
    "get_group_root_files",
    "get_group_msg_history",
}

FAULTS = {"late", "never", "lost", "unconfirmed", "500", "429", "flood"}
"""late: done, answered after release(). lost: done, never answered. unconfirmed: done, and NapCat
says that QQ did not confirm it. The others: not done; flood is QQ's own word for too often."""

KERNEL = "NTEvent serviceAndMethod:NodeIKernelMsgService/sendMsg EventRet:\n"


class Platform(Groups):
    """The API of an account and its groups; `asked` is all that was asked for."""

    def __init__(
        self,
        self_id: int = 10001,
        *,
        dialect: str = NAPCAT,
        token: str = "",
        secret: str = "",
        admin: bool = True,
    ) -> None:
        super().__init__(self_id, dialect=dialect, admin=admin)
        self.token, self.secret, self.retry_after = token, secret, ""
        self.asked: list[Call] = []
        self.faults: deque[str] = deque()
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
        if fault == "flood":
            return 200, self._failed(self._by_qq(299, "发言太频繁"), 1200 if socket else 200)
        answer = self._answer(action, params, socket)
        if fault == "unconfirmed":
            lost = No(f"Timeout: {KERNEL}{json.dumps({'result': 0, 'errMsg': ''}, indent=4)}")
            return 200, self._failed(lost, 1200 if socket else 200)
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
            if "group_id" in params and not self.in_group:
                raise self._outside(action)
            data = do(params)
        except No as no:
            return 200, self._failed(no, 1200 if socket else 200)
        except (KeyError, TypeError) as missing:
            return 200, self._failed(No(f"参数错误 {missing}"), 1400 if socket else 400)
        self.calls.append(Call(action, params))
        return 200, {"status": "ok", "retcode": 0, "data": data, "message": "", "wording": ""}

    def _unknown(self, action: str, socket: bool) -> tuple[int, Params]:
        no = No(f"不支持的Api {action}")
        if socket:
            return 200, self._failed(no, 1404)
        if self.dialect in (STANDARD, GOCQ):
            return 404, {}
        return 200, self._failed(no, 200 if self.dialect == NAPCAT else 404)

    def _failed(self, no: No, code: int) -> Params:
        """Words under the dialect's name; the standard has none, and a code without meaning."""
        words = str(no)
        said = {
            STANDARD: {"retcode": 1404 if code == 1404 else 100},
            GOCQ: {"retcode": 100, "msg": no.label, "wording": words},
            NAPCAT: {"retcode": code, "message": words, "wording": words},
            LAGRANGE: {"retcode": no.result or code, "message": "" if no.result else words},
        }
        return {"status": "failed", "data": None, **said[self.dialect]}

    def _outside(self, action: str) -> No:
        """go-cqhttp looks for the group itself; elsewhere the server tells whoever sends."""
        if self.dialect == GOCQ:
            return No("群聊不存在", "GROUP_NOT_FOUND")
        if action != "send_group_msg":
            return No("操作失败")
        return self._by_qq(110, "发送失败，你已被移出该群，请重新加群。")

    def _by_qq(self, result: int, words: str) -> No:
        """What QQ itself says to a message, in NapCat's wrapping there."""
        told = json.dumps({"result": result, "errMsg": words}, ensure_ascii=False, indent=4)
        return No(f"EventChecker Failed: {KERNEL}{told}\n", "SEND_MSG_API_ERROR", result)

    async def _serve(self, request: Request) -> JSONResponse:
        given = request.headers.get("authorization", "")
        if self.token and given != f"Bearer {self.token}":
            told = {"message": "token verify failed!"} if self.dialect == NAPCAT else {}
            return JSONResponse(told, 403 if given or self.dialect == NAPCAT else 401)
        action = request.path_params["action"]
        status, answer = await self.ask(action, json.loads(await request.body() or b"{}"))
        headers = {"Retry-After": self.retry_after} if status == 429 and self.retry_after else {}
        return JSONResponse(answer, status, headers)
