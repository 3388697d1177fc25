"""Posts that a person makes for the bot: handing over, asking again, and telling the owner."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import wording
from bot.actions import Announce, AnyAction, Say
from bot.people import Address
from schedules import places, posts, quiet
from schedules.places import Target
from storage import audience, groups, guests, members, outbox
from storage.groups import Group
from storage.guests import GuestSession
from storage.members import Person
from storage.outbox import Delivery, Plan, State

PATIENCE = timedelta(hours=2)
"""After so long without a word the relay is asked once more, and after as long again the owner."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Who is to post, and where they are written to; `owner` when nobody else was named."""

    name: str
    places: Sequence[Target]
    owner: bool = False


def code(db: Session, evening: GuestSession, target: str) -> str:
    """How people name one target of an evening: 12-G6, or 12-朋友圈."""
    if target.startswith("C") and target[1:].isdigit():
        chat = db.get(groups.Chat, int(target[1:]))
        return f"{evening.id}-G{chat.group_id if chat else target[1:]}"
    return f"{evening.id}-{target}"


def matches(db: Session, delivery: Delivery, name: str) -> bool:
    """Whether people mean this delivery when they say G6 or 朋友圈."""
    if name.startswith("G") and name[1:].isdigit() and delivery.target.startswith("C"):
        chat = db.get(groups.Chat, int(delivery.target[1:]))
        return chat is not None and chat.group_id == int(name[1:])
    return delivery.target.upper() == name


def plans(
    db: Session, plan: Plan, evening: GuestSession, place: Target, now: datetime
) -> list[Plan]:
    """A post in a channel: it waits for its person, who is handed the words."""
    person = next(
        (p for c, p in audience.channels_of(db, evening.id) if c.name == place.name), None
    )
    who = person.name if person else place.name
    waits = replace(plan, state=State.WAITING, detail=f"待{who}发布")
    return [waits, *_handed(db, plan.key, plan.action, evening, place, [place], now)]


def hand_over(
    db: Session, delivery: Delivery, evening: GuestSession, relay: Relay, why: str, now: datetime
) -> bool:
    """Ask a person to post what the bot cannot. False for what nobody can post in its place."""
    action = delivery.what
    if not isinstance(action, Say | Announce):
        return False
    group = groups.at_chat(db, delivery.chat)
    place = Target(delivery.chat, delivery.target, "", group.name if group else "")
    plans = _handed(db, delivery.key, action, evening, place, relay.places, now)
    outbox.put(db, plans, now=now)
    outbox.move(db, delivery, State.WAITING, now=now, why=f"待{relay.name}转发（{why}）")
    return True


def of_chat(db: Session, chat: str, *, owner: bool = True) -> Relay | None:
    """Who posts into a chat where the bot cannot: the relay that was named, else the owner."""
    group = groups.at_chat(db, chat)
    person = members.relay_of(db, chat)
    if person is not None:
        found = _reached(db, person, chat)
        return Relay(person.name, found) if found else None
    places_ = places.owners(db, group) if group and owner else []
    return Relay("群主", places_, owner=True) if places_ else None


def _reached(db: Session, person: Person, chat: str) -> list[Target]:
    """Where a person can be written to: through this chat's own account, else through any."""
    accounts = {one.platform: one.external for one in members.accounts_of(db, person.id)}
    here = Address.of(chat)
    if account := accounts.get(here.platform):
        return [Target(str(here.to(account)), f"@{account}", "", via=chat)]
    for platform, account in accounts.items():
        if through := groups.any_chat(db, platform):
            to = str(Address.of(through).to(account))
            return [Target(to, f"@{account}", "", via=through)]
    return []


def _handed(
    db: Session,
    key: str,
    action: AnyAction,
    evening: GuestSession,
    place: Target,
    to: Sequence[Target],
    now: datetime,
) -> list[Plan]:
    """The words and the picture, ready to be forwarded, and the word to say when it is done."""
    assert isinstance(action, Say | Announce)
    words = wording.render(
        "relay",
        group=place.group,
        text=action.text,
        code=code(db, evening, place.name),
        newer=evening.revision > 1,
    )
    return [
        Plan(
            key=f"{key}/relay/{one.name}",
            cause=f"relay/{key}",
            action=Say(chat=one.chat, text=words, via=one.via, picture=action.picture),
            due=now,
            after=quiet.loud(now, _zone(db, evening)),
        )
        for one in to
    ]


def due(db: Session, _now: datetime) -> bool:
    """Whether anything waits for a person."""
    found = select(Delivery.id).where(Delivery.state == State.WAITING).limit(1)
    return db.scalar(found) is not None


def chase(db: Session, now: datetime) -> None:
    """Ask once more for what still waits for a person; then tell the owner; then give it up."""
    for delivery in db.scalars(select(Delivery).where(Delivery.state == State.WAITING)).all():
        evening = guests.of_cause(db, delivery.cause)
        if evening is None:
            continue
        group = groups.get(db, evening.group_id)
        since = delivery.done or delivery.made
        if delivery.expires is not None and now >= delivery.expires:
            outbox.move(db, delivery, State.EXPIRED, now=now, why="没有人确认已发")
            _tell_owner(db, delivery, evening, group, now)
        elif now - since >= 2 * PATIENCE:
            _tell_owner(db, delivery, evening, group, now)
        elif now - since >= PATIENCE:
            _ask_again(db, delivery, evening, group, now)


def _ask_again(
    db: Session, delivery: Delivery, evening: GuestSession, group: Group, now: datetime
) -> None:
    where = code(db, evening, delivery.target)
    words = wording.render("relay_again", what=posts.name_of(delivery.step), code=where)
    plans = [
        Plan(
            key=f"{delivery.key}/relay/again/{one.chat}",
            cause="relay",
            action=Say(chat=one.chat, text=words, via=one.via),
            due=now,
            after=quiet.loud(now, group.zone),
        )
        for one in _handed_to(db, delivery)
    ]
    outbox.put(db, plans, now=now)


def _handed_to(db: Session, delivery: Delivery) -> list[Say]:
    """What was sent to people when it was handed over."""
    sent = [row.what for row in outbox.of_cause(db, f"relay/{delivery.key}")]
    return [one for one in sent if isinstance(one, Say)]


def _tell_owner(
    db: Session, delivery: Delivery, evening: GuestSession, group: Group, now: datetime
) -> None:
    where = code(db, evening, delivery.target)
    what = posts.name_of(delivery.step)
    words = posts.text("relay_owner", evening, group, now, revealed=True, what=what, code=where)
    plans = [
        Plan(
            key=f"{delivery.key}/relay/owner/{one.name}",
            cause="relay",
            action=Say(chat=one.chat, text=words, via=one.via),
            due=now,
            after=quiet.loud(now, group.zone),
        )
        for one in places.owners(db, group)
    ]
    outbox.put(db, plans, now=now)


def _zone(db: Session, evening: GuestSession) -> str:
    return groups.get(db, evening.group_id).zone
