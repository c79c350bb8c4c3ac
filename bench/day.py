"""A day of 50,000 contacts in the simulator: once, and over twenty seeds on two processors.

The company has 540 agents in three shifts, each with a few of sixty skills; calls and chats have peaks before
and after noon; customers of uneven value give up, agents reject and miss offers, steps widen.
One day is measured in the thread's own time, and in steps of a large heap taken between its runs; twenty days
as they are on the clock, with everything that `rapport simulate` does, starting its processes included, and
in processor time, which must fit into that on two processors even when neighbours take turns with us.
"""

import os
import time
from statistics import median
from typing import Any

from bench.report import show
from bench.yardstick import HeapSteps, cpu_ns
from hub import simulation
from routing.rules.ruleset import RuleSet
from routing.simulate.day import described
from routing.simulate.run import simulate
from routing.simulate.scenario_reading import read_scenario

Json = dict[str, Any]

CONTACTS = 50_000
TOLERANCE = 0.02
ROUNDS = 5
STEPS, STEP_TURNS = 4_000, 10
SEEDS = 20
JOBS = 2
DAY_MAX_S = 2.0
SEEDS_MAX_S = 25.0
STEPS_A_CONTACT_MAX = 45
"""As many as fit into 2 s / 50,000 at 0.9 µs, which is what one takes on a quiet machine."""

SKILLS = 60
SHAPE = (0.6, 0.85, 1.12, 1.22, 1.08, 0.9, 1.0, 1.2, 1.13, 0.9)
"""From eight in the morning, an hour each."""
FIRST_HOUR = 8
KINDS = (("voice", 0.7, 240), ("chat", 0.3, 400))
"""Channel, its share of the contacts, and how many seconds one takes on average."""
STAFF = (
    ("expert-whole", 150, 80, 4, 1, 8, 19),
    ("expert-early", 60, 80, 3, 7, 8, 14),
    ("expert-late", 60, 80, 3, 11, 12, 19),
    ("whole", 150, 50, 4, 1, 8, 19),
    ("early", 60, 50, 3, 7, 8, 14),
    ("late", 60, 50, 3, 11, 12, 19),
)
"""Group, agents, their level, how many skills each, which skills are neighbours, hours of the shift."""


def main() -> None:
    """Print the lines of this bench."""
    rules_body, day_body = rules(), day()
    one_day(rules_body, day_body)
    material = simulation.Material({"a": rules_body}, day_body)
    began, computed = time.perf_counter(), _computed_s()
    simulation.run(material, range(1, SEEDS + 1), JOBS, ())
    took_s, computed_s = time.perf_counter() - began, _computed_s() - computed
    show("day_20_seeds", "s", took_s, SEEDS_MAX_S, f"<= {SEEDS_MAX_S:g} s", of_ratio=False)
    cpu_max_s = JOBS * SEEDS_MAX_S
    show("day_20_seeds_cpu", "CPU s", computed_s, cpu_max_s, f"<= {cpu_max_s:g} s", of_ratio=False)


def _computed_s() -> float:
    """Processor time of this process and of those that it started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def one_day(rules_body: Json, day_body: Json) -> None:
    """The median over some seeds, in seconds and in steps of the heap."""
    rule_set, whole, steps = RuleSet(rules_body), described(read_scenario(day_body)), HeapSteps()
    seconds, step_us, contacts = [], [], []
    for seed in range(1, ROUNDS + 1):
        began = time.thread_time_ns()
        tally = simulate(rule_set, whole, seed)
        seconds.append((time.thread_time_ns() - began) / 1e9)
        taken_ns = sum(cpu_ns(lambda: steps.take(STEPS)) for _ in range(STEP_TURNS))
        step_us.append(taken_ns / (STEPS * STEP_TURNS) / 1e3)
        contacts.append(tally.total().offered)
    if not all(abs(count - CONTACTS) <= TOLERANCE * CONTACTS for count in contacts):
        raise RuntimeError(f"not the day that was described: {contacts} contacts came")
    a_contact_us = 1e6 * median(seconds) / CONTACTS
    show("day_50k", "s", median(seconds), DAY_MAX_S, f"<= {DAY_MAX_S:g} s", of_ratio=False)
    show("day_50k_in_steps", "us a contact", a_contact_us, median(step_us), f"<= {STEPS_A_CONTACT_MAX}")


def skill(number: int) -> str:
    """The name of a skill; after the last one comes the first."""
    return f"skill-{number % SKILLS}"


def rules() -> Json:
    """A queue for each channel, and a rule for each skill: who has it well, after a while anybody with it."""
    return {
        "name": "A day's rules",
        "skills": [{"id": skill(number), "name": f"Skill {number}"} for number in range(SKILLS)],
        "queues": [{"id": channel, "name": channel, "head_start_max_s": 120} for channel, _, _ in KINDS],
        "rules": [_rule(channel, skill(number)) for channel, _, _ in KINDS for number in range(SKILLS)],
        "default": {"queue": KINDS[0][0], "end": "hold"},
    }


def _rule(channel: str, topic: str) -> Json:
    conditions = [("channel", channel), ("ivr.topic", topic)]
    clauses = [{"field": name, "operator": "=", "value": value} for name, value in conditions]
    steps = [{"needs": [{"skill": topic, "min_level": 60}], "for_s": 20}, {"needs": [{"skill": topic}]}]
    return {
        "id": f"{channel}-{topic}",
        "name": f"{channel} about {topic}",
        "when": {"combinator": "and", "rules": clauses},
        "then": {"queue": channel, "steps": steps, "end": "hold"},
    }


def day() -> Json:
    """The described day."""
    return {
        "name": f"A day of {CONTACTS} contacts",
        "tiers": [{"tier": "gold", "from": 80}, {"tier": "silver", "from": 50}, {"tier": "basic", "from": 0}],
        "streams": [_stream(*kind, skill(number)) for kind in KINDS for number in range(SKILLS)],
        "agents": [_group(*group) for group in STAFF],
    }


def _stream(channel: str, share: float, handle_s: int, topic: str) -> Json:
    an_hour = CONTACTS * share / SKILLS / sum(SHAPE)
    return {
        "id": f"{channel}-{topic}",
        "channel": channel,
        "facts": {"ivr.topic": topic},
        "arrivals": [
            {"from": _clock(FIRST_HOUR + at), "to": _clock(FIRST_HOUR + at + 1), "per_hour": an_hour * part}
            for at, part in enumerate(SHAPE)
        ],
        "customers": [{"share": 1, "value": {"pareto": 1.16}}],
        "handle": {"kind": "lognormal", "mean_s": handle_s, "cv": 0.8},
        "patience": {"kind": "exponential", "mean_s": 300},
        "wrap_up": {"kind": "exponential", "mean_s": 20},
    }


def _group(name: str, count: int, level: int, each: int, stride: int, from_hour: int, to_hour: int) -> Json:
    ring = [skill(number * stride) for number in range(SKILLS)]
    return {
        "id": name,
        "count": count,
        "chain": {"skills": ring, "each": each, "level": level},
        "capacity": {"units": 3, "caps": {"voice": 1, "chat": 3}},
        "shifts": [{"from": _clock(from_hour), "to": _clock(to_hour)}],
        "accept": {"kind": "exponential", "mean_s": 4},
        "reject": 0.02,
        "miss": 0.01,
    }


def _clock(hour: int) -> str:
    return f"{hour:02d}:00"


if __name__ == "__main__":
    main()
