"""Rules: one condition of three clauses against a plain lambda, and five hundred rules with their index.

Both sides of the first read the same prepared row, and all must answer as a plain look at the facts does. Of
the five hundred rules most ask for a dialled number and some for ranges only, which no index can file; what
it takes to prepare a contact's facts counts there. It is stated in microseconds and, because machines differ,
in look-ups of a plain dictionary too. Rounds take turns; the median counts.
"""

import time
from collections.abc import Callable
from random import Random
from statistics import median
from typing import Any

from bench.report import show
from routing.rules.compile import compile_condition
from routing.rules.facts import Facts, Row, Slots
from routing.rules.problems import Reader
from routing.rules.ruleset import RuleSet

ROUNDS = 9
CONTACTS = 2_000
TURNS = 5
"""How often each round goes over all contacts."""
RULES = 500
OPEN_EACH = 25
"""One rule in so many asks for ranges only."""
RULES_MAX_US = 5.0
LOOK_UPS_MAX = 125
"""As many as fit into 5 µs at 40 ns, which is what one takes on a quiet machine."""

TIERS = ("platinum", "gold", "silver", "bronze")
CHANNELS = ("voice", "chat", "sms", "email")
LANGUAGES = ("en", "zh", "de", "fr")
_TIERS, _CHANNELS = frozenset(TIERS[:3]), frozenset(("voice", "chat", "email"))
THREE_CLAUSES = {
    "combinator": "and",
    "rules": [
        {"field": "tier", "operator": "in", "value": sorted(_TIERS)},
        {"field": "channel", "operator": "in", "value": sorted(_CHANNELS)},
        {"field": "value", "operator": ">=", "value": 20},
    ],
}
"""Half of the contacts of this bench meet it, so every clause is often asked."""


def drawn(contacts: int, seed: int = 1) -> list[Facts]:
    """The facts of so many contacts; each dialled one of as many numbers as there are rules."""
    random = Random(seed)
    return [
        {
            "channel": random.choice(CHANNELS),
            "dialled": dialled(random.randrange(RULES)),
            "language": random.choice(LANGUAGES),
            "tier": random.choice(TIERS),
            "value": random.randrange(101),
            "loyalty": random.randrange(101),
            "hour": random.randrange(24),
        }
        for _ in range(contacts)
    ]


def dialled(number: int) -> str:
    """The number that a rule asks for."""
    return f"+44{number:04d}"


def five_hundred() -> RuleSet:
    """A rule for most dialled numbers, and a few rules between them that ask for none."""
    rules = [
        {
            "id": f"rule-{number}",
            "name": f"Rule {number}",
            "when": {"combinator": "and", "rules": _clauses(number)},
            "then": {"queue": "all", "end": "hold"},
        }
        for number in range(RULES)
    ]
    return RuleSet(
        {
            "skills": [],
            "queues": [{"id": "all", "name": "All"}],
            "rules": rules,
            "default": {"queue": "all", "end": "hold"},
        }
    )


def _clauses(number: int) -> list[dict[str, object]]:
    if number % OPEN_EACH == 0:
        return [
            {"field": "loyalty", "operator": ">=", "value": 99},
            {"field": "hour", "operator": "<", "value": number // OPEN_EACH},
        ]
    return [
        {"field": "dialled", "operator": "=", "value": dialled(number)},
        {"field": "value", "operator": ">=", "value": number % 50},
    ]


def by_looking(facts: Facts) -> int:
    """The position of the rule that decides, found without any rule set."""
    value, loyalty, hour = (int(str(facts[name])) for name in ("value", "loyalty", "hour"))
    for number in range(RULES):
        if number % OPEN_EACH == 0:
            if loyalty >= 99 and hour < number // OPEN_EACH:
                return number
        elif facts["dialled"] == dialled(number) and value >= number % 50:
            return number
    return RULES


def three_clauses() -> None:
    """Print how many answers of a condition fit into the time of a lambda's."""
    facts = drawn(CONTACTS)
    reader, slots = Reader(), Slots()
    holds = compile_condition(THREE_CLAUSES, "", reader, slots).holds
    rows = [slots.prepare(own) for own in facts]
    tier, channel, value = (slots.names().index(name) for name in ("tier", "channel", "value"))
    plain: Callable[[Row], bool] = lambda row: (  # noqa: E731
        row[tier] in _TIERS and row[channel] in _CHANNELS and row[value] >= 20
    )
    expected = [
        own["tier"] in _TIERS and own["channel"] in _CHANNELS and int(str(own["value"])) >= 20
        for own in facts
    ]
    if reader.problems or list(map(holds, rows)) != expected or list(map(plain, rows)) != expected:
        raise RuntimeError("the condition, the lambda and the facts do not agree")
    ours, reference = by_turns(lambda: _each(holds, rows), lambda: _each(plain, rows))
    answers = CONTACTS * TURNS
    show("rules_three_clauses", "answers/s", answers / ours, answers / reference, ">= 0.3")


def indexed() -> None:
    """Print what preparing a contact's facts and finding its rule among five hundred takes."""
    facts, rules = drawn(CONTACTS), five_hundred()
    if [rules.first_match(rules.prepare(own)) for own in facts] != [by_looking(own) for own in facts]:
        raise RuntimeError("the index and a plain look do not find the same rules")
    numbers = [str(own["dialled"]) for own in facts]
    known = dict.fromkeys(numbers, 0)
    ours, reference = by_turns(
        lambda: _each(lambda own: rules.first_match(rules.prepare(own)), facts),
        lambda: _each(known.__getitem__, numbers),
    )
    contacts = CONTACTS * TURNS
    ours_us, look_up_us = 1e6 * ours / contacts, 1e6 * reference / contacts
    show("rules_500", "us", ours_us, RULES_MAX_US, f"<= {RULES_MAX_US:g} us", of_ratio=False)
    show("rules_500_in_look_ups", "us", ours_us, look_up_us, f"<= {LOOK_UPS_MAX}")


def by_turns(ours: Callable[[], None], reference: Callable[[], None]) -> tuple[float, float]:
    """Median CPU seconds of each over the rounds."""
    found: tuple[list[int], list[int]] = ([], [])
    for _ in range(ROUNDS):
        for side, work in zip(found, (ours, reference), strict=True):
            began = time.thread_time_ns()
            work()
            side.append(time.thread_time_ns() - began)
    return median(found[0]) / 1e9, median(found[1]) / 1e9


def _each(ask: Callable[[Any], object], contacts: list[Any]) -> None:
    for _ in range(TURNS):
        for contact in contacts:
            ask(contact)


def main() -> None:
    """Print the three lines of this bench."""
    three_clauses()
    indexed()


if __name__ == "__main__":
    main()
