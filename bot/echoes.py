"""What was said lately in all chats, as numbers only: who else said nearly the same."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.events import Message
from rules.detector.sketch import ALIKE, sketch
from rules.detector.verdict import UNLIKELY, advertisement

MOST = 2000
"""Messages kept, of all chats together: those that could be advertisements. No text is."""

FOUND = 20
"""So many at most are found for one message: a report that everybody sends costs no more."""

LASTS = timedelta(hours=24)


class _Heard(NamedTuple):
    at: datetime
    chat: str
    member: str
    numbers: frozenset[int]


class Echoes:
    """The last long messages of every chat. Lives in a process and is filled from the archive."""

    def __init__(self, messages: Iterable[Message] = ()) -> None:
        self._heard: deque[_Heard] = deque()
        self._with: defaultdict[int, deque[_Heard]] = defaultdict(lambda: deque(maxlen=FOUND))
        for message in messages:
            self.note(message)

    def note(self, message: Message) -> None:
        numbers = _numbers(message)
        if not numbers:
            return
        heard = _Heard(message.at, message.chat, message.member, numbers)
        self._heard.append(heard)
        for number in numbers:
            self._with[number].append(heard)
        if len(self._heard) > MOST:
            self._forget(self._heard.popleft())

    def _forget(self, heard: _Heard) -> None:
        for number in heard.numbers:
            found = self._with[number]
            if found and found[0] is heard:
                found.popleft()
            if not found:
                del self._with[number]

    def elsewhere(self, message: Message) -> int:
        """How many others said nearly the same within a day, here or in another chat; the sender
        counts once for each other chat."""
        numbers = _numbers(message)
        since = message.at - LASTS
        shared = Counter(
            heard
            for number in numbers
            for heard in self._with.get(number, ())
            if heard.at >= since and (heard.chat, heard.member) != (message.chat, message.member)
        )
        least = min(ALIKE, len(numbers))
        return len({(one.chat, one.member) for one, count in shared.items() if count >= least})


def _numbers(message: Message) -> frozenset[int]:
    """None for what is not compared: the model is asked first, as the rules ask it anyway."""
    if message.own or message.direct or advertisement(message.text).score < UNLIKELY:
        return frozenset()
    return sketch(message.text)
