"""Everything the engine can ask for or report. Imperative where the executor must act, otherwise a fact.

An effect's idempotency key is (journal sequence, index in the returned list).
"""

from typing import Literal

from msgspec import Struct

from routing.types import AgentId, Channel, ContactId, ContactState, OfferId, OfferState, Presence, QueueId


class ScorePart(Struct, frozen=True):
    """One named summand of a candidate's score."""

    name: str
    points: float


class Candidate(Struct, frozen=True):
    agent: AgentId
    score: float
    parts: tuple[ScorePart, ...]


class Lead(Struct, frozen=True):
    """Why a contact stands where it stands in line. All but `bound_ms` in ms; a greater lead comes sooner.

    `lead_ms` is what counts now, `head_start_ms` what value and loyalty buy, `boost_ms` what people added,
    `cap_ms` the most that it may ever be. `overtook_ms`: by how much the longest-waiting contact that the
    agent could have taken instead had come earlier; `bound_ms`: the most that this may be, None: no bound.
    """

    lead_ms: int
    head_start_ms: int
    boost_ms: int
    cap_ms: int
    target_ms: int
    overtook_ms: int
    overtaken: ContactId | None
    bound_ms: int | None


class DecisionTrace(Struct, frozen=True):
    """Why this agent and this contact: enough to explain the decision without the engine's state.

    `regime` says which side was free: an arriving contact picks an agent, a freed agent picks a contact.
    `excluded` counts the agents that could not be chosen, by reason, sorted by reason.
    `key_ms` = enqueued_at_ms - lead; the smallest key among those the agent could serve wins, with the
    service-level target added to each where its queue counts that in the order. `candidates`
    are the best free agents, the chosen one among them, best first; `margin` how many points the chosen one
    is ahead of the runner-up (negative when a freed agent took what was first in line although somebody else
    would have fitted better).
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
    candidates: tuple[Candidate, ...] = ()
    margin: float | None = None
    lead: Lead | None = None
    calendar: tuple[str, str] = ("open", "")
    reserve: bool = False
    """Whether the queue's reserve was open."""


class Expected(Struct, frozen=True, gc=False):
    """A wait that can be foreseen, as an interval: in four of five cases it lies between low and high."""

    low_ms: int
    likely_ms: int
    high_ms: int


class Change(Struct, frozen=True):
    """Something that would end or shorten a wait. `kind` says how to read the rest; what is not used is None.

    agent_freed: one of `count` agents (the first few named) finishes something or comes back from `reason`.
    step: at `at_ms` the plan goes on and `count` more agents could be asked. skill: with `skill` at `level`
    `count` agents who are free now could be asked. cooled: at `at_ms` one who was asked before may be asked
    again. reserve: the reserve of `count` agents opens at `at_ms` at the latest. end: at `at_ms` the plan
    ends with `reason`. ahead: `count` contacts come first.
    """

    kind: Literal["agent_freed", "step", "skill", "cooled", "reserve", "end", "ahead"]
    count: int
    agents: tuple[AgentId, ...] = ()
    skill: str | None = None
    level: int | None = None
    at_ms: int | None = None
    reason: str | None = None


class WaitTrace(Struct, frozen=True):
    """Why a contact waits: the counterpart of a decision trace while there is no decision.

    `excluded`: agents that cannot be asked, counted by reason as in a decision trace. `target`: how many
    agents the present step could ask at all. `ahead`: waiting contacts of the same queue that come first, so
    its position is one more. `changes`: what would have to change, the likeliest first.
    """

    contact: ContactId
    rule_set: str
    rule: str
    queue: QueueId
    step: int
    steps: int
    step_until_ms: int | None
    waited_ms: int
    key_ms: int
    value: int
    loyalty: int
    target: int
    excluded: tuple[tuple[str, int], ...]
    ahead: int
    waiting: int
    expected: Expected | None
    lead: Lead
    changes: tuple[Change, ...]
    calendar: tuple[str, str] = ("open", "")


class Offer(Struct, frozen=True):
    """Ask `agent` to take `contact` until `expires_at_ms`."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    channel: Channel
    expires_at_ms: int
    trace: DecisionTrace


class EndOffer(Struct, frozen=True):
    """The offer is over in `state` (never CONNECTED): take it off consoles, stop the phone."""

    offer: OfferId
    contact: ContactId
    agent: AgentId
    state: OfferState
    reason: str


class Connect(Struct, frozen=True):
    """The agent accepted: bring the two together, then report OfferConnected or OfferSetupFailed.

    `dial`: the customer is not on the line and has to be called back first.
    """

    offer: OfferId
    contact: ContactId
    agent: AgentId
    channel: Channel
    setup_until_ms: int
    dial: bool = False


class ContactMoved(Struct, frozen=True):
    """A contact changed state; the last word on where it is and with whom."""

    contact: ContactId
    state: ContactState
    agent: AgentId | None
    reason: str = ""
    until_ms: int | None = None
    """When this state ends by itself, where it does: plan step, ring, set-up or wrap-up."""
    step: int | None = None
    queue: QueueId | None = None
    """Said when it has gone to another queue."""


class PresenceChanged(Struct, frozen=True):
    """An agent's presence or its code changed. `cause` names what did it, in plain words."""

    agent: AgentId
    presence: Presence
    code: str
    cause: str


class AskCallback(Struct, frozen=True):
    """Ask the customer whether to be called back; it waits on meanwhile. CallbackRequested says yes."""

    contact: ContactId
    queue: QueueId


class CallbackPromised(Struct, frozen=True):
    """The customer keeps the place without being on the line, and may be told: between these two instants."""

    contact: ContactId
    from_ms: int
    until_ms: int


class Dial(Struct, frozen=True):
    """Call the customer first, and report CallbackAnswered or CallbackUnanswered until `until_ms`."""

    contact: ContactId
    attempt: int
    until_ms: int


class CallbackOver(Struct, frozen=True):
    """A callback has reached its customer, or is given up. `kept`: the first attempt came in the window."""

    contact: ContactId
    outcome: Literal["connected", "unanswered", "withdrawn"]
    attempts: int
    kept: bool


class ReserveChanged(Struct, frozen=True):
    """A queue's reserve was opened or closed, by the threshold that `reason` names."""

    queue: QueueId
    open: bool
    reason: str


class PresencePending(Struct, frozen=True):
    """The agent will go to this presence after the work it holds; None: no longer."""

    agent: AgentId
    presence: Presence | None
    code: str = ""


class Ignored(Struct, frozen=True):
    """The event was late, doubled or impossible; nothing changed."""

    event: str
    reason: str


Command = (
    Offer
    | EndOffer
    | Connect
    | ContactMoved
    | PresenceChanged
    | PresencePending
    | AskCallback
    | CallbackPromised
    | Dial
    | CallbackOver
    | ReserveChanged
    | Ignored
)
