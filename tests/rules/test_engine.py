"""How rules are run, and how their settings are written and read."""

import logging
from collections.abc import Iterator
from itertools import product

import pytest
from pydantic import ValidationError

from bot.events import Message
from rules import engine
from rules.engine import Context, Found, Mode, Params, Rule, Setting, Span
from tests.build import at, message

engine.discover()

NUMBERS = (2, 17, 60)
LISTS = ((), ("神仙水",), ("example.com", "内购会", "wx_888"))


@pytest.fixture
def rules() -> Iterator[dict[str, Rule]]:
    """A book of rules to write in, put back afterwards."""
    before = dict(engine.RULES)
    yield engine.RULES
    engine.RULES.clear()
    engine.RULES.update(before)


def declare(name: str, check: engine.Check, *aliases: str, recalls: bool = False) -> None:
    engine.rule(name, on=Message, params=Params, examples=[], aliases=aliases, recalls=recalls)(
        check
    )


def raises(message: Message, context: Context, params: Params) -> str | None:
    raise RuntimeError("broken")


def sees(message: Message, context: Context, params: Params) -> Found:
    return Found("看到了", (Span(0, 1, "头一个字"),))


def test_a_rule_that_raises_is_silent_and_logged_while_the_rest_judge(
    rules: dict[str, Rule], caplog: pytest.LogCaptureFixture
) -> None:
    declare("坏的", raises)
    declare("好的", sees, recalls=True)
    said = message("大家晚上好", when=at("2026-11-24 12:00"))
    with caplog.at_level(logging.ERROR):
        verdicts = engine.judge(said, Context(), {"坏的": Setting(), "好的": Setting()})
    assert [(v.rule, v.reason, v.spans[0].why, v.recall) for v in verdicts] == [
        ("好的", "看到了", "头一个字", True)
    ]
    assert "坏的" in caplog.text
    assert said.key in caplog.text
    assert said.text not in caplog.text


def test_a_rule_switched_off_is_not_asked(rules: dict[str, Rule]) -> None:
    declare("好的", sees)
    said = message("大家晚上好", when=at("2026-11-24 12:00"))
    modes = {mode: engine.judge(said, Context(), {"好的": Setting(mode)}) for mode in Mode}
    assert modes[Mode.OFF] == []
    assert modes[Mode.OBSERVE][0].mode is Mode.OBSERVE


@pytest.mark.parametrize("name, alias", [("复读", "别名"), ("新的", "重复"), ("重复", "别名")])
def test_two_rules_of_one_name_refuse_to_load(
    rules: dict[str, Rule], name: str, alias: str
) -> None:
    with pytest.raises(ValueError, match="two rules"):
        declare(name, sees, alias)


def variants(params: type[Params]) -> Iterator[Params]:
    """Settings of a rule, each field at several values it may have."""
    choices = {
        name: LISTS if field.annotation == tuple[str, ...] else NUMBERS
        for name, field in params.model_fields.items()
        if field.annotation in (int, tuple[str, ...])
    }
    for values in product(*choices.values()):
        yield params.model_validate(dict(zip(choices, values, strict=True)))


@pytest.mark.parametrize("rule", list(engine.RULES.values()), ids=lambda rule: rule.name)
def test_settings_are_read_back_from_the_words_that_show_them(rule: Rule) -> None:
    for params in variants(rule.params):
        shown = engine.show_phrases(params)
        assert engine.read_phrases(rule.params(), shown) == (params, "")


def test_what_is_no_setting_is_left_for_others_to_read() -> None:
    params, rest = engine.read_phrases(
        engine.RULES["刷屏"].params(), "上限 6条/30秒 首次提醒 再犯禁言10分钟"
    )
    assert params.model_dump() == {"limit": 6, "seconds": 30}
    assert rest == "首次提醒 再犯禁言10分钟"


def test_a_setting_out_of_bounds_is_refused() -> None:
    with pytest.raises(ValidationError):
        engine.read_phrases(engine.RULES["刷屏"].params(), "上限 6000条/30秒")
    with pytest.raises(ValidationError):
        engine.read_phrases(engine.RULES["广告"].params(), "禁词 词")
