"""确认 with a code: what cannot be taken back, or hits many, is done by whoever asked, at once."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from bot.people import PROTECTED, Address, Member, Role
from handlers.commands import EVERYONE, Call, Refused, command
from storage import abilities, groups, guests, members, offers
from storage.groups import Chat
from storage.strikes import ALPHABET, CODE_LENGTH

LASTS = timedelta(seconds=60)
OWNERS = frozenset({Role.OWNER})
_CODED = rf"确认\s*[{ALPHABET}{ALPHABET.lower()}]{{{CODE_LENGTH}}}"


def ask(call: Call, shown: str, *, line: str, about: str) -> str:
    """Say what would be done; `line` does it, when the same person says the code in time.

    The line has to name what was shown, and is judged anew when it is run.
    """
    if call.address.direct:
        line = f"{line} 群={call.group.name}"
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    offers.make(
        call.db,
        chat=call.chat,
        member=call.member,
        word=f"确认 {code}",
        command=line,
        expires=call.now + LASTS,
        about=about,
    )
    seconds = int(LASTS.total_seconds())
    return f"{shown}\n确定的话，{seconds} 秒内由你本人回复「确认 {code}」"


@command("确认 <确认码>", who=EVERYONE, plain=_CODED)
def too_late(call: Call, code: str) -> str:
    """危险操作要带确认码：60 秒内、由提出的本人回复，过时作废。"""
    raise Refused("没有等你用这个码确认的操作，或者过了 60 秒。什么都没做，需要就再发一次命令")


def chats(call: Call) -> list[Chat]:
    """The group's shared chats on the caller's platform; the one it was said in, if it is one."""
    there = [
        chat
        for chat in groups.chats_of(call.db, call.group.id)
        if not Address.of(chat.key).direct
        and Address.of(chat.key).platform == call.address.platform
    ]
    return [chat for chat in there if chat.key == call.chat] or there


def somebody(call: Call, words: str) -> Member:
    """The one member meant: mentioned, or named by account or card. Raises Refused."""
    known = {
        member.id: member
        for chat in chats(call)
        for member in members.in_chat(call.db, chat.id).values()
    }
    if mentioned := [who for who in dict.fromkeys(call.message.mentions) if who in known]:
        found = [known[who] for who in mentioned]
    else:
        name = words.strip().removeprefix("@").strip()
        found = [one for one in known.values() if name in (one.id, one.name)]
    if len(found) != 1:
        what = "不止一位" if found else "群里没有"
        raise Refused(f"{what}「{words.strip()}」，请在群里 @ 那一位，或写账号")
    return found[0]


def unprotected(call: Call, member: str) -> None:
    """Raises Refused for owners, HR, mentors, tonight's guest and host, and the bot itself."""
    if member == call.address.account:
        raise Refused("那是我自己")
    host, guest = guests.part_in(call.db, call.group.id, member)
    held = members.roles_in(call.db, call.group, platform=call.address.platform, member=member)
    if held & PROTECTED or host or guest:
        raise Refused("群主、副群主、HR、IT、导师和当天的嘉宾、主持人不能这样处理。没有动")


def able(call: Call, there: Sequence[Chat], name: str, instead: str) -> list[Chat]:
    """Those chats in which it works. Raises Refused, with what to do instead, where none is."""
    missing = {chat.key: abilities.missing(call.db, chat=chat.key, name=name) for chat in there}
    works = [chat for chat in there if missing[chat.key] is None]
    if not works:
        why = next((one.why for one in missing.values() if one and one.why), "这个平台不支持")
        raise Refused(f"我在这里做不到（{why}）。{instead}")
    return works


def shown(member: Member) -> str:
    return f"{member.name}（{member.id}）" if member.name else member.id
