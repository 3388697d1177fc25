"""How commands and listeners are declared, found and run."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapidfuzz import fuzz, process

from bot import times
from bot.actions import AnyAction
from bot.events import Event
from bot.people import ROLE_NAMES, Role
from handlers.call import OFFER_LASTS as OFFER_LASTS
from handlers.call import WORD_LASTS as WORD_LASTS
from handlers.call import Answer as Answer
from handlers.call import Call as Call
from handlers.call import Choice as Choice
from handlers.call import NoneHere as NoneHere
from handlers.call import Refused as Refused
from handlers.grammar import Misread, Number, Place, Usage, after, narrow
from storage import guests, offers

EVERYONE = frozenset(Role)
KEEPERS = frozenset({Role.OWNER, Role.DEPUTY})
PLANNERS = KEEPERS | {Role.HR, Role.HR_LEAD}
_CLOSE_ENOUGH = 70


Run = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Command:
    """A declared command. `deed` completes the sentence 只有…可以….

    `fits` has the last word on whether the rest of a line is meant, where the bot was not surely
    addressed. `plain` is how a line must look to be heard without any address, if it may be.
    `sets` when it changes what a group, or the company, chose. `apart` when it is about no one
    group, so that nobody has to be asked which.
    """

    usage: Usage
    run: Run
    who: frozenset[Role]
    aliases: tuple[tuple[str, ...], ...]
    deed: str
    fits: Callable[[str], bool]
    plain: re.Pattern[str] | None
    sets: bool = False
    apart: bool = False

    @property
    def help(self) -> str:
        return (self.run.__doc__ or "").strip().splitlines()[0]

    @property
    def name(self) -> str:
        return " ".join(self.usage.words)

    @property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        return (self.usage.words, *self.aliases)

    @property
    def about_evening(self) -> bool:
        return Number in self.usage.kinds or Place in self.usage.kinds


COMMANDS: list[Command] = []
LISTENERS: list[tuple[type[Event], Callable[..., Sequence[AnyAction]]]] = []


def command(
    line: str,
    *,
    who: frozenset[Role],
    aliases: Iterable[str] = (),
    deed: str = "",
    fits: Callable[[str], bool] = lambda rest: True,
    plain: str = "",
    sets: bool = False,
    apart: bool = False,
) -> Callable[[Run], Run]:
    """Declare a command by its usage line. Raises ValueError when its words are taken.

    `plain` is a regular expression for the whole line in half-width characters.
    """

    def declare(run: Run) -> Run:
        ways = tuple(tuple(alias.split()) for alias in aliases)
        usage = Usage.of(line, run)
        unaddressed = re.compile(plain, re.DOTALL) if plain else None
        deed_or_use = deed or f"用「{usage.words[0]}」"
        new = Command(usage, run, who, ways, deed_or_use, fits, unaddressed, sets, apart)
        taken = {way for known in COMMANDS for way in known.ways}
        if twice := taken & set(new.ways):
            raise ValueError(f"two commands are called {twice}")
        COMMANDS.append(new)
        return run

    return declare


def on(kind: type[Event]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare a listener, called with (db, group, event, now) for every such event."""

    def declare(listener: Callable[..., Any]) -> Callable[..., Any]:
        LISTENERS.append((kind, listener))
        return listener

    return declare


def discover() -> None:
    """Import every feature. Each file of this package is one."""
    package = importlib.import_module("handlers")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"handlers.{module.name}")


def find(line: str) -> tuple[Command, str] | None:
    """The command a line begins with, and the rest of the line; the longest words win."""
    best: tuple[int, Command, str] | None = None
    for known in COMMANDS:
        for way in known.ways:
            rest = after(way, line)
            if rest is not None and (best is None or len(way) > best[0]):
                best = (len(way), known, rest)
    return (best[1], best[2]) if best else None


def heard_plainly(line: str) -> bool:
    """Whether a line is meant for the bot although nothing calls it."""
    narrowed = narrow(line)
    return any(known.plain and known.plain.fullmatch(narrowed) for known in COMMANDS)


def run(call: Call, known: Command, rest: str) -> Answer:
    """Check that the caller may, read the arguments, and do it.

    Raises Refused, and Misread when the arguments do not fit.
    """
    if not (call.roles & known.who):
        raise Refused(f"只有{show_roles(known.who)}可以{known.deed}")
    return run_anyway(call, known, rest)


def run_anyway(call: Call, known: Command, rest: str) -> Answer:
    """Do it for somebody whose right to it was looked at elsewhere."""
    # 明天 is the day after it was said, however late it is heard.
    today = times.local(call.message.at, call.group.zone).date()
    return known.run(call, *known.usage.values(rest, today=today))


def complete(line: str, *, today: datetime) -> bool:
    """Whether a line is a command from its first word to its last."""
    found = find(line)
    if found is None:
        return False
    known, rest = found
    try:
        known.usage.values(rest, today=today.date())
    except Misread:
        return False
    return known.fits(rest)


def suggest(call: Call, line: str) -> str | None:
    """Offer the command a line nearly names, to be run on 1. None when nothing is near."""
    near = _nearest(line, call.roles)
    if near is None:
        return None
    way, rest = near
    meant = f"{way} {rest}".strip()
    offers.make(
        call.db,
        chat=call.chat,
        member=call.member,
        word="1",
        command=meant,
        expires=call.now + OFFER_LASTS,
    )
    return f"没有这个命令。你是想说「{meant}」吗？是的话回复 1"


def _nearest(line: str, roles: frozenset[Role]) -> tuple[str, str] | None:
    words = line.split()
    best: tuple[float, str, str] | None = None
    for known in COMMANDS:
        if not (known.who & roles):
            continue
        for way in known.ways:
            said = " ".join(words[: len(way)])
            score = fuzz.ratio(said, " ".join(way))
            if (score >= _CLOSE_ENOUGH or _one_slip(line, way)) and (
                best is None or score > best[0]
            ):
                best = (score, " ".join(way), " ".join(words[len(way) :]))
    return best[1:] if best else None


def _one_slip(line: str, way: tuple[str, ...]) -> bool:
    """帮住 for 帮助: in two characters one slip is half of it all."""
    word = "".join(way)
    return len(line) == len(word) == 2 and sum(map(str.__eq__, line, word)) == 1


def nearest_of(word: str, choices: Iterable[str]) -> str | None:
    """The choice most like a mistyped word, if one is like it."""
    found = process.extractOne(word, list(choices), scorer=fuzz.ratio, score_cutoff=50)
    return found[0] if found else None


def show_roles(roles: frozenset[Role]) -> str:
    return "/".join(ROLE_NAMES[role] for role in ROLE_ORDER if role in roles)


ROLE_ORDER = (Role.OWNER, Role.DEPUTY, Role.HR, Role.HR_LEAD, Role.MENTOR, Role.IT)


def evening(
    call: Call, number: Number | None, states: Sequence[str], *, shared: bool = False
) -> guests.GuestSession:
    """The evening meant; without a number the one that is running, or the only one in these states.

    A group decides on its own evenings; with `shared` on those as well that it takes part in.
    Raises Choice when several could be meant, and NoneHere where there is none.
    """
    if number is not None:
        return _numbered(call, number, shared=shared)
    mine = guests.latest(call.db, call.group.id, limit=50)
    choices = [e for e in mine if e.state in states and (shared or e.group_id == call.group.id)]
    if not choices:
        raise NoneHere(f"没有合适的分享。发{call.line('嘉宾 列表')}看全部")
    running = [one for one in choices if one.state in guests.LIVE]
    if len(running or choices) > 1:
        raise Choice(_which(call, sorted(choices, key=lambda e: e.starts)[:8]))
    return (running or choices)[0]


def _numbered(call: Call, number: Number, *, shared: bool) -> guests.GuestSession:
    found = guests.get(call.db, number, to_change=True)
    if found is None or not guests.takes_part(call.db, found, call.group.id):
        raise NoneHere(f"没有 #{number} 这场分享。发{call.line('嘉宾 列表')}看全部")
    if not shared and found.group_id != call.group.id:
        home = guests.groups_of(call.db, found)[0].name
        raise NoneHere(f"#{number} 是「{home}」的分享，要在那个群里改")
    return found


def _which(call: Call, choices: Sequence[guests.GuestSession]) -> str:
    options = [
        (
            f"#{e.id} {times.show_moment(e.starts, call.group.zone)} {e.shown_guest(call.now)}",
            f"#{e.id} {call.said}",
        )
        for e in choices
    ]
    return call.choose("是哪一场？请带上编号，或者选一个：", options)
