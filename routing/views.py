"""Read-only copies of what the engine knows, for boards, consoles and tests."""

from msgspec import Struct

from routing.order import key_of, lead_ms, normal_place
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


class ContactView(Struct, frozen=True):
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
    order: tuple[int, int]
    """Place among all who wait now, smallest first."""
    lead_ms: int
    """How much earlier it counts as having come, now."""
    boost_ms: int
    tier: str
    customer: str
    calendar: tuple[str, str]
    hops: int
    """How often it went to another queue."""
    owner: AgentId | None
    offers_failed: int
    callback: bool
    """Whether its customer has hung up and is to be called back."""


class HeldContact(Struct, frozen=True):
    contact: ContactId
    channel: Channel
    state: ContactState


class AgentView(Struct, frozen=True):
    """An agent with what it holds. Levels of `skills` are those after decay; `free` names the channels on
    which it could be asked right now.
    """

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
    parked: tuple[HeldContact, ...] = ()
    stated: tuple[AgentSkill, ...] = ()
    """The skills as they were told, before decay."""
    pending: tuple[Presence, str] | None = None
    """Presence and code that follow after the present work."""
    tier: int = 1
    ramping: bool = False
    """Just came back, and waits a moment for the next contact."""


class OfferView(Struct, frozen=True):
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


def contact_view(contact: ContactRecord, now_ms: int) -> ContactView:
    lead = lead_ms(contact, now_ms)
    return ContactView(
        contact=contact.contact,
        channel=contact.channel,
        queue=contact.queue.spec.queue,
        state=contact.state,
        since_ms=contact.since_ms,
        agent=contact.agent.agent if contact.agent else None,
        offer=contact.offer.offer if contact.offer else None,
        arrived_at_ms=contact.arrived_at_ms,
        enqueued_at_ms=contact.enqueued_at_ms,
        head_start_ms=contact.head_start_ms,
        key_ms=contact.enqueued_at_ms - lead,
        value=contact.value,
        loyalty=contact.loyalty,
        rule=contact.rule,
        rule_set=contact.rule_set,
        plan=contact.plan,
        step=contact.step,
        step_until_ms=contact.step_until_ms,
        wrap_up_until_ms=contact.wrap_up_until_ms,
        excluded=tuple(sorted(contact.exclusions)),
        order=(key_of(normal_place(contact.place, contact.rate, now_ms)), contact.seq),
        lead_ms=lead,
        boost_ms=contact.boost_ms,
        tier=contact.tier,
        customer=contact.customer,
        calendar=contact.calendar,
        hops=contact.hops,
        owner=contact.owner,
        offers_failed=contact.offers_failed,
        callback=contact.callback is not None,
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
        parked=tuple(HeldContact(c.contact, c.channel, c.state) for c in agent.parked.values()),
        stated=agent.stated,
        pending=agent.pending[:2] if agent.pending is not None else None,
        tier=agent.tier,
        ramping=agent.ramp_hold_ms > 0,
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
