"""导出配置, 导入配置 and 预设: a set-up as text, and set-ups that come with the bot."""

from bot import times
from bot.people import Role
from handlers import differences, keeping, policy_file, presets
from handlers.commands import KEEPERS, PLANNERS, Answer, Call, Refused, command, nearest_of
from handlers.grammar import Options


@command("导出配置", who=PLANNERS, deed="导出配置", sets=True, fits=lambda rest: not rest)
def export(call: Call) -> Answer:
    """把本群自己定的设置写成一份 YAML，私下发给你；改过可以再用「导入配置」放回来。"""
    title = "公司规则" if call.company else call.group.name
    when = times.show_moment(call.now, call.group.zone)
    head = f"{title}，{when} 导出。没写的照上级群、公司或默认"
    return [call.privately(policy_file.write(keeping.own(call), head=head))]


@command("导入配置 <内容> [确认=]", who=KEEPERS, deed="导入配置", sets=True)
def bring(call: Call, text: str, options: Options) -> Answer:
    """后面贴上 YAML，先看差别，确认后一次改好；没写的不动，写「默认」是不再单独设。"""
    if not call.company and Role.OWNER not in call.roles:
        raise Refused("只有群主可以导入配置")
    file = policy_file.read(text, keeping.in_force(call))
    # The whole text is said again on 确认, so that nothing has to be kept meanwhile.
    return differences.settle(
        call,
        file.choices,
        what="导入配置",
        line=keeping.said_again(call, f"导入配置 {text}\n"),
        confirmed=options.get("确认", ""),
    )


@command("预设 [名称] [确认=]", who=KEEPERS, deed="用预设", sets=True)
def preset(call: Call, name: str | None, options: Options) -> Answer:
    """看有哪些现成的配置，或用一个，先看差别，如：预设 销售群。"""
    there = presets.everything()
    if not name:
        lines = [f"· {one.name}：{one.about}" for one in there.values()]
        return "\n".join(["现成的配置，用一个发「预设 名称」，先给你看差别：", *lines])
    if name not in there:
        near = nearest_of(name, there)
        more = f"，是「{near}」吗？" if near else "，发「预设」看全部"
        raise Refused(f"没有「{name[:40]}」这个预设{more}")
    return differences.settle(
        call,
        presets.fitted(name, keeping.in_force(call)).choices,
        what=f"预设 {name}",
        line=keeping.said_again(call, f"预设 {name}"),
        confirmed=options.get("确认", ""),
    )
