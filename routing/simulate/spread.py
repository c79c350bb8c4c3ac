"""Distributions as quantile functions: a number in [0, 1) gives a span in whole milliseconds.

One uniform number for each draw keeps the customers of two runs in step, whatever distribution each is drawn
from.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from math import exp, log, log1p, sqrt
from statistics import NormalDist

Spread = Callable[[float], int]
"""From a uniform number in [0, 1) to a span in ms, >= 0 and never decreasing."""

SPAN_MS_MAX = 366 * 86_400_000
_TINY = 1e-15
_NORMAL = NormalDist()


def constant(span_ms: int) -> Spread:
    """Always the same."""
    return lambda _: span_ms


def exponential(mean_ms: float) -> Spread:
    """Without memory: the longer it has lasted, the longer it still lasts."""

    def quantile(u: float) -> int:
        span_ms = int(-log1p(-u) * mean_ms + 0.5)
        return span_ms if span_ms < SPAN_MS_MAX else SPAN_MS_MAX

    return quantile


def lognormal(mean_ms: float, cv: float) -> Spread:
    """Many short, few long: what handle times of people look like. `cv`: standard deviation / mean, > 0."""
    sigma = sqrt(log1p(cv * cv))
    mu = log(max(mean_ms, _TINY)) - sigma * sigma / 2
    inverse = _NORMAL.inv_cdf

    def quantile(u: float) -> int:
        span_ms = int(exp(mu + sigma * inverse(u if u > _TINY else _TINY)) + 0.5)
        return span_ms if span_ms < SPAN_MS_MAX else SPAN_MS_MAX

    return quantile


def observed(spans_ms: Sequence[int]) -> Spread:
    """One of these, each as likely. At least one."""
    ordered = sorted(spans_ms)
    return lambda u: ordered[int(u * len(ordered))]


class Patience:
    """How long customers wait, learnt from those who left and those who were answered before they would.

    Kaplan and Meier's estimate over (waited ms, left) pairs; beyond the longest abandonment it goes on
    exponentially with the rate of the whole sample. Where nobody left, everybody waits for ever.
    """

    def __init__(self, waits: Sequence[tuple[int, bool]]) -> None:
        self._at: list[int] = []
        self._staying: list[float] = []
        exposure = sum(waited for waited, _ in waits)
        left_in_all = sum(left for _, left in waits)
        self._mean_ms = exposure / left_in_all if left_in_all else None
        staying, at_risk = 1.0, len(waits)
        # Of equal spans those who left come first: who was answered then would still have waited.
        for waited, left in sorted(waits, key=lambda wait: (wait[0], not wait[1])):
            if left:
                staying *= 1 - 1 / at_risk
                self._at.append(waited)
                self._staying.append(staying)
            at_risk -= 1

    def after(self, waited_ms: int, u: float) -> int | None:
        """The patience of somebody known to have waited so long; None: without end."""
        if self._mean_ms is None:
            return None
        known = bisect_right(self._at, waited_ms)
        here = self._staying[known - 1] if known else 1.0
        wanted = here * (1 - u)
        for index in range(known, len(self._at)):
            if self._staying[index] <= wanted:
                return max(self._at[index], waited_ms)
        last = self._staying[-1]
        beyond_ms = max(self._at[-1], waited_ms)
        if last <= 0:
            return beyond_ms
        return min(beyond_ms + int(-log(max(wanted / last, _TINY)) * self._mean_ms), SPAN_MS_MAX)
