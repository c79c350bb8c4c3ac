"""Queues whose numbers are known exactly, worked out here without the engine: Erlang-C, Erlang-A, chains.

Rates are per second, spans in seconds.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import exp
from typing import TypeVar

State = TypeVar("State")

QUEUE_MAX = 400
STEP_S = 0.05
TOLERANCE = 1e-12
SWEEPS_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Waiting:
    """`served_in`: share of all who come that is served within T; `asa`: mean wait of the served."""

    waits: float
    asa: float
    served_in: float
    leaves: float = 0.0


def erlang_c(agents: int, arrival: float, service: float, target: float) -> Waiting:
    """M/M/n: nobody leaves."""
    load = arrival / service
    term, below = 1.0, 0.0
    for busy in range(agents):
        below += term
        term *= load / (busy + 1)
    above = term * agents / (agents - load)
    waits = above / (below + above)
    spare = agents * service - arrival
    return Waiting(waits, waits / spare, 1 - waits * exp(-spare * target))


def erlang_a(agents: int, arrival: float, service: float, leaving: float, target: float) -> Waiting:
    """M/M/n+M: who waits leaves at the rate `leaving`."""
    weights = [1.0]
    for here in range(1, agents + QUEUE_MAX):
        waiting = max(here - agents, 0)
        weights.append(weights[-1] * arrival / (min(here, agents) * service + waiting * leaving))
    whole = sum(weights)
    found = [weight / whole for weight in weights]
    in_line = sum(share * (here - agents) for here, share in enumerate(found) if here > agents)
    soon = _served_within(agents * service, leaving, target)
    waited = _waited_if_served(agents * service, leaving)
    at_once = sum(found[:agents])
    leaves = in_line * leaving / arrival
    return Waiting(
        waits=1 - at_once,
        asa=sum(share * waited[ahead] for ahead, share in enumerate(found[agents:])) / (1 - leaves),
        served_in=at_once + sum(share * soon[ahead] for ahead, share in enumerate(found[agents:])),
        leaves=leaves,
    )


def _served_within(all_busy: float, leaving: float, target: float) -> list[float]:
    """By how many are ahead: the chance to be served within `target` (Runge-Kutta)."""
    rates = [all_busy + ahead * leaving for ahead in range(QUEUE_MAX)]

    def slope(soon: list[float]) -> list[float]:
        before = [1.0, *soon[:-1]]
        return [
            rate * (ahead - here) - leaving * here
            for rate, ahead, here in zip(rates, before, soon, strict=True)
        ]

    def moved(soon: list[float], by: list[float], step: float) -> list[float]:
        return [here + step * change for here, change in zip(soon, by, strict=True)]

    soon = [0.0] * QUEUE_MAX
    for _ in range(round(target / STEP_S)):
        first = slope(soon)
        second = slope(moved(soon, first, STEP_S / 2))
        third = slope(moved(soon, second, STEP_S / 2))
        fourth = slope(moved(soon, third, STEP_S))
        soon = [
            here + STEP_S / 6 * (a + 2 * b + 2 * c + d)
            for here, a, b, c, d in zip(soon, first, second, third, fourth, strict=True)
        ]
    return soon


def _waited_if_served(all_busy: float, leaving: float) -> list[float]:
    """By how many are ahead: the mean wait, counted as nothing where the customer leaves."""
    waited = []
    last_served, last_waited = 1.0, 0.0
    for ahead in range(QUEUE_MAX):
        forward = all_busy + ahead * leaving
        whole = forward + leaving
        last_waited = forward / whole * (last_served / whole + last_waited)
        last_served = forward / whole * last_served
        waited.append(last_waited)
    return waited


def stationary(
    start: State, moves: Callable[[State], Iterable[tuple[State, float]]]
) -> Mapping[State, float]:
    """The long-run share of time in each state that can be reached, by Gauss-Seidel sweeps.

    moves: from a state to (next state, rate) pairs.
    """
    place = {start: 0}
    order = [start]
    into: list[list[tuple[int, float]]] = [[]]
    out = [0.0]
    for here, state in enumerate(order):  # `order` grows while it is read
        for following, rate in moves(state):
            if following not in place:
                place[following] = len(order)
                order.append(following)
                into.append([])
                out.append(0.0)
            into[place[following]].append((here, rate))
            out[here] += rate
    shares = [1.0 / len(order)] * len(order)
    for _ in range(SWEEPS_MAX):
        change = 0.0
        for here, sources in enumerate(into):
            share = 0.0
            for source, rate in sources:
                share += shares[source] * rate
            share /= out[here]
            change += abs(share - shares[here])
            shares[here] = share
        whole = sum(shares)
        shares = [share / whole for share in shares]
        if change < TOLERANCE:
            return dict(zip(order, shares, strict=True))
    raise AssertionError("the chain does not settle")
