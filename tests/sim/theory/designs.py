"""Two kinds of customers and agents of whom some can serve both, as exact Markov chains.

`a` and `b` are agents for one kind only, `both` for either. Who comes takes an agent for one kind first; a
freed agent for both takes B first. All serve at one rate, so it need not be known whom those for both serve.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.sim.theory.exact import stationary

Busy = tuple[int, int, int, int, int]
"""Busy agents a, b, both; waiting A, B."""


@dataclass(frozen=True, slots=True)
class Design:
    """Rates per second. `line_a`, `line_b`: as many may wait as makes no difference any more."""

    a: int
    b: int
    both: int
    arrival_a: float
    arrival_b: float
    service: float
    leaving: float
    line_a: int
    line_b: int

    def leaves(self) -> tuple[float, float]:
        """The share of A and of B that leaves."""
        waiting_a = waiting_b = 0.0
        for (_, _, _, line_a, line_b), share in stationary((0, 0, 0, 0, 0), self._moves).items():
            waiting_a += share * line_a
            waiting_b += share * line_b
        return waiting_a * self.leaving / self.arrival_a, waiting_b * self.leaving / self.arrival_b

    def _moves(self, state: Busy) -> Iterator[tuple[Busy, float]]:
        a, b, both, line_a, line_b = state
        if a < self.a:
            yield (a + 1, b, both, line_a, line_b), self.arrival_a
        elif both < self.both:
            yield (a, b, both + 1, line_a, line_b), self.arrival_a
        elif line_a < self.line_a:
            yield (a, b, both, line_a + 1, line_b), self.arrival_a
        if b < self.b:
            yield (a, b + 1, both, line_a, line_b), self.arrival_b
        elif both < self.both:
            yield (a, b, both + 1, line_a, line_b), self.arrival_b
        elif line_b < self.line_b:
            yield (a, b, both, line_a, line_b + 1), self.arrival_b
        if a:
            freed = (a, b, both, line_a - 1, line_b) if line_a else (a - 1, b, both, line_a, line_b)
            yield freed, a * self.service
        if b:
            freed = (a, b, both, line_a, line_b - 1) if line_b else (a, b - 1, both, line_a, line_b)
            yield freed, b * self.service
        if both:
            if line_b:
                freed = (a, b, both, line_a, line_b - 1)
            elif line_a:
                freed = (a, b, both, line_a - 1, line_b)
            else:
                freed = (a, b, both - 1, line_a, line_b)
            yield freed, both * self.service
        if line_a:
            yield (a, b, both, line_a - 1, line_b), line_a * self.leaving
        if line_b:
            yield (a, b, both, line_a, line_b - 1), line_b * self.leaving


N_DESIGN = Design(8, 0, 6, 8.5 / 60, 4.5 / 60, 1 / 60, 1 / 60, 45, 25)
M_DESIGN = Design(5, 5, 4, 6 / 60, 6 / 60, 1 / 60, 1 / 60, 30, 25)
