"""The values that events, commands and the engine share.

Instants are `*_at_ms` (int, UTC epoch milliseconds), spans are `*_ms`. Levels run from 0 to 100.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

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
    WRAP_UP = "wrap_up"
    CLOSED = "closed"
    ABANDONED = "abandoned"


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


@dataclass(frozen=True, slots=True)
class SkillNeed:
    """A mandatory skill: the agent's level must be at least `min_level` (1-100)."""

    skill: SkillId
    min_level: int = 1


@dataclass(frozen=True, slots=True)
class AgentSkill:
    """A skill that an agent has, with its proficiency (1-100, 100 best)."""

    skill: SkillId
    level: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a route plan: who may be asked, and for how long before the next step.

    `agent` names one agent (last agent, preferred agent) who must also meet `needs`; empty `needs` with no
    agent means any agent of the queue's pool. `duration_ms` counts from entry into the step; None: no end.
    """

    needs: tuple[SkillNeed, ...] = ()
    agent: AgentId | None = None
    duration_ms: int | None = None


class PlanEnd(StrEnum):
    """What happens when the last step's time is over."""

    HOLD = "hold"
    ANY_IN_QUEUE = "any_in_queue"


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """Steps that widen the target over time, with an explicit end. At least one step."""

    steps: tuple[Step, ...]
    end: PlanEnd = PlanEnd.HOLD


@dataclass(frozen=True, slots=True)
class Capacity:
    """What an agent can hold at once: `units` in all, and at most `caps[channel]` contacts per channel.

    A channel's contact weighs `weights[channel]` units (default: a call takes all units, others 1).
    A channel that is missing from `caps` is never offered.
    """

    units: int
    caps: tuple[tuple[Channel, int], ...]
    weights: tuple[tuple[Channel, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OfferPolicy:
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


@dataclass(frozen=True, slots=True)
class QueueSpec:
    """A queue as the engine sees it. `needs` defines its pool: who meets them belongs to it."""

    queue: QueueId
    name: str
    needs: tuple[SkillNeed, ...] = ()
    policy: OfferPolicy = OfferPolicy()
    head_start_max_ms: int = 120_000
    sl_target_ms: int = 20_000
    """Answer within this span counts as in service level; used by reports and the board."""
