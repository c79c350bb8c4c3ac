"""Contacts and agents meet here: a contact takes its place and asks, a freed agent takes the first in line.

Owns the plan's steps, the making of offers and the release of agents. `offers.py`, `contacts.py` and
`agents.py` decide when to call these; after each of them no free agent is left beside a contact that it could
take.
"""

from operator import attrgetter
from typing import Literal

from routing.commands import Offer
from routing.demand import Demand
from routing.explain import trace
from routing.match import best_agent, best_contact, free_channels
from routing.records import CHANNEL_INDEX, AgentRecord, ContactRecord, OfferRecord
from routing.roster import Status
from routing.score import meets
from routing.state import State
from routing.timers import TimerKind
from routing.transitions import ContactInput, move_contact
from routing.types import ContactId, ContactState, OfferId, PlanEnd, Step

RING_MS_MIN = 1_000


def place(state: State, contact: ContactRecord, reason: str) -> None:
    """Ask the best free agent for a QUEUED contact that is in no line, or put it in line by its key."""
    demand = _target(state, contact)
    state.moved(contact, None, reason, contact.step_until_ms)
    agent = best_agent(state.roster, demand, contact, state.now_ms)
    if agent is None:
        state.lines.join(contact, demand)
    else:
        _offer(state, contact, demand, agent, "contact_picks_agent", None)


def replace(state: State, contact: ContactRecord, reason: str) -> None:
    """Place a waiting contact anew after its target may have changed; says so only when it has moved."""
    before = contact.step
    state.lines.leave(contact)
    demand = _target(state, contact)
    if contact.step != before:
        state.moved(contact, None, reason, contact.step_until_ms)
    agent = best_agent(state.roster, demand, contact, state.now_ms)
    if agent is None:
        state.lines.join(contact, demand)
    else:
        _offer(state, contact, demand, agent, "contact_picks_agent", None)


def feed(state: State, agent: AgentRecord) -> None:
    """Give the agent the first contacts in line for as long as it has capacity for them."""
    roster, lines = state.roster, state.lines
    while channels := free_channels(agent):
        contact = best_contact(roster, lines, agent, channels)
        if contact is None or contact.demand is None:
            return
        demand = contact.demand
        lines.leave(contact)
        following = best_contact(roster, lines, agent, channels)
        next_in_line = following.contact if following else None
        _offer(state, contact, demand, agent, "agent_picks_contact", next_in_line)


def release(state: State, agent: AgentRecord, contact: ContactRecord) -> None:
    """Free the capacity that the contact holds. The caller places the contact, then feeds the agent."""
    del agent.contacts[contact.contact]
    contact.agent = None
    if agent.removed and not agent.contacts:
        state.roster.forget(agent)
        return
    state.roster.refresh(agent)


def touch(state: State, agent: AgentRecord) -> None:
    """The agent took or finished something: it goes to the end of the line of idle agents."""
    agent.idle_since_ms = state.now_ms
    if not agent.removed:
        state.roster.refresh(agent)


def pool_shrank(state: State, agent: AgentRecord) -> None:
    """The agent is no longer at work, or not with its old skills: whoever waits for it goes on.

    Contacts with exclusions are looked at too, because a soft exclusion ends when nobody else is left.
    """
    waiting = {contact.contact: contact for contact in state.lines.waiting_for(agent.agent)}
    waiting |= state.lines.aside
    for contact in sorted(waiting.values(), key=attrgetter("place")):
        if contact.demand is not None:
            replace(state, contact, "agent_left")


def enter_step(state: State, contact: ContactRecord, step: int) -> None:
    """Begin a step of the plan; its time counts from now."""
    contact.step = step
    contact.step_until_ms = None
    steps = contact.plan.steps
    if step < len(steps):
        duration_ms = steps[step].duration_ms
        last = step == len(steps) - 1
        holds = last and contact.plan.end is PlanEnd.HOLD and steps[step].agent is None
        if duration_ms is not None and not holds:
            contact.step_until_ms = state.now_ms + max(duration_ms, 0)
    if contact.step_until_ms is None:
        state.timers.cancel(TimerKind.STEP, contact.contact)
    else:
        state.timers.arm(TimerKind.STEP, contact.contact, contact.step_until_ms)


def demand_of(state: State, contact: ContactRecord) -> Demand:
    """The demand of the contact's present step, whether or not anybody could serve it."""
    channel_index = CHANNEL_INDEX[contact.channel]
    steps = contact.plan.steps
    if contact.step >= len(steps):
        return state.lines.open(channel_index, state.needs(contact.queue, ()))
    step = steps[contact.step]
    needs = state.needs(contact.queue, step.needs)
    agent = state.roster.agents.get(step.agent) if step.agent is not None else None
    if agent is not None:
        return state.lines.named(channel_index, needs, agent)
    return state.lines.open(channel_index, needs)


def _target(state: State, contact: ContactRecord) -> Demand:
    """Whom the contact waits for now, passing over steps whose time is up or whose agent is not to be had."""
    steps = contact.plan.steps
    while contact.step < len(steps):
        step = steps[contact.step]
        due = contact.step_until_ms is not None and contact.step_until_ms <= state.now_ms
        if not due and (step.agent is None or _worth_waiting(state, contact, step)):
            break
        enter_step(state, contact, contact.step + 1)
    return demand_of(state, contact)


def _worth_waiting(state: State, contact: ContactRecord, step: Step) -> bool:
    """A named agent is asked when free, and waited for when merely busy if the step has a length."""
    agent = state.roster.agents.get(step.agent) if step.agent is not None else None
    if agent is None or agent.agent in contact.exclusions:
        return False
    if not meets(agent.skills, state.needs(contact.queue, step.needs)):
        return False
    status = agent.status[CHANNEL_INDEX[contact.channel]]
    return status == Status.FREE or (status == Status.BUSY and step.duration_ms is not None)


def _offer(
    state: State,
    contact: ContactRecord,
    demand: Demand,
    agent: AgentRecord,
    regime: Literal["contact_picks_agent", "agent_picks_contact"],
    next_in_line: ContactId | None,
) -> None:
    """Ask the agent: reserve its capacity, start the deadlines, say why."""
    assert contact.state is ContactState.QUEUED, "only a contact in line is offered"
    reasons = trace(state.roster, demand, contact, agent, state.now_ms, next_in_line, regime)
    policy = state.queue(contact.queue).policy
    state.offer_seq += 1
    offer = OfferRecord(
        offer=OfferId(f"o-{state.offer_seq}"),
        contact=contact,
        agent=agent,
        created_at_ms=state.now_ms,
        expires_at_ms=state.now_ms + max(policy.ring_ms, RING_MS_MIN),
    )
    state.offers[offer.offer] = offer
    contact.offer = offer
    contact.agent = agent
    agent.contacts[contact.contact] = contact
    move_contact(contact, ContactInput.OFFERED, state.now_ms)
    state.roster.refresh(agent)
    state.timers.arm(TimerKind.RING, offer.offer, offer.expires_at_ms)
    if policy.delivery_ms > 0:
        state.timers.arm(TimerKind.DELIVERY, offer.offer, state.now_ms + policy.delivery_ms)
    else:
        offer.delivered = True
    state.out.append(
        Offer(offer.offer, contact.contact, agent.agent, contact.channel, offer.expires_at_ms, reasons)
    )
    state.moved(contact, agent, until_ms=offer.expires_at_ms)
