"""What a customer is worth: margin that loses half its weight every half-life. Pure; no database, no clock.

The state is two numbers per customer, and it is linear: purchases may arrive in any order, one at a time or
all together, with the same result. `rank_key` orders customers by what their margin is worth *now* without
knowing now, because all decay alike; so the ranking needs no nightly refresh. Why this model:
docs/adr/0007-customer-value.md.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, log2
from typing import Literal

Tier = Literal["none", "bronze", "silver", "gold", "platinum"]

MODEL_VERSION = 1
"""Goes up when the same purchases and cases would give another score."""

DAY_MS = 86_400_000
HALF_LIFE_MS = 90 * DAY_MS

NEUTRAL_VALUE = 50
"""The middle: no head start is bought below or at it."""

UNRANKED = -1e9
"""Rank key of a customer who never bought: outside the ranking."""
WORTHLESS = -1e6
"""Rank key of a customer whose returns outweigh the purchases: inside the ranking, at its end."""

CAP_QUANTILE = 0.995
CAP_PURCHASES_MIN = 200
"""With fewer purchases than this there is no telling what is unusual, and nothing is capped."""

TIERS: tuple[tuple[Tier, float], ...] = (
    ("platinum", 0.95),
    ("gold", 0.80),
    ("silver", 0.50),
    ("bronze", 0.0),
)
"""Tier by the percentile (0-1) that it begins at; who never bought has tier "none"."""


@dataclass(frozen=True, slots=True)
class Decayed:
    """Margin in cents, as it weighs at `at_ms`, the instant of the latest purchase."""

    margin: float
    at_ms: int


def add(state: Decayed | None, margin_cents: float, at_ms: int, half_life_ms: int) -> Decayed:
    """The state after one more purchase (negative: a return), which may be older than the latest."""
    if state is None:
        return Decayed(margin_cents, at_ms)
    if at_ms >= state.at_ms:
        return Decayed(state.margin * _weight(at_ms - state.at_ms, half_life_ms) + margin_cents, at_ms)
    return Decayed(state.margin + margin_cents * _weight(state.at_ms - at_ms, half_life_ms), state.at_ms)


def margin_at(state: Decayed, now_ms: int, half_life_ms: int) -> float:
    """Decayed margin in cents as it weighs at `now_ms` (not before the latest purchase)."""
    return state.margin * _weight(max(0, now_ms - state.at_ms), half_life_ms)


def rank_key(state: Decayed | None, half_life_ms: int) -> float:
    """Higher is worth more, at any instant; compare only keys of the same half-life."""
    if state is None:
        return UNRANKED
    if state.margin <= 0:
        return WORTHLESS
    return log2(state.margin) + state.at_ms / half_life_ms


def cap_of(margins_cents: Iterable[int]) -> int | None:
    """The largest margin that one purchase may count with: the 99.5th percentile (nearest rank) of all."""
    ordered = sorted(margin for margin in margins_cents if margin > 0)
    if len(ordered) < CAP_PURCHASES_MIN:
        return None
    return ordered[ceil(CAP_QUANTILE * len(ordered)) - 1]


def capped(margin_cents: int, cap_cents: int | None) -> int:
    """One purchase's margin as it counts; a return is capped alike, so that it undoes no more than it did."""
    if cap_cents is None:
        return margin_cents
    return max(-cap_cents, min(cap_cents, margin_cents))


def percentile(below: int, equal: int, total: int) -> float:
    """Mid-rank percentile (0-1) among `total` buying customers; `equal` counts the customer too."""
    return (below + equal / 2) / total


def value_of(share: float) -> int:
    """Value 0-100 of a percentile 0-1."""
    return int(100 * share + 0.5)


def tier_of(share: float) -> Tier:
    return next(tier for tier, begins_at in TIERS if share >= begins_at)


def _weight(age_ms: int, half_life_ms: int) -> float:
    return float(2.0 ** (-age_ms / half_life_ms))
