"""Loyalty: parts that sum, stay in range, speak both languages, and move the right way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.customers.loyalty import Complaint, Facts, Part, Rating, loyalty
from tests.unit.hub.customers.conftest import DAY_MS, NOW_MS

instants = st.integers(NOW_MS - 4000 * DAY_MS, NOW_MS)
facts = st.builds(
    Facts,
    since_at_ms=st.none() | instants,
    bought_at_ms=st.lists(instants, max_size=40).map(lambda found: tuple(sorted(found))),
    complaints=st.lists(st.builds(Complaint, instants, st.booleans()), max_size=8).map(tuple),
    ratings=st.lists(st.builds(Rating, instants, st.integers(1, 5)), max_size=8).map(tuple),
)
MOST = {"tenure": 25, "frequency": 25, "recency": 20, "satisfaction": 20, "complaints": 10}


def _parts(found: Facts) -> dict[str, Part]:
    return {part.name: part for part in loyalty(found, NOW_MS)[1]}


@settings(deadline=None)
@given(facts)
def test_parts_sum_to_the_score_and_explain_themselves(found: Facts) -> None:
    score, parts = loyalty(found, NOW_MS)
    assert score == int(sum(part.points for part in parts) + 0.5)
    assert 0 <= score <= 100
    assert {part.name for part in parts} == set(MOST)
    for part in parts:
        assert 0 <= part.points <= MOST[part.name]
        assert part.reason["en"]
        assert any("\u4e00" <= sign <= "\u9fff" for sign in part.reason["zh"])


def test_nothing_known_is_the_middle_and_says_so() -> None:
    score, parts = loyalty(Facts(), NOW_MS)
    assert score == 50
    assert all("neutral" in part.reason["en"] and "中性" in part.reason["zh"] for part in parts)


def test_rare_but_regular_is_not_disloyal() -> None:
    """Who buys every two years is judged by that; who bought every week and stopped is not spared."""
    rare = Facts(bought_at_ms=tuple(NOW_MS - days * DAY_MS for days in (2530, 1800, 1070, 340)))
    lapsed = Facts(bought_at_ms=tuple(NOW_MS - days * DAY_MS for days in range(600, 340, -7)))
    assert _parts(rare)["recency"].points == 20
    assert _parts(lapsed)["recency"].points == 0
    assert _parts(lapsed)["frequency"].points == 0
    assert _parts(rare)["frequency"].points > 5


def test_half_the_own_rhythm_is_half_the_points() -> None:
    regular = tuple(NOW_MS - days * DAY_MS for days in range(600, -1, -10))
    slower = tuple(at_ms for n, at_ms in enumerate(regular) if n <= 50 or n % 2)
    assert _parts(Facts(bought_at_ms=regular))["frequency"].points == 25
    assert 8 <= _parts(Facts(bought_at_ms=slower))["frequency"].points <= 17


@pytest.mark.parametrize(("years", "points"), [(2, 12.5), (4, 18.8), (0, 0.0)])
def test_tenure_fills_by_halves(years: int, points: float) -> None:
    assert _parts(Facts(since_at_ms=NOW_MS - years * 365 * DAY_MS))["tenure"].points == points


def test_tenure_counts_from_the_first_trace() -> None:
    bought_before = Facts(since_at_ms=NOW_MS - DAY_MS, bought_at_ms=(NOW_MS - 730 * DAY_MS,))
    assert _parts(bought_before)["tenure"].points == 12.5


def test_open_complaints_weigh_more_than_old_ones_and_none_weighs_nothing() -> None:
    def points(*complaints: Complaint) -> float:
        return _parts(Facts(since_at_ms=NOW_MS, complaints=complaints))["complaints"].points

    recent = NOW_MS - 5 * DAY_MS
    old = NOW_MS - 1000 * DAY_MS
    assert points() == 10
    assert points(Complaint(recent, True)) == 5
    assert (
        points(Complaint(recent, True))
        < points(Complaint(recent, False))
        < points(Complaint(old, False))
        < 10
    )


def test_ratings_older_than_two_years_are_forgotten() -> None:
    bad_but_old = Rating(NOW_MS - 731 * DAY_MS, 1)
    assert _parts(Facts(ratings=(bad_but_old,)))["satisfaction"].points == 10
    assert _parts(Facts(ratings=(bad_but_old, Rating(NOW_MS, 5))))["satisfaction"].points == 20
