"""Short ways to make things, and a company whose messages go down the real road."""

import asyncio
import itertools
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import setup
from bot.actions import AnyAction, Say
from bot.events import AnyEvent, Message, Recalled, Segment
from bot.people import Address, Member, Role
from bot.pipeline import Pipeline
from bot.sender import Sender
from bot.watch import Watch
from schedules.publishing import Publisher
from schedules.tick import tick
from storage import archive, groups, guests, members, outbox, said, summaries
from storage.archive import Arrival
from storage.database import Database
from storage.members import Person
from storage.summary import Draft
from storage.transcript import Line
from tests.fakes import FakeGateway, HandClock

ZONE = "Asia/Shanghai"
G1 = "fake:1:600001"
OWNER, DEPUTY, HR, LIN, ZHANG, GUEST = (
    "zhaomin",
    "zhouhang",
    "chenjing",
    "linyue",
    "zhanglei",
    "wang",
)
CAST = (
    Member(id=OWNER, name="赵敏", role=Role.OWNER),
    Member(id=DEPUTY, name="周航", role=Role.DEPUTY),
    Member(id=LIN, name="林悦"),
    Member(id=ZHANG, name="张磊"),
    Member(id=GUEST, name="王总"),
)
_ids = itertools.count(1)


def at(text: str) -> datetime:
    """2026-11-24 12:00 on the wall clock of the group."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE))


def message(text: str, *, by: str = LIN, chat: str = G1, when: datetime, **more: object) -> Message:
    """A message as a gateway would decode it; a leading @班长 is a real mention."""
    number = str(next(_ids))
    addressed = text.startswith("@班长")
    words = text.removeprefix("@班长").strip()
    names = {member.id: member.name for member in CAST}
    return Message(
        **{  # type: ignore[arg-type]
            "key": f"fake:1:{number}",
            "chat": chat,
            "at": when,
            "id": number,
            "member": by,
            "name": names.get(by, by),
            "text": words,
            "segments": (Segment(kind="text", text=words),),
            "addressed": addressed,
        }
        | more
    )


def direct(member: str) -> str:
    return str(Address.of(G1).to(member))


class Company:
    """One company on a fake platform. What comes in goes down the real road, step by step."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.clock = HandClock(at("2026-11-20 10:00"))
        self.gateway = FakeGateway(now=self.clock.now)
        self.pipeline = Pipeline(database, self.clock.now)
        self._sent = 0
        self.groups: dict[str, int] = {}
        with database.write() as db:
            group = groups.add(db, name="新人2611群", zone=ZONE, kind="newhire", company="示例集团")
            self.group_id = group.id
            chat = groups.connect(db, group=group, key=G1)
            members.replace(db, chat_id=chat.id, members=CAST, now=self.clock.now())
            hr = Person(number="00007", name="陈静", company="示例集团")
            db.add(hr)
            db.flush()
            members.link(db, person=hr, platform="fake", external=HR)
            members.grant(db, person=hr, role=Role.HR, scope="示例集团")

    def found(
        self,
        name: str,
        key: str,
        *,
        people: Sequence[Member] = (),
        zone: str = ZONE,
        **place: str,
    ) -> int:
        """One more group, with one chat; its number."""
        with self.database.write() as db:
            more = {"kind": "sales", "company": "示例集团"} | place
            group = groups.add(db, name=name, zone=zone, **more)
            chat = groups.connect(db, group=group, key=key)
            members.replace(db, chat_id=chat.id, members=people, now=self.clock.now())
            return group.id

    def hire(self, number: str, name: str, account: str, *, platform: str = "fake") -> None:
        """Somebody on the roster, with an account."""
        with self.database.write() as db:
            person = Person(number=number, name=name, company="示例集团")
            db.add(person)
            db.flush()
            members.link(db, person=person, platform=platform, external=account)

    def relay(self, chat: str, number: str) -> None:
        """Name who posts into a chat where the bot cannot."""
        with self.database.write() as db:
            setup.set_relay(db, chat=chat, number=number)

    def receive(self, *events: AnyEvent) -> None:
        """Archive the events and handle them."""
        with self.database.write() as db:
            archive.save(db, [Arrival(events, b"{}")], now=self.clock.now(), chats={})
        while self.pipeline.drain():
            pass

    def send(self) -> list[AnyAction]:
        """Perform what is due; what was done on the platform since last time."""
        asyncio.run(self._send())
        new = self.gateway.done[self._sent :]
        self._sent = len(self.gateway.done)
        return new

    def sender(self) -> Sender:
        return Sender(self.database, {"fake": self.gateway}, self.clock.now)

    async def _send(self) -> None:
        sender = self.sender()
        watch = Watch(self.database, {"fake": self.gateway}, self.clock.now, lambda claim: None)
        while await sender.round() or await watch.look():
            await sender.settled()

    def restart(self) -> list[AnyAction]:
        """A process died and another begins: what it does first."""
        Watch(self.database, {"fake": self.gateway}, self.clock.now, lambda claim: None).repeat()
        return self.tick()

    def say(self, text: str, *, by: str = LIN, chat: str = G1, **more: object) -> list[AnyAction]:
        """Somebody speaks now; what the bot did about it."""
        self.receive(message(text, by=by, chat=chat, when=self.clock.now(), **more))
        return self.send()

    def receive_quietly(self, text: str, *, by: str = OWNER) -> None:
        """Somebody speaks; nothing is sent yet."""
        self.receive(message(text, by=by, when=self.clock.now()))

    def hear(self, text: str, *, by: str = LIN, **more: object) -> Message:
        """Somebody says something in the group that nothing is done about."""
        said = message(text, by=by, when=self.clock.now(), **more)
        self.receive(said)
        return said

    def ask(self, text: str, *, by: str = OWNER, chat: str = G1) -> str:
        """Somebody speaks to the bot; the one thing it says back to them."""
        private = str(Address.of(chat).to(by))
        done = [action for action in self.say(text, by=by, chat=chat) if isinstance(action, Say)]
        said = [a for a in done if a.chat == private or (a.chat == chat and a.reply_to)]
        assert len(said) == 1, said
        return said[0].text

    def go(self, when: str) -> list[AnyAction]:
        """Turn the clock, take what is due; what was done about it."""
        self.clock.at = at(when)
        return self.tick()

    def tick(self) -> list[AnyAction]:
        """Take what is due; what was done about it."""
        tick(self.database, self.clock.now())
        return self.send()

    def take_back(self, said: Message, *, by: str) -> None:
        self.receive(
            Recalled(
                key=f"{said.key}/recall",
                chat=said.chat,
                at=self.clock.now(),
                message=said.id,
                member=said.member,
                operator=by,
            )
        )

    def publish(self) -> list[AnyAction]:
        """Publish what was approved; what was done about it."""
        Publisher(self.folder).publish(self.database, self.clock.now())
        return self.send()

    def draft(self, number: int) -> Draft:
        with self.database.read() as db:
            found = summaries.newest(db, number)
            assert found is not None
            return found.draft

    def lines(self, number: int) -> list[Line]:
        with self.database.read() as db:
            return said.lines(db, self.evening(number))

    def evening(self, number: int) -> guests.GuestSession:
        with self.database.read() as db:
            found = guests.get(db, number)
            assert found is not None
            return found

    def deliveries(self, number: int) -> Sequence[outbox.Delivery]:
        with self.database.read() as db:
            return outbox.of_cause(db, f"evening:{number}")
