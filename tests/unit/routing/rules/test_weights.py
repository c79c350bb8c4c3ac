"""Head start: square above the middle, by the weighted mean of value and loyalty, never above the cap."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.rules.ruleset import RuleSet
from routing.rules.weights import Weights, head_start_ms
from tests.unit.routing.rules.bodies import body, problems

scores = st.integers(min_value=-50, max_value=200)
shares = st.integers(min_value=0, max_value=1000)


def test_value_alone_counts_unless_the_rules_say_otherwise() -> None:
    assert [head_start_ms(value, 120_000) for value in (0, 50, 75, 100)] == [0, 0, 30_000, 120_000]
    assert head_start_ms(1_000, 120_000) == 120_000
    assert head_start_ms(90, -5) == 0
    assert RuleSet(body()).head_start_ms(75, 0, 120_000) == 30_000


def test_loyalty_counts_by_its_weight() -> None:
    even = RuleSet(body(weights={"value": 0.5, "loyalty": 0.5}))
    assert even.head_start_ms(100, 50, 120_000) == head_start_ms(75, 120_000)
    assert even.head_start_ms(50, 100, 120_000) == head_start_ms(75, 120_000)
    assert even.head_start_ms(100, 0, 120_000) == 0
    assert RuleSet(body(weights={"value": 0, "loyalty": 1})).head_start_ms(0, 75, 120_000) == 30_000
    assert RuleSet(body(weights={"loyalty": 1})).head_start_ms(100, 100, 999) == 999


@settings(deadline=None)
@given(value=scores, loyalty=scores, cap_ms=st.integers(-5, 10**9), one=shares, other=shares)
def test_it_lies_between_nothing_and_the_cap_and_never_falls(
    value: int, loyalty: int, cap_ms: int, one: int, other: int
) -> None:
    weights = Weights(one, other) if one or other else Weights()
    lead_ms = head_start_ms(value, cap_ms, loyalty, weights)
    assert isinstance(lead_ms, int)
    assert 0 <= lead_ms <= max(cap_ms, 0)
    assert head_start_ms(value + 1, cap_ms, loyalty, weights) >= lead_ms
    assert head_start_ms(value, cap_ms, loyalty + 1, weights) >= lead_ms


@pytest.mark.parametrize(
    ("weights", "pointer", "words"),
    [
        ({"value": -1}, "/weights/value", "from 0 to 1"),
        ({"value": float("nan")}, "/weights/value", "from 0 to 1"),
        ({"loyalty": 1.5}, "/weights/loyalty", "from 0 to 1"),
        ({"loyalty": True}, "/weights/loyalty", "from 0 to 1"),
        ({"value": 0}, "/weights", "must count something"),
        ({"value": 1, "tenure": 1}, "/weights/tenure", "Unknown key"),
        ("much", "/weights", "must be an object"),
    ],
)
def test_a_mistake_is_told_with_its_place(weights: object, pointer: str, words: str) -> None:
    assert words in problems(body(weights=weights))[pointer]
