"""A contact's whole way through the engine, in steps of a large heap; its growth; and the slowest decisions.

The way: it comes, widens its target after a minute, is offered with a decision trace, shown, accepted (some
are rejected or missed), connected, ended and wrapped up, with every deadline on the way; its agent takes the
next. The steps are taken between pieces of the same loop, so both suffer alike from the neighbours and from
what the other does to the processor's caches. The median of the rounds counts.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import median
from typing import NamedTuple

from bench.report import show
from bench.routing.floor import Floor
from bench.yardstick import HeapSteps, Spin, percentile
from routing.commands import Offer
from routing.engine import Engine
from routing.events import Event

PIECE, STEPS = 256, 1024
"""So many events, then so many steps of the heap: enough of each that a cold start counts for little."""


class Cost(NamedTuple):
    """Of one round."""

    assignment_us: float
    step_us: float


def cycle(engine: Engine, events: Sequence[Event], assigned: int, steps: HeapSteps) -> Cost:
    """Tell the engine one round's events and take the time."""
    handle, clock = engine.handle, time.thread_time_ns
    engine_ns = steps_ns = taken = 0
    for start in range(0, len(events), PIECE):
        piece = events[start : start + PIECE]
        began = clock()
        for event in piece:
            handle(event)
        told = clock()
        steps.take(STEPS)
        steps_ns += clock() - told
        engine_ns += told - began
        taken += STEPS
    return Cost(engine_ns / assigned / 1e3, steps_ns / taken / 1e3)


@dataclass(frozen=True, slots=True)
class Floors:
    """Where the cycle is measured: few or many agents, all busy, with a short or long line; many at ease."""

    few_short: Floor
    few_long: Floor
    many_long: Floor
    at_ease: Floor


def costs(floors: Floors, rounds: int, assigned: int) -> None:
    """Print the cost of an assignment, and how it grows with the length of the line and with the agents."""
    steps = HeapSteps()
    every = (floors.few_short, floors.few_long, floors.many_long, floors.at_ease)
    found = [
        [cycle(floor.engine, floor.rounds[number], assigned, steps) for floor in every]
        for number in range(rounds)
    ]
    step = median(cost.step_us for cost in chain(*found))
    few_short, few_long, many_long, at_ease = (
        median(cost.assignment_us for cost in own) for own in zip(*found, strict=True)
    )
    show("routing_cycle", "us an assignment", many_long, step, "<= 60")
    show("routing_cycle_at_ease", "us an assignment", at_ease, step, "<= 60")
    show("routing_growth_waiting", "us an assignment", few_long, few_short, "<= 1.5")
    show("routing_growth_agents", "us an assignment", many_long, few_long, "<= 3")


def slowest(engine: Engine, rounds: Sequence[Sequence[Event]]) -> None:
    """Print the 99th percentile of the events that made an offer, against that of a spin after each."""
    spin, clock = Spin(), time.thread_time_ns
    decisions, spins = [], []
    for event in chain(*rounds):
        began = clock()
        commands = engine.handle(event)
        took = clock() - began
        if any(isinstance(command, Offer) for command in commands):
            decisions.append(took)
            began = clock()
            spin.turn()
            spins.append(clock() - began)
    show("routing_decision_p99", "us", percentile(decisions, 99) / 1e3, percentile(spins, 99) / 1e3, "<= 20")
