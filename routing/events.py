"""Everything the engine can be told. Past tense, immutable, journalled before it is handled.

Every event carries `at_ms`, stamped by the dispatcher and never decreasing along the journal. The journal
stores an event as (class name, JSON of its fields).
"""

from typing import Literal

from msgspec import Struct

from routing.types import (
    AgentId,
    AgentSkill,
    CallbackMode,
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


class RuleSetPublished(Struct, frozen=True):
    """The rule set `hash` (hex SHA-256) is in force from here; its queues replace the old ones.

    A set that was staged before is in force for everybody now, and no set is staged any more.
    """

    at_ms: int
    hash: str
    queues: tuple[QueueSpec, ...]


class RuleSetStaged(Struct, frozen=True):
    """Beside the set in force, `hash` decides about a share of the contacts: those whose `rule_set` names it.

    Its queues hold for those contacts only. Staging nothing (an empty hash) ends the trial; contacts under
    way keep what they have.
    """

    at_ms: int
    hash: str
    queues: tuple[QueueSpec, ...]


class AgentUpserted(Struct, frozen=True):
    """An agent exists, with these skills and this capacity. A running agent keeps load and presence."""

    at_ms: int
    agent: AgentId
    skills: tuple[AgentSkill, ...]
    capacity: Capacity
    tier: int = 1
    """1 front line, 2 product specialist, 3 headquarters: the higher, the dearer for ordinary work."""


class AgentRemoved(Struct, frozen=True):
    """The agent may not be offered anything any more; contacts already held go on."""

    at_ms: int
    agent: AgentId


class PresenceSet(Struct, frozen=True):
    """An agent (or a supervisor, or the hub, see `cause`) changed presence. `code` explains AUX.

    `after_work`: not before the agent has finished what it holds; until then it is offered nothing more.
    """

    at_ms: int
    agent: AgentId
    presence: Presence
    code: str = ""
    cause: str = "agent"
    after_work: bool = False


class ReachabilitySet(Struct, frozen=True):
    """Over which channels the agent can be reached right now (live console, registered phone)."""

    at_ms: int
    agent: AgentId
    channels: tuple[Channel, ...]


class ContactArrived(Struct, frozen=True):
    """A contact enters routing.

    `enqueued_at_ms` is when its wait began (<= at_ms; kept over transfers); `head_start_ms` what its
    customer's value buys, already capped. `value` and `loyalty` (0-100) are for the explanation. `tier` is
    the customer's, for the service-level target. `calendar` says what the hours of the queue said when it
    came: (state, reason), kept with the contact.
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
    customer: str = ""
    tier: str = ""
    calendar: tuple[str, str] = ("open", "")


class ContactAbandoned(Struct, frozen=True):
    """The customer left before an agent was connected."""

    at_ms: int
    contact: ContactId
    reason: str = "customer_left"


class ContactEnded(Struct, frozen=True):
    """A connected contact is over; its agent now wraps up."""

    at_ms: int
    contact: ContactId
    by: Literal["customer", "agent", "system"] = "agent"


class ContactRequeued(Struct, frozen=True):
    """Back in line with its place kept, without penalty to anybody (phone lost, connection broken)."""

    at_ms: int
    contact: ContactId
    reason: str


class ContactTransferred(Struct, frozen=True):
    """Its agent passes an ACTIVE contact on, with the wait of its customer kept.

    Without a `plan` that of `queue` holds. The agent who passes it on becomes its owner, to whom the plan's
    end RETURN leads back; who passed it on is not asked for it before.
    """

    at_ms: int
    contact: ContactId
    agent: AgentId
    queue: QueueId
    plan: RoutePlan | None = None
    reason: str = "transferred"


class ContactParked(Struct, frozen=True):
    """The customer of an ACTIVE written contact is silent; `until_ms` ends it, None: no end."""

    at_ms: int
    contact: ContactId
    until_ms: int | None = None


class ContactUnparked(Struct, frozen=True):
    """The customer has written again: back to its agent, or in line for that one for `wait_ms`, then all."""

    at_ms: int
    contact: ContactId
    wait_ms: int = 60_000


class ContactBoosted(Struct, frozen=True):
    """Somebody (`by`) moves a waiting contact forward, or back with a negative boost.

    It counts toward the cap of the lead, so nobody can be boosted past the bound.
    """

    at_ms: int
    contact: ContactId
    boost_ms: int
    by: str
    reason: str = ""


class CallbackRequested(Struct, frozen=True):
    """The customer of a waiting contact hangs up and keeps the place: it is called back when its turn comes.

    `due_at_ms`: not before that instant. `customer`: at most one callback each; "" if unknown.
    """

    at_ms: int
    contact: ContactId
    mode: CallbackMode = CallbackMode.AGENT_FIRST
    customer: str = ""
    due_at_ms: int | None = None


class CallbackAnswered(Struct, frozen=True):
    """The customer, dialled first, is on the line and waits for an agent now."""

    at_ms: int
    contact: ContactId


class CallbackUnanswered(Struct, frozen=True):
    """The customer, dialled first, did not answer; it is tried again later, within the policy."""

    at_ms: int
    contact: ContactId
    reason: str = "no_answer"


class WrapUpDone(Struct, frozen=True):
    """The agent finished wrapping up (the disposition itself is not the engine's business)."""

    at_ms: int
    contact: ContactId
    agent: AgentId


class OfferDelivered(Struct, frozen=True):
    """A console or phone of the agent shows the offer."""

    at_ms: int
    offer: OfferId


class OfferAccepted(Struct, frozen=True):
    at_ms: int
    offer: OfferId
    agent: AgentId


class OfferRejected(Struct, frozen=True):
    at_ms: int
    offer: OfferId
    agent: AgentId
    reason: str = "rejected"


class OfferSetupFailed(Struct, frozen=True):
    """Ringing or connecting was impossible (phone unregistered, media error); not the agent's fault."""

    at_ms: int
    offer: OfferId
    reason: str


class OfferConnected(Struct, frozen=True):
    """Customer and agent are together. For voice it may come without OfferAccepted: the phone was lifted.

    `contact` and `agent`, where given, say who they are: then it is true even when the offer is over already
    (the phone was lifted as its time ran out, or while the hub was not there to see it).
    """

    at_ms: int
    offer: OfferId
    contact: ContactId | None = None
    agent: AgentId | None = None


class TimeReached(Struct, frozen=True):
    """The clock has reached `at_ms`: every timer due by then fires, in order."""

    at_ms: int


Event = (
    RuleSetPublished
    | RuleSetStaged
    | AgentUpserted
    | AgentRemoved
    | PresenceSet
    | ReachabilitySet
    | ContactArrived
    | ContactAbandoned
    | ContactEnded
    | ContactRequeued
    | ContactTransferred
    | ContactParked
    | ContactUnparked
    | ContactBoosted
    | CallbackRequested
    | CallbackAnswered
    | CallbackUnanswered
    | WrapUpDone
    | OfferDelivered
    | OfferAccepted
    | OfferRejected
    | OfferSetupFailed
    | OfferConnected
    | TimeReached
)
