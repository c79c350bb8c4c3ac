"""Everything the engine can be told. Past tense, immutable, journalled before it is handled.

Every event carries `at_ms`, stamped by the dispatcher and never decreasing along the journal. The journal
stores an event as (class name, JSON of its fields).
"""

from dataclasses import dataclass
from typing import Literal

from routing.types import (
    AgentId,
    AgentSkill,
    Capacity,
    Channel,
    ContactId,
    OfferId,
    Presence,
    QueueId,
    QueueSpec,
    RoutePlan,
    RuleId,
)


@dataclass(frozen=True, slots=True)
class RuleSetPublished:
    """The rule set `hash` (hex SHA-256) is in force from here; its queues replace the old ones."""

    at_ms: int
    hash: str
    queues: tuple[QueueSpec, ...]


@dataclass(frozen=True, slots=True)
class AgentUpserted:
    """An agent exists, with these skills and this capacity. A running agent keeps load and presence."""

    at_ms: int
    agent: AgentId
    skills: tuple[AgentSkill, ...]
    capacity: Capacity


@dataclass(frozen=True, slots=True)
class AgentRemoved:
    """The agent may not be offered anything any more; contacts already held go on."""

    at_ms: int
    agent: AgentId


@dataclass(frozen=True, slots=True)
class PresenceSet:
    """An agent (or a supervisor, or the hub, see `cause`) changed presence. `code` explains AUX."""

    at_ms: int
    agent: AgentId
    presence: Presence
    code: str = ""
    cause: str = "agent"


@dataclass(frozen=True, slots=True)
class ReachabilitySet:
    """Over which channels the agent can be reached right now (live console, registered phone)."""

    at_ms: int
    agent: AgentId
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class ContactArrived:
    """A contact enters routing. Nothing about it changes later but its state.

    `enqueued_at_ms` is when its wait began (<= at_ms; kept over transfers); `head_start_ms` what its
    customer's value buys, already capped. `value` and `loyalty` (0-100) are for the explanation.
    """

    at_ms: int
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


@dataclass(frozen=True, slots=True)
class ContactAbandoned:
    """The customer left before an agent was connected."""

    at_ms: int
    contact: ContactId
    reason: str = "customer_left"


@dataclass(frozen=True, slots=True)
class ContactEnded:
    """A connected contact is over; its agent now wraps up."""

    at_ms: int
    contact: ContactId
    by: Literal["customer", "agent", "system"] = "agent"


@dataclass(frozen=True, slots=True)
class ContactRequeued:
    """Back in line with its place kept, without penalty to anybody (phone lost, connection broken)."""

    at_ms: int
    contact: ContactId
    reason: str


@dataclass(frozen=True, slots=True)
class WrapUpDone:
    """The agent finished wrapping up (the disposition itself is not the engine's business)."""

    at_ms: int
    contact: ContactId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class OfferDelivered:
    """A console or phone of the agent shows the offer."""

    at_ms: int
    offer: OfferId


@dataclass(frozen=True, slots=True)
class OfferAccepted:
    at_ms: int
    offer: OfferId
    agent: AgentId


@dataclass(frozen=True, slots=True)
class OfferRejected:
    at_ms: int
    offer: OfferId
    agent: AgentId
    reason: str = "rejected"


@dataclass(frozen=True, slots=True)
class OfferSetupFailed:
    """Ringing or connecting was impossible (phone unregistered, media error); not the agent's fault."""

    at_ms: int
    offer: OfferId
    reason: str


@dataclass(frozen=True, slots=True)
class OfferConnected:
    """Customer and agent are together. For voice it may come without OfferAccepted: the phone was lifted.

    `contact` and `agent`, where given, say who they are: then it is true even when the offer is over already
    (the phone was lifted as its time ran out, or while the hub was not there to see it).
    """

    at_ms: int
    offer: OfferId
    contact: ContactId | None = None
    agent: AgentId | None = None


@dataclass(frozen=True, slots=True)
class TimeReached:
    """The clock has reached `at_ms`: every timer due by then fires, in order."""

    at_ms: int


Event = (
    RuleSetPublished
    | AgentUpserted
    | AgentRemoved
    | PresenceSet
    | ReachabilitySet
    | ContactArrived
    | ContactAbandoned
    | ContactEnded
    | ContactRequeued
    | WrapUpDone
    | OfferDelivered
    | OfferAccepted
    | OfferRejected
    | OfferSetupFailed
    | OfferConnected
    | TimeReached
)
