"""The port between voice and the hub.

`Voice` (built by `telephony.voice.build`) carries calls; the hub implements `VoiceHost` and decides. A call
is named by `call_id` (HUB_CALL on its channels), which is never used again, also not by an Asterisk that was
started anew; an agent's ringing leg is named by the hub's offer id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class CallStage(StrEnum):
    """Where a caller is; lives on the channel as HUB_STATE, so it survives the hub."""

    IVR = "ivr"
    WAITING = "waiting"
    TALKING = "talking"
    HELD = "held"
    AFTER = "after"
    VOICEMAIL = "voicemail"
    FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class CallArrived:
    """A call reached us. `ani` is the caller's number as digits with optional +, or "" when withheld or not
    trustworthy; `dialled` is the number called."""

    call_id: str
    ani: str
    dialled: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call found on Asterisk at (re)connect. `offer_id` and `agent` are set when an agent's leg exists."""

    call_id: str
    stage: CallStage
    ani: str
    dialled: str
    answers: Mapping[str, str] = field(default_factory=dict)
    waiting_since_ms: int | None = None
    offer_id: str = ""
    agent_id: str = ""
    leg_up: bool = False


@dataclass(frozen=True, slots=True)
class Ring:
    """Ring the agent's phone for a waiting call. `endpoint` is the SIP endpoint, e.g. "agent1"."""

    offer_id: str
    call_id: str
    agent_id: str
    endpoint: str
    timeout_ms: int
    caller_label: str = ""
    """Shown on the phone's display; letters, digits, spaces only."""


class LegFailure(StrEnum):
    """Why an agent's leg ended before it was up."""

    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    ERROR = "error"


class VoiceHost(Protocol):
    """What the hub offers to voice. Every method is durable when it returns."""

    def now_ms(self) -> int: ...

    async def call_arrived(self, call: CallArrived) -> None:
        """Before the IVR: open the interaction. Idempotent by call_id."""
        ...

    async def ivr_lookup(self, call_id: str, name: str, arguments: Mapping[str, str]) -> Mapping[str, str]:
        """Data for an IVR node, e.g. "customer" {number} -> {found, name, tier, language} or
        "order_status" {order} -> {found, status, eta_days, ...}. Empty mapping: nothing known."""
        ...

    async def call_queued(self, call_id: str, answers: Mapping[str, str]) -> None:
        """The IVR is done: route the call. Idempotent by call_id."""
        ...

    async def call_gone(self, call_id: str, stage: CallStage, by: str) -> None:
        """The caller's channel is gone. `stage` is where it was; `by`: customer, agent or system. AFTER with
        no `call_queued` before it: the IVR has served the caller."""
        ...

    async def leg_ringing(self, offer_id: str) -> None: ...

    async def leg_up(self, offer_id: str) -> None:
        """Agent and caller are bridged."""
        ...

    async def leg_failed(self, offer_id: str, failure: LegFailure) -> None:
        """The leg ended before it was up. NO_ANSWER: it rang for the whole time. UNREACHABLE: at once, the
        phone is not registered or says that it is unavailable. CANCELLED: by us, or the caller left."""
        ...

    async def talk_ended(self, call_id: str, offer_id: str, by: str) -> None:
        """Agent and caller are no longer together. The caller may still be there (survey, held)."""
        ...

    async def endpoint_reachable(self, endpoint: str, reachable: bool) -> None:
        """A phone registered or went away (told of all endpoints before each `resynced`)."""
        ...

    async def resynced(self, calls: Sequence[LiveCall]) -> None:
        """All that lives on Asterisk after (re)connecting; a call known to the hub but not here is gone."""
        ...

    async def connection_lost(self) -> None:
        """Asterisk cannot be reached; `resynced` follows some time later."""
        ...


class VoiceControl(Protocol):
    """What the hub may ask of voice. Each raises VoiceError if Asterisk cannot be asked or refuses."""

    async def run(self) -> None:
        """Serve until cancelled: AMI connection with backoff, FastAGI server."""
        ...

    async def ring(self, ring: Ring) -> None:
        """Start ringing; what comes of it is told by leg_*. Idempotent by offer_id."""
        ...

    async def cancel_ring(self, offer_id: str) -> None:
        """Stop ringing. Nothing happens if the leg is gone."""
        ...

    async def answer(self, offer_id: str) -> bool:
        """Ask the ringing phone to answer by itself (NOTIFY Event: talk). False: it cannot be asked."""
        ...

    async def hang_up(self, call_id: str) -> None:
        """End the whole call."""
        ...

    async def hang_up_agent(self, offer_id: str) -> None:
        """End the agent's leg; the caller goes on in the dialplan (survey, good-bye)."""
        ...

    async def hold(self, offer_id: str) -> None: ...

    async def unhold(self, offer_id: str) -> None: ...


class VoiceError(Exception):
    """Asterisk could not be asked, or said no. The message is for an operator."""
