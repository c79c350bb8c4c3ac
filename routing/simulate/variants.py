"""What could be otherwise: one agent more, one skill taught, another cap of the head start.

A variant is named by plain values, so that it can be sent to another process, and made there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from msgspec.structs import replace as changed

from routing.events import AgentRemoved, AgentUpserted, Event, PresenceSet, ReachabilitySet
from routing.rules.ruleset import RuleSet
from routing.simulate.day import Day
from routing.types import AgentId, AgentSkill, SkillId

TAUGHT_LEVEL = 60
"""What somebody is after a course: good enough for steps that ask for a middling level."""


@dataclass(frozen=True, slots=True)
class Variant:
    """`rules` "a" or "b" as they are, or with one thing changed. `cap_s` in seconds."""

    rules: Literal["a", "b"]
    kind: Literal["as_is", "agent", "skill", "cap"] = "as_is"
    pool: str = ""
    skill: str = ""
    cap_s: int = 0


def make(variant: Variant, bodies: Mapping[str, Any], day: Day) -> tuple[RuleSet, Day]:
    """Rules and day of the variant. bodies: by "a" and "b" the JSON of the rule sets, known to be right."""
    body = bodies[variant.rules]
    match variant.kind:
        case "agent":
            day = _one_more(day, variant.pool)
        case "skill":
            day = _taught(day, variant.pool, AgentSkill(SkillId(variant.skill), TAUGHT_LEVEL))
        case "cap":
            body = capped(body, variant.cap_s)
        case "as_is":
            pass
    return RuleSet(body), day


def capped(body: Any, cap_s: int) -> Any:
    """The rule set with this cap of the head start in every queue, and no rule that sets another."""
    copy = json.loads(json.dumps(body))
    for queue in copy["queues"]:
        queue["head_start_max_s"] = cap_s
    for outcome in (*(rule["then"] for rule in copy.get("rules", [])), copy["default"]):
        outcome.pop("head_start_cap_s", None)
    return copy


def skills_by_pool(day: Day) -> dict[str, set[SkillId]]:
    """The skills that every agent of a pool has."""
    found: dict[str, set[SkillId]] = {}
    for event in day.staff:
        if isinstance(event, AgentUpserted):
            own = {skill.skill for skill in event.skills}
            pool = day.pools.get(event.agent, event.agent)
            found[pool] = found.get(pool, own) & own
    return found


def _one_more(day: Day, pool: str) -> Day:
    """One who does as the first agent of the pool does."""
    model = next(agent for agent, own in day.pools.items() if own == pool)
    fresh = AgentId(f"{pool}-more")
    staff: list[Event] = []
    for event in day.staff:
        staff.append(event)
        if _is_about(event, model):
            staff.append(changed(event, agent=fresh))
    habits = {**day.habits, fresh: day.habits[model]}
    return replace(day, staff=staff, habits=habits, pools={**day.pools, fresh: pool})


def _taught(day: Day, pool: str, lesson: AgentSkill) -> Day:
    """Everybody of the pool who does not have the skill learns it."""
    staff: list[Event] = []
    for event in day.staff:
        if isinstance(event, AgentUpserted) and day.pools.get(event.agent, event.agent) == pool:
            others = tuple(skill for skill in event.skills if skill.skill != lesson.skill)
            known = len(others) < len(event.skills)
            staff.append(event if known else changed(event, skills=(*others, lesson)))
        else:
            staff.append(event)
    return replace(day, staff=staff)


def _is_about(event: Event, agent: AgentId) -> bool:
    about = AgentUpserted | AgentRemoved | PresenceSet | ReachabilitySet
    return isinstance(event, about) and event.agent == agent
