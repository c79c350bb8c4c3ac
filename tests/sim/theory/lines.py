"""A line of the theory table, and the rule by which a simulated mean passes."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.sim.theory.systems import error_of, mean

ERRORS = 3.0
TOLERANCE = 0.005


@dataclass(frozen=True, slots=True)
class Line:
    """`wanted` says in words what must hold; `holds` whether it does."""

    name: str
    wanted: str
    found: str
    holds: bool


def equals(name: str, exact: float, values: Sequence[float]) -> Line:
    """The mean over the seeds lies within three standard errors and half a percent of the exact value."""
    found, error = mean(values), error_of(values)
    holds = abs(found - exact) < ERRORS * error + TOLERANCE * abs(exact)
    return Line(name, f"= {exact:.5g}", f"{found:.5g} ± {error:.2g}", holds)
