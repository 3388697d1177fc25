"""What a person did, or wants done, about one post: 已发, 补发, 不用, 重试."""

from collections.abc import Callable, Sequence

from bot import actions
from handlers.commands import (
    EVERYONE,
    PLANNERS,
    Answer,
    Call,
    Choice,
    NoneHere,
    Refused,
    command,
    evening,
)
from handlers.grammar import Number, Place
from schedules import lifecycle, posts, relays, steps
from schedules.lifecycle import Decision, Now
from schedules.turn import Turn
from storage import groups, guests, outbox
from storage.guests import AHEAD, HELD, GuestSession
from storage.outbox import STATE_NAMES, Delivery, State

_MENDABLE = (State.FAILED, State.EXPIRED)


@command("已发 [目标]", who=EVERYONE, aliases=("已转发",))
def posted(call: Call, place: Place | None) -> Answer:
    """把班长交给你的内容发到群里以后，回一声，如：已发 12-G6；只有一条时回「已发」就行。"""
    place = place or _only_one(call)
    one, found = _there(call, place, (State.WAITING, State.UNKNOWN))
    if not found:
        raise Refused(_nothing(call, one, place, "等人发"))
    delivery = found[0]
    if not _may(call, delivery):
        raise Refused("只有负责转发的人，或群主/副群主/HR 可以回「已发」")
    others = {posts.name_of(one.step) for one in found}
    name = posts.name_of(delivery.step)
    outbox.move(call.db, delivery, State.DELIVERED, now=call.now, why=f"人工：{call.name}")
    left = f"（还有 {len(found) - 1} 条在等：{'、'.join(others)}）" if len(found) > 1 else ""
    return f"记下了：#{one.id} {name} 已送达（人工：{call.name}）{left}"


def _only_one(call: Call) -> Place:
    """Where the post goes that waits for the caller. Raises Choice when several do."""
    waiting = _recent(call, lambda one: one.state == State.WAITING and _may(call, one))
    codes = sorted({_code(call, one) for one in waiting})
    if not codes:
        raise NoneHere("没有在等你发的")
    if len(codes) > 1:
        raise Choice(call.choose("发的是哪一条？", [(code, f"已发 {code}") for code in codes[:9]]))
    number, _, name = codes[0].partition("-")
    return Place(int(number), name.upper())


def _recent(call: Call, fits: Callable[[Delivery], bool]) -> list[Delivery]:
    """The posts of the group's latest evenings that fit."""
    evenings = guests.latest(call.db, call.group.id, limit=20)
    return [one for e in evenings for one in outbox.of_cause(call.db, e.cause) if fits(one)]


@command("补发 <目标>", who=PLANNERS, deed="补发")
def again(call: Call, place: Place) -> Answer:
    """可能没发出去、或者过期的一条，再发一次，如：补发 12-G2。"""
    one, found = _there(call, place, (State.UNKNOWN, *_MENDABLE))
    found = [d for d in found if _theirs(call, d) and d.detail not in lifecycle.NEEDLESS]
    found.sort(key=lambda delivery: (delivery.state == State.UNKNOWN, delivery.id))
    if not found:
        raise NoneHere(_nothing(call, one, place, "要补发"))
    _send_again(call, one, found[-1:])
    return f"好的，#{one.id} {posts.name_of(found[-1].step)} 马上补发"


@command("不用 [目标]", who=PLANNERS, aliases=("不用补发",), deed="决定补发")
def leave_it(call: Call, place: Place | None) -> Answer:
    """不知道发没发出去的那一条，不用再发。"""
    if place is None:
        found = _recent(call, lambda one: _asked(one) and _theirs(call, one))
    else:
        asked = [one for one in _there(call, place, (State.UNKNOWN,))[1] if _asked(one)]
        found = [one for one in asked if _theirs(call, one)]
    if not found:
        raise NoneHere("没有在等你决定的")
    if len(found) > 1:
        codes = {_code(call, one) for one in found}
        raise Refused(
            f"是哪一条？请写明，如「不用 {sorted(codes)[0]}」：{'、'.join(sorted(codes))}"
        )
    found[0].detail = f"{call.name} 答复：不用补发"
    return "好的，不再补发"


def _asked(delivery: Delivery) -> bool:
    return delivery.state == State.UNKNOWN and "不用补发" not in delivery.detail


@command("重试 <编号>", who=PLANNERS, deed="重试")
def retry(call: Call, number: Number) -> Answer:
    """把一场里发失败的再发一次。"""
    one = evening(call, number, (*AHEAD, *HELD))
    mine = outbox.of_cause(call.db, one.cause, to_change=True)
    failed = [d for d in mine if d.state == State.FAILED]
    still = [d for d in failed if d.expires is None or d.expires > call.now]
    if not failed:
        raise Refused(f"#{one.id} 没有发失败的")
    if not still:
        raise Refused(f"#{one.id} 发失败的 {len(failed)} 条都过了有效时间")
    _send_again(call, one, still)
    return f"好的，#{one.id} 重发 {len(still)} 条"


def _send_again(call: Call, one: GuestSession, found: Sequence[Delivery]) -> None:
    """In words that fit the hour, where they are the words of a step."""
    turn = Turn.of(call.db, one, call.now)
    known = {step.step: step for step in steps.plan(turn.timing)}
    for delivery in found:
        if delivery.expires is not None and delivery.expires <= call.now:
            raise Refused("过了有效时间，现在发只会让大家糊涂。需要的话请在群里说一声")
        step = known.get(steps.Step(delivery.step)) if delivery.step in set(steps.Step) else None
        place = (
            next((p for p in turn.places(step) if p.name == delivery.target), None)
            if step
            else None
        )
        if step and place:
            late = call.now - step.due > lifecycle.LATE
            words = turn.words(step, place, Decision(Now.SEND, late=late))
            picture = posts.picture(step.step, one, call.now)
            again = posts.reworded(delivery.what, words, picture=picture)
            delivery.action, delivery.revision = actions.encode(again), one.revision
        delivery.after = call.now
        outbox.move(call.db, delivery, State.PLANNED, now=call.now, why=f"{call.name} 要求再发")


def _there(
    call: Call, place: Place, states: Sequence[State]
) -> tuple[GuestSession, list[Delivery]]:
    """The deliveries meant by 12-G6 in these states, the oldest first."""
    one = guests.get(call.db, place.number, to_change=True)
    involved = {group.id for group in guests.groups_of(call.db, one)} if one else set()
    if one is None or call.group.id not in involved:
        raise Refused(f"没有 #{place.number} 这场分享")
    found = [
        delivery
        for delivery in outbox.of_cause(call.db, one.cause, to_change=True)
        if delivery.state in states and relays.matches(call.db, delivery, place.name)
    ]
    return one, found


def _theirs(call: Call, delivery: Delivery) -> bool:
    """Whether the caller decides on it: in the evening's own group, or in the chat it is for."""
    one = guests.of_cause(call.db, delivery.cause)
    chat = groups.at_chat(call.db, delivery.chat)
    own = one is not None and one.group_id == call.group.id
    there = chat is not None and chat.id == call.group.id
    return bool(call.roles & PLANNERS) and (own or there)


def _may(call: Call, delivery: Delivery) -> bool:
    if _theirs(call, delivery):
        return True
    relay = relays.of_chat(call.db, delivery.chat)
    mine = relay is not None and any(
        one.chat == str(call.address.to(call.member)) for one in relay.places
    )
    handed = {one.chat for one in outbox.of_cause(call.db, f"relay/{delivery.key}")}
    return mine or str(call.address.to(call.member)) in handed


def _nothing(call: Call, one: GuestSession, place: Place, what: str) -> str:
    """Why there is nothing to do, from what did become of it."""
    there = [
        delivery
        for delivery in outbox.of_cause(call.db, one.cause)
        if relays.matches(call.db, delivery, place.name)
    ]
    if not there:
        return f"#{one.id} 没有发往 {place} 的内容"
    last = there[-1]
    state = STATE_NAMES[State(last.state)]
    return f"{place} 没有{what}的：{posts.name_of(last.step)}{state}"


def _code(call: Call, delivery: Delivery) -> str:
    one = guests.of_cause(call.db, delivery.cause)
    return relays.code(call.db, one, delivery.target) if one else delivery.key
