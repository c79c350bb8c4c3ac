"""A wheel and an sdist carry the built UI: installed where there is no node, both serve the console."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lab.loopback import free_port

ROOT = Path(__file__).resolve().parents[3]
BUILD_TIMEOUT_S = 60
START_TIMEOUT_S = 30

CONFIG = """
store: {url: "sqlite:///rapport.db"}
accounts: {web: {type: webchat}}
"""


@pytest.fixture(scope="module")
def without_node(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment whose PATH has neither node nor npm, and that knows no package index."""
    empty = tmp_path_factory.mktemp("bin")
    return {"PATH": str(empty), "HOME": str(empty), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory, without_node: dict[str, str]) -> dict[str, Path]:
    """The sdist, built from this checkout, and the wheel, built from that sdist."""
    assert (ROOT / "hub" / "static" / "index.html").is_file(), "hub/static is absent: make ui"
    folder = tmp_path_factory.mktemp("dist")
    _python("-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT), env=without_node)
    return {"wheel": next(folder.glob("*.whl")), "sdist": next(folder.glob("*.tar.gz"))}


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_installed_package_serves_the_console(
    kind: str, archives: dict[str, Path], without_node: dict[str, str], tmp_path: Path
) -> None:
    """`GET /` answers with the page, and the page's own script is there."""
    site = tmp_path / "site"
    install = ["-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--target", str(site)]
    _python(*install, str(archives[kind]), env=without_node)
    (tmp_path / "config.yaml").write_text(CONFIG, encoding="utf-8")
    with _serving(tmp_path, {**without_node, "PYTHONPATH": str(site)}) as url:
        page = _get(f"{url}/").decode()
        script = re.search(r'src="(/[^"]+\.js)"', page)
        assert script, f"no script in the page:\n{page[:500]}"
        assert len(_get(url + script[1])) > 10_000


def _python(*arguments: str, env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, *arguments], env=env, capture_output=True, text=True, timeout=BUILD_TIMEOUT_S
    )
    assert done.returncode == 0, (
        f"{' '.join(arguments[:3])} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}"
    )


@contextmanager
def _serving(folder: Path, env: dict[str, str]) -> Iterator[str]:
    """Run the installed hub in `folder`, which is no checkout; yields its URL once it is ready."""
    port = free_port()
    log = folder / "hub.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "hub", "run", "--port", str(port)]
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=output, stderr=output)
    try:
        _wait_until_ready(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends_at = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            _get(f"{url}/readyz")
            return
        except OSError:
            said = log.read_text(errors="replace")[-2000:]
            assert process.poll() is None, f"the hub ended with {process.returncode}:\n{said}"
            assert time.monotonic() < ends_at, f"not ready after {START_TIMEOUT_S} s:\n{said}"
            time.sleep(0.05)


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as response:
        return bytes(response.read())
