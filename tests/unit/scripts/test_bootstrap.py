"""`scripts/bootstrap.py` says in one line what it cannot do, and does nothing twice."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout of scripts and locks, whose environment is taken for made once its stamp says so."""
    for name in ("scripts", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    return tmp_path


def bootstrap(tree: Path, *parts: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(tree / "scripts" / "bootstrap.py"), *parts]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": "/nonexistent"})


def test_a_missing_lock_is_named(tree: Path) -> None:
    """One line on stderr, status 1, and no environment begun."""
    (tree / "requirements" / "run.txt").unlink()
    done = bootstrap(tree, "run")
    assert done.returncode == 1
    assert done.stderr == "rapport: requirements/run.txt is missing\n"
    assert not (tree / ".venv").exists()


def test_an_unchanged_ui_is_not_built_again(tree: Path) -> None:
    """Where the stamp fits the sources, no Node is needed; a changed source needs it."""
    static = tree / "hub" / "static"
    static.mkdir(parents=True)
    (static / "index.html").touch()
    source = tree / "agent_ui" / "main.ts"
    source.parent.mkdir()
    source.write_text("1", encoding="utf-8")
    probe = "import bootstrap as b; print(b._digest(b._ui_sources()))"
    digest = subprocess.run(
        [sys.executable, "-c", probe], cwd=tree / "scripts", capture_output=True, text=True, check=True
    ).stdout.strip()
    (static / ".made-from").write_text(digest, encoding="utf-8")
    assert bootstrap(tree, "ui").returncode == 0
    source.write_text("2", encoding="utf-8")
    done = bootstrap(tree, "ui")
    assert done.returncode == 1
    assert done.stderr.startswith("rapport: ")
