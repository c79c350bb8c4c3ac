"""Seeded days with faults. `make sim SEED=7` repeats one; the seed of a failure is in the test's name.

Every event of every day is told to the brute-force engine too, so these are as many differential runs.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest

from routing.commands import Command
from routing.events import Event
from tests.sim.world import World

SEEDS = 1_000
BUSY_SEEDS = range(2_000, 2_012)
ROOT = Path(__file__).resolve().parents[2]


def asked() -> list[int]:
    """The one seed that the caller asks for, else all."""
    seed = os.environ.get("SEED", "")
    return [int(seed)] if seed else list(range(SEEDS))


@pytest.mark.parametrize("seed", asked())
def test_every_contact_finds_its_end_and_every_law_holds(seed: int) -> None:
    """Whatever goes wrong, nothing is lost or doubled, nobody idles beside a contact, replay equals live."""
    World(seed).run()


@pytest.mark.parametrize("seed", BUSY_SEEDS)
def test_long_lines_keep_every_law(seed: int) -> None:
    """More agents, and so many contacts that most of them wait."""
    World(seed, contacts=45, agents=6, faults_ms=120_000).run()


def test_every_kind_of_command_and_event_occurs() -> None:
    """The days are worth their name: nothing of the vocabulary is left out of them."""
    told: set[str] = set()
    answered: set[str] = set()
    for seed in range(40):
        world = World(seed, checked=False)
        world.run()
        told |= {type(event).__name__ for event in world.journal}
        answered |= {type(command).__name__ for command in world.commands}
    assert told == {kind.__name__ for kind in get_args(Event)}
    assert answered == {kind.__name__ for kind in get_args(Command)}


def test_hash_seeds_do_not_change_a_byte() -> None:
    """No decision depends on the order of a set: three hash seeds, one output."""
    outputs = set()
    for hash_seed in ("0", "1", "4711"):
        run = subprocess.run(
            [sys.executable, "-m", "tests.sim", "--seed", "40", "--count", "6"],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        outputs.add(run.stdout)
    assert len(outputs) == 1
    assert outputs.pop().count("seed ") == 6
