"""Read-only copies of what the engine knows, for boards, consoles and tests."""

from dataclasses import dataclass

from routing.records import AgentRecord, ContactRecord, OfferRecord
from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    ContactState,
    OfferId,
    OfferState,
    Presence,
    QueueId,
    RoutePlan,
    RuleId,
)


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact that is not finished. `key_ms` is its place in line, smallest first."""

    contact: ContactId
    channel: Channel
    queue: QueueId
    state: ContactState
    since_ms: int
    """When it came into this state."""
    agent: AgentId | None
    offer: OfferId | None
    """The live offer, while OFFERED or CONNECTING."""
    arrived_at_ms: int
    enqueued_at_ms: int
    head_start_ms: int
    key_ms: int
    value: int
    loyalty: int
    rule: RuleId
    rule_set: str
    plan: RoutePlan
    step: int
    """Index into the plan; len(plan.steps) means anyone of the queue's pool."""
    step_until_ms: int | None
    wrap_up_until_ms: int | None
    excluded: tuple[AgentId, ...]


@dataclass(frozen=True, slots=True)
class HeldContact:
    contact: ContactId
    channel: Channel
    state: ContactState


@dataclass(frozen=True, slots=True)
class AgentView:
    """An agent with what it holds. `free` names the channels on which it could be asked right now."""

    agent: AgentId
    skills: tuple[AgentSkill, ...]
    capacity: Capacity
    presence: Presence
    code: str
    presence_since_ms: int
    reachable: tuple[Channel, ...]
    free: tuple[Channel, ...]
    load_tenths: int
    """Share of the capacity units in use, 0-10, rounded up."""
    idle_since_ms: int
    contacts: tuple[HeldContact, ...]


@dataclass(frozen=True, slots=True)
class OfferView:
    """A live offer: ALERTING or CONNECTING."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    channel: Channel
    state: OfferState
    created_at_ms: int
    expires_at_ms: int
    delivered: bool
    setup_until_ms: int | None


def contact_view(contact: ContactRecord) -> ContactView:
    return ContactView(
        contact=contact.contact,
        channel=contact.channel,
        queue=contact.queue,
        state=contact.state,
        since_ms=contact.since_ms,
        agent=contact.agent.agent if contact.agent else None,
        offer=contact.offer.offer if contact.offer else None,
        arrived_at_ms=contact.arrived_at_ms,
        enqueued_at_ms=contact.enqueued_at_ms,
        head_start_ms=contact.head_start_ms,
        key_ms=contact.key_ms,
        value=contact.value,
        loyalty=contact.loyalty,
        rule=contact.rule,
        rule_set=contact.rule_set,
        plan=contact.plan,
        step=contact.step,
        step_until_ms=contact.step_until_ms,
        wrap_up_until_ms=contact.wrap_up_until_ms,
        excluded=tuple(sorted(contact.exclusions)),
    )


def agent_view(agent: AgentRecord, free: tuple[Channel, ...]) -> AgentView:
    return AgentView(
        agent=agent.agent,
        skills=tuple(AgentSkill(skill, level) for skill, level in sorted(agent.skills.items())),
        capacity=agent.capacity,
        presence=agent.presence,
        code=agent.code,
        presence_since_ms=agent.presence_since_ms,
        reachable=agent.reachable,
        free=free,
        load_tenths=agent.load_tenths,
        idle_since_ms=agent.idle_since_ms,
        contacts=tuple(HeldContact(c.contact, c.channel, c.state) for c in agent.contacts.values()),
    )


def offer_view(offer: OfferRecord) -> OfferView:
    return OfferView(
        offer=offer.offer,
        contact=offer.contact.contact,
        agent=offer.agent.agent,
        channel=offer.contact.channel,
        state=offer.state,
        created_at_ms=offer.created_at_ms,
        expires_at_ms=offer.expires_at_ms,
        delivered=offer.delivered,
        setup_until_ms=offer.setup_until_ms,
    )
