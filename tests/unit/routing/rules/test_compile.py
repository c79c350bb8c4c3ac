"""Conditions: what each operator says, that a missing fact equals nothing, and that nothing raises."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.rules.compile import CLAUSES_MAX, DEPTH_MAX, compile_condition
from routing.rules.facts import Slots
from routing.rules.problems import Problem, Reader
from routing.rules.schema import FIELDS, OPERATORS, Kind

FACTS: dict[str, object] = {
    "channel": "voice",
    "dialled": "+441234",
    "language": "zh-CN",
    "tier": "Gold",
    "value": 80,
    "hour": 9,
    "ivr.reason": "billing",
    "subject": "Where is my ORDER 77?",
}


def holds(tree: object, facts: dict[str, object] | None = None) -> bool:
    reader = Reader()
    slots = Slots()
    condition = compile_condition(tree, "", reader, slots)
    assert reader.problems == []
    return condition.holds(slots.prepare(FACTS if facts is None else facts))


def clause(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}


def problems(tree: object) -> list[Problem]:
    reader = Reader()
    compile_condition(tree, "/when", reader, Slots())
    return reader.problems


@pytest.mark.parametrize(
    ("field", "operator", "value", "expected"),
    [
        ("tier", "=", "gold", True),
        ("tier", "!=", "gold", False),
        ("tier", "!=", "silver", True),
        ("tier", "in", ["Platinum", "GOLD"], True),
        ("tier", "in", "platinum, gold", True),
        ("tier", "notIn", ["gold"], False),
        ("tier", "notIn", ["silver"], True),
        ("language", "beginsWith", "ZH", True),
        ("language", "endsWith", "-cn", True),
        ("language", "endsWith", "-tw", False),
        ("subject", "contains", "order", True),
        ("subject", "contains", "refund", False),
        ("channel", "=", "voice", True),
        ("channel", "in", ["chat", "sms"], False),
        ("value", "=", 80, True),
        ("value", "!=", 80, False),
        ("value", "<", 80, False),
        ("value", "<=", 80, True),
        ("value", ">", 79.5, True),
        ("value", ">=", 81, False),
        ("value", "in", [1, 80], True),
        ("hour", "notIn", [9, 10], False),
        ("ivr.reason", "=", "billing", True),
        ("ivr.reason", "notNull", None, True),
        ("address", "null", None, True),
        ("tier", "null", None, False),
    ],
)
def test_an_operator_says(field: str, operator: str, value: object, expected: bool) -> None:
    assert holds(clause(field, operator, value)) is expected


@pytest.mark.parametrize("field", [field for field in FIELDS if field.name != "channel"])
def test_a_missing_fact_is_only_ever_null(field: Any) -> None:
    value: object = 3 if field.kind is Kind.NUMBER else "x"
    for operator in OPERATORS[field.kind]:
        constant = [value] if operator in ("in", "notIn") else value
        for facts in ({}, {field.name: None}, {field.name: ["of another type"]}):
            assert holds(clause(field.name, operator, constant), dict(facts)) is (operator == "null")


def test_groups_combine_and_negate() -> None:
    yes, no = clause("tier", "=", "gold"), clause("tier", "=", "silver")
    assert holds({"combinator": "and", "rules": [yes, yes]})
    assert not holds({"combinator": "and", "rules": [yes, no]})
    assert holds({"combinator": "or", "rules": [no, yes]})
    assert holds({"combinator": "or", "not": True, "rules": [no, no]})
    assert holds({"combinator": "and", "rules": [yes, {"combinator": "or", "rules": [no, yes]}]})
    assert holds(None)


@pytest.mark.parametrize(
    ("tree", "pointer", "words"),
    [
        (clause("colour", "=", "red"), "/when/field", "no field called 'colour'"),
        (clause("ivr.", "=", "x"), "/when/field", "no field"),
        (clause("tier", "<", "gold"), "/when/operator", "cannot be compared by '<'"),
        (clause("tier", "=", 3), "/when/value", "is a text"),
        (clause("value", "=", "80"), "/when/value", "is a number"),
        (clause("value", ">", True), "/when/value", "is a number"),
        (clause("value", ">", float("nan")), "/when/value", "is a number"),
        (clause("value", ">", 101), "/when/value", "between 0 and 100"),
        (clause("channel", "=", "fax"), "/when/value", "one of voice, chat, sms, email"),
        (clause("tier", "in", []), "/when/value", "At least one value"),
        (clause("tier", "in", ["a", 4]), "/when/value/1", "is a text"),
        (clause("tier", "=", "x" * 500), "/when/value", "longer than"),
        ({"combinator": "nor", "rules": [clause("tier", "null")]}, "/when/combinator", "“and” or “or”"),
        ({"combinator": "and", "rules": []}, "/when/rules", "no conditions"),
        ({"combinator": "and", "not": 1, "rules": [clause("tier", "null")]}, "/when/not", "true or false"),
        ({"combinator": "and"}, "/when/rules", "must be a list"),
        ({**clause("tier", "=", "gold"), "valueSource": "field"}, "/when/valueSource", "value only"),
        ({**clause("tier", "=", "gold"), "extra/key": 1}, "/when/extra~1key", "Unknown key"),
        ({}, "/when", "empty"),
        ("tier = gold", "/when", "must be an object"),
    ],
)
def test_a_mistake_is_told_with_its_place(tree: object, pointer: str, words: str) -> None:
    found = problems(tree)
    assert [problem.pointer for problem in found] == [pointer]
    assert words in found[0].message


def test_depth_and_count_are_bounded() -> None:
    tree: dict[str, Any] = clause("tier", "null")
    for _ in range(DEPTH_MAX + 1):
        tree = {"combinator": "and", "rules": [tree]}
    assert ["nested deeper" in problem.message for problem in problems(tree)] == [True]
    for _ in range(5_000):
        tree = {"combinator": "and", "rules": [tree]}
    assert len(problems(tree)) == 1
    half = {"combinator": "or", "rules": [clause("tier", "null")] * (CLAUSES_MAX // 2 + 1)}
    found = problems({"combinator": "and", "rules": [half, half]})
    assert ["more than" in problem.message for problem in found] == [True]


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("combinator", "not", "rules", "field", "operator", "value", "id"))
            | st.text(max_size=3),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
clauses = st.fixed_dictionaries(
    {
        "field": st.sampled_from([field.name for field in FIELDS] + ["ivr.reason", "nothing"]),
        "operator": st.sampled_from(["=", "!=", "<", ">=", "in", "notIn", "contains", "null", "?"]),
        "value": anything | st.lists(st.text(max_size=3) | st.integers(), max_size=3),
    }
)


@settings(deadline=None)
@given(tree=anything | clauses, facts=st.dictionaries(st.sampled_from([f.name for f in FIELDS]), anything))
def test_neither_compiling_nor_evaluating_ever_raises(tree: object, facts: dict[str, object]) -> None:
    reader = Reader()
    slots = Slots()
    condition = compile_condition(tree, "/when", reader, slots)
    if not reader.problems:
        assert condition.holds(slots.prepare(facts)) in (True, False)
