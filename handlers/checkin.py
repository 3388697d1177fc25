"""签到: being marked as present with the code that is shown in the chat."""

import re
from datetime import timedelta

from handlers.commands import EVERYONE, Call, Refused, command
from handlers.grammar import Misread, narrow
from handlers.questions import homes
from storage import attendance, guests
from storage.attendance import MOST_WRONG, Checked, Result
from storage.guests import HELD, LIVE, GuestSession

_CODE = re.compile(r"\d{4}")
_LONGEST_EVENING = timedelta(hours=12)
_MAKE_UP = "错过了可以看纪要补课"
_WORDS = {
    Result.MARKED: "签到成功：到场",
    Result.ALREADY: "你已经签到：到场，不用再发",
    Result.EXPIRED: f"这个签到码已过期，请以最新公布的为准；{_MAKE_UP}",
    Result.STOPPED: f"已试错 {MOST_WRONG} 次，这个签到码不能再试，请等下一个；{_MAKE_UP}",
    Result.NONE: "现在没有可用的签到码，请等群里公布",
    Result.SEALED: f"这场的签到已截止；{_MAKE_UP}",
}


@command(
    "签到 <号码>",
    who=EVERYONE,
    fits=lambda rest: _CODE.fullmatch(narrow(rest)) is not None,
    plain=r"签到[\s:]?\s?\d{4}\s*",
)
def check_in(call: Call, code: str) -> str:
    """用群里公布的四位签到码签到，每场记一次到场。"""
    if not _CODE.fullmatch(narrow(code)):
        raise Misread("签到码是四位数字，如：签到 7421")
    one = _going_on(call)
    checked = attendance.check_in(
        call.db,
        evening_id=one.id,
        platform=call.address.platform,
        member=call.member,
        chat=call.chat,
        code=narrow(code),
        # Who sent it in time is not to suffer when it is heard late.
        now=min(call.now, call.message.at),
    )
    # Not Refused, which would undo the counting of wrong tries.
    return _words(checked)


def _words(checked: Checked) -> str:
    if checked.result is Result.WRONG and checked.left:
        return f"签到码不对，还可以试 {checked.left} 次"
    return _WORDS[Result.STOPPED if checked.result is Result.WRONG else checked.result]


def _going_on(call: Call) -> GuestSession:
    """The evening of the caller's that goes on, or else the last one that just ended."""
    found = [
        one
        for group_id in homes(call)
        for one in guests.between(
            call.db, group_id=group_id, since=call.now - _LONGEST_EVENING, until=call.now
        )
        if one.state in (*LIVE, *HELD)
    ]
    if not found:
        raise Refused("现在没有可以签到的分享")
    return max(found, key=lambda one: (one.state in LIVE, one.sealed is None, one.starts))
