"""Which calls are alive, from Asterisk's `Status` list with all variables. Pure.

Owns the reading of what the dialplan left on the channels (HUB_*). Start at `from_status`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from telephony.ami import Message
from telephony.answers import read_answers
from telephony.port import CallStage, LiveCall

LEG_PREFIX = "leg-"
"""Unique id of an agent's leg: this and the offer id."""


@dataclass(frozen=True, slots=True)
class Found:
    """A call seen in a `Status` list, with the channels that the port does not show."""

    live: LiveCall
    channel: str
    unique_id: str
    """Asterisk's name for that channel."""
    leg_channel: str = ""
    spare_legs: tuple[str, ...] = ()
    """Channels of further legs of this call: nobody waits for them."""


def from_status(rows: Sequence[Message]) -> list[Found]:
    """The calls in a `Status` list with all variables, oldest first."""
    legs: dict[str, list[Message]] = {}
    for row in rows:
        if row.get("Uniqueid").startswith(LEG_PREFIX):
            legs.setdefault(row.variables().get("HUB_CALL", ""), []).append(row)
    found = [_found(row, legs.get(row.variables()["HUB_CALL"], [])) for row in rows if _is_caller(row)]
    return sorted(found, key=lambda call: call.live.call_id)


def belongs(call_id: str, unique_id: str) -> bool:
    """Is this the call of the caller on that channel?

    The dialplan puts a part of its own behind the unique id, which may come again when Asterisk is started
    anew. Calls that began under an older dialplan lack it.
    """
    return call_id == unique_id or call_id.startswith(f"{unique_id}-")


def _is_caller(row: Message) -> bool:
    variables = row.variables()
    return belongs(variables.get("HUB_CALL", ""), row.get("Uniqueid")) and "HUB_STATE" in variables


def _found(row: Message, legs: list[Message]) -> Found:
    variables = row.variables()
    stage = _STAGE_OF_STATE.get(variables["HUB_STATE"], CallStage.AFTER)
    legs = sorted(legs, key=_is_up, reverse=True)
    leg = legs[0] if legs else None
    since = variables.get("HUB_WAIT_START", "")
    live = LiveCall(
        call_id=variables["HUB_CALL"],
        stage=stage,
        ani=variables.get("HUB_ANI", ""),
        dialled=variables.get("HUB_DID", ""),
        answers=read_answers(variables.get("HUB_ANSWERS", "")),
        waiting_since_ms=int(since) * 1000 if since.isdecimal() and len(since) < 12 else None,
        offer_id=leg.get("Uniqueid").removeprefix(LEG_PREFIX) if leg else "",
        agent_id=leg.variables().get("HUB_AGENT", "") if leg else "",
        leg_up=leg is not None and _is_up(leg),
    )
    spare = tuple(other.get("Channel") for other in legs[1:])
    channel, unique_id = row.get("Channel"), row.get("Uniqueid")
    return Found(live, channel, unique_id, leg.get("Channel") if leg else "", spare)


def _is_up(leg: Message) -> bool:
    return leg.get("ChannelState") == "6" and leg.variables().get("HUB_STATE") in ("talking", "parked")


_STAGE_OF_STATE = {stage.value: stage for stage in CallStage}
