"""人数阶段 and 拆群: what a growing group needs, and how it could be divided."""

from collections.abc import Mapping

from bot import wording
from handlers import keeping, rulelines
from handlers.commands import KEEPERS, PLANNERS, Answer, Call, Refused, command, show_roles
from handlers.grammar import Options, narrow
from rules import engine
from rules.engine import RULES
from schedules import digests, growth, phases, split
from schedules.phases import PHASES, Phase
from schedules.split import DIMENSIONS, Split
from storage import questions, sizes
from storage.rulebook import Choice

_DEED = "改人数阶段"
_FLOODING = "刷屏"
_SHOWN = 8


@command(
    "人数阶段 [阶段] [刷屏=] [小助手=] [沉默=] [入群=]", who=PLANNERS, deed="看人数阶段", sets=True
)
def show(call: Call, name: str | None, options: Options) -> Answer:
    """看各人数阶段的设置，或改一档，如：人数阶段 200 刷屏=5条/10秒 小助手=2。"""
    if options:
        return _change(call, _named(name or ""), options)
    if name:
        phase = growth.phase_in(call.db, call.group.id, _named(name))
        return "\n".join([_line(phase), *(f"□ {item}" for item in phase.checklist)])
    count, now = growth.current(call.db, call.group.id)
    lines = [f"{call.group.name} 现在 {count} 人，在「{now.name}」阶段："]
    lines += [_line(phase) for phase in growth.all_in(call.db, call.group.id)]
    lines.append(f"小助手现有 {growth.helpers(call.db, call.group)} 位")
    lines.append(
        "看清单发「人数阶段 200」，改发「人数阶段 200 刷屏=5条/10秒 小助手=2 沉默=30天 入群=…」"
    )
    lines.append(f"把本档的刷屏设置用上：{call.line(f'人数阶段 应用 {now.word}')}")
    return "\n".join(lines)


def _line(phase: Phase) -> str:
    return (
        f"· {phase.name}：刷屏 {phase.limit}条/{phase.seconds}秒，小助手 {phase.helpers} 位，"
        f"沉默 {phase.silent} 天可提醒；入群：{phase.entry}"
    )


def _named(name: str) -> Phase:
    phase = phases.named(name)
    if phase is None:
        raise Refused(f"阶段有：{'、'.join(one.word for one in PHASES)}，如「人数阶段 200」")
    return phase


def _change(call: Call, phase: Phase, options: Options) -> str:
    if not (call.company or call.roles & KEEPERS):
        raise Refused(f"只有{show_roles(KEEPERS)}可以{_DEED}")
    key = phases.key(phase)
    params = keeping.own(call).get(key, Choice()).params | read(phase, options)
    said = " ".join(f"{field}={text}" for field, text in options.items())
    keeping.keep_params(call, key, params, f"人数阶段 {phase.word} {said}")
    wanted = phases.wanted(phase, keeping.in_force(call)[key].params)
    return f"已改\n{_line(wanted)}\n改回去发{keeping.way_back(call)}"


def read(phase: Phase, options: Mapping[str, str]) -> dict[str, object]:
    """What options such as 刷屏=5条/10秒 change. Raises Refused; then nothing is changed."""
    params: dict[str, object] = {}
    try:
        for field, text in options.items():
            line = questions.one_line(text)
            params |= phases.read(field, line if field == "入群" else narrow(line))
    except ValueError as problem:
        raise Refused(f"{problem}，没有改动") from None
    # The rule itself has the last word on what can be a limit.
    rulelines.read(RULES[_FLOODING], Choice(), phases.wanted(phase, params).flooding)
    return params


@command("人数阶段 应用 <阶段>", who=KEEPERS, deed="改群规")
def apply(call: Call, name: str) -> Answer:
    """把一档的刷屏设置用到群规上，可以撤销。"""
    phase = growth.phase_in(call.db, call.group.id, _named(name))
    rule, before = RULES[_FLOODING], keeping.own(call).get(_FLOODING, Choice())
    setting = rulelines.setting(rule, keeping.in_force(call).get(_FLOODING, Choice()))
    if engine.show_phrases(setting.params) == phase.flooding:
        return f"刷屏已经是 {phase.flooding}，没有改动"
    choice = rulelines.read(rule, before, phase.flooding)
    keeping.keep(call, {_FLOODING: choice}, f"人数阶段 应用 {phase.word}")
    return f"已改，下一条消息起生效：刷屏 {phase.flooding}。改回去发{call.line('撤销')}"


@command("拆群 方案 [按什么] [份数=]", who=PLANNERS, deed="看拆群方案")
def plan(call: Call, by: str | None, options: Options) -> Answer:
    """看群怎么分：按级别、片区或项目组，每群多少人，附邀请词；只给方案，不动群。"""
    made = _split(call, by, options)
    asked = f" 份数={len(made.parts)}{digests.here(call.group)}"
    way = f"按{made.by}分" if made.by else "花名册信息不够，平均分"
    head = f"【{call.group.name}】{sum(map(len, made.parts))} 人{way}成 {len(made.parts)} 群"
    torn = [f"{made.torn} 人和自己人分开了"] if made.torn else []
    torn += [f"{made.unknown} 人不在花名册里，用来补齐人数"] if made.unknown else []
    lines = [head + (f"（{'；'.join(torn)}）" if torn else "") + "："]
    lines += [
        f"{n + 1}. {_title(call, n)} {len(part)} 人：{_made_of(made, n)}"
        for n, part in enumerate(made.parts)
    ]
    lines.append(
        f"看名单发「拆群 名单 1 {made.by}".rstrip() + f"{asked}」；下面是邀请词，可以直接转发"
    )
    invites = [_invite(call, made, n) for n in range(len(made.parts))]
    return [call.privately(text) for text in ("\n".join(lines), *invites)]


@command("拆群 名单 <第几群> [按什么] [份数=]", who=PLANNERS, deed="看拆群方案")
def listed(call: Call, number: int, by: str | None, options: Options) -> Answer:
    """看方案里一个群的名单。"""
    made = _split(call, by, options)
    if not 1 <= number <= len(made.parts):
        raise Refused(f"方案里是 1 到 {len(made.parts)} 群")
    part = made.parts[number - 1]
    names = "、".join(questions.one_line(one.name, limit=20) for one in part)
    return [call.privately(f"{_title(call, number - 1)} {len(part)} 人：\n{names}")]


def _split(call: Call, by: str | None, options: Options) -> Split:
    way = (by or "").removeprefix("按")
    if way and way not in DIMENSIONS:
        raise Refused(f"可以按：{'、'.join(DIMENSIONS)}")
    people = sizes.placed(call.db, call.group.id)
    if len(people) < PHASES[1].floor:
        raise Refused(f"现在 {len(people)} 人，到 {PHASES[1].floor} 人再分也不迟")
    text = options.get("份数", "")
    parts = int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else 0
    if text and not 2 <= parts <= split.MOST_PARTS:
        raise Refused(f"份数请写 2 到 {split.MOST_PARTS}")
    return split.plan(people, parts=parts, by=way)


def _title(call: Call, place: int) -> str:
    return f"{call.group.name}-{place + 1}群"


def _made_of(made: Split, place: int) -> str:
    counts = [
        f"{questions.one_line(name, limit=20)} {n}" for name, n in made.made_of(place).items()
    ]
    return "、".join(counts[:_SHOWN]) + (f" 等 {len(counts)} 类" if len(counts) > _SHOWN else "")


def _invite(call: Call, made: Split, place: int) -> str:
    names = [name for name in made.made_of(place) if name != split.UNKNOWN][:_SHOWN]
    # Of what is in two groups only some are meant, and who that is stands in the list.
    shown = [
        questions.one_line(name, limit=20) + ("（按名单）" if name in made.apart else "")
        for name in names
    ]
    return wording.render(
        "phase_invite",
        group=call.group.name,
        name=_title(call, place),
        who="、".join(shown) or "名单里",
        count=len(made.parts[place]),
    )
