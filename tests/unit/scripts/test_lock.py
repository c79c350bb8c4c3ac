"""`scripts/lock.py --check` refuses whatever in a lock is neither a pin nor a hash."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout with nothing in it but what the check reads."""
    for name in ("scripts", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "agent_ui").mkdir()
    for name in ("pyproject.toml", "agent_ui/package-lock.json"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def check(tree: Path) -> tuple[int, str]:
    """(exit status, what was printed)."""
    done = subprocess.run(
        [sys.executable, str(tree / "scripts" / "lock.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.returncode, done.stdout


def append(line: str) -> Callable[[Path], None]:
    def spoil(tree: Path) -> None:
        with (tree / "requirements" / "run.txt").open("a", encoding="utf-8") as lock:
            lock.write(line + "\n")

    return spoil


def unpin_aiohttp(tree: Path) -> None:
    lock = tree / "requirements" / "run.txt"
    lock.write_text(
        lock.read_text(encoding="utf-8").replace("aiohttp==", "aiohttp-renamed=="), encoding="utf-8"
    )


def add_resolved(tree: Path) -> None:
    lock = tree / "agent_ui" / "package-lock.json"
    text = lock.read_text(encoding="utf-8")
    lock.write_text(text.replace('"version":', '"resolved": "there", "version":', 1), encoding="utf-8")


def test_the_committed_locks_are_clean(tree: Path) -> None:
    """Nothing but pins and hashes, and every direct requirement pinned."""
    assert check(tree) == (0, "locks: clean\n")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (append("--index-url https://mirror.example/simple"), "neither a pin nor a hash"),
        (append("--find-links ./wheels"), "neither a pin nor a hash"),
        (append("thing @ file:///tmp/thing.whl"), "neither a pin nor a hash"),
        (append("thing==1.0"), "neither a pin nor a hash"),
        (unpin_aiohttp, "does not pin aiohttp"),
        (add_resolved, "resolved"),
    ],
)
def test_a_spoilt_lock_is_refused(tree: Path, spoil: Callable[[Path], None], said: str) -> None:
    """One line says what is wrong, and the status is 1."""
    spoil(tree)
    status, output = check(tree)
    assert status == 1
    assert said in output
