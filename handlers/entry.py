"""Owners saying by chat who may join: conditions, levels, who decides, how cards look."""

import re
from collections.abc import Mapping

from bot.people import ROLE_NAMES, Role
from handlers import wanted
from handlers.commands import KEEPERS, Answer, Call, Refused, command
from handlers.grammar import narrow
from schedules import admission, entry
from schedules.admission import FIELDS
from storage import members, rulebook
from storage.questions import one_line
from storage.rulebook import Choice

LONGEST_GRACE = 30
"""Days."""

_DEED = "改入群设置"
_LONGEST = 200
_OFF = ("关", "关闭", "取消", "清空", "不限")
_FIELD = re.compile(rf"(?:^|(?<=\s))({'|'.join(FIELDS)})\s*(?:[=:]|\s)\s*")
_LEVEL = re.compile(r"[、,，<＜→>\s]+")


@command("入群 条件 [设置]", who=KEEPERS, aliases=("入群条件",), deed=_DEED)
def conditions(call: Call, words: str | None) -> Answer:
    """看或改入群条件，如：入群 条件 级别=总监及以上 片区=华东、华北；关掉发「入群 条件 关」。"""
    book = rulebook.book(call.db, call.group.id)
    kept = dict(entry.conditions(book))
    if not words:
        return f"入群条件：{_shown(kept)}"
    if words in _OFF:
        kept = {}
    else:
        for field, value in _read(words).items():
            kept.pop(field, None)
            if value not in _OFF:
                kept[field] = _checked(field, value, entry.levels(book))
    _keep(call, entry.CONDITIONS, dict(kept), f"入群条件 {words}")
    return f"已改。入群条件：{_shown(kept)}。改回去发{call.line('撤销')}"


def _read(words: str) -> dict[str, str]:
    """By field; a level may stand alone, as in 总监及以上."""
    found = list(_FIELD.finditer(narrow(words)))
    first = found[0].start() if found else len(words)
    alone = words[:first].strip()
    values = {admission.LEVEL: alone} if re.fullmatch(r"\S+以[上下]", alone) else {}
    if alone and not values:
        raise Refused(f"看不懂「{alone}」，请写成 级别=总监及以上；能写的有：{'、'.join(FIELDS)}")
    ends = [one.start() for one in found[1:]] + [len(words)]
    for one, end in zip(found, ends, strict=False):
        values[one[1]] = words[one.end() : end].strip()
    return values


def _checked(field: str, value: str, levels: tuple[str, ...]) -> str:
    if len(value) > _LONGEST:
        raise Refused(f"「{field}」请写在 {_LONGEST} 个字以内")
    try:
        return admission.checked(field, value, levels)
    except ValueError as problem:
        raise Refused(f"{problem}，没有改动") from None


def _shown(kept: dict[str, str]) -> str:
    shown = {**kept, admission.ANSWER: "已设"} if admission.ANSWER in kept else kept
    rules = "，".join(f"{field}={words}" for field, words in shown.items())
    return rules or "没有设，申请都由人决定"


@command("级别顺序 [级别]", who=KEEPERS, aliases=("级别 顺序",), deed=_DEED)
def levels(call: Call, words: str | None) -> Answer:
    """看或写级别从低到高的顺序，如：级别顺序 专员 主管 总监；只对一家公司写 公司=名字 开头。"""
    named = re.match(r"公司\s*[=:]\s*(\S+)\s*", narrow(words or ""))
    company = (words or "")[named.start(1) : named.end(1)] if named else ""
    order = [one for one in _LEVEL.split((words or "")[named.end() if named else 0 :]) if one]
    book = rulebook.book(call.db, call.group.id)
    whose = f"{company} 的" if company else ""
    if not order:
        return f"{whose}级别从低到高：{'、'.join(entry.levels(book, company))}"
    if len(order) < 2 or len(order) != len(set(order)) or len(order) > 50:
        raise Refused("请从低到高写出不重复的几个级别，如：级别顺序 专员 主管 经理 总监")
    kept = book.get(entry.LEVELS, Choice()).params | {company: "、".join(order)}
    _keep(call, entry.LEVELS, kept, f"级别顺序 {words}")
    return f"已改。{whose}级别从低到高：{'、'.join(order)}"


@command("入群 指定 [处理人]", who=KEEPERS, aliases=("入群 处理人",), deed=_DEED)
def decides(call: Call, who: str | None) -> Answer:
    """看或定谁来处理入群申请（群主或副群主）；改回群主发「入群 指定 群主」。"""
    if not who:
        return f"入群申请由 {entry.decider(rulebook.book(call.db, call.group.id))} 处理"
    if who == ROLE_NAMES[Role.OWNER]:
        _keep(call, entry.DECIDES, {}, "入群处理人 群主")
        return "入群申请改由群主处理"
    name, account = wanted.who(call, who)
    platform = call.address.platform
    held = members.roles_in(call.db, call.group, platform=platform, member=account)
    if not account or not held & KEEPERS:
        raise Refused(f"「{name}」不是本群的群主或副群主，不能处理入群申请")
    one = {"platform": platform, "account": account, "name": name}
    _keep(call, entry.DECIDES, one, f"入群处理人 {name}")
    return f"入群申请由 {name} 处理"


@command("入群 宽限 [天数]", who=KEEPERS, deed=_DEED)
def grace(call: Call, words: str | None) -> Answer:
    """看或改没经过申请就进来、又不符合条件的人留几天补办，如：入群 宽限 3天。"""
    now = entry.grace(rulebook.book(call.db, call.group.id))
    found = re.fullmatch(r"(\d{1,3})\s*天?", narrow(words or f"{now.days}天"))
    if not found or not 1 <= int(found[1]) <= LONGEST_GRACE:
        raise Refused(f"请写 1 到 {LONGEST_GRACE} 天，如：入群 宽限 3天")
    if words:
        _keep(call, entry.GRACE, {"days": int(found[1])}, f"入群宽限 {words}")
    return f"不符合条件的人进群后有 {int(found[1])} 天补办，到期提醒处理人，我不会移人"


@command("名片 格式 [格式]", who=KEEPERS, aliases=("名片格式",), deed=_DEED)
def cards(call: Call, words: str | None) -> Answer:
    """看或定群名片的样子，如：名片 格式 片区-姓名；花名册里有的人进群时自动改好。"""
    now = entry.pattern(rulebook.book(call.db, call.group.id))
    if not words:
        return f"群名片格式：{now or '没有定'}"
    if words in _OFF:
        _keep(call, entry.CARD, {}, "名片格式 关")
        return "不再管群名片"
    pattern = one_line(words)
    if "姓名" not in pattern or len(pattern) > entry.LONGEST_CARD:
        parts = "、".join(entry.ROSTER)
        raise Refused(f"格式里要有「姓名」，可以用：{parts}，如：名片 格式 片区-姓名")
    _keep(call, entry.CARD, {"pattern": pattern}, f"名片格式 {pattern}")
    return f"已定群名片格式：{pattern}。新进群的人照这个来"


@command("欢迎 群规 [内容]", who=KEEPERS, aliases=("欢迎群规",), deed=_DEED)
def words(call: Call, text: str | None) -> Answer:
    """看或定欢迎新人时说的群规，一句话；改回默认发「欢迎 群规 默认」。"""
    own = entry.own_words(rulebook.book(call.db, call.group.id))
    if text:
        own = "" if text == "默认" else one_line(text)
        if len(own) > _LONGEST:
            raise Refused(f"欢迎里的群规请写在 {_LONGEST} 个字以内")
        _keep(call, entry.WORDS, {"text": own} if own else {}, "欢迎群规")
    return f"欢迎新人时的群规：{own or '按现在的规则列出'}"


def _keep(call: Call, key: str, params: Mapping[str, object], what: str) -> None:
    rulebook.change(
        call.db,
        group_id=call.group.id,
        rule=key,
        choice=Choice(params=dict(params)),
        author=call.member,
        author_name=call.name,
        what=what,
        now=call.now,
    )
