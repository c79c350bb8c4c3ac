"""The decayed margin and its ranking, as laws."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.customers import value as model
from hub.customers.value import DAY_MS, HALF_LIFE_MS, Decayed
from tests.unit.hub.customers.conftest import NOW_MS

purchases = st.lists(
    st.tuples(st.integers(NOW_MS - 2000 * DAY_MS, NOW_MS), st.integers(-100_000, 1_000_000)),
    min_size=1,
    max_size=30,
)
half_lives = st.integers(7 * DAY_MS, 800 * DAY_MS)


def _folded(history: list[tuple[int, int]], half_life_ms: int) -> Decayed:
    state: Decayed | None = None
    for at_ms, margin in history:
        state = model.add(state, margin, at_ms, half_life_ms)
    assert state is not None
    return state


@settings(deadline=None)
@given(purchases, half_lives, st.randoms())
def test_one_by_one_in_any_order_equals_the_sum_by_hand(history, half_life_ms, shuffler) -> None:  # type: ignore[no-untyped-def]
    expected = sum(margin * 2 ** (-(NOW_MS - at_ms) / half_life_ms) for at_ms, margin in history)
    scale = sum(abs(margin) for _, margin in history) + 1
    for _ in range(3):
        now = model.margin_at(_folded(history, half_life_ms), NOW_MS, half_life_ms)
        assert math.isclose(now, expected, rel_tol=1e-9, abs_tol=1e-9 * scale)
        shuffler.shuffle(history)


@settings(deadline=None)
@given(purchases, purchases, half_lives, st.integers(0, 3000))
def test_the_rank_key_orders_customers_as_their_margin_does_at_any_later_time(
    one, other, half_life_ms, later_days
) -> None:  # type: ignore[no-untyped-def]
    a, b = _folded(one, half_life_ms), _folded(other, half_life_ms)
    then_ms = NOW_MS + later_days * DAY_MS
    worth_a, worth_b = (model.margin_at(state, then_ms, half_life_ms) for state in (a, b))
    if worth_a > worth_b > 0 and not math.isclose(worth_a, worth_b, rel_tol=1e-6):
        assert model.rank_key(a, half_life_ms) > model.rank_key(b, half_life_ms)


def test_a_half_life_halves() -> None:
    assert model.margin_at(Decayed(100, NOW_MS), NOW_MS + HALF_LIFE_MS, HALF_LIFE_MS) == pytest.approx(50)


def test_ranking_ends_with_who_gave_all_back_and_leaves_out_who_never_bought() -> None:
    ancient = Decayed(1, 0)
    keys = [model.rank_key(state, HALF_LIFE_MS) for state in (None, Decayed(-5, NOW_MS), ancient)]
    assert keys == sorted(keys)
    assert keys[0] == model.UNRANKED


def test_cap_is_the_upper_half_percent_and_needs_enough_purchases() -> None:
    assert model.cap_of(range(1, 200)) is None
    assert model.cap_of(range(1, 1001)) == 995
    assert model.cap_of([*range(1, 1001), *[-7] * 500]) == 995, "returns do not lower it"
    assert [model.capped(margin, 995) for margin in (996, 10**9, -(10**9), 3)] == [995, 995, -995, 3]
    assert model.capped(10**9, None) == 10**9


def test_value_and_tier_from_the_percentile() -> None:
    assert [model.value_of(share) for share in (0.0, 0.5, 0.725, 1.0)] == [0, 50, 73, 100]
    tiers = [model.tier_of(share) for share in (0.0, 0.4999, 0.5, 0.8, 0.9499, 0.95, 1.0)]
    assert tiers == ["bronze", "bronze", "silver", "gold", "gold", "platinum", "platinum"]


def test_a_smaller_recent_margin_is_worth_more_than_a_larger_old_one() -> None:
    recent, old = Decayed(100, NOW_MS), Decayed(190, NOW_MS - HALF_LIFE_MS)
    assert model.rank_key(recent, HALF_LIFE_MS) > model.rank_key(old, HALF_LIFE_MS)
    older = Decayed(210, NOW_MS - HALF_LIFE_MS)
    assert model.rank_key(recent, HALF_LIFE_MS) < model.rank_key(older, HALF_LIFE_MS)
