"""A name card that is an advertisement: its owner is asked, and on their word it is changed."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import wording
from bot.actions import AnyAction, Say, SetCard
from bot.events import Message
from bot.people import Address
from handlers.scene import Scene
from rules.engine import Verdict
from schedules import entry
from storage import abilities, groups, members, policy, strikes
from storage.groups import Chat, Group
from storage.outbox import Plan
from storage.questions import one_line
from storage.strikes import State, Strike

CHANGED = "改名片"
SHOWN = 40
"""Characters shown of a name."""


def ask(
    db: Session, scene: Scene, event_id: int, message: Message, verdict: Verdict, now: datetime
) -> list[Plan]:
    """Put it to the owners in private, once for each name of a member."""
    strike = note(db, scene, event_id, message, verdict, State.ASKED)
    if strike is None:
        return []
    words = wording.render(
        "asked_card",
        name=one_line(message.name, limit=SHOWN),
        member=message.member,
        reason=verdict.reason,
        card=_plain(db, groups.get(db, scene.group_id), scene.chat, message.member),
        can=abilities.missing(db, chat=scene.chat, name="set_card") is None,
        code=strike.code,
    )
    return [
        Plan(
            key=f"{message.key}/card{n}/{word.chat}",
            cause=message.key,
            action=word,
            due=now,
            expires=now + strikes.ASK_LASTS,
        )
        for n, word in enumerate(scene.to_owners(words))
    ]


def note(
    db: Session, scene: Scene, event_id: int, message: Message, verdict: Verdict, state: State
) -> Strike | None:
    """Write it down; None when this name of the member is on record already."""
    name = message.name[: strikes.LONGEST_NAME]
    if strikes.about_name(
        db, group_id=scene.group_id, member=message.member, rule=verdict.rule, name=name
    ):
        return None
    return strikes.add(
        db,
        group_id=scene.group_id,
        chat_id=scene.chat_id,
        event_id=event_id,
        member=message.member,
        name=name,
        message=message.id,
        rule=verdict.rule,
        reason=verdict.reason,
        done="",
        state=state,
        at=message.at,
        expires=message.at,
    )


def change(db: Session, group: Group, chat: Chat, strike: Strike) -> tuple[str, list[AnyAction]]:
    """The new card, and what to do: set it, and tell the member why. It counts as no breach."""
    card = _plain(db, group, chat.key, strike.member)
    strike.done = CHANGED
    to = str(Address.of(chat.key).to(strike.member))
    words = wording.render("card_set", group=group.name, card=card, code=strike.code)
    told = Say(chat=to, text=words, via=chat.key)
    return card, [SetCard(chat=chat.key, member=strike.member, card=card), told]


def back(chat: Chat, strike: Strike) -> SetCard:
    """The card as it was."""
    return SetCard(chat=chat.key, member=strike.member, card=strike.name)


def _plain(db: Session, group: Group, chat: str, member: str) -> str:
    """What to call somebody instead: by the group's pattern, by the roster, or by the account."""
    person = members.person_of(db, platform=Address.of(chat).platform, external=member)
    pattern = entry.pattern(policy.book(db, group.id))
    return entry.card(person, pattern) or (person.name if person else f"成员{member[-4:]}")
