"""`python -m tests.sim --seed 7` runs one seed; `--count 1000` runs that many from the seed on."""

import argparse
import hashlib
import sys

from tests.sim.world import World


def main() -> int:
    """Run the seeds and print one line each: events, commands, and a hash of every command in order."""
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--count", type=int, default=1, help="how many seeds")
    asked = parser.parse_args()
    for seed in range(asked.seed, asked.seed + asked.count):
        world = World(seed)
        try:
            world.run()
        except AssertionError as failure:
            print(f"seed {seed}: {failure} (after {len(world.journal)} events)", file=sys.stderr)
            raise
        digest = hashlib.sha256(repr(world.commands).encode()).hexdigest()
        print(f"seed {seed}: {len(world.journal)} events, {len(world.commands)} commands, {digest[:16]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
