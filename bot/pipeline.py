"""The road of a message, from the archive to the outbox."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from msgspec import structs
from sqlalchemy.orm import Session

from bot import looked, wording
from bot.actions import AnyAction, Say
from bot.events import AnyEvent, Edited, Event, Joined, Message, PictureRead, Renamed
from bot.people import Address
from bot.rooms import Room, Rooms, learn
from handlers import commands, cooling, moderation
from handlers.dispatch import dispatch
from rules import engine
from rules.engine import RULES, Context, Verdict
from storage import archive, outbox, pictures
from storage.archive import Claim, Pending
from storage.database import Database
from storage.groups import Group
from storage.outbox import Plan

log = logging.getLogger(__name__)

BATCH = 64

_ANSWER_LASTS = timedelta(minutes=10)
APOLOGY = "这句没办成，已经记下来了，请稍后再试或告诉管理员"


class Pipeline:
    """Handles archived events in the order of each chat; every method is safe to call again."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._rooms = Rooms()
        self.commanded = False

    def drain(self) -> int:
        """Handle one batch of new events; how many there were.

        `commanded` is set when one of them was a command, which may have changed what is due.

        One transaction a batch. When an event cannot be handled the batch is taken again one by
        one, and only that event is marked failed.
        """
        with self._database.read() as db:
            if not archive.waiting(db):
                return 0
        batch: list[Pending] = []
        try:
            # Events are durable already; whatever follows from them is claimed before it is sent.
            with self._database.write(durable=False) as db:
                batch = self._handle(db, BATCH)
            return len(batch)
        except Exception:
            log.warning("a batch did not go through, taking its events one at a time")
            self._rooms = Rooms()
            return self._one_by_one()

    def _one_by_one(self) -> int:
        done = 0
        for _ in range(BATCH):
            tried: list[Pending] = []
            try:
                with self._database.write() as db:
                    self._handle(db, 1, tried)
            except Exception as problem:
                self._rooms = Rooms()
                if not tried:
                    raise
                self._give_up(tried[0], problem)
            done += len(tried)
            if not tried:
                break
        return done

    def _give_up(self, pending: Pending, problem: Exception) -> None:
        """Mark an event failed and say so to whoever was waiting for an answer."""
        log.error("event %s failed: %s", pending.event.key, type(problem).__name__, exc_info=True)
        now = self._now()
        with self._database.write() as db:
            archive.failed(db, pending.id, f"{type(problem).__name__} in {_where(problem)}")
            archive.seen(db, {pending.chat_id: pending.id})
            event = pending.event
            if isinstance(event, Message) and event.addressed:
                sorry = Say(chat=event.chat, text=APOLOGY, reply_to=event.id)
                outbox.put(db, _answers(event, pending.chat_id, [sorry], now), now=now)

    def _handle(self, db: Session, limit: int, tried: list[Pending] | None = None) -> list[Pending]:
        claims = {claim.chat_id: claim for claim in archive.claim(db, limit=limit)}
        batch = archive.pending(db, chat_ids=list(claims), limit=limit) if claims else []
        if tried is not None:
            tried.extend(batch)
        rooms: dict[int, Room] = {}
        for pending in batch:
            room = rooms.get(pending.chat_id) or self._rooms.get(db, claims[pending.chat_id])
            rooms[pending.chat_id] = room
            if handle(db, room, pending, self._now()):
                # A command may have changed what rooms of the group hold.
                self.commanded = True
                db.flush()
                claims = _renewed(db, claims, rooms)
                rooms = {}
        _close(db, batch)
        return batch


def _close(db: Session, batch: Sequence[Pending]) -> None:
    db.flush()
    archive.handled(db, [pending.id for pending in batch])
    archive.seen(db, {pending.chat_id: pending.id for pending in batch})


def _renewed(db: Session, claims: dict[int, Claim], rooms: dict[int, Room]) -> dict[int, Claim]:
    versions = archive.versions_of(db, {c.group_id for c in claims.values() if c.group_id})
    seen = {chat_id: room.seen for chat_id, room in rooms.items()}
    return {
        chat_id: Claim(
            chat_id,
            claim.key,
            claim.group_id,
            seen.get(chat_id, claim.seen),
            versions.get(claim.group_id or 0, 0),
        )
        for chat_id, claim in claims.items()
    }


def handle(db: Session, room: Room, pending: Pending, now: datetime) -> bool:
    """Take one event down the road. True when it was a command."""
    event = pending.event
    if not (isinstance(event, Message) and event.own):
        learn(db, room, event)
    caught = commanded = False
    if isinstance(event, PictureRead):
        looked.judge(db, room, event, now)
    if isinstance(event, Message) and not event.own:
        caught = _judge(db, room, pending, event, now)
        commanded = not caught and _command(db, room, pending, event, now)
    elif isinstance(event, Edited):
        _judge_edit(db, room, event, now)
    elif isinstance(event, Joined | Renamed):
        _judge_name(db, room, pending, event, now)
    if isinstance(event, Message):
        if not (caught or event.own) and looked.wanted(room, event, now):
            unproven = not room.protected(event.member, event.at)
            pictures.note(db, event, unproven=unproven, now=now)
        room.remember(event)
        if room.group is not None:
            room.echoes.note(event)
    talk = not (caught or commanded or (isinstance(event, Message) and event.own))
    # No message asks the database about evenings unless there is one.
    if talk and room.group is not None and (room.near(event.at) or not isinstance(event, Message)):
        _listen(db, room.group, pending, event, now)
    room.seen = pending.id
    return commanded


def _judge(db: Session, room: Room, pending: Pending, message: Message, now: datetime) -> bool:
    if room.group is None or room.protected(message.member, message.at):
        return False
    if _too_soon(db, room, pending, message, now):
        return True
    verdicts = engine.judge(message, room.context(message), room.settings)
    return _act(db, room, pending.id, message, verdicts, now)


def _act(
    db: Session,
    room: Room,
    event_id: int,
    message: Message,
    verdicts: Sequence[Verdict],
    now: datetime,
) -> bool:
    """Do what follows from the verdicts; whether the message counts as caught."""
    if not verdicts:
        return False
    result = moderation.act(
        db, room.scene, event_id=event_id, message=message, verdicts=verdicts, now=now
    )
    outbox.put(db, result.plans, now=now)
    if not result.caught:
        return False
    log.info("event %s caught by %s", message.key, ",".join(v.rule for v in verdicts))
    archive.caught(db, event_id, verdicts[0].rule)
    return True


def _judge_edit(db: Session, room: Room, event: Edited, now: datetime) -> None:
    """What a message was changed into is judged by the rules that take messages down."""
    found = archive.find(db, chat_id=room.chat_id, message=event.message)
    if room.group is None or found is None or room.protected(event.member, event.at):
        return
    event_id, said = found
    if said.own or said.member != event.member:
        return
    changed = structs.replace(said, key=event.key, at=event.at, text=event.text, segments=())
    settings = {name: one for name, one in room.settings.items() if RULES[name].recalls}
    known = room.members.get(event.member)
    context = Context(joined=known.joined if known else None)
    _act(db, room, event_id, changed, engine.judge(changed, context, settings), now)


def _judge_name(
    db: Session, room: Room, pending: Pending, event: Joined | Renamed, now: datetime
) -> None:
    """What somebody is called is judged before they say a word."""
    us = Address.of(event.chat).account
    if room.group is None or event.member == us or room.protected(event.member, event.at):
        return
    named = Message(
        key=event.key, chat=event.chat, at=event.at, id="", member=event.member,
        name=event.name, text="",
    )  # fmt: skip
    settings = {name: one for name, one in room.settings.items() if RULES[name].renames}
    _act(db, room, pending.id, named, engine.judge(named, Context(), settings), now)


def _too_soon(db: Session, room: Room, pending: Pending, message: Message, now: datetime) -> bool:
    """Somebody who is slowed for a while spoke again within a minute."""
    if message.at >= room.slowed.get(message.member, message.at) or message.addressed:
        return False
    zone = room.group.zone if room.group else "UTC"
    plans = cooling.held(db, chat_id=room.chat_id, message=message, zone=zone, now=now)
    if plans is None:
        return False
    archive.caught(db, pending.id, cooling.NAME)
    outbox.put(db, plans, now=now)
    return True


def _command(db: Session, room: Room, pending: Pending, message: Message, now: datetime) -> bool:
    if room.group is None and not message.direct:
        return message.addressed and _unknown_here(db, pending, message, now)
    roles = room.roles(message.member, message.at)
    live = room.live(message.at)
    outcome = dispatch(db, message, group=room.group, roles=roles, now=now, live=live)
    if outcome is None:
        return False
    outbox.put(db, _answers(message, pending.chat_id, outcome.actions, now), now=now)
    log.info("event %s ran command %s", message.key, outcome.command or "(none)")
    if not outcome.command:
        return False
    archive.commanded(db, pending.id, outcome.command)
    return True


def _unknown_here(db: Session, pending: Pending, message: Message, now: datetime) -> bool:
    """Somebody asks for the bot in a chat that was never set up: say so, with what to do."""
    words = wording.render("not_set_up", chat=message.chat)
    say = Say(chat=message.chat, text=words, reply_to=message.id)
    outbox.put(db, _answers(message, pending.chat_id, [say], now), now=now)
    return True


def _listen(db: Session, group: Group, pending: Pending, event: AnyEvent, now: datetime) -> None:
    """Tell the listeners; of messages they hear what is neither caught, nor a command, nor ours."""
    for kind, listener in commands.LISTENERS:
        if isinstance(event, kind):
            actions = listener(db, group, event, now)
            name = f"{listener.__module__.rpartition('.')[2]}.{listener.__name__}/"
            outbox.put(db, _answers(event, pending.chat_id, actions, now, by=name), now=now)


def _answers(
    event: Event, chat_id: int, actions: Sequence[AnyAction], now: datetime, *, by: str = ""
) -> list[Plan]:
    return [
        Plan(
            key=f"{event.key}/{by}{n}/{_target(event, chat_id, action)}",
            cause=event.key,
            action=action,
            due=now,
            expires=now + _ANSWER_LASTS,
        )
        for n, action in enumerate(actions)
    ]


def _target(event: Event, chat_id: int, action: AnyAction) -> str:
    return f"C{chat_id}" if action.chat == event.chat else Address.of(action.chat).target


def _where(problem: Exception) -> str:
    trace = problem.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_qualname if trace else "?"
