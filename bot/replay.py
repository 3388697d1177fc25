"""A group's archive played once more, through any settings of one rule. Nothing is done."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.echoes import Echoes
from bot.events import AnyEvent, Joined, Message, PictureRead, RoleChanged
from bot.people import PROTECTED, Member, Role
from bot.rooms import LOADED, Room, cast
from handlers import cooling
from rules import codes, engine
from rules.engine import Mode, Params, Setting, Verdict
from rules.raid import Raid
from storage import archive, groups, lessons, members, past, pictures
from storage.archive import Claim
from storage.database import Database
from storage.groups import Chat, Group
from storage.past import Row


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be played: one group's archive since a moment, through a rule with settings."""

    group_id: int
    rule: str
    params: Params
    since: datetime


@dataclass(frozen=True, slots=True)
class Played:
    """One message, and what the rule would have said of it.

    `known` when a person called one like it no breach, so that nothing would have been done.
    """

    message: Message
    verdict: Verdict | None = None
    known: bool = False


def play(database: Database, asked: Asked) -> Iterator[Played | None]:
    """Every message that members wrote, one after the other, as the rules would have met it.

    Who is protected is learned from the archive as far as it tells, and else taken as it is now.
    The archive is read in small pieces; None stands for a piece of work without a message.
    """
    with database.read() as db:
        group = groups.get(db, asked.group_id)
        chats = groups.chats_of(db, asked.group_id)
        taught = lessons.of_rule(db, group_id=asked.group_id, rule=asked.rule)
    for chat in chats:
        for played in _chat(database, asked, group, chat):
            if played is not None and played.verdict is not None:
                known = lessons.nearest(played.message.text, taught) is not None
                yield Played(played.message, played.verdict, known)
            else:
                yield played


def _chat(database: Database, asked: Asked, group: Group, chat: Chat) -> Iterator[Played | None]:
    with database.read() as db:
        bounds = past.bounds(db, chat_id=chat.id, since=asked.since)
    if bounds is None:
        return
    came: list[AnyEvent] = []
    for numbers in past.pieces(bounds):
        with database.read() as db:
            came += past.comings(db, chat_id=chat.id, since=asked.since, numbers=numbers)
        yield None
    room = _room(database, asked, group, chat, bounds[0])
    room.members = as_before(room.members, came)
    on_guard = _Guard(asked.params).watches if isinstance(asked.params, Raid) else _always
    for numbers in past.pieces(bounds):
        with database.read() as db:
            rows = past.page(db, chat_id=chat.id, since=asked.since, numbers=numbers)
        yield None
        for row in rows:
            on = on_guard(row.event)
            if isinstance(row.event, Message) and not row.event.own:
                yield _message(room, row, row.event, on)
            elif isinstance(row.event, PictureRead) and asked.rule == codes.NAME:
                yield _picture(database, asked, room, row.event)
            else:
                _other(room, row.event)


def _room(database: Database, asked: Asked, group: Group, chat: Chat, first: int) -> Room:
    """The chat as it was when the first of the messages came."""
    claim = Claim(chat.id, chat.key, group.id, first - 1, group.version)
    with database.read() as db:
        seen = archive.recent(db, chat_id=chat.id, upto=first - 1, limit=LOADED)
        room = Room(claim, group, seen, Echoes())
        room.settings = {asked.rule: Setting(Mode.OBSERVE, asked.params)}
        room.members = members.in_chat(db, chat.id, gone=True)
        cast(db, room, group, since=asked.since)
    return room


def _message(room: Room, row: Row, message: Message, on_guard: bool) -> Played:
    """The same three steps as in the pipeline: who it is, what the rule says, and kept in mind."""
    room.learn(message)
    exempt = room.protected(message.member, message.at) or row.rule == cooling.NAME
    judged = on_guard and not exempt
    verdicts = engine.judge(message, room.context(message), room.settings) if judged else []
    room.remember(message)
    room.echoes.note(message)
    return Played(message, verdicts[0] if verdicts else None)


def _picture(database: Database, asked: Asked, room: Room, read: PictureRead) -> Played:
    """Codes that are the group's own by now are let pass, whenever they became that."""
    with database.read() as db:
        strange = pictures.strange(db, group_id=asked.group_id, codes=read.codes)
    posted = Message(
        key=read.key,
        chat=read.chat,
        at=read.at,
        id=read.message,
        member=read.member,
        name=read.name,
        text="、".join(strange),
    )
    exempt = room.protected(read.member, read.at)
    about = replace(read, codes=tuple(strange))
    verdicts = [] if exempt else engine.judge(about, room.context(posted), room.settings)
    return Played(posted, verdicts[0] if verdicts else None)


def _other(room: Room, event: AnyEvent) -> None:
    if isinstance(event, Message):
        room.remember(event)
    else:
        room.learn(event)


def as_before(now: Mapping[str, Member], came: Iterable[AnyEvent]) -> dict[str, Member]:
    """Members as they were before some events, as far as those tell. Who left is still there."""
    found = dict(now)
    for event in reversed(list(came)):
        known = found.get(getattr(event, "member", ""))
        if known is None:
            continue
        if isinstance(event, Joined):
            found[known.id] = replace(known, joined=None)
        elif isinstance(event, RoleChanged):
            # Whoever was made a member was none before, and was left alone.
            before = Role.MEMBER if event.role in PROTECTED else Role.DEPUTY
            found[known.id] = replace(known, role=before)
    return found


def _always(event: AnyEvent) -> bool:
    return True


class _Guard:
    """When a group would have been on its guard: nobody called it off in between."""

    def __init__(self, params: Raid) -> None:
        self._params = params
        self._came: deque[tuple[datetime, str]] = deque()
        self._until: datetime | None = None

    def watches(self, event: AnyEvent) -> bool:
        """Take in an event; whether the group is on its guard when it comes."""
        if self._until is not None and event.at >= self._until:
            self._until = None
        if isinstance(event, Joined):
            self._joined(event)
        return self._until is not None

    def _joined(self, event: Joined) -> None:
        since = event.at - timedelta(minutes=self._params.minutes)
        self._came.append((event.at, event.member))
        while self._came[0][0] <= since:
            self._came.popleft()
        if self._until is None and len({who for _, who in self._came}) > self._params.limit:
            self._until = event.at + timedelta(minutes=self._params.lasts)
