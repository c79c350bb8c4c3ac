"""The values that events, commands and the engine share.

Instants are `*_at_ms` (int, UTC epoch milliseconds), spans are `*_ms`. Levels run from 0 to 100.
Values are immutable; a journal holds them as JSON, so a field is only ever added, with a default.
"""

from enum import StrEnum
from typing import NewType

from msgspec import Struct

AgentId = NewType("AgentId", str)
ContactId = NewType("ContactId", str)
OfferId = NewType("OfferId", str)
QueueId = NewType("QueueId", str)
SkillId = NewType("SkillId", str)
RuleId = NewType("RuleId", str)


class Channel(StrEnum):
    """How a contact reaches us."""

    VOICE = "voice"
    CHAT = "chat"
    SMS = "sms"
    EMAIL = "email"


class ContactState(StrEnum):
    """Where a contact is on its one pass through routing (see `transitions.py` for the arrows)."""

    QUEUED = "queued"
    OFFERED = "offered"
    CONNECTING = "connecting"
    ACTIVE = "active"
    PARKED = "parked"
    """The customer is silent: no capacity held, but the agent keeps a way back for it."""
    CALLBACK = "callback"
    """Nobody is on the line: it waits for its appointed time, for the next attempt, or for an answer."""
    WRAP_UP = "wrap_up"
    CLOSED = "closed"
    ABANDONED = "abandoned"
    VOICEMAIL = "voicemail"
    """Its plan ended here; somebody is to leave a message."""
    TURNED_AWAY = "turned_away"
    """The queue was full and had no other way: the customer is told to try later."""


class OfferState(StrEnum):
    """The life of one offer; everything after CONNECTING is an end."""

    ALERTING = "alerting"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    REJECTED = "rejected"
    TIMED_OUT = "timed_out"
    WITHDRAWN = "withdrawn"
    RESCINDED = "rescinded"
    SETUP_FAILED = "setup_failed"


class Presence(StrEnum):
    """What an agent has said, or the hub has concluded, about taking work.

    WRAP_UP is not stored as a presence: it follows from the contacts that an agent holds.
    """

    OFFLINE = "offline"
    AVAILABLE = "available"
    AUX = "aux"
    RONA = "rona"


class SkillNeed(Struct, frozen=True, gc=False):
    """A mandatory skill: the agent's level must be at least `min_level` (1-100)."""

    skill: SkillId
    min_level: int = 1


class SkillWish(Struct, frozen=True, gc=False):
    """A preferred skill: who has it at `min_level` (1-100) gets `points` (1-100) more, nobody is excluded."""

    skill: SkillId
    min_level: int = 1
    points: int = 20


class AgentSkill(Struct, frozen=True, gc=False):
    """A skill that an agent has, with its proficiency (1-100, 100 best) as it was judged at `as_of_ms`.

    It loses `decay_per_quarter` levels in each 90 days after that, evenly, down to `floor`; without a date it
    never decays. `source` says who judged (stated, test, supervisor, outcomes).
    """

    skill: SkillId
    level: int
    source: str = "stated"
    as_of_ms: int | None = None
    decay_per_quarter: int = 0
    floor: int = 1


class Step(Struct, frozen=True, cache_hash=True):
    """One step of a route plan: who may be asked, and for how long before the next step.

    An agent must meet all `needs` and, where there are any, all needs of one of the `any_of`; no needs at
    all means anyone of the queue's pool. `agent` names one agent (last agent, preferred agent, owner of the
    case), who must meet them too; then `duration_ms` is the price in time of that agent's knowing the story.
    `duration_ms` counts from entry into the step; None: no end. `prefers` ranks, and excludes nobody.
    """

    needs: tuple[SkillNeed, ...] = ()
    agent: AgentId | None = None
    duration_ms: int | None = None
    any_of: tuple[tuple[SkillNeed, ...], ...] = ()
    prefers: tuple[SkillWish, ...] = ()


class PlanEnd(StrEnum):
    """What happens when the last step's time is over, or the contact was offered too often."""

    HOLD = "hold"
    """The last step goes on."""
    ANY_IN_QUEUE = "any_in_queue"
    OVERFLOW = "overflow"
    """It goes on in another queue, by that queue's plan, with its place kept."""
    CALLBACK = "callback"
    """The customer is asked whether to be called back, and waits on meanwhile."""
    VOICEMAIL = "voicemail"
    RETURN = "return"
    """Back to the agent who passed it on, and it waits for that one."""


class RoutePlan(Struct, frozen=True, cache_hash=True):
    """Steps that widen the target over time, with an explicit end. At least one step.

    `overflow_to` is the queue of the end OVERFLOW. After `offers_max` offers that came to nothing the plan
    goes to its end at once (with the end HOLD: to its last step); None: no limit.
    """

    steps: tuple[Step, ...]
    end: PlanEnd = PlanEnd.HOLD
    overflow_to: QueueId | None = None
    offers_max: int | None = None


class Ramp(Struct, frozen=True, gc=False):
    """For `span_ms` after coming back to work an agent is asked once in `gap_ms` at most."""

    gap_ms: int
    span_ms: int


class Capacity(Struct, frozen=True):
    """What an agent can hold at once: `units` in all, and at most `caps[channel]` contacts per channel.

    A channel's contact weighs `weights[channel]` units (default: a call takes all units, others 1).
    A channel that is missing from `caps` is never offered. Channels in `interruptible` draw on a second pool
    of `interruptible_units` instead, so that work which may lie does not keep a call away. `blocks` is the
    interrupt matrix: (held, incoming) pairs that do not go together. Of each channel's cap, up to
    `return_slots` are kept free for parked contacts that come back.
    """

    units: int
    caps: tuple[tuple[Channel, int], ...]
    weights: tuple[tuple[Channel, int], ...] = ()
    interruptible_units: int = 0
    interruptible: tuple[Channel, ...] = ()
    blocks: tuple[tuple[Channel, Channel], ...] = ()
    return_slots: int = 0
    ramp: Ramp | None = None


class OfferPolicy(Struct, frozen=True, gc=False):
    """Deadlines for one queue; all in milliseconds."""

    ring_ms: int = 20_000
    delivery_ms: int = 2_000
    """How long a console may take to acknowledge the offer before the next agent is asked."""
    setup_ms: int = 10_000
    wrap_up_ms: int = 60_000
    """0: no wrap-up."""
    exclusion_ms: int = 60_000
    """An agent who rejected or missed the contact is not asked for it again so soon, unless nobody else is
    there.
    """


class Order(StrEnum):
    """How a queue orders who waits. Whatever the order, a lead in line is never more than the queue's cap,
    except under STRICT.
    """

    HEAD_START = "head_start"
    """The whole lead at once: as if the customer had come that much earlier."""
    ACCUMULATING = "accumulating"
    """The lead grows with the wait, at the queue's ageing rate, up to what the customer's value buys."""
    STRICT = "strict"
    """By value, and by age only among equals. Has no bound: low values may starve."""


class Overflow(Struct, frozen=True, gc=False):
    """On arrival a contact goes to queue `to` when any of these holds of its own queue; None: not asked."""

    to: QueueId
    waiting_over: int | None = None
    oldest_wait_over_ms: int | None = None
    expected_wait_over_ms: int | None = None
    staffed_below: int | None = None


class Full(StrEnum):
    """What becomes of a call or a chat that finds its queue full. Mail and texts are always taken."""

    TURN_AWAY = "turn_away"
    OVERFLOW = "overflow"
    CALLBACK = "callback"
    """The customer is asked whether to be called back, and waits meanwhile."""
    VOICEMAIL = "voicemail"


class Reserve(Struct, frozen=True):
    """Agents who help a queue out: they join its pool when it is in need and leave when it is well again.

    Who has all `needs` is in reserve. It opens when at least `open_waiting` wait or one has waited for
    `open_wait_ms`; it closes when at most `close_waiting` wait and none for longer than `close_wait_ms`.
    """

    needs: tuple[SkillNeed, ...]
    open_waiting: int
    close_waiting: int
    open_wait_ms: int
    close_wait_ms: int


class CallbackMode(StrEnum):
    """Who is called first when the turn of a callback has come."""

    AGENT_FIRST = "agent_first"
    CUSTOMER_FIRST = "customer_first"


class CallbackPolicy(Struct, frozen=True, gc=False):
    """How a queue calls back. `window_ms` is how wide the promised window is when no wait can be foreseen."""

    attempts_max: int = 3
    gap_ms: int = 300_000
    dial_ms: int = 45_000
    window_ms: int = 1_800_000


class QueueSpec(Struct, frozen=True):
    """A queue as the engine sees it. `needs` and `any_of` define its pool: who meets them belongs to it."""

    queue: QueueId
    name: str
    needs: tuple[SkillNeed, ...] = ()
    policy: OfferPolicy = OfferPolicy()
    head_start_max_ms: int = 120_000
    """The greatest lead that anybody can have here, boosts included."""
    sl_target_ms: int = 20_000
    """Answer within this span counts as in service level; used by reports and the board."""
    any_of: tuple[tuple[SkillNeed, ...], ...] = ()
    order: Order = Order.HEAD_START
    ageing_percent: int = 100
    """How fast a wait weighs: 150 makes ten minutes count as fifteen, up to the cap of the lead."""
    by_target: bool = False
    """Whether the service-level target counts in the order: who may wait longer by promise, comes later."""
    targets: tuple[tuple[str, int], ...] = ()
    """Service-level target in ms by customer tier, where it differs from `sl_target_ms`."""
    length_max: int | None = None
    full: Full = Full.TURN_AWAY
    full_to: QueueId | None = None
    overflows: tuple[Overflow, ...] = ()
    reserve: Reserve | None = None
    plan: RoutePlan = RoutePlan((Step(),))
    """For contacts that come from another queue."""
    callback: CallbackPolicy = CallbackPolicy()
