"""What a rule set decides about visits, remembered: many visits are alike in all that the rules ask about."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from routing.rules.ruleset import Routing, RuleSet
from routing.simulate.day import Visit, hour, weekday
from routing.target import meets, target_of
from routing.types import Step

_FACTS_OF_THE_MOMENT: dict[str, Callable[[Visit, int], object]] = {
    "tier": lambda visit, _: visit.tier,
    "value": lambda visit, _: visit.value,
    "loyalty": lambda visit, _: visit.loyalty,
    "hour": lambda _, local_ms: hour(local_ms),
    "weekday": lambda _, local_ms: weekday(local_ms),
}
"""What is not of the kind of a visit, by the field that a rule may ask for."""


@dataclass(slots=True, eq=False)
class Line:
    """Visits that wait under the same plan in the same queue, in order of arrival; stale ones included."""

    waiting: deque[Any] = field(default_factory=deque)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """`line` is None where a step names an agent or narrows the target: then not everybody who is asked could
    take the others.
    """

    routing: Routing
    line: Line | None


class Router:
    """One rule set's answers. Deciding is the same as asking the rule set each time."""

    def __init__(self, rules: RuleSet, zone_ms: int) -> None:
        asked = set(_fields(rules.body))
        self._rules = rules
        self._zone_ms = zone_ms
        self._tells_apart = [fact for name, fact in _FACTS_OF_THE_MOMENT.items() if name in asked]
        if rules.body.get("calendars"):
            self._tells_apart.append(lambda visit, _: visit.at_ms)
        self._leads: dict[tuple[int, int, int], int] = {}
        self._routes: dict[tuple[object, ...], Route] = {}
        self._lines: dict[tuple[object, ...], Line] = {}

    def route(self, visit: Visit) -> Route:
        """Queue, plan and cap for the visit at the time of its arrival."""
        local_ms = visit.at_ms + self._zone_ms
        key = (visit.kind.index, visit.last_agent, *[fact(visit, local_ms) for fact in self._tells_apart])
        found = self._routes.get(key)
        if found is None:
            found = self._routes[key] = self._ask(visit, local_ms)
        return found

    def head_start_ms(self, visit: Visit, route: Route) -> int:
        """What the customer's value and loyalty buy."""
        key = (visit.value, visit.loyalty, route.routing.head_start_cap_ms)
        found = self._leads.get(key)
        if found is None:
            found = self._leads[key] = self._rules.head_start_ms(*key)
        return found

    def _ask(self, visit: Visit, local_ms: int) -> Route:
        facts = {
            **visit.kind.facts,
            "channel": str(visit.kind.channel),
            "tier": visit.tier or None,
            "value": visit.value,
            "loyalty": visit.loyalty,
            "hour": hour(local_ms),
            "weekday": weekday(local_ms),
        }
        routing = self._rules.route(facts, visit.last_agent, now_ms=visit.at_ms)
        if not _widens(routing.plan.steps):
            return Route(routing, None)
        alike = (routing.queue, routing.plan, visit.kind.channel)
        return Route(routing, self._lines.setdefault(alike, Line()))


def _widens(steps: tuple[Step, ...]) -> bool:
    """Whether whoever may be asked in a step may be asked in every later one."""
    targets = [target_of(step.needs, step.any_of) for step in steps]
    return all(step.agent is None for step in steps) and all(
        meets(dict(needs), later) for target, later in pairwise(targets) for needs in target
    )


def _fields(tree: object) -> Iterator[str]:
    """The names of all facts that a body's conditions ask about."""
    if isinstance(tree, dict):
        if isinstance(tree.get("field"), str):
            yield tree["field"]
        for part in tree.values():
            yield from _fields(part)
    elif isinstance(tree, list):
        for part in tree:
            yield from _fields(part)
