"""The engine: the only mutable object of this package. Tell it what happened, do what it answers.

It owns the order of events and the firing of timers; each event's meaning is in `contacts.py`, `offers.py`,
`agents.py`, `parking.py`, `callback_events.py` and `rule_sets.py`, the matching in `line.py`. It has no
clock: time is the `at_ms` of the events, and `next_deadline_ms` says when a `TimeReached` is due.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from routing import agents, callback_events, contacts, events, offers, parking, rule_sets, why
from routing.commands import Command, Expected, WaitTrace
from routing.events import Event
from routing.explain import hindrances
from routing.line import reorder
from routing.order import ahead
from routing.queues import expected, expected_of, oldest_at_ms
from routing.records import CHANNELS, AgentRecord
from routing.state import State
from routing.timers import TimerKind
from routing.types import AgentId, ContactId, ContactState, OfferId, QueueId, QueueSpec
from routing.views import AgentView, ContactView, OfferView, agent_view, contact_view, offer_view

_HANDLERS: dict[type[Any], Callable[[State, Any], None]] = {
    events.ContactArrived: contacts.on_arrived,
    events.ContactAbandoned: contacts.on_abandoned,
    events.ContactEnded: contacts.on_ended,
    events.ContactRequeued: contacts.on_requeued,
    events.ContactTransferred: contacts.on_transferred,
    events.ContactBoosted: contacts.on_boosted,
    events.ContactParked: parking.on_parked,
    events.ContactUnparked: parking.on_unparked,
    events.CallbackRequested: callback_events.on_requested,
    events.CallbackAnswered: callback_events.on_answered,
    events.CallbackUnanswered: callback_events.on_unanswered,
    events.WrapUpDone: contacts.on_wrap_up_done,
    events.OfferDelivered: offers.on_delivered,
    events.OfferAccepted: offers.on_accepted,
    events.OfferRejected: offers.on_rejected,
    events.OfferSetupFailed: offers.on_setup_failed,
    events.OfferConnected: offers.on_connected,
    events.AgentUpserted: agents.on_upserted,
    events.AgentRemoved: agents.on_removed,
    events.PresenceSet: agents.on_presence,
    events.ReachabilitySet: agents.on_reachability,
    events.RuleSetPublished: rule_sets.on_published,
    events.RuleSetStaged: rule_sets.on_staged,
}
"""What each event means; `TimeReached` fires `_TIMERS`."""

_TIMERS: dict[TimerKind, Callable[[State, Any], None]] = {
    TimerKind.DELIVERY: offers.delivery_due,
    TimerKind.RING: offers.ring_due,
    TimerKind.SETUP: offers.setup_due,
    TimerKind.WRAP_UP: contacts.wrap_up_due,
    TimerKind.STEP: contacts.step_due,
    TimerKind.EXCLUSION: contacts.exclusion_due,
    TimerKind.PARK: contacts.park_due,
    TimerKind.CALLBACK: callback_events.callback_due,
    TimerKind.RAMP: agents.ramp_due,
    TimerKind.SKILL: agents.skill_due,
    TimerKind.RESERVE: rule_sets.reserve_due,
}


class Engine:
    """A deterministic state machine: the same events give the same commands, byte for byte.

    explain: whether offers carry a decision trace, and whether it is told of each contact that it is placed
    and asked for; without it the decisions are the same and cost less, which is what a simulation wants.
    """

    def __init__(self, state: State | None = None, *, explain: bool = True) -> None:
        self._state = state if state is not None else State(explain=explain)

    def handle(self, event: Event) -> list[Command]:
        """Apply one event and return what to do and what has changed, in order.

        Never raises on an event that is late, doubled or impossible: that is `Ignored` and changes nothing.
        Time does not go back: an `at_ms` before the latest seen counts as the latest.
        """
        state = self._state
        at_ms = event.at_ms
        if at_ms > state.now_ms:
            state.now_ms = at_ms
        state.out = []
        if state.maturing:
            self._mature()
        handler = _HANDLERS.get(event.__class__)
        if handler is not None:
            handler(state, event)
        else:
            self._fire()
        if state.stirred:
            rule_sets.settle_reserves(state)
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
    def trial(self) -> str:
        """Hash of the staged rule set; empty when none is."""
        return self._state.trial

    @property
    def state(self) -> State:
        """The facts themselves, for `snapshot.py`."""
        return self._state

    def contact(self, contact: ContactId) -> ContactView | None:
        """The contact, or None once it is closed or abandoned."""
        record = self._state.contacts.get(contact)
        return contact_view(record, self._state.now_ms) if record else None

    def knows(self, contact: ContactId) -> bool:
        """Whether the contact has ever arrived; true for a while after it is finished too."""
        return contact in self._state.contacts or contact in self._state.finished

    def contacts(self) -> list[ContactView]:
        """Every contact that is not finished, in order of arrival."""
        now_ms = self._state.now_ms
        return [contact_view(record, now_ms) for record in self._state.contacts.values()]

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
        now_ms = self._state.now_ms
        return [contact_view(contact, now_ms) for contact in record.contacts.values()] if record else []

    def queues(self) -> list[QueueSpec]:
        """The queues in force, in the order of the rule set."""
        return [queue.spec for queue in self._state.queues.values()]

    def first_in_line(self, count: int) -> list[ContactView]:
        """The first `count` of all who wait; costs little however many wait."""
        now_ms = self._state.now_ms
        return [contact_view(record, now_ms) for record in self._state.lines.first(count, now_ms)]

    def oldest_at_ms(self, queue: QueueId) -> int | None:
        """When the longest-waiting contact of the queue came; None while nobody waits."""
        queues = self._state.records_of(queue)
        return min((at for q in queues if (at := oldest_at_ms(q)) is not None), default=None)

    def waiting(self, queue: QueueId | None = None) -> list[ContactView]:
        """Contacts in line (QUEUED), first in line first; of one queue or of all."""
        now_ms = self._state.now_ms
        found = [
            contact_view(record, now_ms)
            for record in self._state.contacts.values()
            if record.state is ContactState.QUEUED and queue in (None, record.queue.spec.queue)
        ]
        return sorted(found, key=attrgetter("order"))

    def waiting_count(self, queue: QueueId) -> int:
        """How many wait in the queue."""
        return sum(len(record.waiting) for record in self._state.records_of(queue))

    def position(self, contact: ContactId) -> int | None:
        """1 for the first of its queue; None for one that is not in line."""
        record = self._state.contacts.get(contact)
        if record is None or record.demand is None:
            return None
        return ahead(record.queue, record, self._state.now_ms) + 1

    def expected_wait(self, queue: QueueId) -> Expected | None:
        """How long one who comes to the queue now must expect to wait; None when that cannot be said."""
        record = self._state.queues.get(queue)
        return expected(record, len(record.waiting) + 1) if record is not None else None

    def expected_wait_of(self, contact: ContactId) -> Expected | None:
        """How long a waiting contact must expect to wait still; None when that cannot be said."""
        record = self._state.contacts.get(contact)
        return expected_of(self._state, record) if record is not None and record.demand is not None else None

    def bound_ms(self, queue: QueueId) -> int | None:
        """The overtaking bound: nobody who comes more than so much later than somebody of the queue is served
        before by an agent who could serve both. None: there is no bound.
        """
        record = self._state.queues.get(queue)
        return record.bound_ms if record is not None else 0

    def largest_overtake_ms(self, queue: QueueId) -> int:
        """The largest overtake that a contact of the queue has suffered since the engine began."""
        return self._state.overtakes.get(queue, 0)

    @property
    def bounds_broken(self) -> int:
        """Decisions since the engine began in which the overtaking bound did not hold: there must be none."""
        return self._state.bounds_broken

    def reserve_open(self, queue: QueueId) -> bool | None:
        """Whether the queue's reserve is open; None when it has none."""
        record = self._state.queues.get(queue)
        return record.reserve_open if record is not None and record.spec.reserve is not None else None

    def hindrances(self, contact: ContactId) -> tuple[tuple[str, int], ...]:
        """Why nobody has been asked for a waiting contact: agents counted by reason, as in a decision trace.

        Empty for a contact that is not in line. Costs the same however many agents there are.
        """
        record = self._state.contacts.get(contact)
        if record is None or record.demand is None:
            return ()
        return hindrances(self._state.roster, record.demand, record)

    def why(self, contact: ContactId) -> WaitTrace | None:
        """Why a contact waits, and what would have to change; None for one that is not in line."""
        record = self._state.contacts.get(contact)
        return why.wait_trace(self._state, record) if record is not None else None

    @staticmethod
    def _agent_view(record: AgentRecord) -> AgentView:
        free = tuple(channel for i, channel in enumerate(CHANNELS) if record.free_mask >> i & 1)
        return agent_view(record, free)

    def _mature(self) -> None:
        """Give contacts whose lead is full by now their place at the common rate."""
        state = self._state
        while state.maturing and state.maturing[0][0] <= state.now_ms:
            contact = state.matured()
            if contact.demand is not None and contact.rate != 100:
                reorder(state, contact)
        state.stirred.clear()  # this changes places, and not who waits

    def _fire(self) -> None:
        """Fire every timer due, in order of deadline, then of arming."""
        state = self._state
        while (timer := state.timers.pop_due(state.now_ms)) is not None:
            _TIMERS[timer[2]](state, timer[3])
