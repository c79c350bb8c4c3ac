"""Why a contact waits, and what would have to change. Asked by people, so it may look at every agent once."""

from collections import Counter

from routing.commands import Change, WaitTrace
from routing.demand import Demand
from routing.explain import hindrances, lead
from routing.limits import Status
from routing.order import ahead, lead_ms
from routing.queues import expected, in_reserve, reserve_turns_ms
from routing.records import AgentRecord, ContactRecord
from routing.state import State
from routing.target import Target, both, meets, target_of
from routing.types import AgentId, PlanEnd, SkillId

NAMED_MAX = 3
SKILLS_MAX = 2

_COMING = (
    (Status.BUSY, "busy"),
    (Status.SLOT, "parked_slot"),
    (Status.INTERRUPT, "interrupt"),
    (Status.RAMPING, "ramping"),
    (Status.NOT_RESPONDING, "not_responding"),
    (Status.AUX, "aux"),
    (Status.PENDING, "pending"),
    (Status.UNREACHABLE, "unreachable"),
    (Status.OFFLINE, "offline"),
)
"""Who may come to help, the likeliest first."""


def wait_trace(state: State, contact: ContactRecord) -> WaitTrace | None:
    """Explain the wait of a contact; None for one that is not in line."""
    demand = contact.demand
    if demand is None:
        return None
    queue, now_ms = contact.queue, state.now_ms
    before = ahead(queue, contact, now_ms)
    return WaitTrace(
        contact=contact.contact,
        rule_set=contact.rule_set,
        rule=contact.rule,
        queue=queue.spec.queue,
        step=contact.step,
        steps=len(contact.plan.steps),
        step_until_ms=contact.step_until_ms,
        waited_ms=now_ms - contact.enqueued_at_ms,
        key_ms=contact.enqueued_at_ms - lead_ms(contact, now_ms),
        value=contact.value,
        loyalty=contact.loyalty,
        target=demand.pool_size,
        excluded=hindrances(state.roster, demand, contact),
        ahead=before,
        waiting=len(queue.waiting),
        expected=expected(queue, before + 1),
        lead=lead(state, contact, None),
        changes=tuple(_changes(state, contact, demand, before)),
        calendar=contact.calendar,
    )


def _changes(state: State, contact: ContactRecord, demand: Demand, before: int) -> list[Change]:
    found = []
    if before:
        found.append(Change("ahead", before))
    statuses = state.roster.bits[demand.channel_index]
    for status, reason in _COMING:
        bits = demand.pool & statuses[status]
        if bits:
            found.append(Change("agent_freed", bits.bit_count(), _named(state, bits), reason=reason))
    found += _later(state, contact, demand)
    found += _skills(state, contact, demand)
    return found


def _named(state: State, bits: int) -> tuple[AgentId, ...]:
    names: list[AgentId] = []
    while bits and len(names) < NAMED_MAX:
        low = bits & -bits
        names.append(state.roster.at(low.bit_length() - 1).agent)
        bits ^= low
    return tuple(sorted(names))


def _later(state: State, contact: ContactRecord, demand: Demand) -> list[Change]:
    """What time itself will bring."""
    found = []
    if contact.step_until_ms is not None:
        steps = contact.plan.steps
        if contact.step + 1 < len(steps) or contact.plan.end is PlanEnd.ANY_IN_QUEUE:
            more = _joining(state, contact, demand)
            found.append(Change("step", more, at_ms=contact.step_until_ms))
        else:
            end = str(contact.plan.end)
            found.append(Change("end", 0, at_ms=contact.step_until_ms, reason=end))
    cooling = [e.cool_at_ms if e.hard else e.until_ms for e in contact.exclusions.values()]
    if cooling:
        found.append(Change("cooled", len(cooling), tuple(sorted(contact.exclusions)), at_ms=min(cooling)))
    turns_ms = reserve_turns_ms(contact.queue)
    if turns_ms is not None:
        found.append(Change("reserve", in_reserve(state, contact.queue), at_ms=turns_ms))
    return found


def _joining(state: State, contact: ContactRecord, demand: Demand) -> int:
    """How many more agents who are free now the next step could ask."""
    pool = contact.queue.pool
    steps, following = contact.plan.steps, contact.step + 1
    target, named = pool, None
    if following < len(steps):
        step = steps[following]
        target, named = both(pool, target_of(step.needs, step.any_of)), step.agent
    return sum(
        1
        for agent in _free(state, demand)
        if named in (None, agent.agent) and not demand.pool >> agent.index & 1 and meets(agent.skills, target)
    )


def _skills(state: State, contact: ContactRecord, demand: Demand) -> list[Change]:
    """Which one skill would let agents help who are free now."""
    if demand.agent is not None:
        return []
    lacking: Counter[tuple[SkillId, int]] = Counter()
    for agent in _free(state, demand):
        if not demand.pool >> agent.index & 1:
            lacking.update(_one_short(agent, demand.target))
    ranked = sorted(lacking.items(), key=lambda item: (-item[1], item[0]))
    return [Change("skill", count, skill=skill, level=level) for (skill, level), count in ranked[:SKILLS_MAX]]


def _one_short(agent: AgentRecord, target: Target) -> list[tuple[SkillId, int]]:
    found = {}
    for needs in target:
        missing = [(skill, level) for skill, level in needs if agent.skills.get(skill, 0) < level]
        if len(missing) == 1:
            found[missing[0]] = True
    return list(found)


def _free(state: State, demand: Demand) -> list[AgentRecord]:
    channel = demand.channel_index
    return [agent for agent in state.roster.agents.values() if agent.free_mask >> channel & 1]
