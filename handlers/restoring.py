"""Taking back a change to a plan, and telling those who had heard of it."""

from bot import times
from handlers import wanted
from handlers.changing import unconfirmed
from handlers.commands import Call, Refused
from handlers.grammar import Options
from handlers.guests import when
from schedules import corrections, standing
from schedules.standing import CANCELLED, MOVED
from schedules.turn import Turn
from storage import audience, changes, groups, guests, outbox, questions, sign_ups
from storage.changes import Change
from storage.guests import BEFORE, STATE_NAMES, GuestSession, State
from storage.outbox import State as Post


def take_back(call: Call, last: Change, options: Options) -> str:
    """Undo the caller's last change to a plan, and correct what was said of it."""
    one = _meant(call, last)
    turn = Turn.of(call.db, one, call.now, to_change=True)
    if question := _question(call, turn, last, options):
        return question
    if joined := _joined(last):
        _leave(call, turn, joined)
        last.undone = call.now
        return f"已撤销「{last.what}」"
    was = State(one.state)
    if changes.undo(call.db, last, now=call.now) is None:
        raise Refused(f"「{last.what}」之后又有人改过同一处，撤销会盖掉后来的改动，没有撤销")
    turn = Turn.of(call.db, one, call.now, to_change=True)
    if one.state == State.CANCELLED:
        corrections.call_off(turn)
    else:
        wanted.free(call, times.local(one.starts, call.group.zone).date(), but=one.id)
        _tell_again(call, turn, was)
    state = STATE_NAMES[State(one.state)]
    return f"已撤销「{last.what}」，#{one.id} {state}：{when(call, one)}"


def _meant(call: Call, last: Change) -> GuestSession:
    """The evening, as long as this change of it can be taken back."""
    one = guests.get(call.db, last.evening_id, to_change=True)
    if last.final:
        raise Refused(f"「{last.what}」已经告诉大家了，撤销不了")
    if one is None or one.state not in (*BEFORE, State.CANCELLED, State.MOVED):
        raise Refused("这场已经开始或结束，撤销不了")
    if one.starts <= call.now:
        raise Refused("这场已经开始或结束，撤销不了")
    off = one.state in (State.CANCELLED, State.MOVED)
    if off and last.touched.values().get("state") != one.state:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，「{last.what}」没有撤销")
    return one


def _question(call: Call, turn: Turn, last: Change, options: Options) -> str:
    """Taking back the plan itself calls the evening off: that is asked first, if people know."""
    planned = last.touched.values().get("state") == State.PLANNED
    told = standing.told(turn.deliveries)
    if not (planned and told):
        return ""
    question = unconfirmed(call, turn.evening, options, "撤销安排", "撤销")
    if not question:
        return ""
    return f"「{last.what}」撤销就是取消，已经预告到 {len(told)} 处，会发取消通知。\n{question}"


def _joined(last: Change) -> tuple[int, ...]:
    joined = last.touched.joined
    return joined if isinstance(joined, tuple) else ()


def _leave(call: Call, turn: Turn, joined: tuple[int, ...]) -> None:
    """Groups that were added go again, unless they heard of the evening."""
    targets = {f"C{chat.id}" for number in joined for chat in groups.chats_of(call.db, number)}
    if targets & set(standing.told(turn.deliveries)):
        raise Refused("这些群已经收到预告，撤销不了。不再通知某个群发「退出 编号 群名」")
    for number in joined:
        audience.remove(call.db, evening_id=turn.evening.id, group_id=number)
        groups.touch(call.db, number)
    for one in turn.deliveries:
        if one.target in targets and one.state == Post.PLANNED:
            outbox.move(call.db, one, Post.SUPERSEDED, now=call.now, why="铺开撤销了")


def _tell_again(call: Call, turn: Turn, was: State) -> None:
    """What was off is on again; what was moved comes back, and its successor is off."""
    one = turn.evening
    if was is State.MOVED and one.successor_id is not None:
        successor = guests.get(call.db, one.successor_id, to_change=True)
        one.successor_id = None
        if successor is not None and successor.state in BEFORE:
            questions.hand_over(call.db, of=successor.id, to=one.id)
            sign_ups.hand_over(call.db, of=successor.id, to=one.id)
            heard = corrections.heard_off(outbox.of_cause(call.db, successor.cause), MOVED)
            changes.adjust(call.db, successor, now=call.now, state=State.CANCELLED)
            corrections.withdraw(Turn.of(call.db, successor, call.now))
            corrections.resume(turn, heard)
    elif was is State.CANCELLED:
        corrections.resume(turn, corrections.heard_off(turn.deliveries, CANCELLED))
    else:
        corrections.correct(turn)
