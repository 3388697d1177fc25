"""What a backtest found: how many, whom, and those that it is least sure of, in words."""

from bot import times, wording
from bot.events import Message, shown
from bot.replay import Asked, Played
from rules.engine import Verdict, show_phrases
from storage.groups import Group
from storage.masking import mask
from storage.questions import one_line
from storage.spoken import who

SHOWN = 10
_NAME, _LINE, _REASON = 20, 40, 80


class Findings:
    """Counts as the messages come, and keeps only the ten most doubtful hits.

    `known` are those like a message that a person called no breach; they are no hits.
    """

    def __init__(self) -> None:
        self.heard = 0
        self.hits = 0
        self.sure = 0
        self.known = 0
        self.people: set[str] = set()
        self.first: Message | None = None
        self.doubtful: list[tuple[Message, Verdict]] = []

    def note(self, played: Played) -> None:
        message, verdict = played.message, played.verdict
        self.heard += 1
        self.first = self.first or message
        if verdict is None:
            return
        if played.known:
            self.known += 1
            return
        self.hits += 1
        self.sure += verdict.sure
        self.people.add(who(message.chat, message.member))
        self.doubtful = sorted([*self.doubtful, (message, verdict)], key=_doubt)[:SHOWN]


def _doubt(hit: tuple[Message, Verdict]) -> tuple[bool, float, float]:
    """First what a person would be asked about, then what is nearest to the line, then the new."""
    message, verdict = hit
    return verdict.sure, verdict.margin, -message.at.timestamp()


def report(found: Findings, asked: Asked, group: Group, *, days: int, shared: bool = False) -> str:
    """The findings for people. In a `shared` place nobody is named, and nobody is quoted."""
    return wording.render(
        "backtest",
        group=group.name,
        rule=asked.rule,
        settings=quoted(show_phrases(asked.params), limit=_REASON),
        days=days,
        first=_first(found, asked, group),
        heard=found.heard,
        hits=found.hits,
        people=len(found.people),
        unsure=found.hits - found.sure,
        known=found.known,
        doubtful=[_row(message, verdict, group) for message, verdict in found.doubtful],
        shared=shared,
    )


def as_data(found: Findings, asked: Asked, group: Group, *, days: int) -> dict[str, object]:
    """The findings for machines."""
    return {
        "group": group.name,
        "rule": asked.rule,
        "params": asked.params.model_dump(mode="json"),
        "days": days,
        "messages": found.heard,
        "hits": found.hits,
        "sure": found.sure,
        "known": found.known,
        "people": len(found.people),
        "doubtful": [
            {"key": message.key, "at": message.at.isoformat(), "margin": round(verdict.margin, 4)}
            | _row(message, verdict, group)
            for message, verdict in found.doubtful
        ],
    }


def quoted(text: str, *, limit: int) -> str:
    """A stranger's words on one line: numbers of persons masked, and nobody called by them."""
    return one_line(mask(one_line(text)).replace("@", "＠"), limit=limit)


def _row(message: Message, verdict: Verdict, group: Group) -> dict[str, object]:
    return {
        "when": times.show_moment(message.at, group.zone),
        "who": quoted(message.name or message.member, limit=_NAME),
        "said": quoted(shown(message), limit=_LINE),
        "reason": quoted(verdict.reason, limit=_REASON),
        "sure": verdict.sure,
    }


def _first(found: Findings, asked: Asked, group: Group) -> str:
    """Since when there are messages, where that is later than was asked for."""
    if found.first is None:
        return ""
    began = times.local(found.first.at, group.zone).date()
    late = began > times.local(asked.since, group.zone).date()
    return times.show_day(began) if late else ""
