"""How the work of an assignment grows with those who wait and with the agents: counted, so free of noise.

An assignment is a contact's whole way, from arrival to wrap-up, and the choices on it. `bench/routing` draws
the companies and plays the shifts, and has the same in time.
"""

from collections import Counter
from collections.abc import Mapping
from statistics import median

import pytest

from bench.routing.floor import acquaint, at_ease, in_need
from bench.routing.shift import Shift
from tests.unit.routing.work import BLOCKS, GRADES, HEADS, POPS, STALE, CountedEngine, count

ASSIGNED = 300
CALLS = "calls of a decision"
Work = Mapping[str, float]
"""Counts for each assignment, and calls in the middle one of the events that make an offer."""

pytestmark = pytest.mark.timeout(600)  # a hundred thousand contacts have to come first


def work_of(shift: Shift) -> Work:
    """Go on with the shift for a while, first counting calls, then what is looked at."""
    engine = shift.engine
    assert isinstance(engine, CountedEngine)
    acquaint(engine)
    shift.go_on(ASSIGNED)
    engine.calls = []
    shift.go_on(ASSIGNED)
    calls, engine.calls = engine.calls, None
    counts: Counter[str] = Counter()
    with pytest.MonkeyPatch.context() as patch:
        count(patch, counts)
        shift.go_on(ASSIGNED)
    each = {what: counts[what] / ASSIGNED for what in (HEADS, GRADES, BLOCKS, POPS, STALE)}
    return {**each, CALLS: median(calls)}


@pytest.fixture(scope="module")
def few_short() -> Work:
    return work_of(in_need(1_000, 10_000, CountedEngine()))


@pytest.fixture(scope="module")
def few_long() -> Work:
    return work_of(in_need(1_000, 100_000, CountedEngine()))


@pytest.fixture(scope="module")
def many_long() -> Work:
    return work_of(in_need(10_000, 100_000, CountedEngine()))


@pytest.fixture(scope="module")
def few_at_ease() -> Work:
    return work_of(at_ease(1_000, 0.3, CountedEngine()))


@pytest.fixture(scope="module")
def many_at_ease() -> Work:
    return work_of(at_ease(10_000, 0.3, CountedEngine()))


def grown(fewer: Work, more: Work) -> dict[str, float]:
    """By what factor each count has grown; what is next to nothing on both sides has not."""
    return {what: (more[what] + 1) / (fewer[what] + 1) for what in fewer}


def test_ten_times_as_many_waiting_hardly_make_more_work(few_short: Work, few_long: Work) -> None:
    growth = grown(few_short, few_long)
    assert max(growth.values()) <= 1.5, (growth, few_short, few_long)


def test_ten_times_as_many_agents_make_at_most_three_times_the_work(few_long: Work, many_long: Work) -> None:
    growth = grown(few_long, many_long)
    assert max(growth.values()) <= 3, (growth, few_long, many_long)


def test_ten_times_as_many_idle_agents_make_at_most_three_times_the_work(
    few_at_ease: Work, many_at_ease: Work
) -> None:
    growth = grown(few_at_ease, many_at_ease)
    assert max(growth.values()) <= 3, (growth, few_at_ease, many_at_ease)


def test_an_assignment_costs_no_more_than_is_known(many_long: Work, many_at_ease: Work) -> None:
    """A ceiling for each count, some way above what was counted when this was written."""
    assert many_long[HEADS] <= 70, many_long
    assert many_long[POPS] <= 7, many_long
    assert many_long[STALE] <= 6, many_long
    assert many_at_ease[GRADES] <= 10, many_at_ease
    assert many_at_ease[BLOCKS] <= 15, many_at_ease
    for work in (many_long, many_at_ease):
        assert work[CALLS] <= 220, work
