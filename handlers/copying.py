"""复制配置: one group's set-up for another, without people, records and secrets."""

from dataclasses import replace

from bot.people import Role
from handlers import differences, naming, sections
from handlers.commands import PLANNERS, Answer, Call, Refused, command
from handlers.grammar import Options
from storage import policy, rulebook
from storage.layers import handed_on, resolve
from storage.rulebook import Choice


@command("复制配置 [自=] [到=] [确认=]", who=PLANNERS, deed="复制配置", apart=True)
def copy(call: Call, options: Options) -> Answer:
    """把一个群的群规、步骤、入群设置等搬到另一个群，先看差别，如：复制配置 自=G1 到=G7。"""
    if not options.get("自"):
        raise Refused("要写从哪个群来，如：复制配置 自=G1 到=G7。不写「到」就是本群")
    if call.address.direct and not options.get("到"):
        raise Refused("私聊里要写到哪个群，如：复制配置 自=G1 到=G7")
    source = naming.group(call, options["自"])
    target = naming.group(call, options["到"]) if options.get("到") else call.group
    if source.id == target.id:
        raise Refused("「自」和「到」是同一个群，没有改动")
    if Role.OWNER not in naming.roles(call, target):
        raise Refused(f"只有「{target.name}」的群主可以往里复制配置")
    naming.decides_in(call, source)
    return differences.settle(
        replace(call, group=target),
        asked(call, source.id, target.id),
        what=f"复制配置 自={source.name} 到={target.name}",
        line=f"复制配置 自=G{source.id} 到=G{target.id}",
        confirmed=options.get("确认", ""),
    )


def asked(call: Call, source: int, target: int) -> differences.Choices:
    """What the target would choose to be as the source is.

    What the source has from parent groups comes along as its own: the target is not below them.
    What only the target may have, such as who decides there, stays.
    """
    theirs = handed_on(resolve(policy.layers(call.db, source)[1:]).book)
    own = rulebook.book(call.db, target)
    found: dict[str, Choice | None] = {}
    for key in sections.places():
        if key in theirs:
            gets = theirs[key]
            found[key] = Choice(mode=gets.mode, params=gets.params, ladder=gets.ladder)
        elif key in own:
            found[key] = None
    return found
