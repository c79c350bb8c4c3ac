"""Turns the JSON body of a rule set into typed parts, noting every mistake on the way.

All spans in a body are seconds and end in `_s`; here they become milliseconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from routing.rules.calendar import Calendar, read_calendar
from routing.rules.compile import compile_condition
from routing.rules.draft import MONTH_S, Draft
from routing.rules.facts import Slots
from routing.rules.loops import report_loops
from routing.rules.plans import PLAN_KEYS, PlanTemplate, read_plan
from routing.rules.predicates import Condition
from routing.rules.problems import Reader, pointer, shown
from routing.rules.queues import Queue, read_queue
from routing.rules.weights import VALUE_ONLY, Weights, read_weights
from routing.target import ANYBODY
from routing.types import QueueId, RuleId, SkillId

SKILLS_MAX = 500
QUEUES_MAX = 500
RULES_MAX = 1_000
CALENDARS_MAX = 100
DEFAULT_RULE = RuleId("default")

_KEYS = ("name", "skills", "calendars", "queues", "weights", "rules", "default")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule decides (the body's `then`)."""

    queue: QueueId
    plan: PlanTemplate
    head_start_cap_ms: int | None


@dataclass(frozen=True, slots=True)
class Rule:
    rule: RuleId
    name: str
    condition: Condition
    outcome: Outcome


@dataclass(slots=True)
class Parts:
    """Everything of a body. Complete only when the reader has no problems."""

    skills: dict[SkillId, str] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    queues: dict[QueueId, Queue] = field(default_factory=dict)
    weights: Weights = VALUE_ONLY
    rules: list[Rule] = field(default_factory=list)
    default: Outcome | None = None
    slots: Slots = field(default_factory=Slots)


def parse(body: object, reader: Reader) -> Parts:
    """Read the whole body; mistakes go to the reader."""
    top = reader.mapping(body, "", _KEYS)
    draft = Draft(reader, _names(top.get("skills")), _names(top.get("queues")), _names(top.get("calendars")))
    parts = Parts(slots=draft.slots)
    if "name" in top:
        reader.text(top["name"], "/name")
    _skills(top.get("skills", []), parts, reader)
    _calendars(top.get("calendars", []), parts, draft)
    _queues(top.get("queues"), parts, draft)
    if "weights" in top:
        parts.weights = read_weights(top["weights"], "/weights", reader)
    _rules(top.get("rules", []), parts, draft)
    if "default" in top:
        parts.default = _outcome(top["default"], "/default", parts, draft)
    else:
        reader.report("/default", "A default is needed: what happens to a contact that no rule matches.")
    report_loops(draft.leads, reader)
    return parts


def _names(items: object) -> dict[str, str]:
    """The ids that a list defines, before it is read, so that everything may refer to it."""
    entries = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return {entry["id"]: str(entry.get("name")) for entry in entries if isinstance(entry.get("id"), str)}


def _skills(items: object, parts: Parts, reader: Reader) -> None:
    for index, item in enumerate(reader.listing(items, "/skills", count_max=SKILLS_MAX)):
        at = pointer("/skills", index)
        entry = reader.mapping(item, at, ("id", "name"))
        ident = reader.ident(entry.get("id"), pointer(at, "id"))
        name = reader.text(entry.get("name"), pointer(at, "name"))
        if ident is None:
            continue
        if ident in parts.skills:
            reader.report(pointer(at, "id"), f"There are two skills called {ident}.")
        parts.skills[SkillId(ident)] = name or ident


def _calendars(items: object, parts: Parts, draft: Draft) -> None:
    for index, item in enumerate(draft.reader.listing(items, "/calendars", count_max=CALENDARS_MAX)):
        at = pointer("/calendars", index)
        found = read_calendar(item, at, draft.reader)
        if found is not None:
            ident, calendar = found
            if ident in parts.calendars:
                draft.reader.report(pointer(at, "id"), f"There are two calendars called {ident}.")
            parts.calendars[ident] = calendar


def _queues(items: object, parts: Parts, draft: Draft) -> None:
    queues = draft.reader.listing(items, "/queues", count_max=QUEUES_MAX)
    if not queues:
        draft.reader.report("/queues", "At least one queue is needed.")
    for index, item in enumerate(queues):
        at = pointer("/queues", index)
        queue = read_queue(item, at, draft)
        if queue is not None:
            ident = queue.spec.queue
            if ident in parts.queues:
                draft.reader.report(pointer(at, "id"), f"There are two queues called {ident}.")
            parts.queues[ident] = queue


def _rules(items: object, parts: Parts, draft: Draft) -> None:
    reader = draft.reader
    seen: set[str] = set()
    catch_all: str | None = None
    for index, item in enumerate(reader.listing(items, "/rules", count_max=RULES_MAX)):
        at = pointer("/rules", index)
        entry = reader.mapping(item, at, ("id", "name", "when", "then"))
        ident = reader.ident(entry.get("id"), pointer(at, "id"))
        name = reader.text(entry.get("name"), pointer(at, "name"))
        condition = compile_condition(
            entry.get("when"), pointer(at, "when"), reader, draft.slots, draft.calendars
        )
        outcome = _outcome(entry.get("then"), pointer(at, "then"), parts, draft)
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
            seen.add(ident)
            if outcome is not None:
                parts.rules.append(Rule(RuleId(ident), name or ident, condition, outcome))


def _outcome(item: object, at: str, parts: Parts, draft: Draft) -> Outcome | None:
    entry: Mapping[str, Any] = draft.reader.mapping(item, at, ("queue", *PLAN_KEYS, "head_start_cap_s"))
    if not isinstance(item, dict):
        return None
    queue = draft.queue(entry.get("queue"), pointer(at, "queue"))
    cap_ms: int | None = None
    if entry.get("head_start_cap_s") is not None:
        at_cap = pointer(at, "head_start_cap_s")
        cap_ms = draft.reader.span_ms(entry["head_start_cap_s"], at_cap, 0, MONTH_S)
    known = None if queue is None else parts.queues.get(queue)
    pool = ANYBODY if known is None else known.pool
    plan = read_plan(entry, at, queue, pool, draft, of_queue=False)
    return None if queue is None or plan is None else Outcome(queue, plan, cap_ms)
