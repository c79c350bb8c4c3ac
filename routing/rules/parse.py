"""Turns the JSON body of a rule set into typed parts, noting every mistake on the way.

All spans in a body are seconds and end in `_s`; here they become milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from routing.rules.compile import Predicate, compile_condition
from routing.rules.problems import Reader, pointer, shown
from routing.types import OfferPolicy, PlanEnd, QueueId, QueueSpec, RuleId, SkillId, SkillNeed

SKILLS_MAX = 500
QUEUES_MAX = 500
RULES_MAX = 1_000
NEEDS_MAX = 10
STEPS_MAX = 10
DAY_S = 86_400
MONTH_S = 30 * DAY_S
DEFAULT_RULE = RuleId("default")

_ENDS = (PlanEnd.HOLD, PlanEnd.ANY_IN_QUEUE)
_QUEUE_DEFAULTS_MS = {"head_start_max_ms": 120_000, "sl_target_ms": 20_000}

StepAgent = Literal["last", "preferred"]

_POLICY_RANGES = {
    "ring_s": (1, DAY_S),
    "delivery_s": (0, 600),
    "setup_s": (1, 600),
    "wrap_up_s": (0, DAY_S),
    "exclusion_s": (1, DAY_S),
}


@dataclass(frozen=True, slots=True)
class StepTemplate:
    """A step before it is known which agent “last” or “preferred” is."""

    needs: tuple[SkillNeed, ...]
    agent: StepAgent | None
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule decides (the body's `then`)."""

    queue: QueueId
    needs: tuple[SkillNeed, ...]
    steps: tuple[StepTemplate, ...]
    end: PlanEnd
    head_start_cap_ms: int | None


@dataclass(frozen=True, slots=True)
class Rule:
    rule: RuleId
    name: str
    applies: Predicate
    outcome: Outcome


@dataclass(slots=True)
class Parts:
    """Everything of a body. Complete only when the reader has no problems."""

    skills: dict[SkillId, str] = field(default_factory=dict)
    queues: dict[QueueId, QueueSpec] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    default: Outcome | None = None


def parse(body: object, reader: Reader) -> Parts:
    """Read the whole body; mistakes go to the reader."""
    parts = Parts()
    top = reader.mapping(body, "", ("name", "skills", "queues", "rules", "default"))
    if "name" in top:
        reader.text(top["name"], "/name")
    for index, item in enumerate(reader.listing(top.get("skills", []), "/skills", count_max=SKILLS_MAX)):
        _skill(item, pointer("/skills", index), parts, reader)
    queues = reader.listing(top.get("queues"), "/queues", count_max=QUEUES_MAX)
    if not queues:
        reader.report("/queues", "At least one queue is needed.")
    for index, item in enumerate(queues):
        _queue(item, pointer("/queues", index), parts, reader)
    _rules(top.get("rules", []), parts, reader)
    if "default" in top:
        parts.default = _outcome(top["default"], "/default", parts, reader)
    else:
        reader.report("/default", "A default is needed: what happens to a contact that no rule matches.")
    return parts


def _skill(item: object, at: str, parts: Parts, reader: Reader) -> None:
    entry = reader.mapping(item, at, ("id", "name"))
    ident = reader.ident(entry.get("id"), pointer(at, "id"))
    name = reader.text(entry.get("name"), pointer(at, "name"))
    if ident is None:
        return
    if ident in parts.skills:
        reader.report(pointer(at, "id"), f"There are two skills called {ident}.")
    parts.skills[SkillId(ident)] = name or ident


def _queue(item: object, at: str, parts: Parts, reader: Reader) -> None:
    keys = ("id", "name", "needs", "policy", "head_start_max_s", "sl_target_s")
    entry = reader.mapping(item, at, keys)
    ident = reader.ident(entry.get("id"), pointer(at, "id"))
    name = reader.text(entry.get("name"), pointer(at, "name"))
    needs = _needs(entry.get("needs", []), pointer(at, "needs"), parts, reader)
    policy = _policy(entry.get("policy", {}), pointer(at, "policy"), reader)
    spans = dict(_QUEUE_DEFAULTS_MS)
    for key, low in (("head_start_max_s", 0), ("sl_target_s", 1)):
        if key in entry:
            span_ms = reader.span_ms(entry[key], pointer(at, key), low, MONTH_S)
            if span_ms is not None:
                spans[key.removesuffix("_s") + "_ms"] = span_ms
    if ident is None:
        return
    if ident in parts.queues:
        reader.report(pointer(at, "id"), f"There are two queues called {ident}.")
    queue = QueueId(ident)
    parts.queues[queue] = QueueSpec(
        queue,
        name or ident,
        needs,
        policy,
        head_start_max_ms=spans["head_start_max_ms"],
        sl_target_ms=spans["sl_target_ms"],
    )


def _policy(item: object, at: str, reader: Reader) -> OfferPolicy:
    entry = reader.mapping(item, at, _POLICY_RANGES)
    spans: dict[str, int] = {}
    for key, (low, high) in _POLICY_RANGES.items():
        if key in entry:
            span_ms = reader.span_ms(entry[key], pointer(at, key), low, high)
            if span_ms is not None:
                spans[key.removesuffix("_s") + "_ms"] = span_ms
    return OfferPolicy(**spans)


def _needs(items: object, at: str, parts: Parts, reader: Reader) -> tuple[SkillNeed, ...]:
    needs: dict[SkillId, SkillNeed] = {}
    for index, item in enumerate(reader.listing(items, at, count_max=NEEDS_MAX)):
        place = pointer(at, index)
        entry = reader.mapping(item, place, ("skill", "min_level"))
        ident = entry.get("skill")
        level = reader.whole(entry.get("min_level", 1), pointer(place, "min_level"), 1, 100)
        if not isinstance(ident, str) or ident not in parts.skills:
            reader.report(pointer(place, "skill"), f"There is no skill called {shown(ident)}.")
            continue
        skill = SkillId(ident)
        if skill in needs:
            reader.report(pointer(place, "skill"), f"The skill {ident} is asked for twice.")
        needs[skill] = SkillNeed(skill, level or 1)
    return tuple(needs.values())


def _rules(items: object, parts: Parts, reader: Reader) -> None:
    seen: dict[str, bool] = {}
    catch_all: str | None = None
    for index, item in enumerate(reader.listing(items, "/rules", count_max=RULES_MAX)):
        at = pointer("/rules", index)
        entry = reader.mapping(item, at, ("id", "name", "when", "then"))
        ident = reader.ident(entry.get("id"), pointer(at, "id"))
        name = reader.text(entry.get("name"), pointer(at, "name"))
        applies = compile_condition(entry.get("when"), pointer(at, "when"), reader)
        outcome = _outcome(entry.get("then"), pointer(at, "then"), parts, reader)
        if ident is not None and (ident in seen or ident == DEFAULT_RULE):
            other = "The default is called so." if ident == DEFAULT_RULE else f"There are two rules {ident}."
            reader.report(pointer(at, "id"), other)
        if catch_all is not None:
            reader.report(
                at, f"This rule is never reached, because {catch_all} before it matches everything."
            )
        if entry.get("when") is None and catch_all is None:
            catch_all = shown(ident)
        if ident is not None:
            seen[ident] = True
            if outcome is not None:
                parts.rules.append(Rule(RuleId(ident), name or ident, applies, outcome))


def _outcome(item: object, at: str, parts: Parts, reader: Reader) -> Outcome | None:
    entry = reader.mapping(item, at, ("queue", "needs", "steps", "end", "head_start_cap_s"))
    if not isinstance(item, dict):
        return None
    ident = entry.get("queue")
    if not isinstance(ident, str) or ident not in parts.queues:
        reader.report(pointer(at, "queue"), f"There is no queue called {shown(ident)}.")
    needs = _needs(entry.get("needs", []), pointer(at, "needs"), parts, reader)
    cap_ms: int | None = None
    if entry.get("head_start_cap_s") is not None:
        cap_ms = reader.span_ms(entry["head_start_cap_s"], pointer(at, "head_start_cap_s"), 0, MONTH_S)
    end = next((known for known in _ENDS if known == entry.get("end")), None)
    if end is None:
        names = " or ".join(_ENDS)
        reader.report(pointer(at, "end"), f"What happens after the last step must be said: {names}.")
    steps = _steps(entry, at, end, parts, reader)
    if end is None or not isinstance(ident, str):
        return None
    return Outcome(QueueId(ident), needs, steps, end, cap_ms)


def _steps(
    entry: Mapping[str, Any], at: str, end: PlanEnd | None, parts: Parts, reader: Reader
) -> tuple[StepTemplate, ...]:
    at = pointer(at, "steps")
    if "steps" not in entry:
        return (StepTemplate((), None, None),)
    items = reader.listing(entry["steps"], at, count_max=STEPS_MAX)
    if entry["steps"] == []:
        reader.report(at, "A plan needs at least one step; leave “steps” out for one open step.")
    steps = tuple(_step(item, pointer(at, index), parts, reader) for index, item in enumerate(items))
    for index, step in enumerate(steps):
        place, last = pointer(at, index), index == len(steps) - 1
        if not last and step.agent is None and step.duration_ms is None:
            reader.report(
                pointer(place, "for_s"), "Without a length the steps after this one are never reached."
            )
        if last and step.agent is not None and end is PlanEnd.HOLD:
            reader.report(
                place, "The last step may not wait for one agent alone: add a step, or any_in_queue."
            )
        if last and step.agent is None and step.duration_ms is None and end is PlanEnd.ANY_IN_QUEUE:
            reader.report(pointer(place, "for_s"), "Without a length the end any_in_queue is never reached.")
    _check_widening(steps, at, reader)
    return steps


def _step(item: object, at: str, parts: Parts, reader: Reader) -> StepTemplate:
    entry = reader.mapping(item, at, ("needs", "agent", "for_s"))
    needs = _needs(entry.get("needs", []), pointer(at, "needs"), parts, reader)
    agent: StepAgent | None = None
    match entry.get("agent"):
        case None:
            pass
        case "last":
            agent = "last"
        case "preferred":
            agent = "preferred"
        case other:
            reader.report(pointer(at, "agent"), f"This must be “last” or “preferred”, not {shown(other)}.")
    duration_ms: int | None = None
    if entry.get("for_s") is not None:
        duration_ms = reader.span_ms(entry["for_s"], pointer(at, "for_s"), 1, MONTH_S)
    return StepTemplate(needs, agent, duration_ms)


def _check_widening(steps: tuple[StepTemplate, ...], at: str, reader: Reader) -> None:
    """Later steps may ask for less, never for more: whoever could be asked stays."""
    before: dict[SkillId, int] | None = None
    for index, step in enumerate(steps):
        if step.agent is not None:
            continue
        now = {need.skill: need.min_level for need in step.needs}
        if before is not None:
            narrower = [skill for skill, level in now.items() if level > before.get(skill, 0)]
            if narrower:
                reader.report(
                    pointer(at, index, "needs"),
                    f"A later step may only widen, but this one asks for more {', '.join(narrower)}.",
                )
        before = now
