"""Contacts and agents meet here: a contact takes its place and asks, a freed agent takes the first in line.

Owns the making of offers and the release of agents; where a plan leads is in `plans.py`. `offers.py`,
`contacts.py` and the rest decide when to call these; after each of them no free agent is left beside a
contact that it could take.
"""

import heapq

from routing.callbacks import dial, wants_customer_first
from routing.commands import Offer, PresenceChanged
from routing.demand import Demand
from routing.explain import CANDIDATES_MAX, UNEXPLAINED, Regime, trace
from routing.match import best_agents, best_contact
from routing.order import in_order
from routing.plans import demand_of, goes_home, target_demand
from routing.queues import depart, enter
from routing.records import AgentRecord, ContactRecord, OfferRecord
from routing.state import State
from routing.timers import TimerKind
from routing.transitions import ContactInput, move_contact
from routing.types import ContactState, OfferId

_QUEUED, _BY_OFFER = ContactState.QUEUED, ContactInput.OFFERED
_DELIVERY, _RING, _STEP = TimerKind.DELIVERY, TimerKind.RING, TimerKind.STEP
RING_MS_MIN = 1_000


def place(state: State, contact: ContactRecord, reason: str, unfed: AgentRecord | None = None) -> None:
    """Ask the best free agent for a QUEUED contact that is in no line, or put it in line by its key.

    unfed: an agent whom the caller has freed and feeds afterwards. It is not asked here, or the contact would
    pass over others who wait for that agent.
    """
    demand = target_demand(state, contact)
    if demand is not None:
        if state.explain:
            state.moved(contact, None, reason, contact.step_until_ms)
        _ask(state, contact, demand, unfed)


def replace(state: State, contact: ContactRecord, reason: str, unfed: AgentRecord | None = None) -> None:
    """Place a waiting contact anew after its target may have changed."""
    unline(state, contact)
    place_again(state, contact, reason, unfed)


def place_again(state: State, contact: ContactRecord, reason: str, unfed: AgentRecord | None = None) -> None:
    """Place a contact that has just been taken out of line; says so only when it has moved."""
    before = (contact.queue, contact.step)
    demand = target_demand(state, contact)
    if demand is not None:
        if (contact.queue, contact.step) != before:
            state.moved(contact, None, reason, contact.step_until_ms)
        _ask(state, contact, demand, unfed)


def reorder(state: State, contact: ContactRecord) -> None:
    """Its lead has changed: the contact takes another place in line, and nobody is asked."""
    unline(state, contact)
    line_up(state, contact, demand_of(state, contact))


def line_up(state: State, contact: ContactRecord, demand: Demand) -> None:
    """Put a contact whose place is worked out in line."""
    if contact.full_at_ms is not None:
        heapq.heappush(state.maturing, (contact.full_at_ms, contact.seq, contact))
    state.lines.join(contact, demand)
    enter(state, contact)
    if contact.owner is not None and not contact.to_owner:
        state.owned.setdefault(contact.owner, {})[contact.contact] = contact


def unline(state: State, contact: ContactRecord) -> None:
    """Take a waiting contact out of line."""
    depart(state, contact)
    state.lines.leave(contact)
    if contact.owner is not None and contact.owner in state.owned:
        owned = state.owned[contact.owner]
        owned.pop(contact.contact, None)
        if not owned:
            del state.owned[contact.owner]


def feed(state: State, agent: AgentRecord) -> None:
    """Give the agent the first contacts in line for as long as it has capacity for them."""
    roster, lines, now_ms = state.roster, state.lines, state.now_ms
    while mask := roster.could_take(agent):
        contact = best_contact(roster, lines, agent, mask, now_ms)
        if contact is None or contact.demand is None:
            break
        demand = contact.demand
        unline(state, contact)
        agents, following = [agent], None
        if state.explain:
            following = best_contact(roster, lines, agent, mask, now_ms)
            others = CANDIDATES_MAX - 1
            agents += best_agents(roster, demand, contact, now_ms, others, without=1 << agent.index)
        overtaken = lines.longest_waiting(agent, mask)
        if overtaken is not None and overtaken.enqueued_at_ms >= contact.enqueued_at_ms:
            overtaken = None
        if overtaken is not None:
            _note_overtake(state, contact, overtaken)
        _offer(state, contact, demand, agents, "agent_picks_contact", following, overtaken)
    roster.settle(agent)


def bring_home(state: State, agent: AgentRecord) -> None:
    """The agent is at work again: contacts that should have gone back to it wait for it now.

    The agent itself is to be fed by the caller.
    """
    waiting = state.owned.get(agent.agent)
    if waiting:
        for contact in in_order(waiting.values(), state.now_ms):
            if goes_home(state, contact):
                replace(state, contact, "owner_back", agent)


def release(state: State, agent: AgentRecord, contact: ContactRecord) -> None:
    """Free the capacity that the contact holds. The caller places the contact, then feeds the agent."""
    del agent.contacts[contact.contact]
    contact.agent = None
    relax(state, agent)
    if not agent.removed:
        state.roster.refresh(agent)


def relax(state: State, agent: AgentRecord) -> None:
    """The agent holds less: it may go now where it wanted to go, or be forgotten.

    Its place among the free agents is not up to date after this; the caller feeds or refreshes it.
    """
    if agent.removed:
        if agent.holds_nothing:
            state.roster.forget(agent)
        return
    if agent.pending is not None and not agent.contacts:
        presence, code, cause = agent.pending
        agent.pending = None
        agent.presence, agent.code, agent.presence_since_ms = presence, code, state.now_ms
        state.out.append(PresenceChanged(agent.agent, presence, code, cause))


def touch(state: State, agent: AgentRecord) -> None:
    """The agent took or finished something: it goes to the end of the line of idle agents."""
    agent.idle_since_ms = state.now_ms
    if agent.free_mask:
        state.roster.refresh(agent)


def pool_shrank(state: State, agent: AgentRecord, aside: list[ContactRecord] | None = None) -> None:
    """The agent is no longer at work, or not with its old skills: whoever waits for it goes on.

    Contacts with exclusions are looked at too, because a soft exclusion ends when nobody else is left.
    aside: those that the agent could serve before, where it has left pools since. The agent itself, should it
    have become free, is to be fed by the caller.
    """
    waiting = {contact.contact: contact for contact in state.lines.waiting_for(agent.agent)}
    for contact in state.lines.aside_of(agent) if aside is None else aside:
        waiting[contact.contact] = contact
    for contact in in_order(waiting.values(), state.now_ms):
        if contact.demand is not None:
            replace(state, contact, "agent_left", agent)


def _ask(state: State, contact: ContactRecord, demand: Demand, unfed: AgentRecord | None) -> None:
    count = CANDIDATES_MAX if state.explain else 1
    without = 1 << unfed.index if unfed is not None else 0
    found = best_agents(state.roster, demand, contact, state.now_ms, count, without)
    if found:
        _offer(state, contact, demand, found, "contact_picks_agent", None, None)
    else:
        line_up(state, contact, demand)
        if contact.step_until_ms is not None and _STEP not in contact.timers:
            state.timers.arm(_STEP, contact, contact.step_until_ms)


def _offer(
    state: State,
    contact: ContactRecord,
    demand: Demand,
    agents: list[AgentRecord],
    regime: Regime,
    following: ContactRecord | None,
    overtaken: ContactRecord | None,
) -> None:
    """Ask the first of the agents: reserve its capacity, start the deadlines, say why.

    A callback may want its customer first. agents: the one to be asked, then the best of the others;
    following: who is next in line for the agent; overtaken: who came first of those it could have taken.
    """
    agent, *rivals = agents
    assert contact.state is _QUEUED, "only a contact in line is offered"
    if contact.callback is not None and wants_customer_first(contact.callback):
        dial(state, contact)
        return
    reasons = UNEXPLAINED
    if state.explain:
        reasons = trace(state, demand, contact, agent, rivals, regime, following, overtaken)
    policy, now_ms = contact.queue.spec.policy, state.now_ms
    state.offer_seq += 1
    expires_at_ms = now_ms + max(policy.ring_ms, RING_MS_MIN)
    offer = OfferRecord(OfferId(f"o-{state.offer_seq}"), contact, agent, now_ms, expires_at_ms)
    state.offers[offer.offer] = offer
    contact.offer = offer
    contact.agent = agent
    agent.contacts[contact.contact] = contact
    move_contact(contact, _BY_OFFER, now_ms)
    if agent.ramp_until_ms > now_ms:
        _hold_back(state, agent)
    if regime == "contact_picks_agent":
        state.roster.refresh(agent)
    if policy.delivery_ms > 0:
        state.timers.arm(_DELIVERY, offer, min(now_ms + policy.delivery_ms, expires_at_ms))
    else:
        offer.delivered = True
        state.timers.arm(_RING, offer, expires_at_ms)
    state.out.append(
        Offer(offer.offer, contact.contact, agent.agent, contact.channel, expires_at_ms, reasons)
    )
    if state.explain:
        state.moved(contact, agent, until_ms=expires_at_ms)


def _hold_back(state: State, agent: AgentRecord) -> None:
    """The agent has just come back to work: the next contact comes after a while."""
    ramp = agent.capacity.ramp
    if ramp is not None and ramp.gap_ms > 0:
        agent.ramp_hold_ms = state.now_ms + ramp.gap_ms
        state.timers.arm(TimerKind.RAMP, agent, agent.ramp_hold_ms)


def _note_overtake(state: State, contact: ContactRecord, overtaken: ContactRecord) -> None:
    """Check the bound on every decision. Were it ever broken, the decision would stand and be counted: a hub
    that refuses to go on would serve nobody.
    """
    queue, by_ms = overtaken.queue, contact.enqueued_at_ms - overtaken.enqueued_at_ms
    if by_ms > state.overtakes.get(queue.spec.queue, 0):
        state.overtakes[queue.spec.queue] = by_ms
    if queue.bound_ms is not None and by_ms > queue.bound_ms:
        state.bounds_broken += 1
