"""Distributions: one number in, one span out, with the mean and the shape that their names say."""

import pytest

from routing.simulate.spread import (
    SPAN_MS_MAX,
    Patience,
    Spread,
    constant,
    exponential,
    lognormal,
    observed,
)

DRAWS = 20_000


def mean_ms(spread: Spread) -> float:
    return sum(spread((number + 0.5) / DRAWS) for number in range(DRAWS)) / DRAWS


@pytest.mark.parametrize(
    "spread", [constant(60_000), exponential(60_000), lognormal(60_000, 0.5), lognormal(60_000, 1.5)]
)
def test_the_mean_is_what_was_asked_for(spread: Spread) -> None:
    assert mean_ms(spread) == pytest.approx(60_000, rel=0.01)


@pytest.mark.parametrize("spread", [exponential(60_000), lognormal(60_000, 1.0), observed([5, 1, 9])])
def test_a_greater_number_never_gives_a_shorter_span(spread: Spread) -> None:
    spans = [spread(number / 1000) for number in range(1000)]
    assert spans == sorted(spans)
    assert spans[0] >= 0


@pytest.mark.parametrize(
    "spread", [exponential(60_000), exponential(0), lognormal(60_000, 20), lognormal(0, 1)]
)
def test_the_ends_of_the_range_are_finite(spread: Spread) -> None:
    assert 0 <= spread(0.0) <= spread(1 - 2**-53) <= SPAN_MS_MAX


def test_observed_spans_come_back_each_as_often() -> None:
    draws = [observed([30, 10, 20])(number / 9) for number in range(9)]
    assert draws == [10, 10, 10, 20, 20, 20, 30, 30, 30]


def test_patience_of_who_was_answered_goes_on_from_there() -> None:
    """Two left after 10 and 30 s, two were answered after 20 s: of who waits longer than 20, all know 30."""
    patience = Patience([(10_000, True), (20_000, False), (20_000, False), (30_000, True)])
    assert patience.after(0, 0.0) == 30_000 or patience.after(0, 0.0) == 10_000
    assert patience.after(0, 0.2) == 10_000, "a quarter leaves at ten seconds"
    assert patience.after(0, 0.3) == 30_000
    assert patience.after(20_000, 0.5) == 30_000
    beyond = patience.after(40_000, 0.5)
    assert beyond is not None
    assert beyond >= 40_000


def test_patience_beyond_what_was_seen_is_exponential() -> None:
    """The last to be watched did not leave: nobody knows when they would have."""
    patience = Patience([(10_000, True), (100_000, False)])
    spans = [patience.after(100_000, (number + 0.5) / DRAWS) for number in range(DRAWS)]
    assert sum(span or 0 for span in spans) / DRAWS - 100_000 == pytest.approx(110_000, rel=0.02)


def test_where_nobody_left_everybody_waits_for_ever() -> None:
    assert Patience([(10_000, False)]).after(0, 0.9) is None
    assert Patience([]).after(0, 0.9) is None
