"""The life of an offer and of a callback in the brute-force engine."""

from routing.commands import CallbackPromised, Connect, PresenceChanged
from routing.events import (
    CallbackAnswered,
    CallbackRequested,
    CallbackUnanswered,
    OfferAccepted,
    OfferConnected,
    OfferDelivered,
    OfferRejected,
    OfferSetupFailed,
)
from routing.transitions import OFFER, ContactInput, OfferInput
from routing.types import AgentId, Channel, ContactId, ContactState, OfferId, OfferState, PlanEnd, Presence
from tests.sim.brute.choice import place
from tests.sim.brute.facts import Agent, Callback, Contact, Offer, foreseen, interval_after
from tests.sim.brute.lines import Lines

OVER = "the offer is over or was never made"


class Offers(Lines):
    """Offers and callbacks."""

    def on_delivered(self, event: OfferDelivered) -> None:
        offer = self.offer(event.offer)
        if offer is None:
            self.ignore("OfferDelivered", OVER)
        elif offer.delivered:
            self.ignore("OfferDelivered", "the offer was already delivered")
        else:
            offer.delivered = True
            self.cancel(offer, "delivery")
            if offer.state is OfferState.ALERTING:
                self.arm("ring", offer, offer.expires_at)

    def on_accepted(self, event: OfferAccepted) -> None:
        offer = self._asked("OfferAccepted", event.offer, event.agent, OfferInput.ACCEPTED)
        if offer is None:
            return
        contact, spec = offer.contact, offer.contact.queue.spec
        offer.delivered = True
        offer.state = OFFER[offer.state][OfferInput.ACCEPTED]
        self.move(contact, ContactInput.ACCEPTED)
        dials = contact.callback is not None and not contact.callback.answered
        until = self.now + max(spec.callback.dial_ms if dials else spec.policy.setup_ms, 0)
        if dials:
            self.attempt(contact)
        elif contact.channel is Channel.VOICE:
            until = max(until, offer.expires_at)
        self.cancel(offer)
        self.arm("setup", offer, until)
        self.out.append(Connect(offer.ident, contact.ident, offer.agent.ident, contact.channel, until, dials))
        self.moved(contact, offer.agent, until=until)

    def on_connected(self, event: OfferConnected) -> None:
        offer = self.offer(event.offer)
        if offer is not None:
            offer.state = OFFER[offer.state][OfferInput.CONNECTED]
            self.forget_offer(offer)
            self._together(offer.contact, offer.agent, "")
            return
        contact, agent = self.contact(event.contact), self.agent(event.agent)
        if contact is None or agent is None:
            self.ignore("OfferConnected", OVER)
        elif contact.state not in (ContactState.QUEUED, ContactState.OFFERED, ContactState.CONNECTING):
            self.ignore("OfferConnected", f"the contact is already {contact.state}")
        else:
            self._late(contact, agent, event.offer)

    def _late(self, contact: Contact, agent: Agent, offer: OfferId) -> None:
        """They talk although the offer is over: whoever was asked since is asked no more."""
        asked = contact.agent
        if contact.offer is not None:
            self.end_offer(contact.offer, OfferInput.WITHDRAWN, "answered_by_another")
            self.move(contact, ContactInput.RETURNED)
        else:
            self.out_of_line(contact)
        if asked is not None:
            self.release(asked, contact)
        self.move(contact, ContactInput.OFFERED)
        contact.agent = agent
        agent.held.append(contact)
        if agent.presence is Presence.RONA:
            agent.presence, agent.code = Presence.AVAILABLE, ""
            self.out.append(PresenceChanged(agent.ident, Presence.AVAILABLE, "", f"answered {offer} late"))
        self._together(contact, agent, "answered_late")
        self.bring_home(agent)
        self.feed(agent)
        if asked is not None and asked is not agent:
            self.feed(asked)

    def _together(self, contact: Contact, agent: Agent, reason: str) -> None:
        self.move(contact, ContactInput.CONNECTED)
        self.cancel(contact, "step")
        self.cancel(contact, "exclusion")
        contact.exclusions.clear()
        contact.failed = 0
        queue = contact.queue
        queue.interval = interval_after(queue, self.now)
        queue.served_at, queue.busy = self.now, bool(self.waiting(queue))
        agent.idle_since = self.now
        self.moved(contact, agent, reason)
        self.callback_over(contact, "connected")

    def on_rejected(self, event: OfferRejected) -> None:
        offer = self._asked("OfferRejected", event.offer, event.agent, OfferInput.REJECTED)
        if offer is not None:
            self.give_back(offer, OfferInput.REJECTED, event.reason)

    def on_setup_failed(self, event: OfferSetupFailed) -> None:
        offer = self.offer(event.offer)
        if offer is None:
            self.ignore("OfferSetupFailed", OVER)
        else:
            self.setup_failed(offer, event.reason)

    def setup_failed(self, offer: Offer, reason: str) -> None:
        contact, agent = offer.contact, offer.agent
        callback = contact.callback
        if callback is None or callback.answered or offer.state is not OfferState.CONNECTING:
            self.give_back(offer, OfferInput.SETUP_FAILED, reason)
            return
        self.end_offer(offer, OfferInput.SETUP_FAILED, reason)
        self.move(contact, ContactInput.RETURNED)
        self.release(agent, contact)
        if self._may_retry(contact):
            self.put_off(contact, reason, self.now + max(contact.queue.spec.callback.gap_ms, 1_000))
        else:
            self.move(contact, ContactInput.PUT_OFF)
            self._give_up_calling(contact, reason)
        self.feed(agent)

    def ring_over(self, offer: Offer) -> None:
        """The agent let it ring."""
        contact, agent = offer.contact, offer.agent
        self.end_offer(offer, OfferInput.TIMED_OUT, "no_answer")
        missed = agent.presence is Presence.AVAILABLE and not agent.removed
        if missed:
            agent.presence, agent.code = Presence.RONA, ""
            self.out.append(PresenceChanged(agent.ident, Presence.RONA, "", f"missed offer {offer.ident}"))
        self._return(contact, agent, hard=False)
        self.place(contact, "no_answer")
        if missed:
            self.pool_shrank(agent)
        self.feed(agent)

    def rescind(self, offer: Offer, reason: str) -> None:
        contact, agent = offer.contact, offer.agent
        self.end_offer(offer, OfferInput.RESCINDED, reason)
        self.move(contact, ContactInput.RETURNED)
        self.release(agent, contact)
        self.place(contact, reason)

    def give_back(self, offer: Offer, how: OfferInput, reason: str) -> None:
        contact, agent = offer.contact, offer.agent
        self.end_offer(offer, how, reason)
        self._return(contact, agent, hard=True)
        self.place(contact, reason)
        self.feed(agent)

    def _return(self, contact: Contact, agent: Agent, *, hard: bool) -> None:
        self.move(contact, ContactInput.RETURNED)
        self.release(agent, contact)
        self.exclude(contact, agent, hard=hard)
        contact.failed += 1
        most, steps = contact.plan.offers_max, len(contact.plan.steps)
        if most is not None and contact.failed >= most:
            end = steps - 1 if contact.plan.end is PlanEnd.HOLD else steps
            if contact.step < end:
                self.enter_step(contact, end)

    def _asked(self, event: str, ident: OfferId, agent: AgentId, happened: OfferInput) -> Offer | None:
        offer = self.offer(ident)
        if offer is None:
            self.ignore(event, OVER)
        elif offer.agent.ident != agent:
            self.ignore(event, "another agent was asked")
        elif happened not in OFFER[offer.state]:
            self.ignore(event, f"the offer is already {offer.state}")
        else:
            return offer
        return None

    # ---- callbacks

    def on_callback_requested(self, event: CallbackRequested) -> None:
        contact = self.contact(event.contact)
        if contact is None:
            self.ignore("CallbackRequested", "unknown contact")
        elif contact.channel is not Channel.VOICE:
            self.ignore("CallbackRequested", "only a call can be called back")
        elif contact.state is not ContactState.QUEUED or contact.callback is not None:
            what = "already a callback" if contact.callback is not None else str(contact.state)
            self.ignore("CallbackRequested", f"the contact is {what}")
        else:
            self._promise(contact, event)

    def _promise(self, contact: Contact, event: CallbackRequested) -> None:
        customer = event.customer or contact.customer
        if customer and any(c.callback is not None and c.customer == customer for c in self.contacts):
            self.ignore("CallbackRequested", "the customer already has a callback")
            return
        contact.customer = customer
        policy, mine = contact.queue.spec.callback, place(contact, self.now)
        ahead = sum(place(other, self.now) < mine for other in self.waiting(contact.queue))
        wait = foreseen(contact.queue, ahead + 1)
        if event.due_at_ms is not None or wait is None:
            first = max(event.due_at_ms or 0, self.now)
            last = first + max(policy.window_ms, 0)
        else:
            first = self.now + wait[0]
            last = max(self.now + wait[2], first + policy.dial_ms)
        contact.callback = Callback(event.mode, last, event.due_at_ms)
        self.out.append(CallbackPromised(contact.ident, first, last))
        if event.due_at_ms is not None and event.due_at_ms > self.now:
            self.out_of_line(contact)
            self.put_off(contact, "appointed", event.due_at_ms)

    def on_callback_answered(self, event: CallbackAnswered) -> None:
        contact = self._dialled("CallbackAnswered", event.contact)
        if contact is not None and contact.callback is not None:
            contact.callback.dialling, contact.callback.answered = False, True
            self._back(contact, "answered")

    def on_callback_unanswered(self, event: CallbackUnanswered) -> None:
        contact = self._dialled("CallbackUnanswered", event.contact)
        if contact is not None:
            self._unanswered(contact, event.reason)

    def callback_due(self, contact: Contact) -> None:
        if contact.callback is not None and contact.callback.dialling:
            self._unanswered(contact, "no_answer")
        else:
            self._back(contact, "due")

    def _unanswered(self, contact: Contact, reason: str) -> None:
        assert contact.callback is not None
        contact.callback.dialling = False
        if self._may_retry(contact):
            until = self.now + max(contact.queue.spec.callback.gap_ms, 1_000)
            self.arm("callback", contact, until)
            self.moved(contact, None, reason, until)
        else:
            self._give_up_calling(contact, "callback_unanswered")

    def _back(self, contact: Contact, reason: str) -> None:
        self.cancel(contact, "callback")
        self.move(contact, ContactInput.RETURNED)
        self.place(contact, reason)

    def _may_retry(self, contact: Contact) -> bool:
        assert contact.callback is not None
        return contact.callback.attempts < max(contact.queue.spec.callback.attempts_max, 1)

    def _give_up_calling(self, contact: Contact, reason: str) -> None:
        self.callback_over(contact, "unanswered")
        self.move(contact, ContactInput.FINISHED)
        self.finish(contact)
        self.moved(contact, None, reason)

    def _dialled(self, event: str, ident: ContactId) -> Contact | None:
        contact = self.contact(ident)
        if contact is None:
            self.ignore(event, "unknown contact")
        elif contact.callback is None or not contact.callback.dialling:
            self.ignore(event, "the customer is not being dialled")
        else:
            return contact
        return None
