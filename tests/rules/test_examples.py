"""Every example of every rule, and that every rule has both sides."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle

import pytest

from bot.events import Message, PictureRead
from rules import engine
from rules.engine import Context, Example, Line, Rule, Said
from tests.build import LIN, ZHANG, at, message

engine.discover()
RULES = list(engine.RULES.values())
EXAMPLES = [
    pytest.param(rule, example, id=f"{rule.name}-{number}")
    for rule in RULES
    for number, example in enumerate(rule.examples, 1)
]


def speakers(example: Example) -> Iterator[str]:
    return cycle((LIN, ZHANG) if example.two else (LIN,))


def read(said: Message) -> PictureRead:
    """The same text as what a code in a picture says."""
    words = (said.text,)
    return PictureRead(
        key=said.key, chat=said.chat, at=said.at, message=said.id, member=said.member, codes=words
    )


@pytest.mark.parametrize("rule,example", EXAMPLES)
def test_a_rule_does_what_its_examples_show(rule: Rule, example: Example) -> None:
    said = [
        message(
            text,
            by=who,
            when=at("2026-11-24 12:00") + timedelta(seconds=n * example.every),
            **({"name": text} if rule.renames else {}),
        )
        for n, (text, who) in enumerate(zip(example.texts, speakers(example), strict=False))
    ]
    *_, last = said
    event = last if rule.on is Message else read(last)
    mine = [Said(one.at, one.text) for one in said[:-1] if one.member == last.member]
    context = Context(mine=mine, talk=[Line(one.at, one.member, one.text) for one in said])
    found = rule.check(event, context, rule.params.model_validate(dict(example.params)))
    assert (found is not None) == example.broken


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_has_help_and_shows_both_sides(rule: Rule) -> None:
    assert rule.help
    assert {example.broken for example in rule.examples} == {True, False}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_setting_is_described_and_can_be_written_in_chat(rule: Rule) -> None:
    written = " ".join(rule.params.phrases)
    for name, field in rule.params.model_fields.items():
        assert field.description
        assert f"{{{name}}}" in written
