"""Who may be asked for whom, and who comes first: everybody is looked at, the rules are read off `docs`.

An alternative is a dictionary of least levels; a target is a list of alternatives.
"""

from routing.types import AgentId, Channel, Order, Presence, QueueSpec, SkillId, SkillNeed, SkillWish, Step
from tests.sim.brute.facts import Agent, Contact, Facts

Needs = dict[SkillId, int]
STAFFED = ("", "busy", "interrupt", "slot", "ramping")
STRICT = 10**12


# ---- what an agent can take


def obstacle(agent: Agent, channel: Channel) -> str:
    """Why the agent cannot be asked on the channel; "" when it can."""
    if agent.removed:
        return "removed"
    if dict(agent.capacity.caps).get(channel, 0) <= 0 or not _ever_fits(agent, channel):
        return "channel"
    if agent.presence is not Presence.AVAILABLE:
        return str(agent.presence)
    if agent.pending is not None:
        return "pending"
    if channel not in agent.reachable:
        return "unreachable"
    full = lacks_room(agent, channel, [contact.channel for contact in agent.parked])
    return full or ("ramping" if agent.ramp_hold else "")


def staffed(agent: Agent, channel: Channel) -> bool:
    """At work and reachable, whether or not there is room just now."""
    return obstacle(agent, channel) in STAFFED


def lacks_room(agent: Agent, channel: Channel, parked: list[Channel]) -> str:
    """What is in the way of one more contact of the channel beside what is held."""
    capacity = agent.capacity
    held = [contact.channel for contact in agent.held]
    if held.count(channel) >= dict(capacity.caps).get(channel, 0):
        return "busy"
    left = _pool(agent, channel) - used(agent, _second(agent, channel))
    if _weight(agent, channel) > left:
        return "busy"
    if any((other, channel) in capacity.blocks for other in held):
        return "interrupt"
    kept = {other: min(max(capacity.return_slots, 0), parked.count(other)) for other in Channel}
    if kept[channel] and held.count(channel) + kept[channel] >= dict(capacity.caps)[channel]:
        return "slot"
    back = sum(
        kept[other] * _weight(agent, other)
        for other in Channel
        if _second(agent, other) == _second(agent, channel)
    )
    return "slot" if back and _weight(agent, channel) + back > left else ""


def used(agent: Agent, second: bool) -> int:
    """Units of a pool that are in use."""
    return sum(_weight(agent, c.channel) for c in agent.held if _second(agent, c.channel) == second)


def load(agent: Agent) -> int:
    """Tenths of the fuller pool that are in use, rounded up."""
    first, second = max(agent.capacity.units, 0), max(agent.capacity.interruptible_units, 0)
    of_first = min(-(-10 * used(agent, False) // first), 10) if first else 10
    of_second = min(-(-10 * used(agent, True) // second), 10) if second else 0
    return max(of_first, of_second)


def _second(agent: Agent, channel: Channel) -> bool:
    """Whether the channel draws on the pool of work that may lie."""
    return agent.capacity.interruptible_units > 0 and channel in agent.capacity.interruptible


def _pool(agent: Agent, channel: Channel) -> int:
    capacity = agent.capacity
    return max(capacity.interruptible_units if _second(agent, channel) else capacity.units, 0)


def _weight(agent: Agent, channel: Channel) -> int:
    weights = dict(agent.capacity.weights)
    if channel in weights:
        return max(weights[channel], 0)
    return _pool(agent, channel) if channel is Channel.VOICE else 1


def _ever_fits(agent: Agent, channel: Channel) -> bool:
    return _pool(agent, channel) > 0 and _weight(agent, channel) <= _pool(agent, channel)


# ---- whom a contact may go to


def together(*needs: SkillNeed) -> Needs:
    """The needs at their higher levels."""
    levels: Needs = {}
    for need in needs:
        levels[need.skill] = max(levels.get(need.skill, 1), need.min_level)
    return levels


def has(levels: Needs, needs: Needs) -> bool:
    return all(levels.get(skill, 0) >= level for skill, level in needs.items())


def aim(facts: Facts, contact: Contact) -> tuple[Step, AgentId | None]:
    """The step that says whom to ask now, and the one agent who is asked for by name."""
    plan = contact.plan
    if contact.step < len(plan.steps):
        step = plan.steps[contact.step]
        return step, step.agent if facts.agent(step.agent) is not None else None
    last = plan.steps[-1] if plan.steps else Step()
    return (last if plan.end != "any_in_queue" and last.agent is None else Step()), None


def targets(spec: QueueSpec, step: Step) -> list[Needs]:
    """Alternatives of pool and step together, without those that only ask for more than another one."""
    found: list[Needs] = []
    for pool in spec.any_of or ((),):
        for more in step.any_of or ((),):
            needs = together(*spec.needs, *pool, *step.needs, *more)
            if needs not in found:
                found.append(needs)
    return [needs for needs in found if not any(other != needs and has(needs, other) for other in found)]


def barred(contact: Contact, agent: Agent) -> bool:
    """Whether the agent belongs to a reserve that is closed."""
    reserve = contact.queue.spec.reserve
    if reserve is None or not reserve.needs or contact.queue.reserve_open:
        return False
    return has(agent.levels, together(*reserve.needs))


def in_target(facts: Facts, contact: Contact, agent: Agent) -> bool:
    """Whether the agent could be asked for the contact, apart from being free and excluded."""
    if agent.removed:
        return False
    if contact.to_owner and facts.agent(contact.owner) is not None:
        return agent.ident == contact.owner
    step, named = aim(facts, contact)
    if named is not None and agent.ident != named:
        return False
    suits = any(has(agent.levels, needs) for needs in targets(contact.queue.spec, step))
    return suits and not barred(contact, agent)


def waits_for(contact: Contact) -> AgentId | None:
    """The one agent for whom the contact waits by name."""
    if contact.to_owner:
        return contact.owner
    steps = contact.plan.steps
    return steps[contact.step].agent if contact.step < len(steps) else None


def excluded(facts: Facts, contact: Contact, agent: Agent) -> bool:
    """A soft exclusion holds only while somebody else at work could take the contact."""
    mine = contact.exclusions.get(agent.ident)
    if mine is None:
        return False
    others = [
        other
        for other in facts.agents
        if other.ident not in contact.exclusions
        and staffed(other, contact.channel)
        and in_target(facts, contact, other)
    ]
    return mine.hard or bool(others)


def may_take(facts: Facts, contact: Contact, agent: Agent) -> bool:
    """Whether the agent could be asked for the contact right now."""
    return (
        obstacle(agent, contact.channel) == ""
        and in_target(facts, contact, agent)
        and not excluded(facts, contact, agent)
    )


# ---- who comes first


def score(facts: Facts, contact: Contact, agent: Agent) -> int:
    """What the agent is worth for the contact now."""
    if contact.to_owner and facts.agent(contact.owner) is not None:
        step, alternatives = Step(), [Needs()]
    else:
        step = aim(facts, contact)[0]
        alternatives = targets(contact.queue.spec, step)
    band = 0
    for needs in alternatives:
        if needs and has(agent.levels, needs):
            band = max(band, sum(agent.levels[skill] for skill in needs) // (10 * len(needs)))
    band = min(band, 10)
    known = any(step.agent == agent.ident for step in contact.plan.steps)
    return (
        20 * band
        + contact.value * band // 10
        + _wishes(step.prefers, agent)
        - 30 * (agent.tier - 1)
        + (150 if known else 0)
        - 20 * load(agent)
        + min((facts.now - agent.idle_since) // 6_000, 10)
    )


def _wishes(wishes: tuple[SkillWish, ...], agent: Agent) -> int:
    return sum(wish.points for wish in wishes if agent.levels.get(wish.skill, 0) >= wish.min_level)


def best_agent(facts: Facts, contact: Contact, unfed: Agent | None) -> Agent | None:
    """Everybody who may take it but `unfed`, by score, then longest idle, then id."""
    able = [agent for agent in facts.agents if agent is not unfed and may_take(facts, contact, agent)]
    return min(able, key=lambda a: (-score(facts, contact, a), a.idle_since, a.ident), default=None)


def best_contact(facts: Facts, agent: Agent) -> Contact | None:
    """Everybody in line whom the agent may take, by place."""
    able = [contact for contact in facts.contacts if contact.in_line and may_take(facts, contact, agent)]
    return min(able, key=lambda contact: place(contact, facts.now), default=None)


def place(contact: Contact, now: int) -> tuple[int, int]:
    """Began to wait, less the lead, plus the target where it counts, in hundredths of ms; then arrival."""
    spec = contact.queue.spec
    cap = max(spec.head_start_max_ms, 0)
    rate = min(max(spec.ageing_percent, 100), 1_000)
    bought, boost = contact.head_start + contact.boost, min(max(contact.boost, 0), cap)
    match spec.order:
        case Order.HEAD_START:
            base = min(max(bought, 0), cap)
        case Order.ACCUMULATING:
            cap = min(max(bought, 0), cap)
            base = min(boost, cap)
        case _:
            base, rate = boost, 100
    lead = 100 * base
    if rate > 100 and base < cap:
        lead = min(lead + (rate - 100) * (now - contact.enqueued_at), 100 * cap)
    if spec.order is Order.STRICT:
        lead += 100 * contact.value * STRICT
    target = dict(spec.targets).get(contact.tier, spec.sl_target_ms) if spec.by_target else 0
    return (100 * (contact.enqueued_at + target) - lead, contact.seq)


def in_order(facts: Facts, contacts: list[Contact]) -> list[Contact]:
    return sorted(contacts, key=lambda contact: place(contact, facts.now))
