"""The bench's rules and its plain look agree, every kind of rule decides somebody, and lines are printed."""

import json

import pytest

from bench import rules
from bench.rules import OPEN_EACH, RULES, by_looking, drawn, five_hundred


def test_index_and_plain_look_agree() -> None:
    contacts = drawn(3_000, seed=5)
    rule_set = five_hundred()
    found = [by_looking(facts) for facts in contacts]
    assert [rule_set.first_match(rule_set.prepare(facts)) for facts in contacts] == found
    assert RULES in found, "some contact is left to the default"
    assert any(number % OPEN_EACH == 0 for number in found if number < RULES), "some range decides"


def test_lines(capsys: pytest.CaptureFixture[str]) -> None:
    rules.main()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["name"] for line in lines] == ["rules_three_clauses", "rules_500", "rules_500_in_look_ups"]
