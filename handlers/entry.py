"""Owners saying by chat who may join: conditions, levels, who decides, how cards look."""

import re

from bot.people import ROLE_NAMES, Role
from handlers import keeping, wanted
from handlers.commands import KEEPERS, Answer, Call, Refused, command
from handlers.grammar import narrow
from schedules import admission, entry
from schedules.admission import FIELDS, Conditions
from storage import members
from storage.questions import one_line
from storage.rulebook import Choice, Rulebook

LONGEST_GRACE = 30
"""Days."""

_DEED = "改入群设置"
_LONGEST = 200
_OFF = ("关", "关闭", "取消", "清空", "不限")
_FIELD = re.compile(rf"(?:^|(?<=\s))({'|'.join(FIELDS)})\s*(?:[=:]|\s)\s*")
_LEVEL = re.compile(r"[、,，<＜→>\s]+")


@command("入群 条件 [设置]", who=KEEPERS, aliases=("入群条件",), deed=_DEED, sets=True)
def conditions(call: Call, words: str | None) -> Answer:
    """看或改入群条件，如：入群 条件 级别=总监及以上 片区=华东、华北；关掉发「入群 条件 关」。"""
    book = keeping.in_force(call)
    if not words:
        return f"入群条件：{_shown(entry.conditions(book))}"
    wants = dict.fromkeys(FIELDS, "关") if words in _OFF else _read(words)
    kept = {field: read_condition(field, value, book) for field, value in wants.items()}
    own = keeping.own(call).get(entry.CONDITIONS, Choice()).params
    keeping.keep_params(call, entry.CONDITIONS, own | kept, f"入群条件 {words}")
    shown = _shown(entry.conditions(keeping.in_force(call)))
    return f"已改。入群条件：{shown}。改回去发{keeping.way_back(call)}"


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


def read_condition(field: str, value: str, book: Rulebook) -> str:
    """A condition as it is kept; none at all is empty, also where one comes from above."""
    if value in _OFF:
        return ""
    if len(value) > _LONGEST:
        raise Refused(f"「{field}」请写在 {_LONGEST} 个字以内")
    try:
        return admission.checked(field, value, entry.levels(book))
    except ValueError as problem:
        raise Refused(f"{problem}，没有改动") from None


def _shown(kept: Conditions) -> str:
    shown = {**kept, admission.ANSWER: "已设"} if admission.ANSWER in kept else kept
    rules = "，".join(f"{field}={words}" for field, words in shown.items())
    return rules or "没有设，申请都由人决定"


@command("级别顺序 [级别]", who=KEEPERS, aliases=("级别 顺序",), deed=_DEED, sets=True)
def levels(call: Call, words: str | None) -> Answer:
    """看或写级别从低到高的顺序，如：级别顺序 专员 主管 总监；只对一家公司写 公司=名字 开头。"""
    named = re.match(r"公司\s*[=:]\s*(\S+)\s*", narrow(words or ""))
    company = (words or "")[named.start(1) : named.end(1)] if named else ""
    order = (words or "")[named.end() if named else 0 :]
    whose = f"{company} 的" if company else ""
    if not order.strip():
        shown = "、".join(entry.levels(keeping.in_force(call), company))
        return f"{whose}级别从低到高：{shown}"
    kept = read_levels(order)
    own = keeping.own(call).get(entry.LEVELS, Choice()).params | {company: kept}
    keeping.keep_params(call, entry.LEVELS, own, f"级别顺序 {words}")
    return f"已改。{whose}级别从低到高：{kept}"


def read_levels(words: str) -> str:
    """Levels from low to high, as they are kept."""
    order = [one for one in _LEVEL.split(words) if one]
    if len(order) < 2 or len(order) != len(set(order)) or len(order) > 50:
        raise Refused("请从低到高写出不重复的几个级别，如：级别顺序 专员 主管 经理 总监")
    return "、".join(order)


@command("入群 指定 [处理人]", who=KEEPERS, aliases=("入群 处理人",), deed=_DEED)
def decides(call: Call, who: str | None) -> Answer:
    """看或定谁来处理入群申请（群主或副群主）；改回群主发「入群 指定 群主」。"""
    if not who:
        return f"入群申请由 {entry.decider(keeping.own(call))} 处理"
    if who == ROLE_NAMES[Role.OWNER]:
        keeping.keep_params(call, entry.DECIDES, {}, "入群处理人 群主")
        return "入群申请改由群主处理"
    name, account = wanted.who(call, who)
    platform = call.address.platform
    held = members.roles_in(call.db, call.group, platform=platform, member=account)
    if not account or not held & KEEPERS:
        raise Refused(f"「{name}」不是本群的群主或副群主，不能处理入群申请")
    one = {"platform": platform, "account": account, "name": name}
    keeping.keep_params(call, entry.DECIDES, one, f"入群处理人 {name}")
    return f"入群申请由 {name} 处理"


@command("入群 宽限 [天数]", who=KEEPERS, aliases=("入群宽限",), deed=_DEED, sets=True)
def grace(call: Call, words: str | None) -> Answer:
    """看或改没经过申请就进来、又不符合条件的人留几天补办，如：入群 宽限 3天。"""
    days = read_grace(words) if words else entry.grace(keeping.in_force(call)).days
    if words:
        keeping.keep_params(call, entry.GRACE, {"days": days}, f"入群宽限 {words}")
    return f"不符合条件的人进群后有 {days} 天补办，到期提醒处理人，我不会移人"


def read_grace(words: str) -> int:
    found = re.fullmatch(r"(\d{1,3})\s*天?", narrow(words))
    if not found or not 1 <= int(found[1]) <= LONGEST_GRACE:
        raise Refused(f"请写 1 到 {LONGEST_GRACE} 天，如：入群 宽限 3天")
    return int(found[1])


@command("名片 格式 [格式]", who=KEEPERS, aliases=("名片格式",), deed=_DEED, sets=True)
def cards(call: Call, words: str | None) -> Answer:
    """看或定群名片的样子，如：名片 格式 片区-姓名；花名册里有的人进群时自动改好。"""
    if not words:
        return f"群名片格式：{entry.pattern(keeping.in_force(call)) or '没有定'}"
    pattern = read_card(words)
    keeping.keep_params(call, entry.CARD, {"pattern": pattern}, f"名片格式 {pattern or '关'}")
    return f"已定群名片格式：{pattern}。新进群的人照这个来" if pattern else "不再管群名片"


def read_card(words: str) -> str:
    """A pattern for cards; empty when they do not matter."""
    if words in _OFF:
        return ""
    pattern = one_line(words)
    if "姓名" not in pattern or len(pattern) > entry.LONGEST_CARD:
        parts = "、".join(entry.ROSTER)
        raise Refused(f"格式里要有「姓名」，可以用：{parts}，如：名片 格式 片区-姓名")
    return pattern


@command("欢迎 群规 [内容]", who=KEEPERS, aliases=("欢迎群规",), deed=_DEED, sets=True)
def words(call: Call, text: str | None) -> Answer:
    """看或定欢迎新人时说的群规，一句话；改回默认发「欢迎 群规 默认」。"""
    if text:
        keeping.keep_params(call, entry.WORDS, {"text": read_words(text)}, "欢迎群规")
    own = entry.own_words(keeping.in_force(call))
    return f"欢迎新人时的群规：{own or '按现在的规则列出'}"


def read_words(text: str) -> str:
    """The rules in somebody's own words; empty for those that are made of the settings."""
    own = "" if text == "默认" else one_line(text)
    if len(own) > _LONGEST:
        raise Refused(f"欢迎里的群规请写在 {_LONGEST} 个字以内")
    return own
