"""Every message between the hub and a console or supervisor page: one Struct each, defined only here.

The TypeScript types in `agent_ui/src/wire/` are generated from here. Instants are `*_at_ms` (UTC epoch,
server clock), spans `*_ms`. Wire types are neither table rows nor engine types; translate at this edge.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

# ------------------------------------------------------------------------------------- shared pieces

Channel = Literal["voice", "chat", "sms", "email"]
ContactState = Literal[
    "queued",
    "offered",
    "connecting",
    "active",
    "parked",
    "callback",
    "wrap_up",
    "closed",
    "abandoned",
    "voicemail",
    "turned_away",
]
Presence = Literal["offline", "available", "aux", "rona"]
Role = Literal["agent", "supervisor", "admin"]


class AuxCode(Struct, frozen=True):
    """A reason for being away, from config.yaml. `labels` by language ("en", "zh")."""

    code: str
    labels: dict[str, str]


class Disposition(Struct, frozen=True):
    code: str
    labels: dict[str, str]


class Me(Struct, frozen=True):
    """Who is logged in, and what a console needs to know once."""

    agent_id: str
    name: str
    username: str
    roles: list[Role]
    language: str
    phone_endpoint: str
    aux_codes: list[AuxCode]
    dispositions: list[Disposition]
    demo: bool


class PresenceView(Struct, frozen=True):
    """`wrap_up` true while a contact of the agent is being wrapped up. `cause` in plain words."""

    agent_id: str
    presence: Presence
    code: str
    since_at_ms: int
    cause: str
    wrap_up: bool
    phone_reachable: bool
    load_units: int
    capacity_units: int
    pending: Presence | None = None
    """What the agent becomes after the work in hand; None: nothing was said."""
    pending_code: str = ""


class ScorePartView(Struct, frozen=True):
    """A summand of a score with its reason, e.g. ("tenure", 18.0, "customer for 6 years")."""

    name: str
    points: float
    reason: dict[str, str]


class ScoreView(Struct, frozen=True):
    """Customer value and loyalty, 0-100. `neutral` true: nothing known, a default was used."""

    value: int
    loyalty: int
    tier: Literal["none", "bronze", "silver", "gold", "platinum"]
    head_start_ms: int
    neutral: bool
    computed_at_ms: int
    value_parts: list[ScorePartView]
    loyalty_parts: list[ScorePartView]


class AddressView(Struct, frozen=True):
    kind: Literal["phone", "email", "visitor"]
    address: str


class OpenMatter(Struct, frozen=True):
    """An open case, complaint or undelivered order."""

    kind: Literal["case", "complaint", "order"]
    id: str
    title: str
    status: str
    opened_at_ms: int


class PastInteraction(Struct, frozen=True):
    """One line of the story over all channels."""

    interaction_id: str
    channel: Channel
    opened_at_ms: int
    subject: str
    excerpt: str
    disposition: str
    agent_name: str
    state: Literal["open", "closed"]


class CustomerCard(Struct, frozen=True):
    """The screen-pop: who it is, what it is worth and why, what happened before."""

    customer_id: str
    name: str
    known: bool
    language: str
    addresses: list[AddressView]
    customer_since_at_ms: int | None
    score: ScoreView
    open_matters: list[OpenMatter]
    last_interactions: list[PastInteraction]
    """At most five, newest first, the present one left out."""


class AttachmentView(Struct, frozen=True):
    attachment_id: str
    filename: str
    content_type: str
    size_bytes: int
    url: str
    blocked: str
    """Empty, or why nobody should open it."""


class MessageView(Struct, frozen=True):
    """A line of a conversation. `author`: customer, agent, system or note (internal)."""

    message_id: str
    interaction_id: str
    seq: int
    author: Literal["customer", "agent", "system", "note"]
    author_name: str
    channel: Channel
    text: str
    new_text: str
    """`text` without quoted history; "" when that is all of it."""
    html: str
    subject: str
    at_ms: int
    delivery: Literal["", "queued", "sending", "sent", "delivered", "undelivered", "failed", "unknown"]
    delivery_detail: str
    attachments: list[AttachmentView]
    client_id: str


class ContactView(Struct, frozen=True):
    """A contact as its agent's console shows it. `answers` are IVR or pre-chat choices."""

    contact_id: str
    interaction_id: str
    channel: Channel
    state: ContactState
    queue_id: str
    queue_name: str
    subject: str
    address: str
    """Where the customer is reached: number, mail address or visitor id."""
    answers: dict[str, str]
    enqueued_at_ms: int
    state_since_at_ms: int
    wrap_up_until_at_ms: int | None
    held: bool
    unread: int
    last_seq: int
    last_text: str
    card: CustomerCard


class OfferView(Struct, frozen=True):
    """An offer with everything the agent should know before the first word.

    `expires_in_ms` counts from when the frame is received: consoles have no clock of their own.
    """

    offer_id: str
    contact: ContactView
    expires_in_ms: int
    ring_ms: int
    waited_ms: int
    skills: list[str]
    why: dict[str, str]
    """One sentence per language: why this agent."""


# ---------------------------------------------------------------------------------- explanations
# Sentences are by language ("en", "zh").


class WhyFact(Struct, frozen=True):
    """One thing to know, as a sentence; `kind` says what it is about (rule, plan, lead, excluded, ...)."""

    kind: str
    text: dict[str, str]


class WhyPart(Struct, frozen=True):
    """A summand: points of a score, or milliseconds of a lead."""

    name: str
    label: dict[str, str]
    amount: float


class WhyCandidate(Struct, frozen=True):
    """An agent who was free. Parts that are zero are left out."""

    agent_id: str
    agent_name: str
    chosen: bool
    score: float
    parts: list[WhyPart]


class WhyExcluded(Struct, frozen=True):
    """How many agents could not be asked for this reason."""

    reason: str
    label: dict[str, str]
    count: int


class WhyLead(Struct, frozen=True):
    """Why a contact stands where it stands in line; `parts` add up to `lead_ms`.

    `overtook_ms`: how much earlier the longest-waiting one had come that was passed over; `bound_ms`: the
    most that this can be, None: there is no bound.
    """

    lead_ms: int
    cap_ms: int
    target_ms: int
    overtook_ms: int
    bound_ms: int | None
    parts: list[WhyPart]


class ExpectedWait(Struct, frozen=True):
    """In four of five cases the wait lies between low and high. Always shown as an interval."""

    low_ms: int
    likely_ms: int
    high_ms: int


class Explanation(Struct, frozen=True):
    """A decision, or the lack of one, in layers: one sentence, then facts, then figures to draw.

    `changes`: what would end or shorten a wait, the likeliest first. `candidates`: the best free agents, best
    first; `margin`: points of the chosen one ahead of the next.
    """

    headline: dict[str, str]
    facts: list[WhyFact]
    changes: list[WhyFact] = field(default_factory=list)
    candidates: list[WhyCandidate] = field(default_factory=list)
    margin: float | None = None
    excluded: list[WhyExcluded] = field(default_factory=list)
    lead: WhyLead | None = None


# ------------------------------------------------------------------------- socket: hub -> console
# Frame on "event": {"s": seq, "d": <one of these, tagged by "type">}. `seq` is dense per agent and epoch.


class OfferCreated(Struct, frozen=True, tag="offer.created"):
    """Insert or replace: it comes again when its contact changes while it rings (the customer writes on)."""

    offer: OfferView


class OfferEnded(Struct, frozen=True, tag="offer.ended"):
    """`reason`: accepted, rejected, timed_out, withdrawn, rescinded, setup_failed."""

    offer_id: str
    reason: str


class ContactChanged(Struct, frozen=True, tag="contact.changed"):
    """Insert or replace while connecting, active or wrap_up. In any other state it has left this agent
    (closed, abandoned, or queued or offered again): remove it."""

    contact: ContactView


class MessageAdded(Struct, frozen=True, tag="message.added"):
    """New, or the same `message_id` with another delivery state: insert or replace."""

    contact_id: str
    message: MessageView


class PresenceChanged(Struct, frozen=True, tag="presence.changed"):
    presence: PresenceView


class Typing(Struct, frozen=True, tag="typing"):
    """The customer is typing; show for 4 s."""

    contact_id: str


class Notice(Struct, frozen=True, tag="notice"):
    """A sentence for the agent, by language."""

    level: Literal["info", "warning", "error"]
    code: str
    text: dict[str, str]


ConsoleEvent = OfferCreated | OfferEnded | ContactChanged | MessageAdded | PresenceChanged | Typing | Notice


class Snapshot(Struct, frozen=True):
    """Everything live on a console. Snapshot + later events = fresh snapshot."""

    presence: PresenceView
    offers: list[OfferView]
    contacts: list[ContactView]


# `hello {epoch, seq}` is the console's only question on the socket; its ack is one of these two.


class Hello(Struct, frozen=True):
    epoch: str = ""
    seq: int = 0
    tab_id: str = ""


class HelloReplay(Struct, frozen=True, tag="replay"):
    epoch: str
    seq: int
    """Sequence after the last replayed event."""
    now_at_ms: int
    events: list["Frame"]


class HelloSnapshot(Struct, frozen=True, tag="snapshot"):
    epoch: str
    seq: int
    now_at_ms: int
    snapshot: Snapshot


class Frame(Struct, frozen=True):
    s: int
    d: ConsoleEvent


class SocketError(Struct, frozen=True, tag="error"):
    """Ack of a socket command that cannot be done. `code`: unknown_command, bad_request, unauthorised..."""

    code: str
    detail: str


class OfferDeliveredAck(Struct, frozen=True):
    """Console -> hub on "offer_delivered": this console shows the offer."""

    offer_id: str


class TypingSent(Struct, frozen=True):
    """Console -> hub on "typing": the agent types a reply (at most one in 3 s)."""

    contact_id: str


# ----------------------------------------------------------------- socket: hub -> supervisor ("board")


class QueueRow(Struct, frozen=True):
    queue_id: str
    name: str
    waiting: int
    oldest_wait_ms: int
    offered: int
    active: int
    agents_available: int
    agents_staffed: int
    answered_today: int
    abandoned_today: int
    service_level: float | None
    """Share answered within target today (SL-c), 0-1; None when nothing was offered."""
    sl_target_ms: int
    bound_ms: int | None = None
    """Nobody who comes more than this later is served first; None: no bound (by value alone)."""
    expected: ExpectedWait | None = None
    """For somebody who comes now; None: cannot be foreseen."""
    reserve: Literal["none", "closed", "open"] = "none"


class WaitingRow(Struct, frozen=True):
    """A waiting contact: `why_not_yet` in one sentence per language, `expected` from now on."""

    contact_id: str
    queue_id: str
    channel: Channel
    customer_name: str
    value: int
    enqueued_at_ms: int
    head_start_ms: int
    position: int
    why_not_yet: dict[str, str]
    state: ContactState = "queued"
    lead_ms: int = 0
    """What counts now of head start, boosts and ageing."""
    expected: ExpectedWait | None = None


class AgentRow(Struct, frozen=True):
    agent_id: str
    name: str
    presence: PresenceView
    skills: list[str]
    contacts: list["AgentWork"]
    console_connected: bool


class AgentWork(Struct, frozen=True):
    contact_id: str
    channel: Channel
    state: ContactState
    customer_name: str
    since_at_ms: int


class QuarantineRow(Struct, frozen=True):
    account: str
    provider_id: str
    received_at_ms: int
    reason: str
    size_bytes: int


class WatchBoard(Struct, frozen=True):
    """Supervisor page -> hub on "board_watch"; the present Board follows at once on the "board" event."""

    on: bool = True


class Board(Struct, frozen=True, tag="board"):
    """Pushed on the "board" event, at most once a second, only while it changes and somebody watches."""

    at_ms: int
    queues: list[QueueRow]
    agents: list[AgentRow]
    waiting: list[WaitingRow]
    """At most 100, in the order in which a fully skilled agent would get them."""
    quarantined: int


# ------------------------------------------------------------------------------------- HTTP bodies
# Commands: POST with header Idempotency-Key. Errors: RFC 9457 problem+json.


class Problem(Struct, frozen=True, omit_defaults=True):
    title: str
    status: int
    code: str
    detail: str = ""
    errors: list["FieldError"] = field(default_factory=list)
    type: str = "about:blank"


class FieldError(Struct, frozen=True):
    pointer: str
    detail: str


class LoginRequest(Struct, frozen=True):
    username: Annotated[str, Meta(min_length=1, max_length=200)]
    password: Annotated[str, Meta(min_length=1, max_length=1_000)]


class Phone(Struct, frozen=True):
    """What the telephone inside a console registers with (SIP over websocket)."""

    ws_uri: str
    sip_uri: str
    password: str


class PresenceRequest(Struct, frozen=True):
    """`after_work`: not before the work in hand is finished; until then nothing more is offered."""

    presence: Literal["offline", "available", "aux"]
    code: Annotated[str, Meta(max_length=100)] = ""
    after_work: bool = False


class RejectRequest(Struct, frozen=True):
    reason: Annotated[str, Meta(max_length=200)] = ""


class ReadRequest(Struct, frozen=True):
    """The agent has seen the conversation up to and including `seq`."""

    seq: Annotated[int, Meta(ge=0, le=2**31 - 1)]


class SendRequest(Struct, frozen=True):
    """`client_id` makes a repeat harmless. `note`: internal, never leaves the hub."""

    client_id: Annotated[str, Meta(min_length=1, max_length=100)]
    text: Annotated[str, Meta(min_length=1, max_length=100_000)]
    note: bool = False


class WrapUpRequest(Struct, frozen=True):
    disposition: Annotated[str, Meta(min_length=1, max_length=100)]
    note: Annotated[str, Meta(max_length=4_000)] = ""


class Sent(Struct, frozen=True):
    """Answer to a message: its id, under which `message.added` brings it to every console of the agent."""

    message_id: str


class Ok(Struct, frozen=True):
    ok: bool = True


class Messages(Struct, frozen=True):
    items: list[MessageView]
    last_seq: int


class Timeline(Struct, frozen=True):
    items: list[PastInteraction]


class Quarantine(Struct, frozen=True):
    items: list[QuarantineRow]


class DecisionView(Struct, frozen=True):
    """One decision about a contact, as recorded. `trace` is the engine's DecisionTrace."""

    offer_id: str
    at_ms: int
    agent_id: str
    agent_name: str
    outcome: str
    why: Explanation
    trace: dict[str, Any]


class Decisions(Struct, frozen=True):
    contact_id: str
    items: list[DecisionView]


class WaitingWhy(Struct, frozen=True):
    """Why a contact waits at `at_ms`, and what would have to change."""

    contact_id: str
    at_ms: int
    queue_id: str
    queue_name: str
    channel: Channel
    state: ContactState
    customer_name: str
    enqueued_at_ms: int
    position: int
    waiting: int
    """How many wait in its queue."""
    expected: ExpectedWait | None
    why: Explanation


# ------------------------------------------------------------------------------------------ rule sets
# Supervisors read and approve; only admins change. A hash in a path may be cut short while it is unambiguous.

RuleSetState = Literal["draft", "simulated", "approved", "staged", "published", "retired"]
RuleNote = Annotated[str, Meta(max_length=500)]


class Trial(Struct, frozen=True):
    """Who gets a staged set: `percent` of the contacts, of `queues` only where any are named."""

    percent: int
    queues: list[str]


class RuleSetStep(Struct, frozen=True):
    """A state that a set went into. `detail` has e.g. the `summary` of a simulation or what was `skipped`."""

    state: RuleSetState
    by: str
    at_ms: int
    note: str
    detail: dict[str, Any]


class RuleSetRow(Struct, frozen=True):
    """A rule set with its steps, oldest first. `trial` only while it is staged."""

    hash: str
    state: RuleSetState
    author: str
    note: str
    created_at_ms: int
    published_at_ms: int | None
    trial: Trial | None
    steps: list[RuleSetStep]


class RuleSets(Struct, frozen=True):
    """The sets in force first, then the one changed last."""

    items: list[RuleSetRow]


class RuleSetDocument(Struct, frozen=True):
    """A rule set with all that it says, as JSON and in sentences, one for each rule."""

    row: RuleSetRow
    body: dict[str, Any]
    words: list[str]


class RuleSetDiff(Struct, frozen=True):
    """What changes from one set to another, a sentence each; empty when nothing that matters does."""

    from_hash: str
    to_hash: str
    words: list[str]


class DraftRequest(Struct, frozen=True):
    """`body` is the whole rule set; pointers of a refusal lead into this request."""

    body: Any
    note: RuleNote = ""


class RuleNoteRequest(Struct, frozen=True):
    """Why, kept with the step."""

    note: RuleNote = ""


class StageRequest(Struct, frozen=True):
    percent: Annotated[int, Meta(ge=1, le=100)] = 100
    queues: Annotated[list[str], Meta(max_length=500)] = []
    note: RuleNote = ""


class RollBackRequest(Struct, frozen=True):
    """`to`: the hash to go back to, or its beginning; "" for the set that was in force before."""

    to: Annotated[str, Meta(max_length=64)] = ""
    note: RuleNote = ""
