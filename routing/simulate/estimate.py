"""From the runs of several seeds to one number with its 95 % interval.

A number is a ratio of sums over the seeds, never a mean of ratios: a quiet day must not weigh as much as a
busy one. The interval is Student's, over what each seed contributes to the ratio. Differences are paired by
seed, because both rule sets saw the same customers, so that most of the chance of the days falls out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

Pair = tuple[float, float]
"""Numerator and denominator of one seed."""

_T_975 = (
    12.706,
    4.303,
    3.182,
    2.776,
    2.571,
    2.447,
    2.365,
    2.306,
    2.262,
    2.228,
    2.201,
    2.179,
    2.160,
    2.145,
    2.131,
    2.120,
    2.110,
    2.101,
    2.093,
    2.086,
    2.080,
    2.074,
    2.069,
    2.064,
    2.060,
    2.056,
    2.052,
    2.048,
    2.045,
    2.042,
)
"""Student's t for 95 % on both sides, by degrees of freedom from 1."""
_Z_975 = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """`value` None: nothing to divide by. `half` is half of the interval's width; None from one seed."""

    value: float | None
    half: float | None

    @property
    def told_apart(self) -> bool:
        """Whether zero lies outside the interval."""
        return self.value is not None and self.half is not None and abs(self.value) > self.half


def student_t(freedom: int) -> float:
    """The factor from the standard error to half of a 95 % interval."""
    if freedom <= len(_T_975):
        return _T_975[freedom - 1]
    return _Z_975 + (_Z_975**3 + _Z_975) / (4 * freedom)


def ratio(pairs: Sequence[Pair]) -> Estimate:
    """The sum of the numerators over the sum of the denominators."""
    value = _quotient(pairs)
    if value is None:
        return Estimate(None, None)
    return Estimate(value, _half(_contributions(pairs, value)))


def difference(before: Sequence[Pair], after: Sequence[Pair]) -> Estimate:
    """The ratio of `after` less that of `before`, paired by position."""
    was, now = _quotient(before), _quotient(after)
    if was is None or now is None:
        return Estimate(None, None)
    ours, theirs = _contributions(after, now), _contributions(before, was)
    return Estimate(now - was, _half([a - b for a, b in zip(ours, theirs, strict=True)]))


def _quotient(pairs: Sequence[Pair]) -> float | None:
    whole = sum(denominator for _, denominator in pairs)
    return sum(numerator for numerator, _ in pairs) / whole if whole else None


def _contributions(pairs: Sequence[Pair], value: float) -> list[float]:
    """By how much each seed pulls the ratio away from its value (the linear part of a change)."""
    mean = sum(denominator for _, denominator in pairs) / len(pairs)
    return [(numerator - value * denominator) / mean for numerator, denominator in pairs]


def _half(contributions: Sequence[float]) -> float | None:
    count = len(contributions)
    if count < 2:
        return None
    mean = sum(contributions) / count
    variance = sum((part - mean) ** 2 for part in contributions) / (count - 1)
    return student_t(count - 1) * sqrt(variance / count)
