"""An engine in the middle of a shift, and the events that come next."""

from dataclasses import dataclass
from itertools import pairwise

from bench.routing.company import draw
from bench.routing.shift import Shift
from routing.engine import Engine
from routing.events import Event
from routing.match import best_contact

WARM_UP = 3_000
"""Assignments until offers, talks and wrap-ups are under way as they are all day."""


@dataclass(frozen=True, slots=True)
class Floor:
    """`rounds`: what to tell the engine, in pieces of equally many assignments each."""

    engine: Engine
    rounds: tuple[tuple[Event, ...], ...]


def build(shift: Shift, rounds: int, assigned: int) -> Floor:
    """The floor of a shift that has been filled. `assigned`: of each round."""
    shift.go_on(WARM_UP)
    marks = [len(shift.script)]
    for _ in range(rounds):
        shift.go_on(assigned)
        marks.append(len(shift.script))
    script = shift.script
    engine = Engine()
    for event in script[: marks[0]]:
        engine.handle(event)
    acquaint(engine)
    return Floor(engine, tuple(tuple(script[start:end]) for start, end in pairwise(marks)))


def in_need(agents: int, waiting: int, engine: Engine | None = None) -> Shift:
    """All agents are busy, and so many contacts wait."""
    shift = Shift(draw(agents), engine)
    shift.fill(waiting)
    return shift


def at_ease(agents: int, idle: float, engine: Engine | None = None) -> Shift:
    """A share of the agents has nothing to do: who comes finds somebody at once, or nobody who could."""
    shift = Shift(draw(agents), engine)
    shift.employ(round(agents * (1 - idle)))
    return shift


def acquaint(engine: Engine) -> None:
    """As after some hours: which lines an agent's skills serve has been worked out for every agent."""
    state = engine.state
    for agent in state.roster.agents.values():
        for mask in range(1, 1 << len(agent.status)):
            best_contact(state.roster, state.lines, agent, mask, state.now_ms)
