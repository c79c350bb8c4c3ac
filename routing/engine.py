"""The engine: the only mutable object of this package. Tell it what happened, do what it answers.

It owns the order of events and the firing of timers; each event's meaning is in `contacts.py`, `offers.py`
and `agents.py`, the matching in `line.py`. It has no clock: time is the `at_ms` of the events, and
`next_deadline_ms` says when a `TimeReached` is due.
"""

from operator import attrgetter

from routing import agents, contacts, offers
from routing.commands import Command
from routing.events import (
    AgentRemoved,
    AgentUpserted,
    ContactAbandoned,
    ContactArrived,
    ContactEnded,
    ContactRequeued,
    Event,
    OfferAccepted,
    OfferConnected,
    OfferDelivered,
    OfferRejected,
    OfferSetupFailed,
    PresenceSet,
    ReachabilitySet,
    RuleSetPublished,
    TimeReached,
    WrapUpDone,
)
from routing.explain import hindrances
from routing.line import replace
from routing.match import free_channels
from routing.records import CHANNELS, AgentRecord
from routing.state import State
from routing.timers import Timer, TimerKind
from routing.types import AgentId, ContactId, ContactState, OfferId, QueueId, QueueSpec
from routing.views import AgentView, ContactView, OfferView, agent_view, contact_view, offer_view


class Engine:
    """A deterministic state machine: the same events give the same commands, byte for byte."""

    def __init__(self, state: State | None = None) -> None:
        self._state = state if state is not None else State()

    def handle(self, event: Event) -> list[Command]:
        """Apply one event and return what to do and what has changed, in order.

        Never raises on an event that is late, doubled or impossible: that is `Ignored` and changes nothing.
        Time does not go back: an `at_ms` before the latest seen counts as the latest.
        """
        state = self._state
        state.now_ms = max(state.now_ms, event.at_ms)
        state.out = []
        self._apply(event)
        return state.out

    def next_deadline_ms(self) -> int | None:
        """When the next timer is due, as UTC epoch ms; None while nothing is timed."""
        return self._state.timers.next_ms()

    @property
    def now_ms(self) -> int:
        """The latest time that the engine has been told."""
        return self._state.now_ms

    @property
    def rule_set(self) -> str:
        """Hash of the rule set in force; empty before the first."""
        return self._state.rule_set

    @property
    def state(self) -> State:
        """The facts themselves, for `snapshot.py`."""
        return self._state

    def contact(self, contact: ContactId) -> ContactView | None:
        """The contact, or None once it is closed or abandoned."""
        record = self._state.contacts.get(contact)
        return contact_view(record) if record else None

    def knows(self, contact: ContactId) -> bool:
        """Whether the contact has ever arrived; true for a while after it is finished too."""
        return contact in self._state.contacts or contact in self._state.finished

    def contacts(self) -> list[ContactView]:
        """Every contact that is not finished, in order of arrival."""
        return [contact_view(record) for record in self._state.contacts.values()]

    def offer(self, offer: OfferId) -> OfferView | None:
        """The offer while it is ALERTING or CONNECTING, else None."""
        record = self._state.offers.get(offer)
        return offer_view(record) if record else None

    def live_offers(self) -> list[OfferView]:
        """Every live offer, oldest first."""
        return [offer_view(record) for record in self._state.offers.values()]

    def agent(self, agent: AgentId) -> AgentView | None:
        """The agent, or None when unknown or removed."""
        record = self._state.roster.agents.get(agent)
        return self._agent_view(record) if record and not record.removed else None

    def agents(self) -> list[AgentView]:
        """Every agent, by id."""
        found = sorted(self._state.roster.agents.values(), key=attrgetter("agent"))
        return [self._agent_view(record) for record in found if not record.removed]

    def contacts_of(self, agent: AgentId) -> list[ContactView]:
        """What the agent holds, in the order in which it was asked."""
        record = self._state.roster.agents.get(agent)
        return [contact_view(contact) for contact in record.contacts.values()] if record else []

    def queues(self) -> list[QueueSpec]:
        """The queues in force, in the order of the rule set."""
        return list(self._state.queues.values())

    def waiting(self, queue: QueueId | None = None) -> list[ContactView]:
        """Contacts in line (QUEUED), first in line first; of one queue or of all."""
        found = [
            record
            for record in self._state.contacts.values()
            if record.state is ContactState.QUEUED and queue in (None, record.queue)
        ]
        return [contact_view(record) for record in sorted(found, key=attrgetter("place"))]

    def hindrances(self, contact: ContactId) -> tuple[tuple[str, int], ...]:
        """Why nobody has been asked for a waiting contact: agents counted by reason, as in a decision trace.

        Empty for a contact that is not in line. Costs the same however many agents there are.
        """
        record = self._state.contacts.get(contact)
        if record is None or record.demand is None:
            return ()
        return hindrances(self._state.roster, record.demand, record)

    @staticmethod
    def _agent_view(record: AgentRecord) -> AgentView:
        return agent_view(record, tuple(CHANNELS[index] for index in free_channels(record)))

    def _apply(self, event: Event) -> None:
        state = self._state
        match event:
            case TimeReached():
                self._fire()
            case ContactArrived():
                contacts.on_arrived(state, event)
            case OfferDelivered():
                offers.on_delivered(state, event)
            case OfferAccepted():
                offers.on_accepted(state, event)
            case OfferConnected():
                offers.on_connected(state, event)
            case ContactEnded():
                contacts.on_ended(state, event)
            case WrapUpDone():
                contacts.on_wrap_up_done(state, event)
            case ContactAbandoned():
                contacts.on_abandoned(state, event)
            case OfferRejected():
                offers.on_rejected(state, event)
            case OfferSetupFailed():
                offers.on_setup_failed(state, event)
            case ContactRequeued():
                contacts.on_requeued(state, event)
            case PresenceSet():
                agents.on_presence(state, event)
            case ReachabilitySet():
                agents.on_reachability(state, event)
            case AgentUpserted():
                agents.on_upserted(state, event)
            case AgentRemoved():
                agents.on_removed(state, event)
            case RuleSetPublished():
                self._publish(event)

    def _publish(self, event: RuleSetPublished) -> None:
        """Switch queues; every waiting contact takes its place anew, because pools may have changed."""
        state = self._state
        waiting = [c for c in state.contacts.values() if c.state is ContactState.QUEUED]
        for contact in waiting:
            state.lines.leave(contact)
        state.lines.clear()
        state.publish(event.hash, event.queues)
        for contact in sorted(waiting, key=attrgetter("place")):
            replace(state, contact, "rules_published")

    def _fire(self) -> None:
        """Fire every timer due, in order of deadline, then of arming."""
        timers = self._state.timers
        while (timer := timers.pop_due(self._state.now_ms)) is not None:
            self._expire(timer)

    def _expire(self, timer: Timer) -> None:
        state = self._state
        _, _, kind, ident = timer
        match kind:
            case TimerKind.DELIVERY:
                offers.delivery_due(state, state.offers[OfferId(ident)])
            case TimerKind.RING:
                offers.ring_due(state, state.offers[OfferId(ident)])
            case TimerKind.SETUP:
                offers.setup_due(state, state.offers[OfferId(ident)])
            case TimerKind.WRAP_UP:
                contacts.wrap_up_due(state, state.contacts[ContactId(ident)])
            case TimerKind.STEP:
                contacts.step_due(state, state.contacts[ContactId(ident)])
            case TimerKind.EXCLUSION:
                contacts.exclusion_due(state, state.contacts[ContactId(ident)])
