"""Everything that one engine knows, in one place, for the modules that share it. No behaviour beyond look-up.

`out` collects the commands of the event being handled.
"""

import heapq

from routing.commands import Command, ContactMoved, Ignored
from routing.demand import DemandIndex
from routing.order import bound_ms
from routing.records import AgentRecord, ContactRecord, OfferRecord, QueueRecord
from routing.roster import Roster
from routing.target import Needs, Target, all_of, both, target_of
from routing.timers import Timers
from routing.transitions import CONTACT
from routing.types import ContactId, ContactState, OfferId, QueueId, QueueSpec, Step

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
        self.contacts: dict[ContactId, ContactRecord] = {}
        self.offers: dict[OfferId, OfferRecord] = {}
        """Live ones only: ALERTING or CONNECTING."""
        self.finished: dict[ContactId, ContactState] = {}
        self.contact_seq = 0
        self.offer_seq = 0
        self.timers = Timers()
        self.roster = Roster()
        self.lines = DemandIndex()
        self.overtakes: dict[QueueId, int] = {}
        """The largest overtake that a contact of each queue has suffered, in ms."""
        self.callers: dict[str, ContactId] = {}
        """The live callback of each customer."""
        self.stirred: dict[str, QueueRecord] = {}
        """Queues with a reserve whose waiting has changed during this event."""
        self.out: list[Command] = []
        self._maturing: list[tuple[int, int, ContactRecord]] = []
        self._targets: dict[tuple[Target, Step], Target] = {}
        self._pools: dict[QueueSpec, tuple[Target, Needs | None]] = {}
        self._bounds: dict[QueueSpec, int | None] = {}

    def queue(self, queue: QueueId, rule_set: str = "") -> QueueRecord:
        """The queue, as the staged set has it for that set's contacts; an unknown one has an open pool, so
        that its contacts are not lost.
        """
        if rule_set and rule_set == self.trial and queue in self.trial_queues:
            return self.trial_queues[queue]
        record = self.queues.get(queue)
        if record is None:
            record = QueueRecord(queue, QueueSpec(queue=queue, name=queue), self.rule_set)
            self.queues[queue] = record
            self._bounds.clear()
        return record

    def every_queue(self) -> list[QueueRecord]:
        """Those in force and those of the staged set."""
        return [*self.queues.values(), *self.trial_queues.values()]

    def target(self, pool: Target, step: Step) -> Target:
        """Who meets the pool of the queue and the step."""
        found = self._targets.get((pool, step))
        if found is None:
            found = self._targets[pool, step] = both(pool, target_of(step.needs, step.any_of))
        return found

    def pool(self, queue: QueueRecord) -> tuple[Target, Needs | None]:
        """The queue's pool, and what marks its reserve."""
        found = self._pools.get(queue.spec)
        if found is None:
            spec = queue.spec
            reserve = all_of(spec.reserve.needs) if spec.reserve is not None else None
            found = self._pools[spec] = (target_of(spec.needs, spec.any_of), reserve or None)
        return found

    def bound_ms(self, queue: QueueRecord) -> int | None:
        """By how much a later contact of any queue may be served before one of this queue; None: no bound."""
        if queue.spec not in self._bounds:
            self._bounds[queue.spec] = bound_ms(queue.spec, (q.spec for q in self.every_queue()))
        return self._bounds[queue.spec]

    def specs_changed(self) -> None:
        """Forget what was worked out from the queues."""
        self._bounds.clear()
        self._pools.clear()
        self._targets.clear()

    def matures(self, contact: ContactRecord, at_ms: int) -> None:
        """The contact's lead is full at this instant, and then it stands in another line."""
        heapq.heappush(self._maturing, (at_ms, contact.seq, contact))

    def matured(self) -> ContactRecord | None:
        """A contact whose lead may be full by now; it may have gone on meanwhile."""
        if self._maturing and self._maturing[0][0] <= self.now_ms:
            return heapq.heappop(self._maturing)[2]
        return None

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
                contact.step if contact.state is ContactState.QUEUED else None,
                queue,
            )
        )

    def ignore(self, event: str, reason: str) -> None:
        """Report an event that changes nothing."""
        self.out.append(Ignored(event, reason))

    def finish(self, contact: ContactRecord) -> None:
        """Drop a contact in a final state, remembering that it was here."""
        assert not CONTACT[contact.state], "only a finished contact is dropped"
        self.timers.cancel_all(contact)
        if contact.callback is not None and self.callers.get(contact.customer) == contact.contact:
            del self.callers[contact.customer]
        del self.contacts[contact.contact]
        self.finished[contact.contact] = contact.state
        if len(self.finished) > FINISHED_MAX:
            del self.finished[next(iter(self.finished))]
