"""What the dialplan asks of us over FastAGI: lead a new caller, cheer a waiting one, fetch a stranded one.

Owns the scripts that `asterisk/templates/extensions.conf.in` calls, and `Arrivals`, which tells the hub of
a call once, whether its AGI session or its AMI event comes first. Who a caller is comes from the channel's
variables, never from the AGI environment, which holds text from outside.
"""

import asyncio
from collections.abc import Iterable, Mapping

from telephony.agi import Script, Session
from telephony.answers import write_answers
from telephony.ivr.driver import converse
from telephony.ivr.flow import Flow
from telephony.port import CallArrived, VoiceHost

HOST_TIMEOUT_S = 10.0
"""A caller hears nothing while the hub takes the call in; after this there is music, and another try."""
ANNOUNCEMENT = "queue-thankyou"


class Arrivals:
    """Calls that the hub knows of."""

    def __init__(self, host: VoiceHost) -> None:
        self._host = host
        self._known: set[str] = set()
        self._locks: dict[str, asyncio.Lock] = {}

    async def tell(self, call_id: str, ani: str, dialled: str) -> None:
        """Tell the hub of this call unless it knows; when this returns, it does."""
        lock = self._locks.setdefault(call_id, asyncio.Lock())
        try:
            async with lock:
                if call_id not in self._known:
                    await self._host.call_arrived(CallArrived(call_id, ani, dialled, self._host.now_ms()))
                    self._known.add(call_id)
        finally:
            if not lock.locked():
                self._locks.pop(call_id, None)

    def replace(self, call_ids: Iterable[str]) -> None:
        """The hub was told of exactly these."""
        self._known = set(call_ids)

    def forget(self, call_id: str) -> None:
        self._known.discard(call_id)


class Dialplan:
    """The scripts. `by_number` says which flow a number gets, `default` names the one for all others."""

    def __init__(
        self,
        host: VoiceHost,
        arrivals: Arrivals,
        flows: Mapping[str, Flow],
        by_number: Mapping[str, str],
        default: str,
    ) -> None:
        self._host = host
        self._arrivals = arrivals
        self._flows = flows
        self._by_number = by_number
        self._default = default

    def scripts(self) -> dict[str, Script]:
        """By the name under which the dialplan calls them."""
        return {"ivr": self._ivr, "wait": self._wait, "recover": self._recover}

    async def _ivr(self, session: Session) -> None:
        """A new caller: open the interaction, lead through the menu."""
        call_id, ani, dialled = await _who(session)
        async with asyncio.timeout(HOST_TIMEOUT_S):
            await self._arrivals.tell(call_id, ani, dialled)

        async def look_up(name: str, arguments: Mapping[str, str]) -> Mapping[str, str]:
            return await self._host.ivr_lookup(call_id, name, arguments)

        async def remember(answers: Mapping[str, str]) -> None:
            await session.set_variable("HUB_ANSWERS", write_answers(answers))

        flow = self._flows[self._by_number.get(dialled, self._default)]
        waits, _ = await converse(session, flow, {"ani": ani}, look_up, remember)
        await session.set_variable("HUB_NEXT", "hub-wait" if waits else "hub-served")

    async def _wait(self, session: Session) -> None:
        """A waiting caller, between two stretches of music: we are alive, and there is something to hear."""
        await session.set_variable("HUB_ALIVE", "1")
        await session.stream_file(ANNOUNCEMENT, escape="")

    async def _recover(self, session: Session) -> None:
        """A caller whom the dialplan kept while we were away."""
        call_id, ani, dialled = await _who(session)
        async with asyncio.timeout(HOST_TIMEOUT_S):
            await self._arrivals.tell(call_id, ani, dialled)
        await session.set_variable("HUB_NEXT", "hub-wait")


async def _who(session: Session) -> tuple[str, str, str]:
    """Call id, the caller's number, the number called."""
    return (
        await session.get_variable("HUB_CALL"),
        await session.get_variable("HUB_ANI"),
        await session.get_variable("HUB_DID"),
    )
