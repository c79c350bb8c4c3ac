"""Voice as the hub sees it: drives `VoiceHost` with what happens on Asterisk, obeys through `VoiceControl`.

Owns the composition of AMI client, AGI server, call model and IVR, and everything that must be in step with
the hub. What events mean is in `calls.py`; what a call does without us is in
`asterisk/templates/extensions.conf`.

The hub hears of one thing at a time, in order. If it fails to take one in, the session with Asterisk is
dropped and made again, so that `resynced` tells it everything anew: nothing is told half. Start at `build`.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from pkgutil import resolve_name

from telephony.agi import Server
from telephony.agi_scripts import THREADS_MAX, BlockingScript, script_runner
from telephony.ami import ActionRefused, AmiError, Client, Login, Message, ResyncNeeded
from telephony.calls import (
    Arrived,
    Call,
    Calls,
    Gone,
    Happening,
    Leg,
    LegFailed,
    LegRinging,
    LegSeen,
    LegUp,
    Queued,
    Stranded,
    TakenBack,
    TalkEnded,
)
from telephony.dialplan import Arrivals, Dialplan
from telephony.ivr.flow import Flow, load, shipped
from telephony.port import CallStage, Ring, VoiceError, VoiceHost
from telephony.registrations import Registrations
from telephony.status import LEG_PREFIX, Found, from_status

log = logging.getLogger(__name__)

RING_MS_MAX = 300_000
LABEL_CHARS_MAX = 40
HOST_TIMEOUT_S = 30.0
"""A hub that takes longer to take one thing in is told everything anew."""
MOVE_TIMEOUT_S = 0.5
GONE_PROOF_S = 0.5
"""How long Asterisk may take from announcing a caller's hang-up to forgetting the channel."""

_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where Asterisk is and what a caller hears. `key` is the random key of the rendered configuration.

    `flows` names the IVR flow of a number called, `default_flow` that of all others: `main` or `direct`,
    which are shipped, or one of `flow_files` (JSON). `scripts` are customers' own AGI scripts as
    `module:function`; the dialplan calls them as `AGI(${HUB_AGI}/script/<name>)`.
    """

    ami_secret: str = field(repr=False)
    key: str = field(repr=False)
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    ami_user: str = "rapport"
    agi_host: str = "127.0.0.1"
    agi_port: int = 4573
    default_flow: str = "main"
    flows: Mapping[str, str] = field(default_factory=dict)
    flow_files: tuple[str, ...] = ()
    scripts: Mapping[str, str] = field(default_factory=dict)


def build(settings: Settings, host: VoiceHost) -> "Voice":
    """A voice adapter that is ready to `run`. Raises ValueError for a bad or missing flow or script."""
    return Voice(settings, host)


class Voice:
    """Implements `VoiceControl`."""

    def __init__(self, settings: Settings, host: VoiceHost) -> None:
        self._settings = settings
        self._host = host
        self._flows = _flows(settings)
        self._scripts = _scripts(settings)
        self._calls = Calls(settings.key)
        self._registrations = Registrations()
        self._arrivals = Arrivals(host)
        self._synced = False
        login = Login(settings.ami_host, settings.ami_port, settings.ami_user, settings.ami_secret)
        self._ami = Client(login, self._resync, self._on_event, self._on_lost)

    async def run(self) -> None:
        """Serve until cancelled; may be run again. Raises OSError if the AGI port is taken."""
        pool = ThreadPoolExecutor(THREADS_MAX, thread_name_prefix="agi-script")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._agi(pool).run(), name="agi")
                tasks.create_task(self._ami.run(), name="ami")
        finally:
            self._synced = False
            pool.shutdown(wait=False, cancel_futures=True)

    def _agi(self, pool: ThreadPoolExecutor) -> Server:
        settings = self._settings
        dialplan = Dialplan(self._host, self._arrivals, self._flows, settings.flows, settings.default_flow)
        scripts = {**dialplan.scripts(), "script": script_runner(self._scripts, pool)}
        return Server(settings.agi_host, settings.agi_port, settings.key, scripts)

    # ------------------------------------------------------------------------------------- control

    async def ring(self, ring: Ring) -> None:
        """See the port. Raises VoiceError also when the caller is gone."""
        if self._calls.known(ring.offer_id):
            return
        call = self._call(ring.call_id)
        for what, value in (("offer", ring.offer_id), ("agent", ring.agent_id), ("endpoint", ring.endpoint)):
            if not _ID.fullmatch(value):
                raise VoiceError(f"{value[:40]!r} cannot be the name of an {what}")
        label = "".join(c for c in ring.caller_label if c.isalnum() or c == " ")[:LABEL_CHARS_MAX]
        order = [
            ("Channel", f"PJSIP/{ring.endpoint}"),
            ("ChannelId", LEG_PREFIX + ring.offer_id),
            ("Context", "agent-leg"),
            ("Exten", "s"),
            ("Priority", "1"),
            ("Timeout", str(max(1000, min(ring.timeout_ms, RING_MS_MAX)))),
            ("Async", "true"),
            ("CallerID", f'"{label or call.ani}" <{call.ani or "anonymous"}>'),
            ("Variable", f"HUB_PEER={call.channel}"),
            ("Variable", f"HUB_AGENT={ring.agent_id}"),
            ("Variable", f"__HUB_CALL={ring.call_id}"),
            ("Variable", f"PJSIP_HEADER(add,X-Hub-Call)={ring.call_id}"),
            ("Variable", f"PJSIP_HEADER(add,X-Hub-Offer)={ring.offer_id}"),
        ]
        action_id = f"ring-{ring.offer_id}"
        leg = self._calls.expect(ring.offer_id, ring.call_id, action_id)
        try:
            await self._ami.action("Originate", order, action_id=action_id)
        except AmiError as failed:
            if isinstance(failed, ActionRefused):
                self._calls.refused(ring.offer_id)
            leg.cancelled = True  # should it ring after all, it is stopped
            raise VoiceError(f"cannot ring {ring.endpoint}: {failed}") from failed

    async def cancel_ring(self, offer_id: str) -> None:
        """See the port. Once `leg_up` is told, nothing happens. A phone that answers at this very moment is
        taken back: the caller returns to the music, the hub hears `leg_failed` (cancelled)."""
        leg = self._calls.legs.get(offer_id)
        if leg is None or leg.up:
            return
        leg.cancelled = True
        if leg.channel:
            await self._hang_up_channel(leg.channel)

    async def answer(self, offer_id: str) -> bool:
        """See the port. A softphone in a browser answers by itself, when its console says so: False."""
        leg = self._calls.legs.get(offer_id)
        if leg is None or not leg.channel or self._registrations.is_web(leg.endpoint):
            return False
        try:
            await self._ami.action("PJSIPNotify", [("Channel", leg.channel), ("Variable", "Event=talk")])
        except AmiError as refused:
            log.warning("the phone of offer %s cannot be asked to answer: %s", offer_id, refused)
            return False
        return True

    async def hang_up(self, call_id: str) -> None:
        """See the port. Nothing happens if the call is gone."""
        call = self._calls.by_id.get(call_id)
        if call is None:
            return
        call.ended_by_us = True
        await self._hang_up_channel(call.channel)

    async def hang_up_agent(self, offer_id: str) -> None:
        """See the port. Nothing happens if the leg is gone."""
        leg = self._calls.legs.get(offer_id)
        if leg is None or not leg.channel:
            return
        leg.ended_by_agent = True
        await self._hang_up_channel(leg.channel)

    async def hold(self, offer_id: str) -> None:
        """The caller hears music, the agent silence."""
        leg = self._leg(offer_id)
        await self._ask(
            "Redirect",
            ("Channel", self._call(leg.call_id).channel),
            *_to("hub-hold"),
            ("ExtraChannel", leg.channel),
            ("ExtraContext", "hub-legpark"),
            ("ExtraExten", "s"),
            ("ExtraPriority", "1"),
        )

    async def unhold(self, offer_id: str) -> None:
        await self._ask("Redirect", ("Channel", self._leg(offer_id).channel), *_to("agent-leg"))

    def _call(self, call_id: str) -> Call:
        if not self._synced:
            raise VoiceError("there is no session with Asterisk")
        call = self._calls.by_id.get(call_id)
        if call is None:
            raise VoiceError(f"the caller of {call_id} is gone")
        return call

    def _leg(self, offer_id: str) -> Leg:
        leg = self._calls.legs.get(offer_id)
        if leg is None or not leg.up:
            raise VoiceError(f"nobody talks on offer {offer_id}")
        return leg

    async def _ask(self, action: str, *headers: tuple[str, str]) -> None:
        try:
            await self._ami.action(action, headers)
        except AmiError as failed:
            raise VoiceError(f"{action}: {failed}") from failed

    async def _hang_up_channel(self, channel: str) -> None:
        try:
            await self._ami.action("Hangup", [("Channel", channel), ("Cause", "16")])
        except AmiError as failed:
            if "no such channel" not in str(failed).lower():
                raise VoiceError(f"Hangup: {failed}") from failed

    # ------------------------------------------------------------------------------ what we are told

    async def _resync(self) -> None:
        """Learn what is alive and tell the hub. Any failure ends the session; the next one tries again."""
        found = from_status(await self._ami.collect("Status", [("AllVariables", "true")], timeout_s=30))
        self._calls.adopt(found)
        self._registrations.replace(
            await self._ami.collect("PJSIPShowEndpoints"), await self._ami.collect("PJSIPShowContacts")
        )
        self._arrivals.replace(call.live.call_id for call in found)
        self._synced = True
        for endpoint, reachable in self._registrations.all():
            await self._tell(self._host.endpoint_reachable(endpoint, reachable))
        await self._tell(self._host.resynced([call.live for call in found]))
        for call in found:
            await self._mend(call)

    async def _mend(self, found: Found) -> None:
        """Repair what went on without us: callers in fallback come back, useless legs end."""
        for channel in found.spare_legs:
            await self._quietly(self._hang_up_channel(channel))
        if found.live.stage is CallStage.FALLBACK:
            await self._fetch_back(found.live.call_id)
        elif found.leg_channel and found.live.stage is CallStage.WAITING:
            await self._name_leg(found.channel, found.leg_channel)

    async def _on_event(self, event: Message) -> None:
        if changed := self._registrations.handle(event):
            await self._tell(self._host.endpoint_reachable(*changed))
            return
        if event.event == "Hangup" and await self._is_forged(event):
            log.warning("dropped a Hangup for a channel that is alive")
            return
        for happening in self._calls.handle(event):
            await self._on_happening(happening)

    async def _on_happening(self, happening: Happening) -> None:
        host = self._host
        match happening:
            case Arrived(call_id, ani, dialled):
                await self._tell(self._arrivals.tell(call_id, ani, dialled))
            case Queued(call_id, answers):
                await self._tell(host.call_queued(call_id, answers))
            case Stranded(call_id):
                await self._fetch_back(call_id)
            case LegSeen(offer_id):
                await self._leg_seen(self._calls.legs[offer_id])
            case LegRinging(offer_id):
                await self._tell(host.leg_ringing(offer_id))
            case LegUp(offer_id):
                await self._tell(host.leg_up(offer_id))
            case LegFailed(offer_id, failure):
                await self._tell(host.leg_failed(offer_id, failure))
            case TakenBack(call_id):
                await self._fetch_back(call_id)
            case TalkEnded(call_id, offer_id, by):
                await self._end_hold(call_id)
                await self._tell(host.talk_ended(call_id, offer_id, by))
            case Gone(call_id, stage, by, leg_channels):
                for channel in leg_channels:
                    await self._quietly(self._hang_up_channel(channel))
                self._arrivals.forget(call_id)
                await self._tell(host.call_gone(call_id, stage, by))

    async def _on_lost(self) -> None:
        self._synced = False
        try:
            await self._host.connection_lost()
        except Exception:
            # It is told everything at the next resync.
            log.exception("the hub could not take in that Asterisk is lost")

    async def _tell(self, telling: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(HOST_TIMEOUT_S):
                await telling
        except Exception as failed:
            log.exception("the hub could not take in what happened; starting anew from what is alive")
            raise ResyncNeeded("the hub failed to take in an event") from failed

    async def _leg_seen(self, leg: Leg) -> None:
        call = self._calls.by_id.get(leg.call_id)
        if leg.cancelled or call is None:
            leg.cancelled = True
            await self._quietly(self._hang_up_channel(leg.channel))
        else:
            await self._name_leg(call.channel, leg.channel)

    async def _name_leg(self, caller_channel: str, leg_channel: str) -> None:
        """Let the caller's own hang-up stop the agent's phone, even with no hub."""
        headers = (("Channel", caller_channel), ("Variable", "HUB_LEG"), ("Value", leg_channel))
        await self._quietly(self._ask("Setvar", *headers))

    async def _fetch_back(self, call_id: str) -> None:
        if call := self._calls.by_id.get(call_id):
            await self._quietly(self._move(call.channel, "hub-wait"))

    async def _end_hold(self, call_id: str) -> None:
        """The agent hung up while the caller was held: the caller must not wait there."""
        call = self._calls.by_id.get(call_id)
        if call is not None and call.stage is CallStage.HELD:
            await self._quietly(self._move(call.channel, "hub-after"))

    async def _move(self, channel: str, context: str) -> None:
        """Redirect a channel. One that is just leaving a bridge is refused for a moment, so ask again."""
        deadline = asyncio.get_running_loop().time() + MOVE_TIMEOUT_S
        while True:
            try:
                return await self._ask("Redirect", ("Channel", channel), *_to(context))
            except VoiceError as refused:
                late = asyncio.get_running_loop().time() > deadline
                if late or "not up" not in str(refused):
                    raise
            await asyncio.sleep(0.02)

    async def _quietly(self, asking: Awaitable[None]) -> None:
        """Do what need not succeed: the channel may be gone, which its own events tell."""
        try:
            await asking
        except VoiceError as failed:
            log.info("%s", failed)

    async def _is_forged(self, hangup: Message) -> bool:
        """Is the caller that is said to be gone still there? Asked only for callers that we know."""
        call = self._calls.by_unique_id.get(hangup.get("Uniqueid"))
        if call is None or call.channel != hangup.get("Channel"):
            return False
        deadline = asyncio.get_running_loop().time() + GONE_PROOF_S
        while True:
            try:
                await self._ami.action("Getvar", [("Channel", call.channel), ("Variable", "UNIQUEID")])
            except AmiError:
                return False
            if asyncio.get_running_loop().time() > deadline:
                return True
            await asyncio.sleep(0.02)


def _flows(settings: Settings) -> dict[str, Flow]:
    flows = shipped()
    for path in settings.flow_files:
        try:
            flow = load(Path(path).read_bytes())
        except (OSError, ValueError) as bad:
            raise ValueError(f"IVR flow {path}: {bad}") from bad
        flows[flow.name] = flow
    if missing := {settings.default_flow, *settings.flows.values()} - flows.keys():
        raise ValueError(f"no IVR flow named {', '.join(sorted(missing))}")
    return flows


def _scripts(settings: Settings) -> dict[str, BlockingScript]:
    try:
        return {name: resolve_name(path) for name, path in settings.scripts.items()}
    except (ImportError, AttributeError, ValueError) as bad:
        raise ValueError(f"AGI script: {bad}") from bad


def _to(context: str) -> tuple[tuple[str, str], ...]:
    return (("Context", context), ("Exten", "s"), ("Priority", "1"))
