"""`python -m tests.sim.mutants [NAME ...]`: which test finds each seeded bug, and how soon.

Copies the engine and its cheap tests to a temporary folder, puts one bug in, and runs the tests until the
first failure. Prints a table; exits with 1 when a bug survives, or when the tests fail without any.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.sim.mutants.patches import MUTANTS, Mutant, apply

ROOT = Path(__file__).resolve().parents[3]
SEEDS = 80
TIMEOUT_S = 600
"""For one mutant; its tests take a few seconds on a quiet machine."""
LAST = "test_engine"
"""Hypothesis comes last: it takes longest to say what it has found."""
LAW = "_law.py"
"""Such a file counts work over a large company, which is no cheap test."""
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)(?: - (.*))?$", re.MULTILINE)


def main() -> int:
    """Try the mutants that are named, or all."""
    chosen = [mutant for mutant in MUTANTS if not sys.argv[1:] or mutant.name in sys.argv[1:]]
    with tempfile.TemporaryDirectory(prefix="rapport-mutants-") as name:
        clean = Path(name)
        _copy(clean)
        found, seconds = _attempt(clean, None)
        if found:
            print(f"the tests fail without a mutant: {found}", file=sys.stderr)
            return 1
        print(f"{'mutant':24} {'seconds':>7}  found by")
        print(f"{'(none)':24} {seconds:7.1f}  nothing, as it should be", flush=True)
        survivors = 0
        for mutant in chosen:
            found, seconds = _attempt(clean, mutant)
            survivors += not found
            print(f"{mutant.name:24} {seconds:7.1f}  {found or 'SURVIVES: ' + mutant.about}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} found")
    return 1 if survivors else 0


def _attempt(clean: Path, mutant: Mutant | None) -> tuple[str, float]:
    """(the first test that fails, seconds) with the bug in a copy of the clean folder; "" when none does."""
    with tempfile.TemporaryDirectory(prefix="rapport-mutant-") as name:
        folder = Path(name) / "copy"
        shutil.copytree(clean, folder)
        if mutant is not None:
            apply(mutant, folder / "routing")
        began = time.monotonic()
        run = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-x",
                "-q",
                "-p",
                "no:cacheprovider",
                "-o",
                "timeout=60",
                *_tests(folder),
            ],
            cwd=folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        seconds = time.monotonic() - began
    found = FAILED.search(run.stdout)
    if found is not None:
        return found[1].removeprefix("tests/"), seconds
    return ("" if run.returncode == 0 else f"exit code {run.returncode}: {run.stdout[-300:]}"), seconds


def _copy(folder: Path) -> None:
    """The engine, its unit tests and the simulation."""
    for part in ("routing", "tests/unit/routing", "tests/sim"):
        skipped = shutil.ignore_patterns("__pycache__", "theory", "mutants", "simulate", "rules")
        keep = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, folder / part, ignore=keep if part == "routing" else skipped)
    for part in ("tests/__init__.py", "tests/conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / part, folder / part)


def _tests(folder: Path) -> list[str]:
    """Unit tests, then some seeds, then hypothesis."""
    files = sorted(str(path.relative_to(folder)) for path in folder.glob("tests/unit/routing/test_*.py"))
    days = "tests/sim/test_seeds.py::test_every_contact_finds_its_end_and_every_law_holds"
    first = [name for name in files if LAST not in name and not name.endswith(LAW)]
    return [*first, *(f"{days}[{seed}]" for seed in range(SEEDS)), *(name for name in files if LAST in name)]


if __name__ == "__main__":
    sys.exit(main())
