"""The engine's mutable facts: contacts, offers, agents, queues. Never handed out; `views.py` copies them.

States change only through `transitions.py`; everything that can be derived from these facts (pools, lines,
free agents) lives in `roster.py`, `demand.py` and `ranks.py` and is rebuilt from them on load.
"""

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from routing.types import (
    AgentId,
    AgentSkill,
    CallbackMode,
    Capacity,
    Channel,
    ContactId,
    ContactState,
    OfferId,
    OfferState,
    Presence,
    QueueId,
    QueueSpec,
    RoutePlan,
    RuleId,
    SkillId,
    Step,
)

if TYPE_CHECKING:
    from routing.demand import Demand
    from routing.limits import Limits
    from routing.profiles import Profile
    from routing.ranks import Ranks
    from routing.target import Needs, Target

CHANNELS: tuple[Channel, ...] = tuple(Channel)
CHANNEL_INDEX: dict[Channel, int] = {channel: index for index, channel in enumerate(CHANNELS)}

FreeKey = tuple[int, int, AgentId, int]
"""Order of free agents of equal grade: (load in tenths, idle since ms, id, index)."""

# Timers are lists of mixed things (see `timers.py`); records only keep them.
TimersOf = dict[Any, list[Any]]


class Exclusion(Struct, eq=False):
    """Why an agent is not asked for a contact: hard until `cool_at_ms`, then soft until `until_ms`.

    A soft exclusion gives way when nobody else who is at work could ever take the contact.
    """

    cool_at_ms: int
    until_ms: int
    hard: bool


class Callback(Struct, eq=False):
    """The customer is not on the line and keeps its place. Instants in ms."""

    mode: CallbackMode
    from_ms: int
    until_ms: int
    """The promised window."""
    due_at_ms: int | None
    attempts: int = 0
    first_at_ms: int | None = None
    """When the customer was first tried."""
    dialling: bool = False
    """The customer is being called first."""
    answered: bool = False
    """The customer, called first, is on the line and waits."""


class _Record(Struct, eq=False):
    """Records hold each other; shown whole, one of them would show the engine."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'ident', '')}>"


class QueueRecord(_Record, eq=False):
    """A queue with what goes on in it."""

    ident: str
    spec: QueueSpec
    timers: TimersOf = field(default_factory=dict)
    waiting: "dict[ContactId, ContactRecord]" = field(default_factory=dict)
    ranks: "dict[int, Ranks] | None" = None
    """Places of those who wait, by ageing rate; kept from the first time that a position is asked for."""
    arrivals: "list[tuple[int, int, ContactRecord]]" = field(default_factory=list)
    """Heap of (enqueued, stamp, contact), lazily cleaned: who has waited longest."""
    reserve_open: bool = False
    served_at_ms: int = 0
    busy: bool = False
    """Whether somebody waited when the last one was served: only then the interval says how fast it goes."""
    interval_ms: float = 0.0
    """Smoothed time between two services while somebody waits; 0: not known yet."""
    pool: "Target" = ((),)
    """Who belongs to the queue; with `reserve` worked out from `spec` by `State.adopt`."""
    reserve: "Needs | None" = None
    """What marks the agents in reserve."""
    cap_ms: int = 0
    """The greatest lead that anybody can have here."""
    rate: int = 100
    """How fast a wait weighs, in percent."""
    bound_ms: int | None = 0
    """The overtaking bound; None: there is none."""
    demands: "dict[tuple[Step, int, int, bool], Demand]" = field(default_factory=dict)
    """Open demands by step, channel, ageing rate and whether the reserve is open."""


class OfferRecord(_Record, eq=False):
    offer: OfferId
    contact: "ContactRecord"
    agent: "AgentRecord"
    created_at_ms: int
    expires_at_ms: int
    state: OfferState = OfferState.ALERTING
    delivered: bool = False
    setup_until_ms: int | None = None
    timers: TimersOf = field(default_factory=dict)

    @property
    def ident(self) -> str:
        return self.offer


class ContactRecord(_Record, eq=False):
    contact: ContactId
    channel: Channel
    channel_index: int
    queue: QueueRecord
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
    customer: str = ""
    tier: str = ""
    calendar: tuple[str, str] = ("open", "")
    known: tuple[AgentId, ...] = ()
    """Agents whom the plan names: they know the customer."""
    state: ContactState = ContactState.QUEUED
    step: int = 0
    """Index into the plan; len(plan.steps) means the plan's end."""
    step_until_ms: int | None = None
    agent: "AgentRecord | None" = None
    offer: OfferRecord | None = None
    wrap_up_until_ms: int | None = None
    exclusions: dict[AgentId, Exclusion] = field(default_factory=dict)
    boost_ms: int = 0
    place: int = 0
    """Place in line, smallest first, among contacts of one rate; see `order.py`."""
    rate: int = 100
    """How fast its wait weighs, in percent."""
    full_at_ms: int | None = None
    """When its lead is full, if that changes its place."""
    offers_failed: int = 0
    hops: int = 0
    owner: AgentId | None = None
    """Who passed it on."""
    to_owner: bool = False
    """Whether it waits, or last waited, for that one at its plan's end."""
    callback: Callback | None = None
    callback_asked: bool = False
    timers: TimersOf = field(default_factory=dict)
    demand: "Demand | None" = None
    """Whom it waits for; set exactly while it is in line."""
    stamp: int = 0
    """Names the one live entry in each heap; 0 while in no line."""

    @property
    def ident(self) -> str:
        return self.contact


class AgentRecord(_Record, eq=False):
    agent: AgentId
    index: int
    """Bit position in every pool; meaningless outside one engine's life."""
    stated: tuple[AgentSkill, ...]
    skills: dict[SkillId, int]
    """Levels as they are now, after decay."""
    capacity: Capacity
    limits: "Limits"
    profile: "Profile"
    tier: int = 1
    presence: Presence = Presence.OFFLINE
    code: str = ""
    presence_since_ms: int = 0
    pending: tuple[Presence, str, str] | None = None
    """Presence, code and cause that follow once nothing is held any more."""
    reachable: tuple[Channel, ...] = ()
    idle_since_ms: int = 0
    ramp_until_ms: int = 0
    """Until then work comes slowly."""
    ramp_hold_ms: int = 0
    """Until then no work comes."""
    removed: bool = False
    contacts: dict[ContactId, ContactRecord] = field(default_factory=dict)
    """Everything that holds capacity: OFFERED, CONNECTING, ACTIVE, WRAP_UP. Load is counted from here."""
    parked: dict[ContactId, ContactRecord] = field(default_factory=dict)
    timers: TimersOf = field(default_factory=dict)
    status: tuple[int, ...] = ()
    """Per channel a `limits.Status`; empty: in no pool."""
    due: tuple[int, ...] = ()
    """What the status comes to, from what is held right now."""
    due_mask: int = 0
    """Likewise the bits of the free channels."""
    free_mask: int = 0
    """Bits of the channels on which it can be asked."""
    free_key: FreeKey | None = None
    """Its place among free agents; None unless free on some channel."""
    load_tenths: int = 0

    @property
    def ident(self) -> str:
        return self.agent

    @property
    def holds_nothing(self) -> bool:
        return not self.contacts and not self.parked


QueueIndex = dict[QueueId, QueueRecord]
