"""What happens to a contact from outside: it arrives, the customer leaves, it ends, it is wrapped up or
requeued.
"""

from routing.events import ContactAbandoned, ContactArrived, ContactEnded, ContactRequeued, WrapUpDone
from routing.exclusions import exclude, ripen
from routing.line import enter_step, feed, place, release, replace, touch
from routing.offers import end_offer
from routing.records import ContactRecord
from routing.state import State
from routing.timers import TimerKind
from routing.transitions import ContactInput, OfferInput, allows_contact, move_contact
from routing.types import ContactId, ContactState


def on_arrived(state: State, event: ContactArrived) -> None:
    """Take the contact in and offer it at once when an agent is free."""
    if event.contact in state.contacts or event.contact in state.finished:
        state.ignore("ContactArrived", "the contact has already arrived")
        return
    spec = state.queue(event.queue)
    state.contact_seq += 1
    contact = ContactRecord(
        contact=event.contact,
        channel=event.channel,
        queue=event.queue,
        plan=event.plan,
        enqueued_at_ms=min(event.enqueued_at_ms, state.now_ms),
        head_start_ms=min(max(event.head_start_ms, 0), max(spec.head_start_max_ms, 0)),
        value=min(max(event.value, 0), 100),
        loyalty=event.loyalty,
        rule=event.rule,
        rule_set=event.rule_set,
        arrived_at_ms=state.now_ms,
        seq=state.contact_seq,
        since_ms=state.now_ms,
    )
    state.contacts[contact.contact] = contact
    enter_step(state, contact, 0)
    place(state, contact, "arrived")


def on_abandoned(state: State, event: ContactAbandoned) -> None:
    """The customer left. One who was already talking to an agent has ended the contact instead."""
    contact = _live(state, "ContactAbandoned", event.contact)
    if contact is None:
        return
    if contact.state is ContactState.ACTIVE:
        _end(state, contact, event.reason)
    elif allows_contact(contact, ContactInput.LEFT):
        _leave(state, contact, event.reason)
    else:
        state.ignore("ContactAbandoned", f"the contact is already {contact.state}")


def on_ended(state: State, event: ContactEnded) -> None:
    """A connected contact is over. A customer who hangs up before that has left."""
    contact = _live(state, "ContactEnded", event.contact)
    if contact is None:
        return
    if contact.state is ContactState.ACTIVE:
        _end(state, contact, f"ended_by_{event.by}")
    elif event.by == "customer" and allows_contact(contact, ContactInput.LEFT):
        _leave(state, contact, "customer_left")
    else:
        state.ignore("ContactEnded", f"the contact is {contact.state}")


def on_requeued(state: State, event: ContactRequeued) -> None:
    """Back to its place; the agent is asked for it again only when nobody else could be."""
    contact = _live(state, "ContactRequeued", event.contact)
    if contact is None:
        return
    agent = contact.agent
    if agent is None or not allows_contact(contact, ContactInput.RETURNED):
        state.ignore("ContactRequeued", f"the contact is {contact.state}")
        return
    if contact.offer is not None:
        end_offer(state, contact.offer, OfferInput.RESCINDED, event.reason)
    was_active = contact.state is ContactState.ACTIVE
    move_contact(contact, ContactInput.RETURNED, state.now_ms)
    release(state, agent, contact)
    exclude(state, contact, agent, hard=False)
    if was_active:
        touch(state, agent)
        if contact.step_until_ms is not None and contact.step_until_ms > state.now_ms:
            state.timers.arm(TimerKind.STEP, contact.contact, contact.step_until_ms)
    place(state, contact, event.reason)
    feed(state, agent)


def on_wrap_up_done(state: State, event: WrapUpDone) -> None:
    contact = _live(state, "WrapUpDone", event.contact)
    if contact is None:
        return
    if contact.state is not ContactState.WRAP_UP:
        state.ignore("WrapUpDone", f"the contact is {contact.state}")
    elif contact.agent is None or contact.agent.agent != event.agent:
        state.ignore("WrapUpDone", "another agent wraps up this contact")
    else:
        _close(state, contact, "wrapped_up")


def wrap_up_due(state: State, contact: ContactRecord) -> None:
    """The time for wrapping up is over."""
    _close(state, contact, "wrap_up_timed_out")


def step_due(state: State, contact: ContactRecord) -> None:
    """The step's time is over; one that is being offered goes on in the next step if the offer fails."""
    if contact.demand is not None:
        replace(state, contact, "step_over")
    else:
        enter_step(state, contact, contact.step + 1)


def exclusion_due(state: State, contact: ContactRecord) -> None:
    """Some agent may be asked for the contact again."""
    waiting = contact.demand is not None
    if waiting:
        state.lines.leave(contact)
    ripen(state, contact)
    if waiting:
        replace(state, contact, "exclusion_over")


def _live(state: State, event: str, contact_id: ContactId) -> ContactRecord | None:
    contact = state.contacts.get(contact_id)
    if contact is None:
        over = state.finished.get(contact_id)
        state.ignore(event, f"the contact is already {over}" if over else "unknown contact")
    return contact


def _leave(state: State, contact: ContactRecord, reason: str) -> None:
    """The customer is gone, wherever the contact was before an agent was connected."""
    agent = contact.agent
    if contact.offer is not None:
        end_offer(state, contact.offer, OfferInput.WITHDRAWN, reason)
    state.lines.leave(contact)
    move_contact(contact, ContactInput.LEFT, state.now_ms)
    _drop_timers(state, contact)
    state.finish(contact)
    state.moved(contact, None, reason)
    if agent is not None:
        release(state, agent, contact)
        feed(state, agent)


def _end(state: State, contact: ContactRecord, reason: str) -> None:
    """From talking to wrap-up, which still holds the agent's capacity, or straight to the end."""
    wrap_up_ms = state.queue(contact.queue).policy.wrap_up_ms
    if wrap_up_ms <= 0:
        _close(state, contact, reason)
        return
    move_contact(contact, ContactInput.ENDED, state.now_ms)
    contact.wrap_up_until_ms = state.now_ms + wrap_up_ms
    state.timers.arm(TimerKind.WRAP_UP, contact.contact, contact.wrap_up_until_ms)
    state.moved(contact, contact.agent, reason, contact.wrap_up_until_ms)


def _close(state: State, contact: ContactRecord, reason: str) -> None:
    agent = contact.agent
    move_contact(contact, ContactInput.FINISHED, state.now_ms)
    _drop_timers(state, contact)
    state.finish(contact)
    state.moved(contact, agent, reason)
    if agent is not None:
        release(state, agent, contact)
        touch(state, agent)
        feed(state, agent)


def _drop_timers(state: State, contact: ContactRecord) -> None:
    for kind in (TimerKind.STEP, TimerKind.EXCLUSION, TimerKind.WRAP_UP):
        state.timers.cancel(kind, contact.contact)
