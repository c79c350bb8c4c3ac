"""Small days and rule sets for the simulator's tests."""

from typing import Any

from routing.rules.ruleset import RuleSet
from routing.simulate.day import Day, described
from routing.simulate.run import simulate
from routing.simulate.scenario_reading import read_scenario
from routing.simulate.tally import Tally

Json = dict[str, Any]


def constant(seconds: float) -> Json:
    return {"kind": "constant", "mean_s": seconds}


def exponential(seconds: float) -> Json:
    return {"kind": "exponential", "mean_s": seconds}


def stream(name: str = "calls", **changes: Any) -> Json:
    """About sixty calls in an hour, a minute each."""
    return {
        "id": name,
        "channel": "voice",
        "arrivals": [{"from": "08:00", "to": "09:00", "per_hour": 60}],
        "handle": exponential(60),
        **changes,
    }


def group(name: str = "team", count: int = 2, **changes: Any) -> Json:
    return {"id": name, "count": count, "shifts": [{"from": "08:00", "to": "10:00"}], **changes}


def scenario(*streams: Json, agents: list[Json] | None = None, **changes: Any) -> Json:
    return {"streams": list(streams) or [stream()], "agents": agents or [group()], **changes}


def body(*, wrap_up_s: float = 0, cap_s: float = 0, **changes: Any) -> Json:
    """One queue for everybody."""
    queue = {
        "id": "all",
        "name": "Everybody",
        "policy": {"wrap_up_s": wrap_up_s, "ring_s": 20, "delivery_s": 2, "exclusion_s": 60},
        "head_start_max_s": cap_s,
        "sl_target_s": 20,
        **changes,
    }
    return {
        "name": "One queue",
        "skills": [{"id": "english", "name": "English"}, {"id": "chinese", "name": "Chinese"}],
        "queues": [queue],
        "default": {"queue": "all", "end": "hold"},
    }


def day(*streams: Json, **changes: Any) -> Day:
    return described(read_scenario(scenario(*streams, **changes)))


def play(rules: Json, played: Day, seed: int = 1) -> Tally:
    return simulate(RuleSet(rules), played, seed)
