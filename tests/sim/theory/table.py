"""All cases with their sizes: quick ones for the suite, long ones for the command."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.sim.theory.cases import (
    assignment_case,
    conservation_case,
    design_case,
    erlang_a_case,
    erlang_c_case,
    flexibility_case,
    overtaking_case,
)
from tests.sim.theory.lines import Line
from tests.sim.theory.skewed import SIZE, skewed_case


@dataclass(frozen=True, slots=True)
class Case:
    """`seeds` runs of `size` contacts in the suite; `long_seeds` of `long_size` where `--long` is asked."""

    name: str
    play: Callable[[int, int], list[Line]]
    seeds: int
    size: int
    long_seeds: int
    long_size: int


CASES = (
    Case("erlang_c", erlang_c_case, 8, 10_000, 12, 100_000),
    Case("erlang_a", erlang_a_case, 6, 10_000, 12, 100_000),
    Case("designs", design_case, 6, 12_000, 12, 100_000),
    Case("flexibility", flexibility_case, 2, 12_000, 8, 60_000),
    Case("conservation", conservation_case, 1, 10_000, 1, 500_000),
    Case("overtaking", overtaking_case, 1, 60_000, 20, 500_000),
    Case("skewed", skewed_case, 1, SIZE, 8, SIZE),
    Case("assignment", assignment_case, 1, 5_000, 1, 100_000),
)
