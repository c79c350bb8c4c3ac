"""From several runs to one number with its interval."""

from random import Random

import pytest

from routing.simulate.estimate import difference, ratio, student_t


def test_sums_are_divided_not_ratios_averaged() -> None:
    found = ratio([(1, 1), (0, 99)])
    assert found.value == 0.01


def test_one_run_has_no_interval_and_nothing_has_no_value() -> None:
    assert ratio([(3, 4)]).half is None
    assert ratio([(0, 0), (0, 0)]).value is None
    assert difference([(0, 0)], [(1, 1)]).value is None


def test_the_interval_of_a_mean_is_students() -> None:
    """Five values by hand: mean 3, standard error sqrt(2.5/5)."""
    found = ratio([(value, 1) for value in (1, 2, 3, 4, 5)])
    assert found.value == 3
    assert found.half == pytest.approx(2.776 * (2.5 / 5) ** 0.5)


@pytest.mark.parametrize(("freedom", "factor"), [(1, 12.706), (30, 2.042), (60, 2.000), (1000, 1.962)])
def test_factors_are_those_of_the_tables(freedom: int, factor: float) -> None:
    assert student_t(freedom) == pytest.approx(factor, abs=0.001)


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    """Ratios of a random size whose true value is known."""
    random = Random(1)
    held = 0
    for _ in range(1_000):
        pairs = []
        for _ in range(8):
            size = random.randint(50, 150)
            pairs.append((sum(random.random() < 0.3 for _ in range(size)), size))
        found = ratio(pairs)
        assert found.value is not None
        assert found.half is not None
        held += abs(found.value - 0.3) <= found.half
    assert 0.92 <= held / 1_000 <= 0.98


def test_pairing_tells_a_small_difference_from_the_chance_of_the_days() -> None:
    """Days differ by tens, the rules by one."""
    random = Random(2)
    days = [random.gauss(100, 20) for _ in range(10)]
    before = [(value, 1.0) for value in days]
    after = [(value + 1 + random.gauss(0, 0.3), 1.0) for value in days]
    paired = difference(before, after)
    assert paired.told_apart
    assert paired.value == pytest.approx(1, abs=0.3)
    alone = ratio(after).half
    assert alone is not None
    assert alone > 5
