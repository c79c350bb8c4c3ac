"""The engine as versioned plain JSON, and back. `load(dump(engine))` followed by the rest of the journal
gives the same commands as replaying the whole journal.

Only facts are written. Pools, lines and free agents are rebuilt, since nothing that is decided depends on
their inner order.
"""

from typing import Any

from routing.engine import Engine
from routing.line import demand_of
from routing.records import AgentRecord, ContactRecord, Exclusion, OfferRecord
from routing.state import State
from routing.timers import TimerKind
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    ContactState,
    OfferId,
    OfferPolicy,
    OfferState,
    PlanEnd,
    Presence,
    QueueId,
    QueueSpec,
    RoutePlan,
    RuleId,
    SkillId,
    SkillNeed,
    Step,
)

VERSION = 1

Json = dict[str, Any]


class SnapshotError(Exception):
    """The snapshot is of a version that this engine cannot read."""


def dump(engine: Engine) -> Json:
    """Everything needed to go on from here, as JSON-ready values."""
    state = engine.state
    return {
        "version": VERSION,
        "now_ms": state.now_ms,
        "rule_set": state.rule_set,
        "contact_seq": state.contact_seq,
        "offer_seq": state.offer_seq,
        "timer_seq": state.timers.sequence,
        "queues": [_queue(spec) for spec in state.queues.values()],
        "agents": [_agent(agent) for agent in state.roster.agents.values()],
        "contacts": [_contact(contact) for contact in state.contacts.values()],
        "offers": [_offer(offer) for offer in state.offers.values()],
        "timers": [list(timer) for timer in state.timers.live()],
        "finished": [[contact, str(final)] for contact, final in state.finished.items()],
    }


def load(snapshot: Json) -> Engine:
    """The engine as it was dumped. Raises SnapshotError on another version."""
    if snapshot.get("version") != VERSION:
        raise SnapshotError(f"snapshot version {snapshot.get('version')!r}, this engine reads {VERSION}")
    state = State()
    state.now_ms = snapshot["now_ms"]
    state.publish(snapshot["rule_set"], tuple(_read_queue(item) for item in snapshot["queues"]))
    state.contact_seq = snapshot["contact_seq"]
    state.offer_seq = snapshot["offer_seq"]
    state.finished = {ContactId(contact): ContactState(final) for contact, final in snapshot["finished"]}
    state.timers.restore(
        [(at_ms, sequence, TimerKind(kind), ident) for at_ms, sequence, kind, ident in snapshot["timers"]],
        snapshot["timer_seq"],
    )
    for item in snapshot["contacts"]:
        contact = _read_contact(item)
        state.contacts[contact.contact] = contact
    for item in snapshot["agents"]:
        _restore_agent(state, item)
    for item in snapshot["offers"]:
        _restore_offer(state, item)
    for contact in state.contacts.values():
        if contact.state is ContactState.QUEUED:
            state.lines.join(contact, demand_of(state, contact))
    return Engine(state)


def _needs(needs: tuple[SkillNeed, ...]) -> list[list[Any]]:
    return [[need.skill, need.min_level] for need in needs]


def _read_needs(items: list[list[Any]]) -> tuple[SkillNeed, ...]:
    return tuple(SkillNeed(SkillId(skill), level) for skill, level in items)


def _queue(spec: QueueSpec) -> Json:
    policy = spec.policy
    return {
        "queue": spec.queue,
        "name": spec.name,
        "needs": _needs(spec.needs),
        "policy": [
            policy.ring_ms,
            policy.delivery_ms,
            policy.setup_ms,
            policy.wrap_up_ms,
            policy.exclusion_ms,
        ],
        "head_start_max_ms": spec.head_start_max_ms,
        "sl_target_ms": spec.sl_target_ms,
    }


def _read_queue(item: Json) -> QueueSpec:
    return QueueSpec(
        queue=QueueId(item["queue"]),
        name=item["name"],
        needs=_read_needs(item["needs"]),
        policy=OfferPolicy(*item["policy"]),
        head_start_max_ms=item["head_start_max_ms"],
        sl_target_ms=item["sl_target_ms"],
    )


def _agent(agent: AgentRecord) -> Json:
    capacity = agent.capacity
    return {
        "agent": agent.agent,
        "skills": [[skill, level] for skill, level in agent.skills.items()],
        "units": capacity.units,
        "caps": [[channel, cap] for channel, cap in capacity.caps],
        "weights": [[channel, weight] for channel, weight in capacity.weights],
        "presence": agent.presence,
        "code": agent.code,
        "presence_since_ms": agent.presence_since_ms,
        "reachable": list(agent.reachable),
        "idle_since_ms": agent.idle_since_ms,
        "removed": agent.removed,
        "contacts": list(agent.contacts),
    }


def _restore_agent(state: State, item: Json) -> None:
    skills = tuple(AgentSkill(SkillId(skill), level) for skill, level in item["skills"])
    capacity = Capacity(
        units=item["units"],
        caps=tuple((Channel(channel), cap) for channel, cap in item["caps"]),
        weights=tuple((Channel(channel), weight) for channel, weight in item["weights"]),
    )
    agent = state.roster.upsert(AgentId(item["agent"]), skills, capacity)
    agent.presence = Presence(item["presence"])
    agent.code = item["code"]
    agent.presence_since_ms = item["presence_since_ms"]
    agent.reachable = tuple(Channel(channel) for channel in item["reachable"])
    agent.idle_since_ms = item["idle_since_ms"]
    for contact_id in item["contacts"]:
        contact = state.contacts[ContactId(contact_id)]
        contact.agent = agent
        agent.contacts[contact.contact] = contact
    if item["removed"]:
        state.roster.retire(agent)
    else:
        state.roster.refresh(agent)
    state.lines.agent_changed(agent)


def _contact(contact: ContactRecord) -> Json:
    return {
        "contact": contact.contact,
        "channel": contact.channel,
        "queue": contact.queue,
        "steps": [[_needs(s.needs), s.agent, s.duration_ms] for s in contact.plan.steps],
        "end": contact.plan.end,
        "enqueued_at_ms": contact.enqueued_at_ms,
        "head_start_ms": contact.head_start_ms,
        "value": contact.value,
        "loyalty": contact.loyalty,
        "rule": contact.rule,
        "rule_set": contact.rule_set,
        "arrived_at_ms": contact.arrived_at_ms,
        "seq": contact.seq,
        "since_ms": contact.since_ms,
        "state": contact.state,
        "step": contact.step,
        "step_until_ms": contact.step_until_ms,
        "wrap_up_until_ms": contact.wrap_up_until_ms,
        "exclusions": [[a, e.cool_at_ms, e.until_ms, e.hard] for a, e in contact.exclusions.items()],
    }


def _read_contact(item: Json) -> ContactRecord:
    steps = tuple(
        Step(_read_needs(needs), AgentId(agent) if agent is not None else None, duration_ms)
        for needs, agent, duration_ms in item["steps"]
    )
    return ContactRecord(
        contact=ContactId(item["contact"]),
        channel=Channel(item["channel"]),
        queue=QueueId(item["queue"]),
        plan=RoutePlan(steps, PlanEnd(item["end"])),
        enqueued_at_ms=item["enqueued_at_ms"],
        head_start_ms=item["head_start_ms"],
        value=item["value"],
        loyalty=item["loyalty"],
        rule=RuleId(item["rule"]),
        rule_set=item["rule_set"],
        arrived_at_ms=item["arrived_at_ms"],
        seq=item["seq"],
        since_ms=item["since_ms"],
        state=ContactState(item["state"]),
        step=item["step"],
        step_until_ms=item["step_until_ms"],
        wrap_up_until_ms=item["wrap_up_until_ms"],
        exclusions={
            AgentId(agent): Exclusion(cool_at_ms, until_ms, hard)
            for agent, cool_at_ms, until_ms, hard in item["exclusions"]
        },
    )


def _offer(offer: OfferRecord) -> Json:
    return {
        "offer": offer.offer,
        "contact": offer.contact.contact,
        "created_at_ms": offer.created_at_ms,
        "expires_at_ms": offer.expires_at_ms,
        "state": offer.state,
        "delivered": offer.delivered,
        "setup_until_ms": offer.setup_until_ms,
    }


def _restore_offer(state: State, item: Json) -> None:
    contact = state.contacts[ContactId(item["contact"])]
    assert contact.agent is not None, "an offered contact holds its agent"
    offer = OfferRecord(
        offer=OfferId(item["offer"]),
        contact=contact,
        agent=contact.agent,
        created_at_ms=item["created_at_ms"],
        expires_at_ms=item["expires_at_ms"],
        state=OfferState(item["state"]),
        delivered=item["delivered"],
        setup_until_ms=item["setup_until_ms"],
    )
    state.offers[offer.offer] = offer
    contact.offer = offer
