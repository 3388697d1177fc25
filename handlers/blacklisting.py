"""拉黑 and 黑名单: accounts that a group does not want to see again."""

from bot import times
from handlers import danger
from handlers.commands import Answer, Call, Refused, command
from handlers.danger import OWNERS
from handlers.grammar import Options
from storage import blacklist, deeds
from storage.deeds import Deed, Kind
from storage.questions import one_line

LONGEST = 100
MOST = 500
"""A list longer than this is nobody's to read; the company's own rules are to be changed."""

_LISTED = 30
_DEED = "管黑名单"


@command("拉黑 <谁> [理由=]", who=OWNERS, deed=_DEED)
def add(call: Call, who: str, options: Options) -> str:
    """再也不放一个账号进群，要确认码；人还在群里的不会移出，要移出发「移出」。"""
    member, name = _meant(call, who)
    danger.unprotected(call, member)
    there = blacklist.of_group(call.db, call.group.id)
    if len(there) >= MOST:
        raise Refused(f"黑名单满 {MOST} 个了，先清理一下")
    if any(one.member == member for one in there):
        raise Refused(f"{member} 已经在黑名单里")
    reason = one_line(options.get("理由", ""), limit=LONGEST)
    if not call.confirmed:
        line = f"拉黑 {member}" + (f" 理由={reason}" if reason else "")
        what = f"将把 {name or '账号'}（{member}）拉黑：申请进「{call.group.name}」会被拒绝。"
        return danger.ask(call, what, line=line, about=f"拉黑 {member}")
    platform = call.address.platform
    blacklist.add(
        call.db,
        group_id=call.group.id,
        platform=platform,
        member=member,
        name=name,
        reason=reason,
        by=call.name,
        now=call.now,
    )
    new = Deed(
        group_id=call.group.id,
        kind=Kind.BLACKLISTED,
        member=member,
        name=name,
        reason=reason,
        by=call.member,
        by_name=call.name,
        at=call.now,
    )
    code = deeds.add(call.db, new).code
    return f"{code} 已拉黑 {member}。放出来发{call.line(f'黑名单 删 {member}')}"


@command("黑名单", who=OWNERS, deed=_DEED)
def show(call: Call) -> Answer:
    """看本群的黑名单，只发给你。"""
    there = blacklist.of_group(call.db, call.group.id)
    if not there:
        return [call.privately("黑名单是空的")]
    lines = [
        f"· {one.name or '账号'}（{one.member}）{times.show_moment(one.at, call.group.zone)} "
        f"{one.by}：{one.reason or '没写理由'}"
        for one in there[:_LISTED]
    ]
    more = [f"……共 {len(there)} 个"] if len(there) > _LISTED else []
    return [call.privately("\n".join([f"{call.group.name} 黑名单：", *lines, *more]))]


@command("黑名单 删 <账号>", who=OWNERS, deed=_DEED)
def drop(call: Call, member: str) -> str:
    """把一个账号放出黑名单。"""
    bare = member.strip().removeprefix("@")
    if not blacklist.remove(call.db, group_id=call.group.id, member=bare):
        raise Refused(f"黑名单里没有 {bare}")
    return f"{bare} 已放出黑名单"


@command("黑名单 清空", who=OWNERS, deed=_DEED)
def clear(call: Call) -> str:
    """清空本群的黑名单，要确认码，清了找不回来。"""
    there = blacklist.of_group(call.db, call.group.id)
    if not there:
        raise Refused("黑名单本来就是空的")
    if not call.confirmed:
        what = f"将清空「{call.group.name}」的黑名单，共 {len(there)} 个账号，清了找不回来。"
        return danger.ask(call, what, line="黑名单 清空", about="清空黑名单")
    gone = blacklist.clear(call.db, call.group.id)
    return f"黑名单已清空，放出 {gone} 个账号"


def _meant(call: Call, who: str) -> tuple[str, str]:
    """Account and name of a member, or an account that is not here, such as 20002."""
    try:
        member = danger.somebody(call, who)
    except Refused:
        account = who.strip().removeprefix("@").strip()
        if call.message.mentions or not account.isascii() or not 3 <= len(account) <= 100:
            raise
        return account, ""
    return member.id, member.name
