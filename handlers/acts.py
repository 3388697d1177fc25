"""One act of a rule, by its receipt: why, do it, let it pass, take it back, it was wrong."""

from bot import times, wording
from bot.actions import AnyAction, Say, Unmute
from bot.events import Message
from bot.people import Address
from handlers import forgiving, ladder, moderation, nicknames, ordered, overturning
from handlers.commands import EVERYONE, KEEPERS, Answer, Call, Refused, command
from handlers.grammar import Code
from handlers.ladder import GOOD_DAYS
from handlers.moderation import short
from handlers.scene import Scene
from rules import codes
from rules.engine import RULES, Mode, Verdict
from storage import abilities, archive, lessons, outbox, pictures, policy, strikes
from storage.groups import Chat
from storage.strikes import STATE_NAMES, State, Strike

_DEED = "决定处理"
_UNDOABLE = (State.DONE,)


@command("为什么 [回执]", who=EVERYONE, aliases=("为啥",))
def why(call: Call, code: Code | None) -> Answer:
    """看班长为什么这样处理：自己的都能看，群主能看本群所有的。"""
    if deed := ordered.find(call, code):
        return [call.privately(ordered.why(call, deed))]
    strike = find(call, code)
    lines = [
        f"{strike.code}：{times.show_moment(strike.at, call.group.zone)} {strike.name}",
        f"违反「{strike.rule}」：{strike.reason}",
        f"处理：{strike.done or '没有动作'}（{STATE_NAMES[State(strike.state)]}）",
    ]
    said = said_in(call, strike)
    lines += [f"原话：{short(said.text)}"] if said else []
    if strike.state == State.DONE:
        until = times.show_moment(strike.expires, call.group.zone)
        worked = (
            f"，正常发言满 {GOOD_DAYS} 天抵一次" if forgiving.on(call.db, call.group.id) else ""
        )
        lines.append(f"记到 {until} 为止{worked}。不服发「申诉 {strike.code} 理由」")
    if strike.decided_by:
        lines.append(f"{strike.decided_by} 决定的")
    return [call.privately("\n".join(lines))]


@command("执行 <回执>", who=KEEPERS, deed=_DEED)
def carry_out(call: Call, code: Code) -> Answer:
    """班长拿不准、来问你的那一条，按群规处理。"""
    strike = _asked(call, code)
    said = said_in(call, strike)
    chat = call.db.get(Chat, strike.chat_id)
    if RULES[strike.rule].renames and chat is not None:
        return _rename(call, strike, chat)
    if said is None or chat is None:
        raise Refused(f"{code} 的原话找不到了，没有处理")
    scene = _scene(call, chat)
    verdict = Verdict(strike.rule, strike.reason, Mode.ENFORCE, recall=RULES[strike.rule].recalls)
    step, _ = moderation.next_step(call.db, scene, said, verdict)
    strike.state, strike.done = State.DONE, str(step)
    strike.expires = call.now + ladder.STRIKE_LASTS
    _decided(strike, call)
    archive.caught(call.db, strike.event_id, strike.rule)
    plans = moderation.plans(call.db, scene, said, verdict, step, strike, call.now)
    outbox.put(call.db, plans, now=call.now)
    return f"{code} 已按群规处理：{step}"


def _rename(call: Call, strike: Strike, chat: Chat) -> list[AnyAction]:
    if missing := abilities.missing(call.db, chat=chat.key, name="set_card"):
        why = f"（{missing.why}）" if missing.why else ""
        raise Refused(f"这里改不了别人的名片{why}，没有改，请你请本人改")
    card, actions = nicknames.change(call.db, call.group, chat, strike)
    strike.state = State.DONE
    _decided(strike, call)
    done = f"{strike.code} 名片改成「{card}」，已告诉本人。改回去发「撤销 {strike.code}」"
    return [*actions, _answer(call, done)]


@command("放过 <回执>", who=KEEPERS, deed=_DEED)
def waive(call: Call, code: Code) -> Answer:
    """班长来问你的那一条，不处理。"""
    strike = _asked(call, code)
    strike.state = State.WAIVED
    _decided(strike, call)
    _learn(call, strike)
    return f"{code} 放过了，以后遇到很像的也不再问"


def take_back(call: Call, code: Code) -> list[AnyAction]:
    """Undo one act as far as the platform allows, and say plainly where it does not."""
    strike = _done(call, code)
    strike.state = State.UNDONE
    return _restore(call, strike)


@command("误判 <回执>", who=KEEPERS, deed="判误判")
def wrong(call: Call, code: Code) -> Answer:
    """这一条判错了：撤销处理，并且让班长在本群记住，类似的不再管。"""
    strike = _done(call, code)
    strike.state = State.WRONG
    _learn(call, strike)
    return _restore(call, strike)


def _restore(call: Call, strike: Strike) -> list[AnyAction]:
    strike.expires = call.now
    _decided(strike, call)
    if strike.appealed is not None:
        strike.answered = strike.answered or call.now
    archive.caught(call.db, strike.event_id, "")
    chat = call.db.get(Chat, strike.chat_id)
    done: list[AnyAction] = []
    parts = ["不再计入次数"]
    if "禁言" in strike.done and chat is not None:
        done.append(Unmute(chat=chat.key, member=strike.member))
        parts.append("已解除禁言")
    if strike.done == nicknames.CHANGED and chat is not None:
        done.append(nicknames.back(chat, strike))
        parts = ["名片改回去了"]
    if "撤回" in strike.done:
        parts.append("撤回的消息放不回来，可以请本人重发")
    name = STATE_NAMES[State(strike.state)]
    done.append(_answer(call, f"{strike.code} {name}：{'，'.join(parts)}"))
    if chat is not None:
        done.append(_tell(call, chat, strike, "taken_back", done=parts))
    done += overturning.check(call, strike.rule)
    return done


def _tell(call: Call, chat: Chat, strike: Strike, text: str, **more: object) -> Say:
    """A word to the member it was about, in private."""
    words = wording.render(text, code=strike.code, rule=strike.rule, by=call.name, **more)
    return Say(chat=str(Address.of(chat.key).to(strike.member)), text=words, via=chat.key)


def _answer(call: Call, text: str) -> Say:
    if call.address.direct:
        return Say(chat=call.chat, text=text)
    return Say(chat=call.chat, text=text, reply_to=call.message.id)


def _learn(call: Call, strike: Strike) -> None:
    """What it was about is no breach in this group: a name, a code, or a message that is kept."""
    said = said_in(call, strike)
    if strike.rule == codes.NAME:
        there = pictures.of_message(call.db, chat=said.chat, message=said.id) if said else ()
        shown = [code for one in there for code in one.texts]
        pictures.let_pass(call.db, group_id=call.group.id, codes=shown, by=call.name, now=call.now)
        return
    text = strike.name if RULES[strike.rule].renames else said.text if said else ""
    lessons.learn(
        call.db, group_id=call.group.id, rule=strike.rule, text=text, by=call.name, now=call.now
    )


def said_in(call: Call, strike: Strike) -> Message | None:
    """The message that an act was about, as long as it is kept."""
    if strike.chat_id is None:
        return None
    found = archive.find(call.db, chat_id=strike.chat_id, message=strike.message)
    return found[1] if found else None


def find(call: Call, code: Code | None) -> Strike:
    """The act meant; without a receipt the last one about the caller. Others' are keepers' to see.

    Raises Refused, in the same words whether there is none or it is not the caller's.
    """
    if code is None:
        mine = strikes.last_of(call.db, group_id=call.group.id, member=call.member)
        if mine is None:
            raise Refused("没有针对你的处理")
        return mine
    found = strikes.find(call.db, group_id=call.group.id, code=code)
    if found is None or not (call.roles & KEEPERS or found.member == call.member):
        raise Refused(f"本群没有你能看的回执 {code}")
    return found


def _asked(call: Call, code: Code) -> Strike:
    strike = find(call, code)
    if strike.state != State.ASKED:
        who = f"（{strike.decided_by}）" if strike.decided_by else ""
        raise Refused(f"{code} {STATE_NAMES[State(strike.state)]}{who}，不用再决定")
    return strike


def _done(call: Call, code: Code) -> Strike:
    strike = find(call, code)
    if strike.state not in _UNDOABLE:
        raise Refused(f"{code} {STATE_NAMES[State(strike.state)]}，没有可以撤销的")
    return strike


def _decided(strike: Strike, call: Call) -> None:
    strike.decided_by, strike.decided = call.name, call.now


def _scene(call: Call, chat: Chat) -> Scene:
    """As much of the scene as an act by hand needs."""
    book = policy.book(call.db, call.group.id)
    chosen = {name: choice.ladder for name, choice in book.items() if choice.ladder}
    return Scene(chat.id, chat.key, call.group.id, (), chosen, {}, call.group.zone)
