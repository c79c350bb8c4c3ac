"""The numbers of a report, each with its one definition (docs/glossary.md says them in words).

Every measure of a row or pool is a numerator and a denominator for one run, so that runs can be added up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from routing.simulate.estimate import Pair
from routing.simulate.tally import Pool, Row

Unit = Literal["count", "share", "ms", "times"]
Wish = Literal["more", "less", "none"]
"""Whether more of it is better."""


@dataclass(frozen=True, slots=True)
class Measure:
    """`greatest`: over the runs the greatest counts, not the mean, so it has no interval."""

    name: str
    unit: Unit
    wish: Wish
    of: Callable[[Row], Pair]
    greatest: bool = False


@dataclass(frozen=True, slots=True)
class PoolMeasure:
    name: str
    unit: Unit
    of: Callable[[Pool], Pair]


def _p95(row: Row) -> Pair:
    """The least wait that 95 in 100 of the answered did not exceed."""
    if not row.waits_ms:
        return 0, 0
    ordered = sorted(row.waits_ms)
    return ordered[(len(ordered) * 95 + 99) // 100 - 1], 1


def _longest(row: Row) -> Pair:
    return (max(row.waits_ms), 1) if row.waits_ms else (0, 0)


MEASURES: tuple[Measure, ...] = (
    Measure("offered", "count", "none", lambda row: (row.offered, 1)),
    Measure("answered", "count", "more", lambda row: (row.answered, 1)),
    Measure("abandoned", "count", "less", lambda row: (row.abandoned, 1)),
    Measure("abandoned_short", "count", "none", lambda row: (row.short, 1)),
    Measure("turned_away", "count", "less", lambda row: (row.turned_away, 1)),
    Measure(
        "left_over",
        "count",
        "less",
        lambda row: (row.offered - row.answered - row.abandoned - row.turned_away, 1),
    ),
    Measure(
        "service_level",
        "share",
        "more",
        lambda row: (row.answered_in, row.answered + row.abandoned - row.abandoned_in),
    ),
    Measure("service_level_a", "share", "more", lambda row: (row.answered_in, row.answered)),
    Measure("service_level_b", "share", "more", lambda row: (row.answered_in, row.answered + row.abandoned)),
    Measure(
        "service_level_d", "share", "more", lambda row: (row.answered_in + row.abandoned_in, row.offered)
    ),
    Measure("value_service_level", "share", "more", lambda row: (row.worth_in, row.worth)),
    Measure("asa", "ms", "less", lambda row: (row.wait_ms, row.answered)),
    Measure("wait_p95", "ms", "less", _p95),
    Measure("wait_longest", "ms", "less", _longest),
    Measure("wait_longest_low", "ms", "less", lambda row: (row.low_wait_ms, 1)),
    Measure("excess_wait", "ms", "less", lambda row: (row.excess_ms, row.answered)),
    Measure("abandonment", "share", "less", lambda row: (row.abandoned, row.offered)),
    Measure("value_lost", "share", "less", lambda row: (row.worth_lost, row.worth)),
    Measure("aht", "ms", "none", lambda row: (row.handle_ms, row.answered)),
    Measure("overtake", "ms", "less", lambda row: (row.overtake_ms, 1), greatest=True),
)

POOL_MEASURES: tuple[PoolMeasure, ...] = (
    PoolMeasure("agents", "count", lambda pool: (pool.agents, 1)),
    PoolMeasure("occupancy", "share", lambda pool: (pool.busy_ms, pool.busy_ms + pool.idle_ms)),
    PoolMeasure("idle_ratio", "times", lambda pool: (pool.idle_high, pool.idle_low)),
)
"""`idle_ratio`: greatest idle share over the least one among agents who are alike; 1 is perfectly fair."""


def measure(name: str) -> Measure:
    """The measure of that name."""
    return next(known for known in MEASURES if known.name == name)
