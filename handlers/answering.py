"""答复 and 采纳: answering a question through the bot, and saying that an answer helped."""

from bot import times
from bot.actions import Say
from handlers import wanted
from handlers.commands import EVERYONE, Answer, Call, Refused, command
from handlers.questions import homes
from storage import asks, duties, groups, outbox, spoken
from storage.asks import Ask, State
from storage.masking import readable
from storage.outbox import Plan
from storage.questions import one_line

LONGEST = 800


@command("答复 <编号> <内容>", who=EVERYONE)
def answer(call: Call, number: int, text: str) -> str:
    """负责答疑的人在私聊里回答，我替你发到群里，如「答复 812 先问预算」。"""
    ask = asks.get(call.db, number)
    if ask is None or ask.group_id not in homes(call) or not _may(call, ask):
        raise Refused(f"没有等你答的 {number} 号提问")
    if ask.state in (State.SOLVED, State.GONE):
        raise Refused("这个问题已经解决或撤回了，没有发")
    words = text.strip()
    if not 1 <= len(words) <= LONGEST:
        raise Refused(f"请写在 {LONGEST} 个字以内")
    key = f"ask/{ask.number}/answer/{call.message.id}"
    said = Say(
        chat=ask.chat,
        text=f"{one_line(call.name, limit=20)} 答：{readable(words)}",
        reply_to=ask.message,
        mention=(ask.member,),
    )
    outbox.put(
        call.db, [Plan(key=key, cause=f"ask:{number}", action=said, due=call.now)], now=call.now
    )
    ask.state, ask.closed, ask.answered_by = State.ANSWERED, call.now, call.member
    return f"已发到群里，{ask.name} 会看到"


@command("采纳 <谁>", who=EVERYONE)
def accept(call: Call, who: str) -> Answer:
    """提问的人说哪位的回答有用，如「采纳 @周航」；换成别人就再发一次。"""
    name, account = wanted.who(call, who)
    if not account or " " in account:
        raise Refused(f"群里没找到「{who}」，请在群里 @ 那个人")
    if account == call.member:
        raise Refused("自己的回答不能自己采纳")
    ask = _answered(call, account)
    before = ask.answered_by if ask.state == State.SOLVED else ""
    ask.state, ask.answered_by, ask.closed = State.SOLVED, account, call.now
    when = times.show_moment(ask.asked, call.group.zone)
    moved = "，之前采纳的换成这位" if before and before != account else ""
    return f"「{one_line(ask.text, limit=30)}」（{when}）已解决，采纳 {name} 的回答{moved}"


def _may(call: Call, ask: Ask) -> bool:
    """Those who answer for its subject, by themselves or for somebody else."""
    there = duties.of_group(call.db, ask.group_id)
    return any(call.member in (one.member, one.backup) for one in there)


def _spoke(call: Call, ask: Ask, account: str) -> bool:
    """Whether this account told something in the day after the question."""
    chat = groups.chat_for(call.db, ask.chat)
    until = ask.asked + spoken.PATIENCE
    talk = spoken.lines(call.db, chat_ids=[chat.id], since=ask.asked, until=until)
    return any(one.message.member == account and one.talk and one.tells for one in talk)


def _answered(call: Call, account: str) -> Ask:
    """The caller's newest question that this account answered. Raises Refused."""
    mine = asks.of_member(call.db, group_id=call.group.id, member=call.member)
    if not mine:
        raise Refused("没有记到你在群里的提问")
    for ask in mine:
        if ask.answered_by == account or _spoke(call, ask, account):
            return ask
    raise Refused("那位没有回答过你的提问。请采纳答过你的人")
