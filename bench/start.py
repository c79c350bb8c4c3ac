"""How long the hub takes from nothing to ready, and how much memory it then holds.

The demo company's own configuration, in a folder of its own. The first start makes and fills the database and
is not measured; then the hub is stopped and started as on any other day, and the best of some starts counts.
Memory is the resident set after a quiet moment, without a single console.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.report import show

ROOT = Path(__file__).resolve().parent.parent
STARTS = 3
DEADLINE_S = 120
QUIET_S = 3.0
START_MAX_S = 5.0
MEMORY_MAX_MB = 200.0


@contextmanager
def running(folder: Path) -> Iterator[tuple[float, int]]:
    """Start a hub in `folder`; yields (seconds until it was ready, process id)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "hub", "run", "--port", str(port)]
    began = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _ready(port):
            if process.poll() is not None:
                raise RuntimeError(f"the hub ended with status {process.returncode}")
            if time.perf_counter() - began > DEADLINE_S:
                raise RuntimeError(f"the hub is not ready after {DEADLINE_S} s")
            time.sleep(0.01)
        yield time.perf_counter() - began, process.pid
    finally:
        process.terminate()
        process.wait(30)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def resident_mb(pid: int) -> float:
    """Resident memory of the process and the readers it started, in megabytes."""
    total_kb = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:  # it ended while we looked
            continue
        if pid in (int(fields["Pid"]), int(fields["PPid"])):
            total_kb += int(fields.get("VmRSS", "0 kB").split()[0])
    return total_kb / 1024


def main() -> None:
    """Print the two lines of this bench."""
    seconds, megabytes = [], []
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as name:
        folder = Path(name)
        shutil.copy(ROOT / "config.yaml", folder)
        with running(folder):
            pass
        for _ in range(STARTS):
            with running(folder) as (took_s, pid):
                seconds.append(took_s)
                time.sleep(QUIET_S)
                megabytes.append(resident_mb(pid))
    show("start_to_ready", "s", min(seconds), START_MAX_S, f"<= {START_MAX_S:g} s", of_ratio=False)
    show("memory_idle", "MB", max(megabytes), MEMORY_MAX_MB, f"<= {MEMORY_MAX_MB:g} MB", of_ratio=False)


if __name__ == "__main__":
    main()
