"""What happens to a contact from outside: it arrives, the customer leaves, it ends, it is wrapped up or
requeued.
"""

from routing.callbacks import over
from routing.events import (
    ContactAbandoned,
    ContactArrived,
    ContactBoosted,
    ContactEnded,
    ContactRequeued,
    ContactTransferred,
    WrapUpDone,
)
from routing.exclusions import exclude, ripen
from routing.line import feed, place, place_again, relax, release, reorder, replace, touch, unline
from routing.offers import end_offer
from routing.plans import admit, enter_step, follow, named_by
from routing.records import CHANNEL_INDEX, ContactRecord
from routing.state import State
from routing.timers import TimerKind
from routing.transitions import ContactInput, OfferInput, allows_contact, move_contact
from routing.types import ContactId, ContactState

_ACTIVE, _WRAP_UP = ContactState.ACTIVE, ContactState.WRAP_UP
_ENDED, _FINISHED = ContactInput.ENDED, ContactInput.FINISHED
_WRAP_UP_DUE = TimerKind.WRAP_UP


def on_arrived(state: State, event: ContactArrived) -> None:
    """Take the contact in and offer it at once when an agent is free."""
    if event.contact in state.contacts or event.contact in state.finished:
        state.ignore("ContactArrived", "the contact has already arrived")
        return
    queue, now_ms = state.queue(event.queue, event.rule_set), state.now_ms
    lead_ms, value = event.head_start_ms, event.value
    state.contact_seq += 1
    # By position, because each name would be searched for among all the fields.
    contact = ContactRecord(
        event.contact,
        event.channel,
        CHANNEL_INDEX[event.channel],
        queue,
        event.plan,
        min(event.enqueued_at_ms, now_ms),
        lead_ms if 0 <= lead_ms <= queue.cap_ms else min(max(lead_ms, 0), queue.cap_ms),
        value if 0 <= value <= 100 else min(max(value, 0), 100),
        event.loyalty,
        event.rule,
        event.rule_set,
        now_ms,
        state.contact_seq,
        now_ms,
        event.customer,
        event.tier,
        event.calendar,
        named_by(event.plan),
    )
    state.contacts[contact.contact] = contact
    if (queue.spec.length_max is None and not queue.spec.overflows) or admit(state, contact):
        enter_step(state, contact, 0, state.now_ms)
        place(state, contact, "arrived")


def on_boosted(state: State, event: ContactBoosted) -> None:
    """Somebody moves a waiting contact forward or back; the cap of its lead holds."""
    contact = _live(state, "ContactBoosted", event.contact)
    if contact is None:
        return
    most = max(contact.queue.spec.head_start_max_ms, 0)
    boost_ms = min(max(contact.boost_ms + event.boost_ms, -most), most)
    if contact.state is not ContactState.QUEUED:
        state.ignore("ContactBoosted", f"the contact is {contact.state}")
    elif boost_ms == contact.boost_ms:
        state.ignore("ContactBoosted", "the contact cannot be moved further")
    else:
        contact.boost_ms = boost_ms
        reorder(state, contact)
        state.moved(contact, None, event.reason or f"boosted_by_{event.by}", contact.step_until_ms)


def on_transferred(state: State, event: ContactTransferred) -> None:
    """On to another queue, with the customer's wait kept; the agent who passes it on is its owner now."""
    contact = _live(state, "ContactTransferred", event.contact)
    if contact is None:
        return
    agent = contact.agent
    if contact.state is not ContactState.ACTIVE or agent is None:
        state.ignore("ContactTransferred", f"the contact is {contact.state}")
        return
    if agent.agent != event.agent:
        state.ignore("ContactTransferred", "another agent has this contact")
        return
    move_contact(contact, ContactInput.RETURNED, state.now_ms)
    contact.queue = state.queue(event.queue, contact.rule_set)
    follow(contact, event.plan or contact.queue.spec.plan)
    contact.owner, contact.hops = agent.agent, contact.hops + 1
    contact.offers_failed, contact.callback_asked = 0, False
    release(state, agent, contact)
    exclude(state, contact, agent, hard=False)
    enter_step(state, contact, 0, state.now_ms)
    touch(state, agent)
    state.moved(contact, None, event.reason, queue=event.queue)
    place(state, contact, event.reason, agent)
    feed(state, agent)


def on_abandoned(state: State, event: ContactAbandoned) -> None:
    """The customer left. One who was already talking to an agent has ended the contact instead."""
    contact = _live(state, "ContactAbandoned", event.contact)
    if contact is None:
        return
    if contact.state is ContactState.ACTIVE:
        _end(state, contact, event.reason)
    elif contact.state is ContactState.PARKED:
        _close(state, contact, event.reason)
    elif allows_contact(contact, ContactInput.LEFT):
        _leave(state, contact, event.reason)
    else:
        state.ignore("ContactAbandoned", f"the contact is already {contact.state}")


def on_ended(state: State, event: ContactEnded) -> None:
    """A connected contact is over. A customer who hangs up before that has left."""
    contact = _live(state, "ContactEnded", event.contact)
    if contact is None:
        return
    if contact.state is _ACTIVE:
        _end(state, contact, f"ended_by_{event.by}")
    elif contact.state is ContactState.PARKED:
        _close(state, contact, f"ended_by_{event.by}")
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
    held = (ContactState.OFFERED, ContactState.CONNECTING, ContactState.ACTIVE)
    if agent is None or contact.state not in held:
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
        if contact.step_until_ms is not None and contact.step_until_ms <= state.now_ms:
            # While it talked it did not wait: one step is over, and not those after it.
            enter_step(state, contact, contact.step + 1, state.now_ms)
    place(state, contact, event.reason, agent)
    feed(state, agent)


def on_wrap_up_done(state: State, event: WrapUpDone) -> None:
    contact = _live(state, "WrapUpDone", event.contact)
    if contact is None:
        return
    if contact.state is not _WRAP_UP:
        state.ignore("WrapUpDone", f"the contact is {contact.state}")
    elif contact.agent is None or contact.agent.agent != event.agent:
        state.ignore("WrapUpDone", "another agent wraps up this contact")
    else:
        _close(state, contact, "wrapped_up")


def wrap_up_due(state: State, contact: ContactRecord) -> None:
    """The time for wrapping up is over."""
    _close(state, contact, "wrap_up_timed_out")


def step_due(state: State, contact: ContactRecord) -> None:
    """The step's time is over; one that is being offered goes on in the next step only if the offer fails."""
    if contact.demand is not None:
        replace(state, contact, "step_over")


def exclusion_due(state: State, contact: ContactRecord) -> None:
    """Some agent may be asked for the contact again."""
    if contact.demand is None:
        ripen(state, contact)
        return
    unline(state, contact)
    ripen(state, contact)
    place_again(state, contact, "exclusion_over")


def park_due(state: State, contact: ContactRecord) -> None:
    """The customer was silent for as long as was agreed."""
    _close(state, contact, "parked_too_long")


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
    if contact.demand is not None:
        unline(state, contact)
    over(state, contact, "withdrawn")
    move_contact(contact, ContactInput.LEFT, state.now_ms)
    state.finish(contact)
    state.moved(contact, None, reason)
    if agent is not None:
        release(state, agent, contact)
        feed(state, agent)


def _end(state: State, contact: ContactRecord, reason: str) -> None:
    """From talking to wrap-up, which still holds the agent's capacity, or straight to the end."""
    wrap_up_ms = contact.queue.spec.policy.wrap_up_ms
    if wrap_up_ms <= 0:
        _close(state, contact, reason)
        return
    move_contact(contact, _ENDED, state.now_ms)
    contact.wrap_up_until_ms = state.now_ms + wrap_up_ms
    state.timers.arm(_WRAP_UP_DUE, contact, contact.wrap_up_until_ms)
    state.moved(contact, contact.agent, reason, contact.wrap_up_until_ms)


def _close(state: State, contact: ContactRecord, reason: str) -> None:
    agent = contact.agent
    move_contact(contact, _FINISHED, state.now_ms)
    state.finish(contact)
    state.moved(contact, agent, reason)
    if agent is None:
        return
    if contact.contact in agent.parked:
        del agent.parked[contact.contact]
    else:
        agent.idle_since_ms = state.now_ms
        del agent.contacts[contact.contact]
    contact.agent = None
    relax(state, agent)
    if not agent.removed:
        feed(state, agent)
