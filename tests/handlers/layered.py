"""Two groups of one owner, and short ways to try what holds in them."""

from collections.abc import Sequence

from bot.actions import AnyAction
from storage import policy, rulebook
from storage.rulebook import Rulebook
from tests.build import CAST, G1, HR, OWNER, ZHANG, Company, direct

G2 = "fake:1:600002"
G3 = "fake:1:600003"


def second(company: Company, name: str = "华东销售群", key: str = G2) -> int:
    """One more group with the same people."""
    return company.found(name, key, people=CAST)


def flood(company: Company, count: int, *, chat: str = G1, by: str = ZHANG) -> list[AnyAction]:
    """So many different lines, a second apart; what was done about them."""
    company.clock.pass_(minutes=20)
    done: list[AnyAction] = []
    for n in range(count):
        company.clock.pass_(seconds=1)
        done += company.say(f"第{n}句不同的话{'一二三四五六七八九十'[n]}", by=by, chat=chat)
    return done


def hr(company: Company, line: str) -> str:
    return company.ask(line, by=HR, chat=direct(HR))


def owner(company: Company, line: str, chat: str = G1) -> str:
    return company.ask(f"@班长 {line}", by=OWNER, chat=chat)


def yes(company: Company, chat: str = G1, by: str = OWNER) -> str:
    return company.ask("@班长 确认", by=by, chat=chat)


def own(company: Company, group: int) -> Rulebook:
    with company.database.read() as db:
        return rulebook.book(db, group)


def in_force(company: Company, group: int) -> Rulebook:
    with company.database.read() as db:
        return policy.book(db, group)


def lines(text: str) -> Sequence[str]:
    """The differences in an answer."""
    return [line for line in text.splitlines() if line.startswith("· ")]
