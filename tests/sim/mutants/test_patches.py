"""Each seeded bug still applies to the engine as it is; whether it is found costs minutes: `make mutants`."""

import shutil
from pathlib import Path

import pytest

from tests.sim.mutants.patches import MUTANTS, Mutant, Stale, apply

ROUTING = Path(__file__).resolve().parents[3] / "routing"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_patch_applies_and_leaves_python(mutant: Mutant, tmp_path: Path) -> None:
    for path in ROUTING.glob("*.py"):
        shutil.copy(path, tmp_path)
    apply(mutant, tmp_path)
    changed = [
        path for path in tmp_path.glob("*.py") if path.read_text() != (ROUTING / path.name).read_text()
    ]
    assert changed
    for path in changed:
        compile(path.read_text(), path.name, "exec")


def test_a_patch_whose_text_is_gone_says_so(tmp_path: Path) -> None:
    (tmp_path / "engine.py").write_text("pass\n")
    with pytest.raises(Stale, match="gone: its text occurs 0 times"):
        apply(Mutant("gone", "", (("not there", ""),)), tmp_path)
