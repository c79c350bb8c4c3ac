"""The systems of theory as days and rule sets for the simulator, and its runs over seeds."""

from collections.abc import Sequence
from math import sqrt
from typing import Any

from routing.rules.ruleset import RuleSet
from routing.simulate.day import Day, described
from routing.simulate.run import simulate
from routing.simulate.scenario_reading import read_scenario
from routing.simulate.tally import Tally

Json = dict[str, Any]

MONTH_S = 30 * 86_400


def clock(seconds: float) -> str:
    """Seconds since midnight as a time of day."""
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def exponential(mean_s: float) -> Json:
    return {"kind": "exponential", "mean_s": mean_s}


def stream(name: str, per_s: float, contacts: int, handle: Json, **more: Any) -> Json:
    """So many calls at this rate, on average, from midnight on."""
    interval = {"from": "00:00", "to": clock(contacts / per_s), "per_hour": per_s * 3600}
    return {"id": name, "channel": "voice", "arrivals": [interval], "handle": handle, **more}


def group(name: str, count: int, skills: dict[str, int], **more: Any) -> Json:
    """Agents who are always there and answer at once."""
    shift = {"from": "00:00", "to": clock(8_999 * 3600)}
    return {"id": name, "count": count, "skills": skills, "shifts": [shift], **more}


def queue(name: str, *, cap_s: float = 0, target_s: float = 20, **more: Any) -> Json:
    """Without wrap-up, so that a service time is just the handle time."""
    policy = {"wrap_up_s": 0, "delivery_s": 0}
    return {
        "id": name,
        "name": name,
        "policy": policy,
        "head_start_max_s": cap_s,
        "sl_target_s": target_s,
        **more,
    }


def one_queue(cap_s: float = 0, **more: Any) -> Json:
    """One queue for everybody."""
    return {"queues": [queue("all", cap_s=cap_s, **more)], "default": {"queue": "all", "end": "hold"}}


def by_menu(skills: Sequence[str], queues: Sequence[Json]) -> Json:
    """Who chose a word in the menu comes into the queue of that name and needs the skill of that name."""
    rules = [
        {
            "id": skill,
            "name": skill,
            "when": {"combinator": "and", "rules": [{"field": "ivr.kind", "operator": "=", "value": skill}]},
            "then": {"queue": skill, "needs": [{"skill": skill}], "end": "hold"},
        }
        for skill in skills
    ]
    return {
        "skills": [{"id": skill, "name": skill} for skill in skills],
        "queues": list(queues),
        "rules": rules,
        "default": {"queue": skills[0], "end": "hold"},
    }


def day_of(scenario: Json) -> Day:
    return described(read_scenario(scenario))


def runs(rules: Json, scenario: Json, seeds: int) -> list[Tally]:
    """One run for each seed."""
    rule_set, day = RuleSet(rules), day_of(scenario)
    return [simulate(rule_set, day, seed) for seed in range(1, seeds + 1)]


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def error_of(values: Sequence[float]) -> float:
    """Standard error of the mean; 0 for one value."""
    if len(values) < 2:
        return 0.0
    centre = mean(values)
    return sqrt(sum((value - centre) ** 2 for value in values) / (len(values) - 1) / len(values))
