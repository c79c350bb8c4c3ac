"""A rule set: the one place where it is decided which queue, skills and plan a contact gets.

Body (JSON):
`{name?, skills: [{id, name}], queues: [{id, name, needs?, policy?, head_start_max_s?, sl_target_s?}],
rules: [{id, name, when, then}], default}` where `then` and `default` are
`{queue, needs?, steps?, end, head_start_cap_s?}`. The first rule whose `when` holds decides. `needs` are
`{skill, min_level}`, steps `{needs?, agent?: last|preferred, for_s?}`; conditions are in `compile.py`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from routing.rules.compile import Facts
from routing.rules.parse import DEFAULT_RULE, Outcome, Parts, parse
from routing.rules.problems import Problem, Reader
from routing.types import AgentId, QueueId, QueueSpec, RoutePlan, RuleId, SkillId, SkillNeed, Step

__all__ = ["Problem", "Routing", "RuleSet", "RuleSetError", "check", "content_hash", "head_start_ms"]

PREFERRED_AGENT_FACT = "preferred_agent"
"""The fact that names the agent whom a step with `agent: preferred` means."""


class RuleSetError(Exception):
    """The body has mistakes: all of them in `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Routing:
    """What the rules decide about a contact. The cap is in milliseconds, within the queue's own."""

    rule: RuleId
    queue: QueueId
    plan: RoutePlan
    head_start_cap_ms: int


class RuleSet:
    """A checked, compiled, immutable rule set."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        """Raises RuleSetError, naming every mistake, when the body is not fit to publish."""
        reader = Reader()
        parts = parse(body, reader)
        if reader.problems or parts.default is None:
            raise RuleSetError(reader.problems)
        self._parts: Parts = parts
        self._default: Outcome = parts.default
        self.body = body
        self.hash = content_hash(body)

    def route(self, facts: Facts, last_agent: AgentId | None) -> Routing:
        """Decide by the first rule that matches, else by the default. Never raises.

        facts: by field name, see `schema.py`; what is missing is null. `preferred_agent` may name an agent.
        last_agent: whoever served this customer last, if known; steps for an unknown agent are left out.
        """
        for rule in self._parts.rules:
            if rule.applies(facts):
                return self._routing(rule.rule, rule.outcome, facts, last_agent)
        return self._routing(DEFAULT_RULE, self._default, facts, last_agent)

    def queue_specs(self) -> tuple[QueueSpec, ...]:
        """The queues in the order of the body."""
        return tuple(self._parts.queues.values())

    def queue_spec(self, queue: QueueId) -> QueueSpec | None:
        return self._parts.queues.get(queue)

    def skills(self) -> dict[SkillId, str]:
        """Name by skill."""
        return dict(self._parts.skills)

    def rule_name(self, rule: RuleId) -> str:
        """The name that people gave the rule; its id when it is none of ours."""
        names = {known.rule: known.name for known in self._parts.rules}
        return names.get(rule, rule)

    def _routing(self, rule: RuleId, outcome: Outcome, facts: Facts, last_agent: AgentId | None) -> Routing:
        preferred = facts.get(PREFERRED_AGENT_FACT)
        named = {
            "last": last_agent,
            "preferred": AgentId(preferred) if isinstance(preferred, str) and preferred else None,
        }
        steps = []
        for template in outcome.steps:
            agent = named[template.agent] if template.agent is not None else None
            if template.agent is None or agent is not None:
                steps.append(Step(_joined(outcome.needs, template.needs), agent, template.duration_ms))
        spec = self._parts.queues[outcome.queue]
        cap_ms = spec.head_start_max_ms
        if outcome.head_start_cap_ms is not None:
            cap_ms = min(cap_ms, outcome.head_start_cap_ms)
        return Routing(rule, outcome.queue, RoutePlan(tuple(steps) or (Step(),), outcome.end), cap_ms)


def check(body: object) -> list[Problem]:
    """Every mistake of a body, in reading order; empty when it may be published."""
    reader = Reader()
    parse(body, reader)
    return reader.problems


def content_hash(body: object) -> str:
    """SHA-256 (hex) of the body's canonical JSON: sorted keys, no spaces, ASCII with escapes."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def head_start_ms(value: int, cap_ms: int) -> int:
    """Return how much earlier a customer of this value counts as having come.

    value: percentile 0-100; outside it is clamped.  cap_ms: >= 0, what the most valuable customer gets.
    `cap * ((p - 0.5) / 0.5) ** 2` above the median and nothing below, in whole milliseconds.
    """
    above = min(max(value, 0), 100) - 50
    return max(cap_ms, 0) * above * above // 2500 if above > 0 else 0


def _joined(rule: tuple[SkillNeed, ...], step: tuple[SkillNeed, ...]) -> tuple[SkillNeed, ...]:
    """The rule's needs and the step's, the higher level where both name a skill."""
    levels: dict[SkillId, int] = {}
    for need in (*rule, *step):
        levels[need.skill] = max(levels.get(need.skill, 0), need.min_level)
    return tuple(SkillNeed(skill, level) for skill, level in sorted(levels.items()))
