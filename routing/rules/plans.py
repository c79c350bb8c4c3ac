"""Route plans as rules and queues state them: steps that widen, and an explicit end.

A step asks whom it names and whom the open steps before it asked; with `narrow` only whom it names. A step
with `agent` asks that one agent alone, for whom the contact waits `for_s` (without it: only if free at once).
Here steps get their final targets, so that only the agents of a contact remain to be filled in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from routing.rules.draft import MONTH_S, Draft
from routing.rules.problems import pointer
from routing.rules.targets import ALTERNATIVES_MAX, Who, as_needs, read_who, together, union
from routing.target import ALTERNATIVES_MAX as PAIRS_MAX
from routing.target import ANYBODY, Target
from routing.types import AgentId, PlanEnd, QueueId, RoutePlan, Step

STEPS_MAX = 10
OFFERS_MAX = 100
PLAN_KEYS = ("needs", "any_of", "prefers", "steps", "end", "overflow_to", "offers_max")
_STEP_KEYS = ("needs", "any_of", "prefers", "agent", "for_s", "narrow")


class StepAgent(StrEnum):
    """Whom a step names: who served the customer last, whom the customer prefers, who owns the open case."""

    LAST = "last"
    PREFERRED = "preferred"
    OWNER = "owner"


Agents = Mapping[StepAgent, AgentId | None]


@dataclass(frozen=True, slots=True)
class StepTemplate:
    """A step before it is known who its agent is."""

    step: Step
    agent: StepAgent | None


@dataclass(frozen=True, slots=True)
class PlanTemplate:
    steps: tuple[StepTemplate, ...]
    end: PlanEnd
    overflow_to: QueueId | None
    offers_max: int | None
    whole: RoutePlan | None
    """The plan itself when no step names an agent: the same for every contact."""

    def filled(self, agents: Agents) -> RoutePlan:
        """The plan with these agents; steps for an unknown one are left out."""
        if self.whole is not None:
            return self.whole
        steps = []
        for template in self.steps:
            step = template.step
            if template.agent is not None:
                agent = agents[template.agent]
                if agent is None:
                    continue
                step = Step(step.needs, agent, step.duration_ms, step.any_of, step.prefers)
            steps.append(step)
        return RoutePlan(tuple(steps) or (Step(),), self.end, self.overflow_to, self.offers_max)


def read_plan(
    entry: Mapping[str, Any],
    at: str,
    source: QueueId | None,
    pool: Target,
    draft: Draft,
    *,
    of_queue: bool,
) -> PlanTemplate | None:
    """The plan of an entry with `PLAN_KEYS`; None when its end cannot be read.

    source: the queue that the contact is in meanwhile, if known.  pool: who belongs to it.  of_queue: it is
    a queue's own plan, the same for every contact, so it names no agent; only such a plan can lead back to
    who passed a contact on.
    """
    reader = draft.reader
    everyone = read_who(entry, at, draft)
    end = reader.choice(entry.get("end"), pointer(at, "end"), PlanEnd)
    overflow_to = draft.onward(source, entry, "overflow_to", at, wanted=end is PlanEnd.OVERFLOW)
    if end is PlanEnd.RETURN and not of_queue:
        reader.report(
            pointer(at, "end"),
            "Nobody has passed this contact on yet: only a queue's own plan can return it.",
        )
    offers_max: int | None = None
    if entry.get("offers_max") is not None:
        offers_max = reader.whole(entry["offers_max"], pointer(at, "offers_max"), 1, OFFERS_MAX)
    steps = _steps(entry, pointer(at, "steps"), everyone, draft, of_queue=of_queue)
    for index, step in enumerate(steps):
        if len(pool) * max(len(step.step.any_of), 1) > PAIRS_MAX:
            many = f"With the alternatives of the queue's pool this step asks for more than {PAIRS_MAX}."
            reader.report(pointer(at, "steps", index), many)
    if "steps" in entry:
        _check_ends(steps, pointer(at, "steps"), end, offers_max, draft)
    elif offers_max is None and end not in (PlanEnd.HOLD, PlanEnd.ANY_IN_QUEUE, None):
        reader.report(
            pointer(at, "steps"), f"Without a step that has a length the end {end} is never reached."
        )
    if end is None:
        return None
    whole = None
    if all(step.agent is None for step in steps):
        whole = RoutePlan(tuple(step.step for step in steps) or (Step(),), end, overflow_to, offers_max)
    return PlanTemplate(steps, end, overflow_to, offers_max, whole)


def _steps(
    entry: Mapping[str, Any], at: str, everyone: Who, draft: Draft, *, of_queue: bool
) -> tuple[StepTemplate, ...]:
    items = draft.reader.listing(entry.get("steps", [{}]), at, count_max=STEPS_MAX)
    if entry.get("steps") == []:
        draft.reader.report(at, "A plan needs at least one step; leave “steps” out for one open step.")
    steps = []
    asked: list[Target] = []
    for index, item in enumerate(items):
        steps.append(_step(item, pointer(at, index), everyone, asked, draft, of_queue=of_queue))
    return tuple(steps)


def _step(
    item: object, at: str, everyone: Who, asked: list[Target], draft: Draft, *, of_queue: bool
) -> StepTemplate:
    """Read one step; `asked` has the targets of the open steps before it, and gets this one's."""
    reader = draft.reader
    entry = reader.mapping(item, at, _STEP_KEYS)
    named = read_who(entry, at, draft)
    if len(everyone.target) * len(named.target) > PAIRS_MAX:
        reader.report(
            pointer(at, "any_of"), f"With the rule's own any_of these make more than {PAIRS_MAX} pairs."
        )
        named = Who(ANYBODY, named.prefers)
    own = together(everyone, named)
    narrow = reader.flag(entry.get("narrow", False), pointer(at, "narrow"))
    duration_ms: int | None = None
    if entry.get("for_s") is not None:
        duration_ms = reader.span_ms(entry["for_s"], pointer(at, "for_s"), 1, MONTH_S)
    agent: StepAgent | None = None
    target = own.target
    if entry.get("agent") is not None:
        agent = reader.choice(entry["agent"], pointer(at, "agent"), StepAgent)
        if of_queue:
            reader.report(pointer(at, "agent"), "A queue's own plan is for every contact: it names no agent.")
        if narrow:
            reader.report(pointer(at, "narrow"), "A step for one agent is narrow already.")
    elif not narrow:
        before = union(asked)
        target = union((before, target))
        if target == before != own.target:
            reader.report(
                at, "This step asks nobody new. Say “narrow” if from here on fewer people are to be asked."
            )
    if len(target) > ALTERNATIVES_MAX:
        reader.report(
            at,
            f"With the steps before it this step asks for {len(target)} alternatives; "
            f"at most {ALTERNATIVES_MAX} are allowed.",
        )
        target = target[:ALTERNATIVES_MAX]
    if agent is None:
        asked.append(target)
    needs, any_of = as_needs(target)
    return StepTemplate(Step(needs, None, duration_ms, any_of, own.prefers), agent)


def _check_ends(
    steps: tuple[StepTemplate, ...], at: str, end: PlanEnd | None, offers_max: int | None, draft: Draft
) -> None:
    """Every step, and the end, must be reached; nobody may wait for one agent alone for ever."""
    report = draft.reader.report
    for index, step in enumerate(steps):
        place, last = pointer(at, index), index == len(steps) - 1
        endless = step.agent is None and step.step.duration_ms is None
        if endless and not last:
            report(pointer(place, "for_s"), "Without a length the steps after this one are never reached.")
        if last and endless and offers_max is None and end not in (PlanEnd.HOLD, None):
            report(pointer(place, "for_s"), f"Without a length the end {end} is never reached.")
        if last and step.agent is not None and end in (PlanEnd.HOLD, PlanEnd.CALLBACK):
            report(place, "The last step may not wait for one agent alone: add a step, or any_in_queue.")
    if steps and all(step.agent is not None for step in steps) and end is not PlanEnd.ANY_IN_QUEUE:
        report(at, "A step for anybody is needed, for contacts whose agents are unknown.")
