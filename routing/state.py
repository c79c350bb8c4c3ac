"""Everything that one engine knows, in one place, for the modules that share it. No behaviour beyond look-up.

`out` collects the commands of the event being handled.
"""

import heapq
from collections import deque

from routing.commands import Command, ContactMoved, Ignored
from routing.lines import Lines
from routing.order import RATE_MAX, bound_ms, reach_ms
from routing.records import AgentRecord, ContactRecord, OfferRecord, QueueRecord
from routing.roster import Roster
from routing.target import all_of, target_of
from routing.timers import Timers
from routing.transitions import CONTACT
from routing.types import AgentId, ContactId, ContactState, OfferId, QueueId, QueueSpec

_QUEUED = ContactState.QUEUED
FINISHED_MAX = 4096
"""How many finished contacts are remembered, so that a late or doubled event about them is recognised."""


class State:
    """The engine's facts and the indexes over them."""

    def __init__(self, *, explain: bool = True) -> None:
        self.explain = explain
        self.now_ms = 0
        self.rule_set = ""
        self.queues: dict[QueueId, QueueRecord] = {}
        """Those of the set in force, and older ones that live contacts are still in."""
        self.trial = ""
        """Hash of the staged set; empty: none."""
        self.trial_queues: dict[QueueId, QueueRecord] = {}
        self.trials = 0
        """How many sets have been staged; names the queues of each."""
        self.former: list[QueueRecord] = []
        """Queues of ended trials that contacts may still be in; the next published set takes those over."""
        self.contacts: dict[ContactId, ContactRecord] = {}
        self.offers: dict[OfferId, OfferRecord] = {}
        """Live ones only: ALERTING or CONNECTING."""
        self.finished: dict[ContactId, ContactState] = {}
        """Of the latest ones, in order of their ends; `finish` forgets the oldest."""
        self._oldest_finished: deque[ContactId] = deque()
        self.contact_seq = 0
        self.offer_seq = 0
        self.timers = Timers()
        self.roster = Roster()
        self.lines = Lines()
        self.overtakes: dict[QueueId, int] = {}
        """The largest overtake that a contact of each queue has suffered, in ms."""
        self.bounds_broken = 0
        """Decisions that overtook by more than the bound: there must be none."""
        self.callers: dict[str, ContactId] = {}
        """The live callback of each customer."""
        self.owned: dict[AgentId, dict[ContactId, ContactRecord]] = {}
        """By the agent who passed them on: contacts in line that do not wait for that one."""
        self.stirred: dict[str, QueueRecord] = {}
        """Queues with a reserve whose waiting has changed during this event."""
        self.out: list[Command] = []
        self.maturing: list[tuple[int, int, ContactRecord]] = []
        """Heap of (when the lead is full, order of arrival, contact); the contact may have gone on."""

    def queue(self, queue: QueueId, rule_set: str = "") -> QueueRecord:
        """The queue, as the staged set has it for that set's contacts; an unknown one has an open pool, so
        that its contacts are not lost.
        """
        if rule_set and rule_set == self.trial and queue in self.trial_queues:
            return self.trial_queues[queue]
        record = self.queues.get(queue)
        if record is None:
            record = QueueRecord(queue, QueueSpec(queue=queue, name=queue))
            self.queues[queue] = record
            self.adopt()
        return record

    def every_queue(self) -> list[QueueRecord]:
        """Those in force, those of the staged set and those of ended trials."""
        return [*self.queues.values(), *self.trial_queues.values(), *self.former]

    def records_of(self, queue: QueueId) -> list[QueueRecord]:
        """The queue as each set has it whose contacts are still here."""
        found = [known[queue] for known in (self.queues, self.trial_queues) if queue in known]
        return found + [record for record in self.former if record.spec.queue == queue]

    def adopt(self) -> None:
        """Work out what follows from the queues as they are now: pools, reserves, caps and bounds."""
        everyone = self.every_queue()
        reach = reach_ms(queue.spec for queue in everyone)
        for queue in everyone:
            spec = queue.spec
            queue.cap_ms = max(spec.head_start_max_ms, 0)
            queue.rate = min(max(spec.ageing_percent, 100), RATE_MAX)
            queue.pool = target_of(spec.needs, spec.any_of)
            queue.reserve = all_of(spec.reserve.needs) or None if spec.reserve is not None else None
            queue.bound_ms = bound_ms(spec, reach)
            queue.demands.clear()

    def matured(self) -> ContactRecord:
        """The next contact whose lead is full by now."""
        return heapq.heappop(self.maturing)[2]

    def moved(
        self,
        contact: ContactRecord,
        agent: AgentRecord | None,
        reason: str = "",
        until_ms: int | None = None,
        queue: QueueId | None = None,
    ) -> None:
        """Report where the contact is now."""
        self.out.append(
            ContactMoved(
                contact.contact,
                contact.state,
                agent.agent if agent else None,
                reason,
                until_ms,
                contact.step if contact.state is _QUEUED else None,
                queue,
            )
        )

    def ignore(self, event: str, reason: str) -> None:
        """Report an event that changes nothing."""
        self.out.append(Ignored(event, reason))

    def finish(self, contact: ContactRecord) -> None:
        """Drop a contact in a final state, remembering that it was here."""
        assert not CONTACT[contact.state], "only a finished contact is dropped"
        if contact.timers:
            self.timers.cancel_all(contact)
        del self.contacts[contact.contact]
        self.remember(contact.contact, contact.state)

    def remember(self, contact: ContactId, final: ContactState) -> None:
        """A finished contact is known for a while yet."""
        self.finished[contact] = final
        self._oldest_finished.append(contact)
        if len(self._oldest_finished) > FINISHED_MAX:
            del self.finished[self._oldest_finished.popleft()]
