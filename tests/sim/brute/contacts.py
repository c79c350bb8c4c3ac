"""What happens to contacts in the brute-force engine."""

from routing.events import (
    ContactAbandoned,
    ContactArrived,
    ContactBoosted,
    ContactEnded,
    ContactParked,
    ContactRequeued,
    ContactTransferred,
    ContactUnparked,
    WrapUpDone,
)
from routing.transitions import CONTACT, ContactInput, OfferInput
from routing.types import Channel, ContactId, ContactState, RoutePlan, Step
from tests.sim.brute.choice import lacks_room, staffed
from tests.sim.brute.facts import Contact
from tests.sim.brute.offers import Offers


class Contacts(Offers):
    """Contacts, from arrival to their end."""

    def on_arrived(self, event: ContactArrived) -> None:
        if self.contact(event.contact) is not None or event.contact in self.finished:
            self.ignore("ContactArrived", "the contact has already arrived")
            return
        queue = self.queue(event.queue, event.rule_set)
        self.contact_seq += 1
        contact = Contact(
            event.contact,
            event.channel,
            queue,
            event.plan,
            min(event.enqueued_at_ms, self.now),
            min(max(event.head_start_ms, 0), max(queue.spec.head_start_max_ms, 0)),
            min(max(event.value, 0), 100),
            event.rule_set,
            self.contact_seq,
            event.customer,
            event.tier,
        )
        self.contacts.append(contact)
        if self.admit(contact):
            self.enter_step(contact, 0)
            self.place(contact, "arrived")

    def on_boosted(self, event: ContactBoosted) -> None:
        contact = self._live("ContactBoosted", event.contact)
        if contact is None:
            return
        most = max(contact.queue.spec.head_start_max_ms, 0)
        boost = min(max(contact.boost + event.boost_ms, -most), most)
        if contact.state is not ContactState.QUEUED:
            self.ignore("ContactBoosted", f"the contact is {contact.state}")
        elif boost == contact.boost:
            self.ignore("ContactBoosted", "the contact cannot be moved further")
        else:
            contact.boost = boost
            if contact.queue.spec.reserve is not None or contact.queue.spec.overflows:
                self.stir(contact.queue)
            self.moved(contact, None, event.reason or f"boosted_by_{event.by}", contact.step_until)

    def on_transferred(self, event: ContactTransferred) -> None:
        contact = self._live("ContactTransferred", event.contact)
        if contact is None:
            return
        agent = contact.agent
        if contact.state is not ContactState.ACTIVE or agent is None:
            self.ignore("ContactTransferred", f"the contact is {contact.state}")
            return
        if agent.ident != event.agent:
            self.ignore("ContactTransferred", "another agent has this contact")
            return
        self.move(contact, ContactInput.RETURNED)
        contact.queue = self.queue(event.queue, contact.rule_set)
        contact.plan = event.plan or contact.queue.spec.plan
        contact.owner, contact.failed, contact.asked = agent.ident, 0, False
        self.release(agent, contact)
        self.exclude(contact, agent, hard=False)
        self.enter_step(contact, 0)
        agent.idle_since = self.now
        self.moved(contact, None, event.reason, queue=event.queue)
        self.place(contact, event.reason, agent)
        self.feed(agent)

    def on_abandoned(self, event: ContactAbandoned) -> None:
        contact = self._live("ContactAbandoned", event.contact)
        if contact is None:
            return
        if contact.state is ContactState.ACTIVE:
            self._end(contact, event.reason)
        elif contact.state is ContactState.PARKED:
            self.close(contact, event.reason)
        elif ContactInput.LEFT in CONTACT[contact.state]:
            self._leave(contact, event.reason)
        else:
            self.ignore("ContactAbandoned", f"the contact is already {contact.state}")

    def on_ended(self, event: ContactEnded) -> None:
        contact = self._live("ContactEnded", event.contact)
        if contact is None:
            return
        if contact.state is ContactState.ACTIVE:
            self._end(contact, f"ended_by_{event.by}")
        elif contact.state is ContactState.PARKED:
            self.close(contact, f"ended_by_{event.by}")
        elif event.by == "customer" and ContactInput.LEFT in CONTACT[contact.state]:
            self._leave(contact, "customer_left")
        else:
            self.ignore("ContactEnded", f"the contact is {contact.state}")

    def on_requeued(self, event: ContactRequeued) -> None:
        contact = self._live("ContactRequeued", event.contact)
        if contact is None:
            return
        agent = contact.agent
        held = (ContactState.OFFERED, ContactState.CONNECTING, ContactState.ACTIVE)
        if agent is None or contact.state not in held:
            self.ignore("ContactRequeued", f"the contact is {contact.state}")
            return
        if contact.offer is not None:
            self.end_offer(contact.offer, OfferInput.RESCINDED, event.reason)
        talked = contact.state is ContactState.ACTIVE
        self.move(contact, ContactInput.RETURNED)
        self.release(agent, contact)
        self.exclude(contact, agent, hard=False)
        if talked:
            agent.idle_since = self.now
            if contact.step_until is not None and contact.step_until <= self.now:
                self.enter_step(contact, contact.step + 1)
        self.place(contact, event.reason, agent)
        self.feed(agent)

    def on_wrap_up_done(self, event: WrapUpDone) -> None:
        contact = self._live("WrapUpDone", event.contact)
        if contact is None:
            return
        if contact.state is not ContactState.WRAP_UP:
            self.ignore("WrapUpDone", f"the contact is {contact.state}")
        elif contact.agent is None or contact.agent.ident != event.agent:
            self.ignore("WrapUpDone", "another agent wraps up this contact")
        else:
            self.close(contact, "wrapped_up")

    def on_parked(self, event: ContactParked) -> None:
        contact = self.contact(event.contact)
        if contact is None:
            self.ignore("ContactParked", "unknown contact")
        elif contact.state is not ContactState.ACTIVE or contact.agent is None:
            self.ignore("ContactParked", f"the contact is {contact.state}")
        elif contact.channel is Channel.VOICE:
            self.ignore("ContactParked", "a call cannot be parked")
        else:
            agent = contact.agent
            self.move(contact, ContactInput.PARKED)
            agent.held.remove(contact)
            agent.parked.append(contact)
            if event.until_ms is not None:
                self.arm("park", contact, max(event.until_ms, self.now))
            self.moved(contact, agent, "parked", event.until_ms)
            self.relax(agent)
            self.feed(agent)

    def on_unparked(self, event: ContactUnparked) -> None:
        contact = self.contact(event.contact)
        if contact is None:
            self.ignore("ContactUnparked", "unknown contact")
            return
        agent = contact.agent
        if contact.state is not ContactState.PARKED or agent is None:
            self.ignore("ContactUnparked", f"the contact is {contact.state}")
            return
        self.cancel(contact, "park")
        agent.parked.remove(contact)
        if staffed(agent, contact.channel) and not lacks_room(agent, contact.channel, []):
            self.move(contact, ContactInput.RESUMED)
            agent.held.append(contact)
            self.moved(contact, agent, "returned")
            return
        self.move(contact, ContactInput.RETURNED)
        contact.agent = None
        plan = contact.plan
        rest = tuple(step for step in plan.steps if step.agent is None) or (Step(),)
        back = Step(agent=agent.ident, duration_ms=max(event.wait_ms, 0))
        contact.plan = RoutePlan((back, *rest), plan.end, plan.overflow_to, plan.offers_max)
        contact.failed = 0
        self.relax(agent)
        self.enter_step(contact, 0)
        self.place(contact, "returned")
        self.feed(agent)

    # ---- timers

    def step_over(self, contact: Contact) -> None:
        if contact.in_line:
            self.replace(contact, "step_over")

    def exclusion_over(self, contact: Contact) -> None:
        if not contact.in_line:
            self.ripen(contact)
            return
        self.out_of_line(contact)
        self.ripen(contact)
        self.place_again(contact, "exclusion_over")

    # ---- ends

    def _live(self, event: str, ident: ContactId) -> Contact | None:
        contact = self.contact(ident)
        if contact is None:
            over = self.finished.get(ident)
            self.ignore(event, f"the contact is already {over}" if over else "unknown contact")
        return contact

    def _leave(self, contact: Contact, reason: str) -> None:
        agent = contact.agent
        if contact.offer is not None:
            self.end_offer(contact.offer, OfferInput.WITHDRAWN, reason)
        if contact.in_line:
            self.out_of_line(contact)
        self.callback_over(contact, "withdrawn")
        self.move(contact, ContactInput.LEFT)
        self.finish(contact)
        self.moved(contact, None, reason)
        if agent is not None:
            self.release(agent, contact)
            self.feed(agent)

    def _end(self, contact: Contact, reason: str) -> None:
        wrap_up = contact.queue.spec.policy.wrap_up_ms
        if wrap_up <= 0:
            self.close(contact, reason)
            return
        self.move(contact, ContactInput.ENDED)
        self.arm("wrap_up", contact, self.now + wrap_up)
        self.moved(contact, contact.agent, reason, self.now + wrap_up)

    def close(self, contact: Contact, reason: str) -> None:
        agent = contact.agent
        self.move(contact, ContactInput.FINISHED)
        self.finish(contact)
        self.moved(contact, agent, reason)
        if agent is None:
            return
        if contact in agent.parked:
            agent.parked.remove(contact)
            contact.agent = None
            self.relax(agent)
        else:
            agent.idle_since = self.now
            self.release(agent, contact)
        self.feed(agent)
