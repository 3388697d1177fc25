"""Where a breach happened, and who is to be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.actions import Say
from bot.people import Address


@dataclass(frozen=True, slots=True)
class Scene:
    """`owners` are ids of those to tell; `ladders` go by rule, `names` by member."""

    chat_id: int
    chat: str
    group_id: int
    owners: Sequence[str] = ()
    ladders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    zone: str = "UTC"

    def to_owners(self, text: str) -> list[Say]:
        """The same word to each owner in private."""
        here = Address.of(self.chat)
        return [Say(chat=str(here.to(owner)), text=text, via=self.chat) for owner in self.owners]
