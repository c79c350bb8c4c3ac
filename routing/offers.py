"""The life of an offer: delivered, accepted, connected, or over in one of six ways.

However an offer ends, its contact goes back to its place and is offered on at once, then its agent takes
whatever comes first. One offer per contact is live at a time, so exactly one agent can win.
"""

from routing.callback_events import retry_later
from routing.callbacks import attempt, over
from routing.commands import Connect, EndOffer, PresenceChanged
from routing.events import OfferAccepted, OfferConnected, OfferDelivered, OfferRejected, OfferSetupFailed
from routing.exclusions import exclude, forgive
from routing.line import bring_home, feed, place, pool_shrank, release, touch, unline
from routing.plans import give_up
from routing.queues import served
from routing.records import AgentRecord, ContactRecord, OfferRecord
from routing.state import State
from routing.timers import TimerKind
from routing.transitions import ContactInput, OfferInput, allows_offer, move_contact, move_offer
from routing.types import Channel, ContactState, OfferId, OfferState, Presence

# Python 3.11 looks members of enumerations up slowly, so those of every offer are bound once.
_BY_ACCEPTANCE, _BY_CONNECTION = ContactInput.ACCEPTED, ContactInput.CONNECTED
_OFFER_ACCEPTED, _OFFER_CONNECTED = OfferInput.ACCEPTED, OfferInput.CONNECTED
_STEP, _SETUP, _DELIVERY, _RING = TimerKind.STEP, TimerKind.SETUP, TimerKind.DELIVERY, TimerKind.RING
_ALERTING, _VOICE = OfferState.ALERTING, Channel.VOICE


def on_delivered(state: State, event: OfferDelivered) -> None:
    offer = state.offers.get(event.offer)
    if offer is None:
        state.ignore("OfferDelivered", "the offer is over or was never made")
    elif offer.delivered:
        state.ignore("OfferDelivered", "the offer was already delivered")
    else:
        _delivered(state, offer)


def on_accepted(state: State, event: OfferAccepted) -> None:
    """The first accept of a live offer by the agent who was asked wins; any other is late."""
    offer = _asked(state, "OfferAccepted", event.offer, event.agent, _OFFER_ACCEPTED)
    if offer is None:
        return
    contact, spec = offer.contact, offer.contact.queue.spec
    offer.delivered = True
    move_offer(offer, _OFFER_ACCEPTED)
    move_contact(contact, _BY_ACCEPTANCE, state.now_ms)
    dials = contact.callback is not None and not contact.callback.answered
    setup_until_ms = state.now_ms + max(spec.callback.dial_ms if dials else spec.policy.setup_ms, 0)
    if dials and contact.callback is not None:
        attempt(state, contact.callback)
    elif contact.channel is _VOICE:
        # The phone may go on ringing for as long as it would have without the console's accept.
        setup_until_ms = max(setup_until_ms, offer.expires_at_ms)
    offer.setup_until_ms = setup_until_ms
    state.timers.cancel_all(offer)
    state.timers.arm(_SETUP, offer, setup_until_ms)
    state.out.append(
        Connect(offer.offer, contact.contact, offer.agent.agent, contact.channel, setup_until_ms, dials)
    )
    state.moved(contact, offer.agent, until_ms=setup_until_ms)


def on_connected(state: State, event: OfferConnected) -> None:
    """Customer and agent are together; a lifted phone needs no accept."""
    offer = state.offers.get(event.offer)
    if offer is None:
        _connected_late(state, event)
        return
    move_offer(offer, _OFFER_CONNECTED)
    _forget(state, offer)
    _together(state, offer.contact, offer.agent, "")


def _connected_late(state: State, event: OfferConnected) -> None:
    """The offer is over, and yet the two talk: whoever was asked since is asked no more."""
    contact = state.contacts.get(event.contact) if event.contact is not None else None
    agent = state.roster.agents.get(event.agent) if event.agent is not None else None
    if contact is None or agent is None:
        state.ignore("OfferConnected", "the offer is over or was never made")
        return
    if contact.state not in (ContactState.QUEUED, ContactState.OFFERED, ContactState.CONNECTING):
        state.ignore("OfferConnected", f"the contact is already {contact.state}")
        return
    asked = contact.agent
    if contact.offer is not None:
        end_offer(state, contact.offer, OfferInput.WITHDRAWN, "answered_by_another")
        move_contact(contact, ContactInput.RETURNED, state.now_ms)
    else:
        unline(state, contact)
    if asked is not None:
        release(state, asked, contact)
    move_contact(contact, ContactInput.OFFERED, state.now_ms)
    contact.agent = agent
    agent.contacts[contact.contact] = contact
    if agent.presence is Presence.RONA:
        # The ring was not missed after all.
        agent.presence, agent.code, agent.presence_since_ms = Presence.AVAILABLE, "", state.now_ms
        state.out.append(PresenceChanged(agent.agent, Presence.AVAILABLE, "", f"answered {event.offer} late"))
    if not agent.removed:
        state.roster.refresh(agent)
    _together(state, contact, agent, "answered_late")
    bring_home(state, agent)
    feed(state, agent)
    if asked is not None and asked is not agent:
        feed(state, asked)


def _together(state: State, contact: ContactRecord, agent: AgentRecord, reason: str) -> None:
    """The contact is with its agent, who holds it already."""
    move_contact(contact, _BY_CONNECTION, state.now_ms)
    state.timers.cancel(_STEP, contact)
    forgive(state, contact)
    contact.offers_failed = 0
    served(contact.queue, state.now_ms)
    touch(state, agent)
    state.moved(contact, agent, reason)
    over(state, contact, "connected")


def on_rejected(state: State, event: OfferRejected) -> None:
    offer = _asked(state, "OfferRejected", event.offer, event.agent, OfferInput.REJECTED)
    if offer is not None:
        give_back(state, offer, OfferInput.REJECTED, event.reason, hard=True)


def on_setup_failed(state: State, event: OfferSetupFailed) -> None:
    offer = state.offers.get(event.offer)
    if offer is None:
        state.ignore("OfferSetupFailed", "the offer is over or was never made")
    else:
        _setup_failed(state, offer, event.reason)


def delivery_due(state: State, offer: OfferRecord) -> None:
    """No console or phone showed the offer: not the agent's fault, but asking again at once is useless."""
    give_back(state, offer, OfferInput.TIMED_OUT, "not_delivered", hard=True)


def ring_due(state: State, offer: OfferRecord) -> None:
    """The agent let it ring (RONA): nothing more goes to an agent who may not be there."""
    agent, contact = offer.agent, offer.contact
    end_offer(state, offer, OfferInput.TIMED_OUT, "no_answer")
    missed = agent.presence is Presence.AVAILABLE and not agent.removed
    if missed:
        agent.presence, agent.code, agent.presence_since_ms = Presence.RONA, "", state.now_ms
        state.out.append(PresenceChanged(agent.agent, Presence.RONA, "", f"missed offer {offer.offer}"))
    _return(state, contact, agent, hard=False)
    place(state, contact, "no_answer")
    if missed:
        pool_shrank(state, agent)
    feed(state, agent)


def setup_due(state: State, offer: OfferRecord) -> None:
    """Accepted, but the two never came together."""
    _setup_failed(state, offer, "setup_timed_out")


def _setup_failed(state: State, offer: OfferRecord, reason: str) -> None:
    contact, agent = offer.contact, offer.agent
    called_back = contact.callback is not None and not contact.callback.answered
    if not called_back or offer.state is not OfferState.CONNECTING:
        give_back(state, offer, OfferInput.SETUP_FAILED, reason, hard=True)
        return
    # The customer did not answer our call: the agent has done nothing wrong, and another time may suit.
    end_offer(state, offer, OfferInput.SETUP_FAILED, reason)
    move_contact(contact, ContactInput.RETURNED, state.now_ms)
    release(state, agent, contact)
    retry_later(state, contact, reason)
    feed(state, agent)


def rescind(state: State, offer: OfferRecord, reason: str) -> None:
    """The agent cannot be reached for it any more; the contact goes on without penalty to anybody."""
    contact, agent = offer.contact, offer.agent
    end_offer(state, offer, OfferInput.RESCINDED, reason)
    move_contact(contact, ContactInput.RETURNED, state.now_ms)
    release(state, agent, contact)
    place(state, contact, reason)


def give_back(state: State, offer: OfferRecord, how: OfferInput, reason: str, *, hard: bool) -> None:
    """End the offer, put the contact back with its key, exclude the agent for a while, match both anew."""
    contact, agent = offer.contact, offer.agent
    end_offer(state, offer, how, reason)
    _return(state, contact, agent, hard=hard)
    place(state, contact, reason)
    feed(state, agent)


def end_offer(state: State, offer: OfferRecord, how: OfferInput, reason: str) -> None:
    """Close a live offer and say so. The contact still holds the agent until it is released."""
    move_offer(offer, how)
    _forget(state, offer)
    state.out.append(EndOffer(offer.offer, offer.contact.contact, offer.agent.agent, offer.state, reason))


def _return(state: State, contact: ContactRecord, agent: AgentRecord, *, hard: bool) -> None:
    move_contact(contact, ContactInput.RETURNED, state.now_ms)
    release(state, agent, contact)
    exclude(state, contact, agent, hard=hard)
    contact.offers_failed += 1
    if contact.plan.offers_max is not None and contact.offers_failed >= contact.plan.offers_max:
        give_up(state, contact)


def _asked(
    state: State, event: str, offer_id: OfferId, agent: str, happened: OfferInput
) -> OfferRecord | None:
    """The live offer, when it was this agent who was asked and it can still be answered so."""
    offer = state.offers.get(offer_id)
    if offer is None:
        state.ignore(event, "the offer is over or was never made")
    elif offer.agent.agent != agent:
        state.ignore(event, "another agent was asked")
    elif not allows_offer(offer, happened):
        state.ignore(event, f"the offer is already {offer.state}")
    else:
        return offer
    return None


def _delivered(state: State, offer: OfferRecord) -> None:
    """It is shown; from here it rings until its time is up."""
    offer.delivered = True
    state.timers.cancel(_DELIVERY, offer)
    if offer.state is _ALERTING:
        state.timers.arm(_RING, offer, offer.expires_at_ms)


def _forget(state: State, offer: OfferRecord) -> None:
    del state.offers[offer.offer]
    offer.contact.offer = None
    state.timers.cancel_all(offer)
