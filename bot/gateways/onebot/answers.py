"""What the answer of an implementation means: its data, a no of some kind, or nothing sure."""

import re
from typing import NamedTuple

import httpx
from msgspec import Raw

from bot.gateways.contract import Failed, SwitchedOff, TryLater
from bot.gateways.onebot.links import Answer, read_answer

NOT_LET_IN = "接口拒绝了我们的口令，请核对 BANZHANG_ONEBOT_TOKEN（或该账号的 token）"
NOT_IN_GROUP = "机器人不在群"
NOT_ADMIN = "机器人不是管理员"
MAKE_ADMIN = "请群主在群管理里把机器人设为管理员"

ANSWER_LOST_BEHIND_A_PROXY = (502, 504)

PAUSE, LONGEST_PAUSE = 60.0, 3600.0
"""Seconds to be quiet after "too often" when it does not say how long, and at most."""

LONGEST_WORDS = 200

NO_SUCH_GROUP, REMOVED = "GROUP_NOT_FOUND", "已被移出该群"
"""go-cqhttp's for a group our account is not in; the server's own words to one that was removed."""

ABOUT_A_MEMBER = ("set_group_ban", "set_group_card")
"""go-cqhttp says NO_SUCH_GROUP here for a member it does not find as well."""

ADMIN_ONLY = ("ERR_NOT_GROUP_ADMIN", "120101005", "NOT_MANAGEABLE", "PERMISSION_DENIED")
"""QQ's own word and number as NapCat hands them on; go-cqhttp's two."""

UNCONFIRMED = "Timeout: NTEvent"
"""NapCat's for a call that QQ did not confirm in time. A message is often there all the same."""

SENDS = ("send_group_msg", "send_private_msg")
OUTSIDE, TOO_OFTEN = 110, (241, 299)
"""QQ's own results of sending; Lagrange gives them as retcode, NapCat within its words."""

_result = re.compile(r'"result":\s*(-?\d+)')
_said = re.compile(r'"errMsg":\s*"([^"]+)"')
_content = re.compile(r"base64://[\w+/=]*", re.ASCII)


class No(NamedTuple):
    """`told` is all that was said, `words` what an owner is shown, `result` QQ's own number."""

    told: str
    words: str
    result: int | None


def of_http(response: httpx.Response, action: str) -> Answer:
    """The answer in a response. Raises Failed or TryLater where the status says enough."""
    status = response.status_code
    if status == 429:
        pause = _pause(response.headers.get("retry-after", ""))
        raise TryLater("OneBot 接口说调用太频繁（HTTP 429）", pause=pause)
    if status >= 500:
        unsure = status in ANSWER_LOST_BEHIND_A_PROXY
        raise TryLater(f"OneBot 接口忙（HTTP {status}）", unsure=unsure)
    if status in (401, 403):
        raise Failed(NOT_LET_IN)
    if status == 404:
        raise Failed(f"这个 OneBot 实现没有 {action} 接口")
    if status != 200:
        raise Failed(f"OneBot 接口回答 HTTP {status}")
    try:
        return read_answer(response.content)
    except (ValueError, RecursionError) as error:
        raise TryLater(f"{action} 的回音读不懂", unsure=True) from error


def _pause(retry_after: str) -> float:
    """Only its form in seconds is understood; a date counts as not said."""
    said = retry_after.strip()
    seconds = float(said) if said.isascii() and said.isdecimal() else PAUSE
    return min(seconds, LONGEST_PAUSE)


def unwrapped(answer: Answer, action: str) -> Raw:
    """Retcodes are not portable: ok with 0 is a yes, and all else is a no of some kind."""
    if answer.status == "ok" and str(answer.retcode) == "0":
        return answer.data
    if str(answer.retcode) in ("1401", "1403"):
        raise Failed(NOT_LET_IN)
    no = _no(answer, action)
    if UNCONFIRMED in no.told:
        raise TryLater(f"QQ 没有确认 {action}", unsure=True)
    if action in SENDS and no.result in TOO_OFTEN:
        raise TryLater(f"QQ 说发得太频繁（{no.result}）", pause=PAUSE)
    raise _refusal(no, action)


def _refusal(no: No, action: str) -> Failed:
    removed = REMOVED in no.told or (action == "send_group_msg" and no.result == OUTSIDE)
    if removed or (NO_SUCH_GROUP in no.told and action not in ABOUT_A_MEMBER):
        return Failed(NOT_IN_GROUP)
    if any(word in no.told for word in ADMIN_ONLY):
        return SwitchedOff(NOT_ADMIN, fix=MAKE_ADMIN)
    return Failed(no.words)


def _no(answer: Answer, action: str) -> No:
    """In the platform's words, without the file that some implementations repeat in them."""
    said = [str(word) for word in (answer.wording, answer.message, answer.msg) if word]
    told = _content.sub("", " ".join(said))
    inner, result = _said.search(told), _result.search(told)
    first = inner[1] if inner else _content.sub("", said[0]) if said else ""
    words = (first or f"{action} 失败，没有说明原因")[:LONGEST_WORDS]
    code = answer.retcode
    number = int(result[1]) if result else code if isinstance(code, int) else None
    return No(told, words if code is None else f"{words}（{code}）", number)
