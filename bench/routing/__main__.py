"""Runs the benches of the engine, which share the floors that they are measured on."""

import gc

from bench.routing import choices, cycle
from bench.routing.company import draw
from bench.routing.cycle import Floors
from bench.routing.floor import at_ease, build, in_need

FEW, MANY = 1_000, 10_000
SHORT, LONG = 10_000, 100_000
IDLE = 0.3
ROUNDS = 7
SLOW_ROUNDS = 4
ASSIGNED = 700
"""Of each round."""


def main() -> None:
    """Print one line for each bench."""
    floors = Floors(
        few_short=build(in_need(FEW, SHORT), ROUNDS, ASSIGNED),
        few_long=build(in_need(FEW, LONG), ROUNDS, ASSIGNED),
        many_long=build(in_need(MANY, LONG), ROUNDS + SLOW_ROUNDS, ASSIGNED),
        at_ease=build(at_ease(MANY, IDLE), ROUNDS, ASSIGNED),
    )
    gc.collect()
    gc.freeze()
    cycle.costs(floors, ROUNDS, ASSIGNED)
    cycle.slowest(floors.many_long.engine, floors.many_long.rounds[ROUNDS:])
    choices.freed_agent(floors.many_long.engine)
    choices.arrival(floors.at_ease.engine, draw(MANY))


if __name__ == "__main__":
    main()
