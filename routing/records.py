"""The engine's mutable facts: contacts, offers, agents. Never handed out; `views.py` copies them for readers.

States change only through `transitions.py`; everything that can be derived from these facts (pools, lines,
free agents) lives in `roster.py` and `demand.py` and is rebuilt from them on load.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from routing.types import (
    AgentId,
    Capacity,
    Channel,
    ContactId,
    ContactState,
    OfferId,
    OfferState,
    Presence,
    QueueId,
    RoutePlan,
    RuleId,
    SkillId,
)

if TYPE_CHECKING:
    from routing.demand import Demand, Profile

CHANNELS: tuple[Channel, ...] = tuple(Channel)
CHANNEL_INDEX: dict[Channel, int] = {channel: index for index, channel in enumerate(CHANNELS)}

FreeKey = tuple[int, int, AgentId, int]
"""Order of free agents of equal skill: (load in tenths, idle since ms, id, index)."""


@dataclass(slots=True, eq=False)
class Exclusion:
    """Why an agent is not asked for a contact: hard until `cool_at_ms`, then soft until `until_ms`.

    A soft exclusion gives way when nobody else who is at work could ever take the contact.
    """

    cool_at_ms: int
    until_ms: int
    hard: bool


@dataclass(slots=True, eq=False)
class OfferRecord:
    offer: OfferId
    contact: "ContactRecord"
    agent: "AgentRecord"
    created_at_ms: int
    expires_at_ms: int
    state: OfferState = OfferState.ALERTING
    delivered: bool = False
    setup_until_ms: int | None = None


@dataclass(slots=True, eq=False)
class ContactRecord:
    contact: ContactId
    channel: Channel
    queue: QueueId
    plan: RoutePlan
    enqueued_at_ms: int
    head_start_ms: int
    value: int
    loyalty: int
    rule: RuleId
    rule_set: str
    arrived_at_ms: int
    seq: int
    """Order of arrival at the engine; breaks ties between equal keys."""
    since_ms: int
    state: ContactState = ContactState.QUEUED
    step: int = 0
    """Index into the plan; len(plan.steps) means anyone of the queue's pool."""
    step_until_ms: int | None = None
    agent: "AgentRecord | None" = None
    offer: OfferRecord | None = None
    wrap_up_until_ms: int | None = None
    exclusions: dict[AgentId, Exclusion] = field(default_factory=dict)
    demand: "Demand | None" = None
    """Whom it waits for; set exactly while it is in line."""
    stamp: int = 0
    """Names the one live heap entry; 0 while not in a heap."""

    @property
    def key_ms(self) -> int:
        """Place in line, smallest first; never changes with time."""
        return self.enqueued_at_ms - self.head_start_ms

    @property
    def place(self) -> tuple[int, int]:
        """Total order of contacts: key, then arrival."""
        return (self.enqueued_at_ms - self.head_start_ms, self.seq)

    @property
    def known_agents(self) -> tuple[AgentId, ...]:
        """Agents whom the plan names: they know the customer."""
        return tuple(step.agent for step in self.plan.steps if step.agent is not None)


@dataclass(slots=True, eq=False)
class AgentRecord:
    agent: AgentId
    index: int
    """Bit position in every pool; meaningless outside one engine's life."""
    skills: dict[SkillId, int]
    capacity: Capacity
    profile: "Profile"
    presence: Presence = Presence.OFFLINE
    code: str = ""
    presence_since_ms: int = 0
    reachable: tuple[Channel, ...] = ()
    idle_since_ms: int = 0
    removed: bool = False
    contacts: dict[ContactId, ContactRecord] = field(default_factory=dict)
    """Everything that holds capacity: OFFERED, CONNECTING, ACTIVE, WRAP_UP. Load is counted from here."""
    caps: list[int] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    """Per channel a `roster.Status`; -1: in no pool."""
    free_keys: list[FreeKey | None] = field(default_factory=list)
    load_tenths: int = 0
