"""Everything that one engine knows, in one place, for the modules that share it. No behaviour beyond look-up.

`out` collects the commands of the event being handled.
"""

from routing.commands import Command, ContactMoved, Ignored
from routing.demand import DemandIndex
from routing.records import AgentRecord, ContactRecord, OfferRecord
from routing.roster import Roster
from routing.score import Needs
from routing.timers import Timers
from routing.transitions import CONTACT
from routing.types import ContactId, ContactState, OfferId, QueueId, QueueSpec, SkillId, SkillNeed

FINISHED_MAX = 4096
"""How many finished contacts are remembered, so that a late or doubled event about them is recognised."""


class State:
    """The engine's facts and the indexes over them."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.rule_set = ""
        self.queues: dict[QueueId, QueueSpec] = {}
        self.contacts: dict[ContactId, ContactRecord] = {}
        self.offers: dict[OfferId, OfferRecord] = {}
        """Live ones only: ALERTING or CONNECTING."""
        self.finished: dict[ContactId, ContactState] = {}
        self.contact_seq = 0
        self.offer_seq = 0
        self.timers = Timers()
        self.roster = Roster()
        self.lines = DemandIndex()
        self.out: list[Command] = []
        self._merged: dict[tuple[QueueId, tuple[SkillNeed, ...]], Needs] = {}

    def publish(self, rule_set: str, queues: tuple[QueueSpec, ...]) -> None:
        """Replace the queues; one that a live contact is still in stays as it was."""
        used = {contact.queue: True for contact in self.contacts.values()}
        kept = {queue: spec for queue, spec in self.queues.items() if queue in used}
        self.queues = kept | {spec.queue: spec for spec in queues}
        self.rule_set = rule_set
        self._merged.clear()

    def queue(self, queue: QueueId) -> QueueSpec:
        """The queue's settings; an unknown queue has an open pool, so that its contacts are not lost."""
        spec = self.queues.get(queue)
        if spec is None:
            spec = self.queues[queue] = QueueSpec(queue=queue, name=queue)
        return spec

    def needs(self, queue: QueueId, step: tuple[SkillNeed, ...]) -> Needs:
        """The queue's needs and the step's together, the higher level where both name a skill."""
        merged = self._merged.get((queue, step))
        if merged is None:
            levels: dict[SkillId, int] = {}
            for need in (*self.queue(queue).needs, *step):
                levels[need.skill] = max(levels.get(need.skill, 1), need.min_level)
            merged = self._merged[queue, step] = tuple(sorted(levels.items()))
        return merged

    def moved(
        self, contact: ContactRecord, agent: AgentRecord | None, reason: str = "", until_ms: int | None = None
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
            )
        )

    def ignore(self, event: str, reason: str) -> None:
        """Report an event that changes nothing."""
        self.out.append(Ignored(event, reason))

    def finish(self, contact: ContactRecord) -> None:
        """Drop a contact in a final state, remembering that it was here."""
        assert not CONTACT[contact.state], "only a finished contact is dropped"
        del self.contacts[contact.contact]
        self.finished[contact.contact] = contact.state
        if len(self.finished) > FINISHED_MAX:
            del self.finished[next(iter(self.finished))]
