"""What a stream of AMI events means: callers, agents' legs, and what has become of them.

Pure: events in, happenings out; no clock, no I/O. A caller is found by its channel's Uniqueid and told to the
hub by the call id, which the dialplan made of it; an agent's leg is `leg-<offer id>`, which we choose when we
ring. Asterisk keeps the order of one channel's events only, so every conclusion here rests on one channel's
own events, and each is told once, however often the event comes. Start at `Calls.handle`.

Nothing that a caller can send may speak here: our own user events must carry the dialplan's random key, an
event with a header twice that Asterisk writes once is dropped, and a Hangup counts only if it names both
the channel and the unique id that belong together.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from telephony.ami import Message
from telephony.answers import read_answers
from telephony.port import CallStage, LegFailure
from telephony.status import LEG_PREFIX, Found, belongs

REMEMBERED_MAX = 20_000
"""Ended calls and legs whose late events must not bring them back."""

_WRITTEN_ONCE = ("Event", "Uniqueid", "Linkedid", "DestUniqueid", "UserEvent", "Key", "Call")


@dataclass(frozen=True, slots=True)
class Arrived:
    call_id: str
    ani: str
    dialled: str


@dataclass(frozen=True, slots=True)
class Queued:
    call_id: str
    answers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stranded:
    """The dialplan could not reach us; the caller hears music until we fetch it."""

    call_id: str


@dataclass(frozen=True, slots=True)
class LegSeen:
    """The channel of an agent's leg exists from now on."""

    offer_id: str


@dataclass(frozen=True, slots=True)
class LegRinging:
    offer_id: str


@dataclass(frozen=True, slots=True)
class LegUp:
    offer_id: str


@dataclass(frozen=True, slots=True)
class LegFailed:
    offer_id: str
    failure: LegFailure


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A phone answered at the moment when its ringing was cancelled: the caller goes on waiting."""

    call_id: str


@dataclass(frozen=True, slots=True)
class TalkEnded:
    call_id: str
    offer_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Gone:
    call_id: str
    stage: CallStage
    by: str
    leg_channels: tuple[str, ...]
    """Agents' legs that are still there."""


Happening = (
    Arrived | Queued | Stranded | LegSeen | LegRinging | LegUp | LegFailed | TakenBack | TalkEnded | Gone
)


@dataclass(slots=True)
class Call:
    """A caller on its channel."""

    call_id: str
    channel: str
    unique_id: str
    stage: CallStage = CallStage.IVR
    ani: str = ""
    dialled: str = ""
    queued: bool = False
    left_by_itself: bool = False
    ended_by_us: bool = False


@dataclass(slots=True)
class Leg:
    """An agent's phone, from the order to ring until it hangs up. `channel` is "" until Asterisk made it."""

    offer_id: str
    call_id: str
    channel: str = ""
    ringing: bool = False
    up: bool = False
    cancelled: bool = False
    refused: bool = False
    """The phone itself ended the ringing (Asterisk's own timeout comes without this)."""
    ended_by_agent: bool = False

    @property
    def endpoint(self) -> str:
        """The phone, out of the channel's name `PJSIP/<endpoint>-<number>`."""
        return self.channel.removeprefix("PJSIP/").rpartition("-")[0]


@dataclass(slots=True)
class Calls:
    """All calls of one Asterisk. `key` is the dialplan's random key."""

    key: str
    by_id: dict[str, Call] = field(default_factory=dict)
    by_unique_id: dict[str, Call] = field(default_factory=dict)
    """The same calls."""
    legs: dict[str, Leg] = field(default_factory=dict)
    _ended: "OrderedDict[str, None]" = field(default_factory=OrderedDict)
    _originates: dict[str, str] = field(default_factory=dict)

    def expect(self, offer_id: str, call_id: str, action_id: str) -> Leg:
        """A leg is about to be ordered with this ActionID."""
        leg = Leg(offer_id, call_id)
        self.legs[offer_id] = leg
        self._originates[action_id] = offer_id
        return leg

    def refused(self, offer_id: str) -> None:
        """Asterisk did not take the order: it may be given again."""
        self.legs.pop(offer_id, None)

    def known(self, offer_id: str) -> bool:
        """Was this leg ever ordered, as far as we remember?"""
        return offer_id in self.legs or LEG_PREFIX + offer_id in self._ended

    def legs_of(self, call_id: str) -> list[Leg]:
        return [leg for leg in self.legs.values() if leg.call_id == call_id]

    def adopt(self, found: Iterable[Found]) -> None:
        """Start from what Asterisk says is alive; everything else is forgotten."""
        self.by_id.clear()
        self.by_unique_id.clear()
        self.legs.clear()
        self._originates.clear()
        for call in found:
            live = call.live
            self._ended.pop(live.call_id, None)
            waiting = live.stage not in (CallStage.IVR, CallStage.FALLBACK)
            self._add(
                Call(
                    live.call_id,
                    call.channel,
                    call.unique_id,
                    live.stage,
                    live.ani,
                    live.dialled,
                    queued=waiting,
                )
            )
            if live.offer_id:
                self.legs[live.offer_id] = Leg(
                    live.offer_id,
                    live.call_id,
                    call.leg_channel,
                    ringing=True,
                    up=live.leg_up,
                )

    def handle(self, event: Message) -> list[Happening]:
        """What this event means; [] for what is not ours, known already, or forged."""
        name = event.event
        handler = _HANDLERS.get(name)
        if handler is None or event.repeats(*_WRITTEN_ONCE):
            return []
        return handler(self, event)

    # ------------------------------------------------------------------------------------ callers

    def _user_event(self, event: Message) -> list[Happening]:
        stage = _STAGE_OF_USER_EVENT.get(event.get("UserEvent"))
        call_id, unique_id = event.get("Call"), event.get("Uniqueid")
        if stage is None or event.get("Key") != self.key or not belongs(call_id, unique_id):
            return []
        if call_id in self._ended:
            return []
        told: list[Happening] = []
        call = self.by_id.get(call_id)
        if call is None:
            ani, dialled = event.get("ANI"), event.get("DID")
            call = Call(call_id, event.get("Channel"), unique_id, ani=ani, dialled=dialled)
            self._add(call)
            told.append(Arrived(call_id, ani, dialled))
        call.stage = stage
        if stage is CallStage.WAITING:
            call.queued = True
            told.append(Queued(call_id, read_answers(event.get("Answers"))))
        elif stage is CallStage.FALLBACK:
            told.append(Stranded(call_id))
        return told

    def _add(self, call: Call) -> None:
        self.by_id[call.call_id] = self.by_unique_id[call.unique_id] = call

    def _bridge_enter(self, event: Message) -> list[Happening]:
        unique_id = event.get("Uniqueid")
        talking = event.get("BridgeType") == "basic"
        call = self.by_unique_id.get(unique_id)
        if call is not None:
            if talking:
                call.stage = CallStage.TALKING
            elif event.get("BridgeName").startswith("h-"):
                call.stage = CallStage.HELD
            return []
        leg = self.legs.get(unique_id.removeprefix(LEG_PREFIX)) if talking else None
        if leg is None or leg.up:
            return []
        # Bridge() pulls the caller in first: a leg inside a two-party bridge is talking.
        if leg.cancelled:
            return [TakenBack(leg.call_id)]
        leg.up = True
        return [*self._ring_once(leg), LegUp(leg.offer_id)]

    def _hangup_request(self, event: Message) -> list[Happening]:
        unique_id = event.get("Uniqueid")
        if call := self.by_unique_id.get(unique_id):
            call.left_by_itself = True
        elif leg := self.legs.get(unique_id.removeprefix(LEG_PREFIX)):
            leg.ended_by_agent = True
        return []

    def _hangup(self, event: Message) -> list[Happening]:
        unique_id, channel = event.get("Uniqueid"), event.get("Channel")
        if (call := self.by_unique_id.get(unique_id)) and call.channel == channel:
            return self._caller_gone(call)
        leg = self.legs.get(unique_id.removeprefix(LEG_PREFIX))
        if leg is not None and leg.channel == channel:
            return self._leg_gone(leg, event.get("Cause"))
        return []

    def _caller_gone(self, call: Call) -> list[Happening]:
        told: list[Happening] = []
        left: list[str] = []
        for leg in self.legs_of(call.call_id):
            if leg.channel:
                left.append(leg.channel)
            if leg.up:
                told.append(TalkEnded(call.call_id, leg.offer_id, self._ended_by(leg)))
                self._end(leg.offer_id)
        by = "customer" if call.left_by_itself else "system"
        del self.by_id[call.call_id], self.by_unique_id[call.unique_id]
        self._remember(call.call_id)
        return [*told, Gone(call.call_id, call.stage, by, tuple(left))]

    # --------------------------------------------------------------------------------- agents' legs

    def _new_channel(self, event: Message) -> list[Happening]:
        leg = self._leg(event.get("Uniqueid"))
        if leg is None or leg.channel:
            return []
        leg.channel = event.get("Channel")
        return [LegSeen(leg.offer_id)]

    def _new_state(self, event: Message) -> list[Happening]:
        leg = self._leg(event.get("Uniqueid"))
        return self._ring_once(leg) if leg and event.get("ChannelStateDesc") == "Ringing" else []

    def _dial_state(self, event: Message) -> list[Happening]:
        leg = self._leg(event.get("DestUniqueid"))
        return self._ring_once(leg) if leg and event.get("DialStatus") == "RINGING" else []

    def _dial_end(self, event: Message) -> list[Happening]:
        leg = self._leg(event.get("DestUniqueid"))
        if leg is not None and event.get("DialStatus") != "ANSWER":
            leg.refused = True
        return []

    def _originate_response(self, event: Message) -> list[Happening]:
        offer_id = self._originates.pop(event.get("ActionID"), "")
        leg = self.legs.get(offer_id)
        if leg is None or leg.channel or event.get("Response") == "Success":
            return []  # with a channel, its Hangup says more
        self._end(offer_id)
        return [LegFailed(offer_id, LegFailure.CANCELLED if leg.cancelled else LegFailure.UNREACHABLE)]

    def _leg(self, unique_id: str) -> Leg | None:
        return self.legs.get(unique_id[len(LEG_PREFIX) :]) if unique_id.startswith(LEG_PREFIX) else None

    def _ring_once(self, leg: Leg) -> list[Happening]:
        if leg.ringing:
            return []
        leg.ringing = True
        return [LegRinging(leg.offer_id)]

    def _leg_gone(self, leg: Leg, cause: str) -> list[Happening]:
        self._end(leg.offer_id)
        if leg.up:
            return [TalkEnded(leg.call_id, leg.offer_id, self._ended_by(leg))]
        return [LegFailed(leg.offer_id, _failure(leg, cause))]

    def _ended_by(self, leg: Leg) -> str:
        call = self.by_id.get(leg.call_id)
        if leg.ended_by_agent or (call is not None and call.stage is CallStage.AFTER):
            return "agent"  # the dialplan moves a caller on only when the agent's side ended first
        return "system" if call is not None and call.ended_by_us else "customer"

    def _end(self, offer_id: str) -> None:
        self.legs.pop(offer_id, None)
        self._remember(LEG_PREFIX + offer_id)

    def _remember(self, key: str) -> None:
        self._ended[key] = None
        while len(self._ended) > REMEMBERED_MAX:
            self._ended.popitem(last=False)


_HANDLERS = {
    "UserEvent": Calls._user_event,
    "BridgeEnter": Calls._bridge_enter,
    "HangupRequest": Calls._hangup_request,
    "Hangup": Calls._hangup,
    "Newchannel": Calls._new_channel,
    "Newstate": Calls._new_state,
    "DialState": Calls._dial_state,
    "DialEnd": Calls._dial_end,
    "OriginateResponse": Calls._originate_response,
}

_STAGE_OF_USER_EVENT = {
    "HubNew": CallStage.IVR,
    "HubWait": CallStage.WAITING,
    "HubAfter": CallStage.AFTER,
    "HubFallback": CallStage.FALLBACK,
}

_FAILURE_OF_CAUSE = {
    "0": LegFailure.CANCELLED,
    "1": LegFailure.UNREACHABLE,
    "3": LegFailure.UNREACHABLE,
    "16": LegFailure.CANCELLED,
    "17": LegFailure.BUSY,
    "18": LegFailure.NO_ANSWER,
    "19": LegFailure.NO_ANSWER,
    "20": LegFailure.UNREACHABLE,
    "21": LegFailure.REJECTED,
    "23": LegFailure.REJECTED,
    "26": LegFailure.CANCELLED,
    "27": LegFailure.UNREACHABLE,
}


def _failure(leg: Leg, cause: str) -> LegFailure:
    """Why a leg ended, by its Hangup cause (Q.850); the Reason of an OriginateResponse says less."""
    if leg.cancelled:
        return LegFailure.CANCELLED
    failure = _FAILURE_OF_CAUSE.get(cause, LegFailure.ERROR)
    if failure is LegFailure.NO_ANSWER and leg.refused:
        return LegFailure.UNREACHABLE  # the phone said 480 or 408: it did not ring in vain
    return failure
