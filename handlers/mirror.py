"""What a guest says in one group of a joint evening, shown in the others while it goes on."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.actions import AnyAction, Recall, Say
from bot.events import Message, Recalled, shown
from bot.people import Address
from handlers.commands import on
from storage import archive, groups, guests, outbox, questions, said
from storage.groups import Group
from storage.guests import GuestSession
from storage.moves import State
from storage.outbox import Delivery
from storage.questions import one_line

_LONGEST_NAME = 20


@on(Message)
def mirror(db: Session, group: Group, message: Message, now: datetime) -> Sequence[AnyAction]:
    """Repeat it, with the name of its group, in the chats of the other groups that share it."""
    if not shown(message):
        return ()
    for evening in said.live(db, group.id):
        chats = _others(db, evening, group)
        if chats and said.by_guest(db, evening, message):
            words = _words(db, evening, group, message, now)
            return [Say(chat=chat, text=words) for chat in chats]
    return ()


@on(Recalled)
def taken_back(db: Session, group: Group, event: Recalled, now: datetime) -> Sequence[AnyAction]:
    """What was taken back is taken back wherever it was repeated."""
    chat = groups.chat_for(db, event.chat)
    found = archive.find(db, chat_id=chat.id, message=event.message)
    copies = _copies(db, found[1]) if found else []
    if found and any(copy.state == State.PLANNED for copy in copies):
        outbox.supersede(db, cause=found[1].key, now=now)
    return [Recall(chat=copy.chat, message=copy.receipt) for copy in copies if copy.receipt]


def _copies(db: Session, message: Message) -> list[Delivery]:
    """What a message led to in other groups; only repeating it does so."""
    return [
        one
        for one in outbox.of_cause(db, message.key)
        if one.chat != message.chat and not Address.of(one.chat).direct
    ]


def _others(db: Session, evening: GuestSession, group: Group) -> list[str]:
    return [
        chat.key
        for other in guests.groups_of(db, evening, joint=True)
        if other.id != group.id
        for chat in groups.chats_of(db, other.id)
        if not Address.of(chat.key).direct
    ]


def _words(
    db: Session, evening: GuestSession, group: Group, message: Message, now: datetime
) -> str:
    name = evening.shown_guest(now) if evening.hidden(now) else message.name or evening.guest
    label = f"【{one_line(group.name)}】{one_line(name, limit=_LONGEST_NAME)}"
    lines = [one_line(line) for line in shown(message).splitlines()]
    return f"{label}：{_about(db, message)}" + "\n".join(line for line in lines if line)


def _about(db: Session, message: Message) -> str:
    """The question that is quoted: elsewhere nobody sees what the words refer to."""
    if not message.reply_to:
        return ""
    asked = questions.of_message(db, chat=message.chat, message=message.reply_to)
    return f"（答 Q{asked.number}）" if asked else ""
