"""Every bench, one after another, each in a process of its own so that none sees another's memory or threads.

A bench that fails is named on stderr and the others still run; the exit status is then 1.
"""

import subprocess
import sys
from pathlib import Path

BENCHES = ("ami", "push", "contact", "start", "rules", "routing", "day")
TIMEOUT_S = 600


def main() -> int:
    """Run all benches, or those named on the command line; returns 1 if one failed."""
    failed = 0
    for name in sys.argv[1:] or BENCHES:
        command = [sys.executable, "-m", f"bench.{name}"]
        try:
            done = subprocess.run(command, cwd=Path(__file__).parent.parent, timeout=TIMEOUT_S)
            fault = f"status {done.returncode}" if done.returncode else ""
        except subprocess.TimeoutExpired:
            fault = f"no end after {TIMEOUT_S} s"
        if fault:
            print(f"bench {name} failed: {fault}", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
