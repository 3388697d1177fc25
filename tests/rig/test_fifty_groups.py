"""Fifty groups announced in one run, on a platform with a limit, some of them in trouble."""

from collections import Counter

from bot.actions import Announce, AnyAction, Say
from bot.gateways.contract import Failed, Limit, TryLater
from storage import audience
from storage.moves import FINAL, State
from tests.build import OWNER, Company, direct

GROUPS = 50
PLAN = "@班长 嘉宾 安排 11-26 王总 我的第一单"


def test_fifty_groups_announced_in_one_run_end_each_in_a_final_state(company: Company) -> None:
    """Of every ten one is gone, one is busy at first, and one does it and never answers."""
    _spread(company)
    company.gateway.limit = Limit(per_minute=20)
    company.gateway.reads_back = False
    company.gateway.answer = _troubled(company)
    company.gateway.loses = lambda action: _kind(action) == 2 and isinstance(action, Announce)
    said = []
    for minute in range(12):
        for second in range(0, 60, 10):
            said += company.go(f"2026-11-24 12:{minute:02}:{second:02}")

    states = {d.chat: State(d.state) for d in company.deliveries(1) if d.step == "announce"}
    assert len(states) == GROUPS
    assert set(states.values()) <= FINAL
    assert Counter(states.values()) == {State.DELIVERED: 41, State.FAILED: 4, State.UNKNOWN: 5}
    seen = Counter(one.chat for one in said if isinstance(one, Announce))
    assert set(seen.values()) == {1}
    assert seen.keys() == {chat for chat, state in states.items() if state is not State.FAILED}
    told = [a.text for a in said if isinstance(a, Say) and a.chat == direct(OWNER)]
    assert len([text for text in told if "41/50 已送达" in text]) == 1
    assert len([text for text in told if "可能已发出" in text]) == 5


def _spread(company: Company) -> None:
    company.ask(PLAN)
    found = [company.found(f"学习{n}群", f"fake:1:{700000 + n}") for n in range(1, GROUPS)]
    with company.database.write() as db:
        for group in found:
            audience.add(db, evening_id=1, group_id=group, by=OWNER, now=company.clock.now())


def _kind(action: AnyAction) -> int:
    """The last digit of a chat says what trouble it makes; a person's makes none."""
    digit = action.chat[-1]
    return int(digit) if digit.isdigit() and action.chat.startswith("fake:1:7") else -1


def _troubled(company: Company):  # type: ignore[no-untyped-def]
    tried: Counter[str] = Counter()

    def answer(action: AnyAction) -> str:
        tried[action.chat] += 1
        if _kind(action) == 0:
            raise Failed("机器人不在群")
        if _kind(action) == 1 and tried[action.chat] == 1:
            raise TryLater("平台忙")
        return f"m{len(company.gateway.done)}"

    return answer
