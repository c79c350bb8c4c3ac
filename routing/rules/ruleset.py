"""A rule set: the one place where it is decided which queue, skills and plan a contact gets.

Body (JSON): `{name?, skills: [{id, name}], calendars?: [...], queues: [...], weights?: {value?, loyalty?},
rules: [{id, name, when, then}], default}`. The first rule whose `when` holds decides. `then` and `default`
are `{queue, needs?, any_of?, prefers?, steps?, end, overflow_to?, offers_max?, head_start_cap_s?}`, where
`needs` are `{skill, min_level?}`, `any_of` lists of such needs, `prefers` `{skill, min_level?, points?}` and
steps `{needs?, any_of?, prefers?, agent?: last|preferred|owner, for_s?, narrow?}`. Conditions are in
`compile.py`, queues in `queues.py`, calendars in `calendar.py`. Everything is in one hash.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from routing.rules.facts import Facts, Row
from routing.rules.index import index_of
from routing.rules.parse import DEFAULT_RULE, Outcome, Parts, parse
from routing.rules.plans import Agents, StepAgent
from routing.rules.problems import Problem, Reader
from routing.rules.queues import ClosedEnd
from routing.rules.schema import CALENDAR_PREFIX, Hours
from routing.rules.weights import head_start_ms
from routing.types import (
    AgentId,
    Channel,
    PlanEnd,
    QueueId,
    QueueSpec,
    RoutePlan,
    RuleId,
    SkillId,
    Step,
)

__all__ = ["Problem", "Routing", "RuleSet", "RuleSetError", "check", "content_hash", "head_start_ms"]

PREFERRED_AGENT_FACT = "preferred_agent"
"""The fact that names the agent whom a step with `agent: preferred` means."""
CASE_OWNER_FACT = "case_owner"
"""The fact that names the agent whom a step with `agent: owner` means: who has the customer's open case."""

_OPEN = (str(Hours.OPEN), "")
_AT_ONCE = (Step(duration_ms=0),)
"""A step whose time is up as it begins: the plan goes to its end without asking anybody."""
_PATIENT = (Channel.EMAIL, Channel.SMS)
"""Nobody is on the line, so these wait for the hours instead of being sent away."""


class RuleSetError(Exception):
    """The body has mistakes: all of them in `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Routing:
    """What the rules decide about a contact. The cap is in milliseconds, within the queue's own.

    `calendar`: what the hours of the queue that the rule named say: state (open, closed, holiday, emergency)
    and reason. `closed`: what then becomes of the contact; None when `queue`, perhaps another one that it was
    led to, is open. With TURN_AWAY it is not to be put in line; with VOICEMAIL and CALLBACK the plan ends so
    at once.
    """

    rule: RuleId
    queue: QueueId
    plan: RoutePlan
    head_start_cap_ms: int
    calendar: tuple[str, str] = _OPEN
    closed: ClosedEnd | None = None


class RuleSet:
    """A checked, compiled, immutable rule set."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        """Raises RuleSetError, naming every mistake, when the body is not fit to publish."""
        reader = Reader()
        parts = parse(body, reader)
        if reader.problems or parts.default is None:
            raise RuleSetError(reader.problems)
        self._parts: Parts = parts
        self._decisions = [self._decision(rule.rule, rule.outcome) for rule in parts.rules]
        self._decisions.append(self._decision(DEFAULT_RULE, parts.default))
        self._first = index_of([rule.condition for rule in parts.rules])
        self._asked_calendars = {
            name: parts.calendars[name.removeprefix(CALENDAR_PREFIX)]
            for name in parts.slots.names()
            if name.startswith(CALENDAR_PREFIX)
        }
        self.body = body
        self.hash = content_hash(body)
        self.names_owner = any(
            step.agent is StepAgent.OWNER for outcome, _ in self._decisions for step in outcome.plan.steps
        )
        """Whether a step of some rule asks for the owner of the open case."""

    def route(self, facts: Facts, last_agent: AgentId | None, *, now_ms: int | None = None) -> Routing:
        """Decide by the first rule that matches, else by the default. Never raises.

        facts: by field name, see `schema.py`; what is missing is null. `preferred_agent` and `case_owner` may
        name agents.  last_agent: whoever served this customer last, if known; steps for an unknown agent are
        left out.  now_ms: the instant for which calendars are asked; without it every queue counts as open
        and what calendars say is null.
        """
        outcome, routing = self._decisions[self.first_match(self.prepare(facts, now_ms))]
        if outcome.plan.whole is None:
            plan = outcome.plan.filled(_agents(facts, last_agent))
            routing = Routing(routing.rule, routing.queue, plan, routing.head_start_cap_ms)
        if now_ms is None or self._parts.queues[outcome.queue].hours is None:
            return routing
        return self._within_hours(routing, outcome, facts, now_ms)

    def prepare(self, facts: Facts, now_ms: int | None = None) -> Row:
        """The facts as conditions compare them, with what calendars say at `now_ms`."""
        if self._asked_calendars:
            facts = dict(facts)
            for name, calendar in self._asked_calendars.items():
                facts[name] = calendar.at(now_ms)[0] if now_ms is not None else None
        return self._parts.slots.prepare(facts)

    def first_match(self, row: Row) -> int:
        """The position of the first rule that holds of a prepared row; the number of rules if none does."""
        return self._first(row, len(self._decisions) - 1)

    def queue_specs(self) -> tuple[QueueSpec, ...]:
        """The queues in the order of the body."""
        return tuple(queue.spec for queue in self._parts.queues.values())

    def queue_spec(self, queue: QueueId) -> QueueSpec | None:
        known = self._parts.queues.get(queue)
        return None if known is None else known.spec

    def skills(self) -> dict[SkillId, str]:
        """Name by skill."""
        return dict(self._parts.skills)

    def rule_name(self, rule: RuleId) -> str:
        """The name that people gave the rule; its id when it is none of ours."""
        names = {known.rule: known.name for known in self._parts.rules}
        return names.get(rule, rule)

    def head_start_ms(self, value: int, loyalty: int, cap_ms: int) -> int:
        """What value and loyalty (0-100) buy by the weights of this set, at most `cap_ms`."""
        return head_start_ms(value, cap_ms, loyalty, self._parts.weights)

    def hours(self, queue: QueueId, now_ms: int) -> tuple[str, str]:
        """What the hours of the queue say at an instant: state and reason. Open without a calendar."""
        known = self._parts.queues.get(queue)
        if known is None or known.hours is None:
            return _OPEN
        return self._parts.calendars[known.hours.calendar].at(now_ms)

    def _within_hours(self, routing: Routing, outcome: Outcome, facts: Facts, now_ms: int) -> Routing:
        """Follow what the queues say of being closed; leads have no loops, that is checked when saving."""
        queue, plan = self._parts.queues[outcome.queue], routing.plan
        calendar = self.hours(queue.spec.queue, now_ms)
        state, closed = calendar, None
        while state[0] != Hours.OPEN and queue.hours is not None:
            closed = queue.hours.end
            if queue.hours.to is None:
                break
            queue = self._parts.queues[queue.hours.to]
            plan, closed = queue.spec.plan, None
            state = self.hours(queue.spec.queue, now_ms)
        channel = facts.get("channel")
        if closed is not None and isinstance(channel, str) and channel.casefold() in _PATIENT:
            closed = ClosedEnd.HOLD
        if closed is ClosedEnd.VOICEMAIL:
            plan = RoutePlan(_AT_ONCE, PlanEnd.VOICEMAIL)
        elif closed is ClosedEnd.CALLBACK:
            plan = RoutePlan(_AT_ONCE, PlanEnd.CALLBACK)
        ident = queue.spec.queue
        return Routing(routing.rule, ident, plan, self._cap_ms(outcome, ident), calendar, closed)

    def _decision(self, rule: RuleId, outcome: Outcome) -> tuple[Outcome, Routing]:
        """An outcome, and what comes of it when no agent is known: for most plans the answer to everybody."""
        plan = outcome.plan.filled(dict.fromkeys(StepAgent))
        return outcome, Routing(rule, outcome.queue, plan, self._cap_ms(outcome, outcome.queue))

    def _cap_ms(self, outcome: Outcome, queue: QueueId) -> int:
        cap_ms = self._parts.queues[queue].spec.head_start_max_ms
        return cap_ms if outcome.head_start_cap_ms is None else min(cap_ms, outcome.head_start_cap_ms)


def _agents(facts: Facts, last_agent: AgentId | None) -> Agents:
    return {
        StepAgent.LAST: last_agent or None,
        StepAgent.PREFERRED: _agent(facts.get(PREFERRED_AGENT_FACT)),
        StepAgent.OWNER: _agent(facts.get(CASE_OWNER_FACT)),
    }


def _agent(fact: object) -> AgentId | None:
    return AgentId(fact) if isinstance(fact, str) and fact else None


def check(body: object) -> list[Problem]:
    """Every mistake of a body, in reading order; empty when it may be published."""
    reader = Reader()
    parse(body, reader)
    return reader.problems


def content_hash(body: object) -> str:
    """SHA-256 (hex) of the body's canonical JSON: sorted keys, no spaces, ASCII with escapes."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
