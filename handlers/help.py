"""帮助: made from the declarations."""

from handlers import settings
from handlers.commands import COMMANDS, EVERYONE, Call, Command, Refused, command, find, show_roles
from rules.engine import RULES


@command(
    "帮助 [命令]",
    who=EVERYONE,
    aliases=("help", "菜单", "你会什么", "你会做什么"),
    fits=lambda rest: not rest or find(rest) is not None,
)
def show(call: Call, about: str | None) -> str:
    """看我会做什么；后面带上命令名，看那一条怎么写。"""
    if about:
        found = find(about)
        if found is None:
            raise Refused(f"没有「{about}」这个命令，发「帮助」看全部")
        return settings.explain(call, found[0].name) if found[0].name in RULES else _one(found[0])
    mine = [one for one in COMMANDS if one.who & call.roles or one.who == EVERYONE]
    lines = [f"· {one.usage.line}：{one.help}" for one in mine if one.name not in RULES]
    if any(one.name in RULES for one in mine):
        lines.append(f"· 改群规：{'、'.join(RULES)}，写法看「规则 {next(iter(RULES))}」")
    return "\n".join(["在群里 @班长 或用 / 开头，私聊直接说：", *lines])


def _one(known: Command) -> str:
    lines = [known.usage.line, known.help]
    if known.aliases:
        lines.append("也可以说：" + "、".join(" ".join(way) for way in known.aliases))
    if known.who != EVERYONE:
        lines.append(f"谁可以用：{show_roles(known.who)}")
    return "\n".join(lines)
