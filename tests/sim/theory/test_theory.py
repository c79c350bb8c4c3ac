"""The engine against theory, through the simulator. `python -m tests.sim.theory` prints the table.

Sizes are small here, so that the suite stays quick; the command plays more and longer runs of the same cases.
"""

import pytest

from tests.sim.theory.table import CASES, Case


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_theory_says_is_what_the_engine_does(case: Case) -> None:
    """Every line of the case holds."""
    lines = case.play(case.seeds, case.size)
    assert lines
    assert all(line.holds for line in lines), "\n".join(
        f"{line.name}: {line.found}, wanted {line.wanted}" for line in lines if not line.holds
    )
