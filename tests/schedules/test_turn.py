"""What the steps of an evening say: every text has what it names."""

import jinja2
import pytest
from jinja2 import meta

from bot import wording
from schedules import places, posts, steps
from schedules.lifecycle import Decision, Now
from schedules.steps import Step
from schedules.turn import Turn, templates
from storage import guests
from tests.build import GUEST, Company, at

PLAN = "@班长 嘉宾 安排 11-26 王总 我的第一单"


@pytest.fixture
def drafted(company: Company) -> Company:
    """An evening in which everything happened, down to a draft."""
    company.ask(PLAN)
    company.ask("@班长 嘉宾 确认 1")
    company.ask("@班长 硬静音 开")
    for when in ("24 12:00", "26 19:00", "26 19:30"):
        company.go(f"2026-11-{when}")
    company.clock.at = at("2026-11-26 19:40")
    company.hear("第一点，先问预算再报价，前三次我一上来就报价，客户只记得贵", by=GUEST)
    for when in ("20:30", "21:00", "21:10"):
        company.go(f"2026-11-26 {when}")
    return company


def test_every_step_has_a_text_that_names_only_what_it_is_given(drafted: Company) -> None:
    with drafted.database.write() as db:
        evening = guests.get(db, 1)
        assert evening is not None
        turn = Turn.of(db, evening, drafted.clock.now())
        planned = {step.step: step for step in steps.plan(turn.timing)}
        assert set(planned) == set(Step)
        facts = set(posts.facts(evening, turn.group, turn.now))
        place = places.owners(db, turn.group)[0]
        for name, step in planned.items():
            given = facts | set(turn.values(step, place, Decision(Now.SEND)))
            for text in templates(name)[:1]:
                source = (wording.FOLDER / f"{text}.txt").read_text()
                named = meta.find_undeclared_variables(jinja2.Environment().parse(source))
                assert named <= given, text
                assert f"#{evening.id}" in turn.words(step, place, Decision(Now.SEND)), text


def test_every_post_to_a_group_carries_the_evenings_number(drafted: Company) -> None:
    """It is how a post is recognised in a chat's history, and how people name the evening."""
    words = [getattr(action, "text", "") for action in drafted.gateway.done]
    assert [text for text in words if text.startswith("【") and "#1" not in text] == []
    assert any(text.startswith("【开场】") for text in words)
