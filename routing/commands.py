"""Everything the engine can ask for or report. Imperative where the executor must act, otherwise a fact.

An effect's idempotency key is (journal sequence, index in the returned list).
"""

from dataclasses import dataclass
from typing import Literal

from routing.types import AgentId, Channel, ContactId, ContactState, OfferId, OfferState, Presence, QueueId


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One named summand of a candidate's score."""

    name: str
    points: float


@dataclass(frozen=True, slots=True)
class Candidate:
    agent: AgentId
    score: float
    parts: tuple[ScorePart, ...]


@dataclass(frozen=True, slots=True)
class DecisionTrace:
    """Why this agent and this contact: enough to explain the decision without the engine's state.

    `regime` says which side was free: an arriving contact picks an agent, a freed agent picks a contact.
    `excluded` counts the agents that could not be chosen, by reason, sorted by reason.
    `key_ms` = enqueued_at_ms - head start; the smallest key among those the agent could serve wins.
    """

    regime: Literal["contact_picks_agent", "agent_picks_contact"]
    rule_set: str
    rule: str
    queue: QueueId
    step: int
    waited_ms: int
    head_start_ms: int
    key_ms: int
    value: int
    loyalty: int
    chosen: Candidate
    runner_up: Candidate | None
    excluded: tuple[tuple[str, int], ...]
    waiting_before: ContactId | None = None
    """In the agent_picks_contact regime: the next contact in line for this agent."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Ask `agent` to take `contact` until `expires_at_ms`."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    channel: Channel
    expires_at_ms: int
    trace: DecisionTrace


@dataclass(frozen=True, slots=True)
class EndOffer:
    """The offer is over in `state` (never CONNECTED): take it off consoles, stop the phone."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    state: OfferState
    reason: str


@dataclass(frozen=True, slots=True)
class Connect:
    """The agent accepted: bring the two together, then report OfferConnected or OfferSetupFailed."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    channel: Channel
    setup_until_ms: int


@dataclass(frozen=True, slots=True)
class ContactMoved:
    """A contact changed state; the last word on where it is and with whom."""

    contact: ContactId
    state: ContactState
    agent: AgentId | None
    reason: str = ""
    until_ms: int | None = None
    """When this state ends by itself, where it does: plan step, ring, set-up or wrap-up."""
    step: int | None = None


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """An agent's presence or its code changed. `cause` names what did it, in plain words."""

    agent: AgentId
    presence: Presence
    code: str
    cause: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """The event was late, doubled or impossible; nothing changed."""

    event: str
    reason: str


Command = Offer | EndOffer | Connect | ContactMoved | PresenceChanged | Ignored
