"""群健康: how a group is doing, and posts that may help, which go out when somebody says so."""

import hashlib
from dataclasses import replace
from datetime import timedelta

from bot import times, wording
from bot.actions import Say
from bot.people import Address
from handlers import keeping
from handlers.commands import PLANNERS, Answer, Call, Refused, command
from handlers.grammar import Options
from schedules import digests, growth, quiet
from storage import groups, masking, outbox, questions
from storage.outbox import Plan, Priority
from storage.rulebook import Choice

_DEED = "看群健康"
_TOPICS = 3
_LISTED = 20
_LONGEST = 60
_LASTS = timedelta(hours=12)
_KINDS = ("嘉宾", "话题", "小助手")


@command("群健康", who=PLANNERS, deed=_DEED, fits=lambda rest: not rest)
def show(call: Call) -> Answer:
    """看本群上周的发言、沉默、没人答的问题、走势和建议。"""
    words = digests.digest(call.db, call.group, call.now)
    none = "还没有满一周的数，下周一起每周一 09:00 私聊发给群主"
    return [call.privately(words or f"【{call.group.name}】{none}")]


@command("群健康 问题", who=PLANNERS, deed=_DEED, fits=lambda rest: not rest)
def unanswered(call: Call) -> Answer:
    """看两周里没人答的问题。"""
    open_ones = digests.open_questions(call.db, call.group, call.now, limit=_LISTED)
    if not open_ones:
        return [call.privately(f"【{call.group.name}】两周里没有没人答的问题")]
    lines = [
        f"· {times.show_moment(one.message.at, call.group.zone)} "
        f"{questions.one_line(one.message.name or one.message.member, limit=20)}："
        f"{questions.one_line(one.message.text, limit=_LONGEST)}"
        for one in open_ones
    ]
    return [call.privately("\n".join([f"【{call.group.name}】没人答的问题：", *lines]))]


@command(
    "群健康 周报 <开关>", who=PLANNERS, aliases=("群健康周报",), deed="改群健康周报", sets=True
)
def switch(call: Call, wanted: str) -> Answer:
    """开或关每周一 09:00 发给群主的周报。"""
    choice = read_switch(wanted)
    keeping.keep(call, {digests.KEY: choice}, f"群健康 周报 {wanted}")
    state = "每周一 09:00 私聊发给群主" if wanted == "开" else "不再发，数字照常统计"
    return f"群健康周报：{state}。改回去发{keeping.way_back(call)}"


def read_switch(wanted: str) -> Choice:
    if wanted not in ("开", "关"):
        raise Refused("请写「群健康 周报 开」或「群健康 周报 关」")
    return Choice(mode=wanted)


@command("群健康 发 <建议> [确认=]", who=PLANNERS, deed="在群里发帖")
def post(call: Call, name: str, options: Options) -> Answer:
    """先给你看稿，你确认后才发到群里：嘉宾、话题或小助手。"""
    words = _words(call, name)
    mark = hashlib.sha256(words.encode()).hexdigest()[:8]
    if options.get("确认") == mark:
        return [call.privately(_post(call, words))]
    # The preview is for the caller alone, and so is the question that it ends in.
    alone = replace(call, chat=str(call.address.to(call.member)))
    changed = "内容和刚才给你看的不一样了。" if "确认" in options else ""
    question = f"{changed}会发到「{call.group.name}」：\n\n{words}\n"
    line = f"群健康 发 {name} 确认={mark}{digests.here(call.group)}"
    return [call.privately(alone.confirm(question, line=line, about=f"发{name}到群里"))]


def _words(call: Call, name: str) -> str:
    """What would be posted now."""
    if name == "嘉宾":
        return wording.render("digest_guest")
    if name == "话题":
        found = digests.open_questions(call.db, call.group, call.now, limit=_TOPICS)
        asked = [questions.one_line(masking.mask(one.message.text)) for one in found]
        return wording.render("digest_topic", questions=[_quoted(one) for one in asked])
    if name == "小助手":
        _, phase = growth.current(call.db, call.group.id)
        more = phase.helpers - growth.helpers(call.db, call.group)
        return wording.render("digest_helper", count=max(more, 1))
    raise Refused(f"可以发的有：{'、'.join(_KINDS)}")


def _quoted(text: str) -> str:
    """A member's question as the bot repeats it: short, and calling nobody."""
    return questions.one_line(text.replace("@", ""), limit=_LONGEST)


def _post(call: Call, words: str) -> str:
    """Put it into the outbox for the group's chats; the answer to who approved it."""
    after = quiet.loud(call.now, call.group.zone)
    plans = [
        Plan(
            key=f"health-post/{call.message.key}/C{chat.id}",
            cause=f"health-post:{call.group.id}",
            action=Say(chat=chat.key, text=words),
            due=call.now,
            after=after,
            expires=after + _LASTS,
            priority=Priority.LATER,
        )
        for chat in groups.chats_of(call.db, call.group.id)
        if not Address.of(chat.key).direct
    ]
    outbox.put(call.db, plans, now=call.now)
    when = times.show_moment(after, call.group.zone)
    return "好，马上发到群里" if after <= call.now else f"现在是安静时段，{when} 发到群里"
