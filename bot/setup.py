"""Setting up by command line: groups, the roster, roles, relays, channels and days off."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from openpyxl import load_workbook
from sqlalchemy.orm import Session

from bot import times
from bot.people import ROLE_NAMES, Address, Role
from handlers.grammar import narrow
from schedules import proposals
from schedules.proposals import Proposal
from storage import audience, days, groups, members
from storage.members import Person

COLUMNS = {
    "工号": "number",
    "姓名": "name",
    "公司": "company",
    "片区": "region",
    "级别": "level",
    "项目组": "project",
    "岗位": "post",
    "批次": "cohort",
    "入职日期": "hired",
    "直属主管工号": "manager_number",
    "状态": "status",
}
ACCOUNTS = {"qq": "onebot", "wecom_userid": "wecom"}
"""Roster columns that are accounts, and the platform each belongs to."""

_NO_ACCOUNT = "花名册里没有这个人的账号，班长还联系不上"
_CHANNEL = re.compile(r"[\w()·.+&-]{1,50}")
_TAKEN = re.compile(r"[CG]\d+", re.IGNORECASE)
"""Names that deliveries and people have for groups already."""


def add_group(
    db: Session, *, name: str, zone: str, kind: str, chats: Iterable[str], **place: str
) -> str:
    """Add a group, or chats to the group of that name; says what was done.

    Raises ValueError for a chat that is not a shared chat or is another group's.
    """
    group = groups.named(db, name)
    said = "已有的群，新接入会话" if group else "已建群"
    group = group or groups.add(db, name=name, zone=zone, kind=kind, **place)
    for key in chats:
        if Address.of(key).direct:
            raise ValueError(f"{key} 是私聊，不能作为群")
        groups.connect(db, group=group, key=key)
    return f"{said} {name}"


def listed(db: Session) -> list[str]:
    """Every group with its chats, then the chats that were heard and belong to none."""
    lines = [
        f"{group.name}（{group.kind}，{group.zone}）：{chat.key}"
        for group in groups.everyone(db)
        for chat in groups.chats_of(db, group.id)
    ]
    strangers = [f"还没登记的群：{chat.key}" for chat in groups.strangers(db)]
    return [*lines, *strangers] or ["还没有群，用 group add 登记一个"]


def import_roster(db: Session, file: Path) -> int:
    """Add or update everyone in the file; who is not in it stays. How many rows were read.

    Raises ValueError naming the row when a row cannot be read; then nothing should be kept.
    """
    count = 0
    for count, row in enumerate(_rows(file), 1):
        number = row.get("工号", "")
        if not number or not row.get("姓名"):
            raise ValueError(f"第 {count + 1} 行缺工号或姓名")
        person = members.numbered(db, number) or Person(number=number)
        for column, name in COLUMNS.items():
            if column in row:
                setattr(person, name, _value(name, row[column], count + 1))
        db.add(person)
        db.flush()
        for column, platform in ACCOUNTS.items():
            if row.get(column):
                members.link(db, person=person, platform=platform, external=row[column])
    groups.touch_all(db)
    return count


def grant(db: Session, *, number: str, role: Role, scope: str) -> str:
    """Give a role; says what was done, and which groups it covers. Raises ValueError for nobody."""
    person = _person(db, number)
    new = members.grant(db, person=person, role=role, scope=scope)
    groups.touch_all(db)
    covered = [group.name for group in groups.everyone(db) if scope in members.scopes(db, group)]
    where = f"管 {'、'.join(covered)}" if covered else "注意：现在还没有群属于这个范围"
    has = "现在是" if new else "已经是"
    return f"{person.name} {has} {scope or '全公司'} 的{ROLE_NAMES[role]}（{where}）"


def revoke(db: Session, *, number: str, role: Role) -> str:
    """Take a role back; says what was done. Raises ValueError for nobody."""
    person = _person(db, number)
    count = members.revoke(db, person=person, role=role)
    groups.touch_all(db)
    return f"{person.name} {'不再是' if count else '本来就不是'}{ROLE_NAMES[role]}"


def set_relay(db: Session, *, chat: str, number: str) -> str:
    """Name a relay. Raises ValueError for an unknown person or a chat of no group."""
    person = _person(db, number)
    if groups.at_chat(db, chat) is None:
        raise ValueError(f"{chat} 还不属于任何群，请先 group add")
    groups.chat_for(db, chat).relay_id = person.id
    return f"{chat} 发不出去的内容由 {person.name} 转发"


def set_channel(db: Session, *, name: str, number: str) -> str:
    """Name who posts in a channel; says what was done.

    Raises ValueError for an unknown person, or a name that could not be said as in 已发 12-朋友圈.
    """
    person = _person(db, number)
    short = narrow(name.strip())
    if not _CHANNEL.fullmatch(short) or _TAKEN.fullmatch(short):
        raise ValueError(f"渠道不能叫「{name}」：用一个词，如 朋友圈，不要像 G6 那样")
    audience.set_channel(db, name=short, person=person)
    unreached = "" if members.accounts_of(db, person.id) else f"。注意：{_NO_ACCOUNT}"
    return f"{short} 由 {person.name}（{person.number}）发布{unreached}"


def drop_channel(db: Session, *, name: str) -> str:
    """Forget a channel; says so. Raises ValueError when there is none of this name."""
    if not audience.drop_channel(db, name=narrow(name.strip())):
        raise ValueError(f"没有「{name}」这个渠道，用 channel list 看全部")
    return f"{name} 不再发布"


def channels(db: Session) -> list[str]:
    """Every channel with the person who posts there."""
    found = [
        f"{channel.name}：{person.name}（{person.number}）"
        + ("" if members.accounts_of(db, person.id) else f"，{_NO_ACCOUNT}")
        for channel, person in audience.channels(db)
    ]
    return found or ["还没有渠道，用 channel set 添加一个"]


def import_days(db: Session, file: Path, *, by: str, now: datetime) -> list[str]:
    """Keep the days off in the file, and propose to owners what follows; says all of it.

    Raises ValueError naming the row when a row cannot be read; then nothing should be kept.
    """
    rows = days.read(file)
    changed = days.put(db, rows=rows, by=by, now=now)
    said = [f"{day} {'休' if rows[day].off else '班'} {rows[day].name}".rstrip() for day in changed]
    said.append(f"新增或更改 {len(changed)} 天")
    known = "、".join(str(year) for year in days.years(db)) or "无"
    said.append(f"表里有放假安排的年份：{known}")
    return said + [_proposed(one) for one in proposals.propose(db, now)]


def _proposed(one: Proposal) -> str:
    told = "已私信群主" if one.to else "没有找到群主，请转告"
    when = times.show_moment(one.due, one.zone)
    return f"#{one.number}（{one.group}）预告 {when} → {times.show_day(one.day)}：{told}"


def _person(db: Session, number: str) -> Person:
    person = members.numbered(db, number)
    if person is None:
        raise ValueError(f"花名册里没有工号 {number}，请先 import roster")
    return person


def _rows(file: Path) -> Iterator[dict[str, str]]:
    table = _sheet(file) if file.suffix.lower() == ".xlsx" else _csv(file)
    lines = iter(table)
    header = [cell.strip() for cell in next(lines, [])]
    if "工号" not in header or "姓名" not in header:
        raise ValueError("第一行要有「工号」「姓名」等列名")
    for line in lines:
        if any(cell.strip() for cell in line):
            yield dict(zip(header, (cell.strip() for cell in line), strict=False))


def _csv(file: Path) -> Sequence[Sequence[str]]:
    raw = file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="strict")
    return list(csv.reader(io.StringIO(text)))


def _sheet(file: Path) -> Sequence[Sequence[str]]:
    book = load_workbook(file, read_only=True, data_only=True)
    sheet = book.worksheets[0]
    rows = [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    book.close()
    return rows


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    return str(value)


def _value(name: str, text: str, row: int) -> str | date | None:
    if name != "hired":
        return text
    if not text:
        return None
    try:
        return date.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise ValueError(f"第 {row} 行入职日期「{text}」请写成 2026-11-03") from None
