"""Quiet conversations: parked, they hold no capacity, but their agent keeps a way back for them.

A customer who writes again comes back to the same agent at once where there is room (the agent's
`return_slots` keep some), otherwise waits for that agent for a while and then for anyone, with its old place.
"""

from routing.events import ContactParked, ContactUnparked
from routing.limits import Status
from routing.line import feed, place, relax
from routing.plans import enter_step, follow
from routing.records import AgentRecord, ContactRecord
from routing.roster import counted
from routing.state import State
from routing.timers import TimerKind
from routing.transitions import ContactInput, move_contact
from routing.types import Channel, ContactState, RoutePlan, Step


def on_parked(state: State, event: ContactParked) -> None:
    """The agent's hands are free for something else."""
    contact = state.contacts.get(event.contact)
    if contact is None:
        state.ignore("ContactParked", "unknown contact")
        return
    agent = contact.agent
    if contact.state is not ContactState.ACTIVE or agent is None:
        state.ignore("ContactParked", f"the contact is {contact.state}")
        return
    if contact.channel is Channel.VOICE:
        state.ignore("ContactParked", "a call cannot be parked")
        return
    move_contact(contact, ContactInput.PARKED, state.now_ms)
    del agent.contacts[contact.contact]
    agent.parked[contact.contact] = contact
    if event.until_ms is not None:
        state.timers.arm(TimerKind.PARK, contact, max(event.until_ms, state.now_ms))
    state.moved(contact, agent, "parked", event.until_ms)
    relax(state, agent)
    if not agent.removed:
        feed(state, agent)


def on_unparked(state: State, event: ContactUnparked) -> None:
    """The customer is back: to its agent, or in line for it."""
    contact = state.contacts.get(event.contact)
    if contact is None:
        state.ignore("ContactUnparked", "unknown contact")
        return
    agent = contact.agent
    if contact.state is not ContactState.PARKED or agent is None:
        state.ignore("ContactUnparked", f"the contact is {contact.state}")
        return
    state.timers.cancel(TimerKind.PARK, contact)
    del agent.parked[contact.contact]
    if _is_there(agent, contact) and agent.limits.takes_back(contact.channel_index, counted(agent.contacts)):
        move_contact(contact, ContactInput.RESUMED, state.now_ms)
        agent.contacts[contact.contact] = contact
        state.roster.refresh(agent)
        state.moved(contact, agent, "returned")
        return
    move_contact(contact, ContactInput.RETURNED, state.now_ms)
    contact.agent = None
    back = Step(agent=agent.agent, duration_ms=max(event.wait_ms, 0))
    rest = tuple(step for step in contact.plan.steps if step.agent is None) or (Step(),)
    plan = contact.plan
    follow(contact, RoutePlan((back, *rest), plan.end, plan.overflow_to, plan.offers_max))
    contact.offers_failed = 0
    relax(state, agent)
    if not agent.removed:
        state.roster.refresh(agent)
    enter_step(state, contact, 0, state.now_ms)
    place(state, contact, "returned")
    if not agent.removed:
        feed(state, agent)


def _is_there(agent: AgentRecord, contact: ContactRecord) -> bool:
    return bool(agent.status) and agent.status[contact.channel_index] <= Status.RAMPING
