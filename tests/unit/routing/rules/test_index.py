"""The index: whatever the rules and the facts, the rule it finds is the first one that holds."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.rules.compile import compile_condition
from routing.rules.facts import Slots
from routing.rules.index import ENTRIES_MAX, index_of
from routing.rules.predicates import Condition
from routing.rules.problems import Reader
from routing.rules.ruleset import RuleSet
from tests.unit.routing.rules.bodies import body, clause, rule

TEXTS = ("gold", "Gold", "silver", "x", "")
NUMBERS = (0, 1, 9, 9.0, 23)

constants = {
    "=": st.sampled_from(TEXTS[:4]),
    "!=": st.sampled_from(TEXTS[:4]),
    "in": st.lists(st.sampled_from(TEXTS[:4]), min_size=1, max_size=3),
    "notIn": st.lists(st.sampled_from(TEXTS[:4]), min_size=1, max_size=3),
    "contains": st.sampled_from(("o", "gold", "x")),
    "beginsWith": st.sampled_from(("g", "s")),
    "null": st.none(),
    "notNull": st.none(),
}
texts = st.sampled_from(list(constants)).flatmap(
    lambda operator: st.fixed_dictionaries(
        {
            "field": st.sampled_from(("tier", "dialled", "ivr.reason")),
            "operator": st.just(operator),
            "value": constants[operator],
        }
    )
)
numbers = st.fixed_dictionaries(
    {
        "field": st.just("hour"),
        "operator": st.sampled_from(("=", "!=", "<", "<=", ">", ">=")),
        "value": st.sampled_from(NUMBERS),
    }
)
trees: st.SearchStrategy[Any] = st.recursive(
    texts | numbers,
    lambda inner: st.fixed_dictionaries(
        {
            "combinator": st.sampled_from(("and", "or")),
            "not": st.booleans() | st.just(False),
            "rules": st.lists(inner, min_size=1, max_size=3),
        }
    ),
    max_leaves=6,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
facts = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.sampled_from((*TEXTS, None, 3)) for name in ("tier", "dialled", "ivr.reason")},
        "hour": st.sampled_from((*NUMBERS, None, True, float("nan"), "9", 10**400)),
    },
)


def compiled(made: list[Any], slots: Slots) -> list[Condition]:
    reader = Reader()
    found = [compile_condition(tree, "", reader, slots) for tree in made]
    assert reader.problems == []
    return found


def naive(conditions: list[Condition], row: list[Any]) -> int:
    return next(
        (place for place, condition in enumerate(conditions) if condition.holds(row)), len(conditions)
    )


# What rules mostly are: equalities of a few fields and something else, so that the index has many branches.
equalities = st.builds(
    lambda field, operator, values: clause(field, operator, values if operator == "in" else values[0]),
    st.sampled_from(("tier", "dialled", "ivr.reason")),
    st.sampled_from(("=", "=", "in")),
    st.lists(st.sampled_from(TEXTS[:4]), min_size=1, max_size=2),
)
usual = st.builds(
    lambda clauses: {"combinator": "and", "rules": clauses},
    st.lists(equalities | equalities | texts | numbers, min_size=1, max_size=4),
)


@settings(max_examples=100, deadline=None)
@given(made=st.lists(usual, min_size=6, max_size=16), contacts=st.lists(facts, min_size=4, max_size=8))
def test_among_usual_rules_the_first_that_holds_is_found(
    made: list[Any], contacts: list[dict[str, Any]]
) -> None:
    slots = Slots()
    conditions = compiled(made, slots)
    find = index_of(conditions)
    for contact in contacts:
        row = slots.prepare(contact)
        assert find(row, len(conditions)) == naive(conditions, row)


@settings(max_examples=100, deadline=None)
@given(made=st.lists(trees | st.none(), max_size=20), contacts=st.lists(facts, min_size=1, max_size=8))
def test_the_rule_found_is_the_first_that_holds(made: list[Any], contacts: list[dict[str, Any]]) -> None:
    slots = Slots()
    conditions = compiled(made, slots)
    find = index_of(conditions)
    for contact in contacts:
        row = slots.prepare(contact)
        assert find(row, len(conditions)) == naive(conditions, row)


@settings(deadline=None)
@given(tree=trees, contact=facts)
def test_a_condition_holds_only_of_its_anchors(tree: Any, contact: dict[str, Any]) -> None:
    slots = Slots()
    (condition,) = compiled([tree], slots)
    row = slots.prepare(contact)
    if condition.holds(row):
        assert all(row[slot] in values for slot, values in condition.anchors.items())


def test_five_hundred_rules_are_not_tried_in_turn() -> None:
    """Rules by dialled number and channel: no contact has more than a dozen conditions evaluated."""
    tried = 0
    slots = Slots()
    made = [
        {
            "combinator": "and",
            "rules": [
                clause("dialled", "=", f"+44{number // 5}"),
                clause("channel", "in", ["voice", "chat"] if number % 2 else ["email"]),
                clause("value", ">=", number % 100),
            ],
        }
        for number in range(500)
    ]

    def counted(condition: Condition) -> Condition:
        def holds(row: list[Any]) -> bool:
            nonlocal tried
            tried += 1
            return condition.holds(row)

        return Condition(holds, condition.anchors)

    plain = compiled(made, slots)
    find = index_of([counted(condition) for condition in plain])
    chance = random.Random(3)
    for _ in range(200):
        row = slots.prepare(
            {
                "dialled": f"+44{chance.randrange(110)}",
                "channel": chance.choice(("voice", "chat", "email", "sms")),
                "value": chance.randrange(101),
            }
        )
        tried = 0
        assert find(row, 500) == naive(plain, row)
        assert tried <= 12


def test_an_index_of_long_lists_stays_small() -> None:
    """A thousand rules that each name 200 numbers would be filed 200,000 times; they are tried in turn."""
    slots = Slots()
    values = [[f"n{number + shift}" for shift in range(200)] for number in range(0, 100_000, 100)]
    conditions = compiled([clause("dialled", "in", some) for some in values], slots)
    assert sum(map(len, values)) > ENTRIES_MAX
    find = index_of(conditions)
    assert find(slots.prepare({"dialled": "N50300"}), 1000) == 502
    assert find(slots.prepare({"dialled": "nobody"}), 1000) == 1000


@pytest.mark.parametrize(("tier", "expected"), [("gold", "first"), ("GOLD", "first"), ("tin", "default")])
def test_a_rule_set_goes_by_its_index(tier: str, expected: str) -> None:
    rules = [rule("first", clause("tier", "=", "gold")), rule("second", clause("tier", "in", ["gold"]))]
    rules += [rule(f"r{number}", clause("tier", "=", f"t{number}")) for number in range(50)]
    rule_set = RuleSet(body(rules=rules))
    assert rule_set.route({"tier": tier}, None).rule == expected
    assert rule_set.route({"tier": "t49"}, None).rule == "r49"


@settings(deadline=None)
@given(
    tree=trees,
    contact=st.dictionaries(st.sampled_from(("tier", "dialled", "ivr.reason", "hour")), anything),
)
def test_evaluating_never_raises_whatever_the_facts(tree: Any, contact: dict[str, object]) -> None:
    slots = Slots()
    [condition] = compiled([tree], slots)
    assert condition.holds(slots.prepare(contact)) in (True, False)
