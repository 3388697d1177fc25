"""One run of a command: who said it and where, and how the bot asks back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.actions import AnyAction, Say
from bot.events import Message
from bot.people import Address, Role
from storage import offers
from storage.groups import Group

OFFER_LASTS = timedelta(minutes=10)
WORD_LASTS = timedelta(minutes=2)
"""So long one word is enough of an answer, with nobody called."""


class Refused(Exception):
    """The bot says no, in words meant for the member."""


class Choice(Refused):
    """No, but one of these: what is offered with it stays, whatever else is undone."""


class NoneHere(Refused):
    """There is nothing in this group that could be meant; in another there may be."""


@dataclass(frozen=True, slots=True)
class Call:
    """One run of a command: who said it, where, when, and in which group.

    `said` is the whole line, as it would have to be said again. With `company` it is about the
    company's choices, which hold for all its groups. `confirmed` when the caller just answered
    with the code that was made for this very line.
    """

    db: Session
    now: datetime
    group: Group
    chat: str
    member: str
    name: str
    roles: frozenset[Role]
    message: Message
    said: str
    offered: list[str] = field(default_factory=list)
    confirmed: bool = False
    company: bool = False

    @property
    def layer(self) -> int | None:
        """Whose choices it is about: the group's number, or None for the company."""
        return None if self.company else self.group.id

    @property
    def whose(self) -> str:
        return "公司" if self.company else "本群"

    @property
    def address(self) -> Address:
        return Address.of(self.chat)

    def line(self, words: str) -> str:
        """A command as the caller has to write it here."""
        return f"「{words}」" if self.address.direct else f"「@班长 {words}」"

    def privately(self, text: str) -> Say:
        """Say it to the caller alone."""
        if self.address.direct:
            return Say(chat=self.chat, text=text)
        return Say(chat=str(self.address.to(self.member)), text=text, via=self.chat)

    def confirm(self, question: str, *, line: str, about: str) -> str:
        """Ask for 确认, on which `line` is run as the caller's own; the words to answer with."""
        self._offer("确认", line, about)
        return f"{question}\n确定的话回复「确认」"

    def choose(self, question: str, choices: Sequence[tuple[str, str]]) -> str:
        """Offer some ways out, each a line to show and the command behind its number."""
        self.offered[:] = [line for _, line in choices]
        self.offer()
        shown = [f"{mark}{words}" for mark, (words, _) in zip("①②③④⑤⑥⑦⑧⑨", choices, strict=False)]
        return f"{question}\n{' '.join(shown)}\n回复数字选择"

    def offer(self) -> None:
        """Put down what was offered by number; once more where a refusal took it back."""
        offers.choices(
            self.db,
            chat=self.chat,
            member=self.member,
            commands=self.offered,
            expires=self.now + OFFER_LASTS,
        )

    def _offer(self, word: str, line: str, about: str) -> None:
        expires = self.now + OFFER_LASTS
        offers.make(
            self.db,
            chat=self.chat,
            member=self.member,
            word=word,
            command=line,
            expires=expires,
            about=about,
        )


Answer = str | Sequence[AnyAction] | None
