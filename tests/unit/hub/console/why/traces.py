"""Traces as the engine makes them, and the names of a small company, for golden sentences."""

from typing import Any

from hub.console.why.names import Names, SetNames
from routing.commands import Candidate, DecisionTrace, Lead, ScorePart, WaitTrace
from routing.types import AgentId, ContactId, QueueId

NOW_MS = 1_790_000_000_000
HASH = "3f2a91c0" + "0" * 56
NAMES = Names(
    agents={"a": "Mia Ortiz", "b": "陈伟", "c": "Ben Okafor", "d": "Ana Sousa", "e": "Kai Berg"},
    queues={"q": "Orders"},
    sets={HASH: SetNames("Shop", {"vip": "Premium customer"}, {"q": "Orders"}, {"french": "French"})},
)


def scored(agent: str, **parts: float) -> Candidate:
    summands = tuple(ScorePart(name, value) for name, value in parts.items())
    return Candidate(AgentId(agent), sum(parts.values()), summands)


MIA = scored("a", skill_fit=160, value_expertise=72, continuity=150, load=-40, idleness=3)
WEI = scored("b", skill_fit=180, value_expertise=81, continuity=0, load=0, idleness=10)


def lead(**changes: Any) -> Lead:
    values: dict[str, Any] = {
        "lead_ms": 45_000,
        "head_start_ms": 30_000,
        "boost_ms": 15_000,
        "cap_ms": 120_000,
        "target_ms": 0,
        "overtook_ms": 0,
        "overtaken": None,
        "bound_ms": 120_000,
    }
    return Lead(**{**values, **changes})


def decided(**changes: Any) -> DecisionTrace:
    values: dict[str, Any] = {
        "regime": "contact_picks_agent",
        "rule_set": HASH,
        "rule": "vip",
        "queue": QueueId("q"),
        "step": 1,
        "waited_ms": 72_000,
        "head_start_ms": 30_000,
        "key_ms": 0,
        "value": 90,
        "loyalty": 64,
        "chosen": MIA,
        "runner_up": WEI,
        "excluded": (("busy", 2), ("not_in_target", 9), ("offline", 1)),
        "candidates": (MIA, WEI),
        "margin": MIA.score - WEI.score,
        "lead": lead(overtook_ms=40_000, overtaken=ContactId("x")),
    }
    return DecisionTrace(**{**values, **changes})


def waits(**changes: Any) -> WaitTrace:
    values: dict[str, Any] = {
        "contact": ContactId("k"),
        "rule_set": HASH,
        "rule": "vip",
        "queue": QueueId("q"),
        "step": 0,
        "steps": 3,
        "step_until_ms": NOW_MS + 25_000,
        "waited_ms": 72_000,
        "key_ms": 0,
        "value": 90,
        "loyalty": 64,
        "target": 3,
        "excluded": (("aux", 1), ("busy", 2), ("not_in_target", 1)),
        "ahead": 2,
        "waiting": 7,
        "expected": None,
        "lead": lead(),
        "changes": (),
    }
    return WaitTrace(**{**values, **changes})
