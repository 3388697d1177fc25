"""帮助: made from the declarations."""

from handlers import settings
from handlers.commands import COMMANDS, EVERYONE, Call, Command, Refused, command, find, show_roles
from rules.engine import RULES


@command(
    "帮助 [命令]",
    who=EVERYONE,
    aliases=("help", "菜单", "你会什么", "你会做什么"),
    fits=lambda rest: not rest or find(rest) is not None or bool(_under(rest)),
)
def show(call: Call, about: str | None) -> str:
    """看我会做什么；后面带上命令名，看那一条怎么写。"""
    return _about(call, about) if about else _everything(call)


def _about(call: Call, about: str) -> str:
    several = _under(about)
    if len(several) > 1:
        return "\n".join(f"· {one.usage.line}：{one.help}" for one in several)
    found = find(about)
    if found is None:
        raise Refused(f"没有「{about}」这个命令，发「帮助」看全部")
    return settings.explain(call, found[0].name) if found[0].name in RULES else _one(found[0])


def _everything(call: Call) -> str:
    """What everybody may say is explained; of the rest the names do, not to flood a group."""
    mine = [one for one in COMMANDS if one.who & call.roles and one.name not in RULES]
    lines = [f"· {one.usage.line}：{one.help}" for one in mine if one.who == EVERYONE]
    if more := [one.name for one in mine if one.who != EVERYONE]:
        lines.append(f"· 你还可以：{'、'.join(more)}")
    if any(one.who & call.roles for one in COMMANDS if one.name in RULES):
        lines.append(f"· 改群规：{'、'.join(RULES)}")
    lines.append("怎么写发「帮助 命令名」，如：帮助 提问")
    return "\n".join(["在群里 @班长 或用 / 开头，私聊直接说：", *lines])


def _under(word: str) -> list[Command]:
    """The commands that begin with a word, as 嘉宾 is what many do."""
    return [one for one in COMMANDS if one.usage.words[0] == word]


def _one(known: Command) -> str:
    lines = [known.usage.line, known.help]
    if known.aliases:
        lines.append("也可以说：" + "、".join(" ".join(way) for way in known.aliases))
    if known.who != EVERYONE:
        lines.append(f"谁可以用：{show_roles(known.who)}")
    return "\n".join(lines)
