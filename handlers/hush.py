"""Quiet while the guest shares: all muted, or a gentle word to those who talk."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot import wording
from bot.actions import AnyAction, Say
from bot.events import Message
from bot.people import Role
from handlers.arrivals import is_guest
from handlers.commands import Answer, Call, Refused, command, evening, on
from handlers.grammar import Number
from handlers.live import LEADERS, leading
from schedules import muting
from schedules.steps import Step
from schedules.turn import Turn
from storage import changes, guests, outbox
from storage.groups import Group
from storage.guests import AHEAD, GuestSession, Hush, State
from storage.outbox import Plan

_REMIND_EVERY = timedelta(minutes=10)


@command("硬静音 <开或关> [编号]", who=LEADERS, aliases=("静音",), deed="设静音")
def hard(call: Call, word: str, number: Number | None) -> Answer:
    """分享时全员静音，答疑时自动解除；平台不支持就改用提问排队。"""
    one = evening(call, number, AHEAD)
    leading(call, one)
    if not _on(word):
        return _set(call, one, Hush.NONE, "静音已关")
    now = muting.at_once(Turn.of(call.db, one, call.now), Step.MUTE)
    if not now:
        _set(call, one, Hush.SOFT, "")
        return "本群平台不支持全员静音，已改用提问排队"
    said = _set(call, one, Hush.HARD, "分享时全员静音，答疑开始自动解除")
    if one.state == State.SHARING:
        outbox.put(call.db, now, now=call.now)
    return said


@command("软静音 <开或关> [编号]", who=LEADERS, deed="设静音")
def soft(call: Call, word: str, number: Number | None) -> Answer:
    """分享时请大家先听，有人插话就轻轻提醒一次，问题排队。"""
    one = evening(call, number, AHEAD)
    leading(call, one)
    if not _on(word):
        return _set(call, one, Hush.NONE, "静音已关")
    return _set(call, one, Hush.SOFT, "分享时提醒大家先听、提问排队，不禁言")


def _set(call: Call, one: GuestSession, hush: Hush, said: str) -> str:
    if one.hush == Hush.HARD and hush != Hush.HARD:
        # A mute that may be on by now is lifted at once, and one that waits is not done any more.
        outbox.supersede(call.db, cause=one.cause, now=call.now, steps=(Step.MUTE,))
        muting.lift(Turn.of(call.db, one, call.now))
    if one.hush != hush:
        what = f"静音 #{one.id}"
        changes.change(call.db, one, by=call.member, what=what, now=call.now, hush=hush)
    return f"#{one.id} {said}"


def _on(word: str) -> bool:
    if word not in ("开", "关", "开启", "关闭"):
        raise Refused("请写「开」或「关」")
    return word.startswith("开")


@on(Message)
def listens(db: Session, group: Group, message: Message, now: datetime) -> Sequence[AnyAction]:
    """Somebody talks while the guest shares: one friendly word, at most every ten minutes.

    Where all were to be muted, and somebody can talk, muting did not work.
    """
    for one in guests.ahead(db, group.id):
        quiet = one.state == State.SHARING and one.hush != Hush.NONE
        if not quiet or is_guest(one, message.member, message.name):
            continue
        if message.member == one.host_account or message.role in (Role.OWNER, Role.DEPUTY):
            continue
        cause = f"hush:{one.id}:{message.chat}"
        before = outbox.last(db, cause=cause)
        if before is None or now - before.made >= _REMIND_EVERY:
            words = wording.render("hush", guest=one.shown_guest(now))
            say = Say(chat=message.chat, text=words)
            expires = now + _REMIND_EVERY
            plan = Plan(
                key=f"{cause}/{message.id}", cause=cause, action=say, due=now, expires=expires
            )
            outbox.put(db, [plan], now=now)
    return ()
