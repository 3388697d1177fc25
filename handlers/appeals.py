"""A member's say against an act, which a person has to answer."""

from bot import times, wording
from bot.actions import Say
from bot.people import Address
from handlers import acts
from handlers.acts import find
from handlers.commands import EVERYONE, KEEPERS, Answer, Call, Refused, command
from handlers.grammar import Code, Options
from handlers.moderation import short
from schedules import places
from storage import strikes
from storage.groups import Chat
from storage.strikes import State

LONGEST = 200


@command("申诉 <回执> [理由]", who=EVERYONE)
def appeal(call: Call, code: Code, reason: str | None) -> Answer:
    """觉得处理错了就申诉，群主必须答复。"""
    strike = find(call, code)
    if strike.member != call.member:
        raise Refused("只能为自己申诉")
    if strike.state != State.DONE:
        raise Refused(f"{code} {strikes.STATE_NAMES[State(strike.state)]}，不用申诉")
    if strike.appealed is not None:
        raise Refused(f"{code} 已经申诉过" + ("，答复见私聊" if strike.answered else "，在等答复"))
    strike.appeal = short(reason or "")[:LONGEST]
    strike.appealed = call.now
    words = wording.render(
        "appeal",
        who=strike.name,
        code=code,
        rule=strike.rule,
        reason=strike.reason,
        appeal=strike.appeal,
    )
    owners = places.owners(call.db, call.group)
    told = [Say(chat=one.chat, text=words, via=one.via) for one in owners]
    return [call.privately(f"{code} 的申诉已经交给群主，答复会私聊你"), *told]


@command("维持 <回执> [理由=]", who=KEEPERS, deed="答复申诉")
def uphold(call: Call, code: Code, options: Options) -> Answer:
    """答复申诉：维持原来的处理，说明理由。推翻用「撤销」或「误判」。"""
    strike = find(call, code)
    if strike.appealed is None or strike.answered is not None:
        raise Refused(f"{code} 没有在等答复的申诉")
    strike.answer = short(options.get("理由", ""))
    strike.answered = call.now
    chat = call.db.get(Chat, strike.chat_id)
    words = wording.render("upheld", code=code, rule=strike.rule, why=strike.answer)
    told = []
    if chat is not None:
        to = str(Address.of(chat.key).to(strike.member))
        told.append(Say(chat=to, text=words, via=chat.key))
    return [call.privately(f"{code} 维持原处理，已告诉本人"), *told]


@command("待处理", who=KEEPERS, aliases=("申诉 列表",), deed="看待处理")
def waiting(call: Call) -> Answer:
    """看本群在等你决定的处理和申诉。"""
    found = strikes.waiting(call.db, group_id=call.group.id)
    if not found:
        return [call.privately("没有在等你决定的")]
    lines = []
    for one in found:
        when = times.show_moment(one.appealed or one.at, call.group.zone)
        said = acts.said_in(call, one)
        words = f"「{short(said.text)}」" if said else ""
        todo = f"→ 「执行 {one.code}」「放过 {one.code}」"
        if one.appealed:
            ways = f"「撤销 {one.code}」「误判 {one.code}」「维持 {one.code}」"
            todo = f"申诉：{one.appeal or '没写理由'} → {ways}"
        lines.append(f"· {one.code} {when} {one.name} {one.rule}{words} {todo}")
    return [call.privately("\n".join([f"{len(found)} 件在等：", *lines]))]
