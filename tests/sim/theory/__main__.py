"""`python -m tests.sim.theory` prints the theory table as the suite checks it; `--long` plays it in full.

The full length has ten million decisions in the overtaking case and takes about half an hour on one core;
`--case overtaking` plays one case only.
"""

import argparse
import sys
import time

from tests.sim.theory.table import CASES


def main() -> int:
    """Print a line for each claim; 1 when one does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim.theory", description=__doc__)
    parser.add_argument("--long", action="store_true", help="more seeds and longer runs")
    parser.add_argument("--seeds", type=int, help="as many seeds for every case")
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES])
    asked = parser.parse_args()
    failed = 0
    for case in CASES:
        if asked.case and case.name not in asked.case:
            continue
        seeds, size = (case.long_seeds, case.long_size) if asked.long else (case.seeds, case.size)
        begun = time.process_time()
        lines = case.play(asked.seeds or seeds, size)
        spent_s = time.process_time() - begun
        print(f"{case.name} ({asked.seeds or seeds} x {size:,} contacts, {spent_s:.1f} s of one core)")
        for line in lines:
            failed += not line.holds
            print(f"  {'ok  ' if line.holds else 'FAIL'} {line.name:58} {line.wanted:>12}  {line.found}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
