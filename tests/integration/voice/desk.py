"""A small, honest hub for voice tests: rings agents in order, keeps what it was told, and knows some data."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from telephony.port import CallArrived, CallStage, LegFailure, LiveCall, Ring, VoiceControl

WAIT_S = 20.0
CUSTOMERS: Mapping[str, Mapping[str, str]] = {
    "+4930123456": {"found": "1", "name": "Erika", "tier": "gold", "language": "en"},
    "100008": {"found": "1", "name": "Max", "tier": "silver", "language": "zh"},
}
ORDERS: Mapping[str, Mapping[str, str]] = {
    "20260014": {"found": "1", "status": "shipped", "eta_days": "3"},
}


@dataclass(frozen=True, slots=True)
class Heard:
    """One thing that voice told, with the loop's time (seconds)."""

    what: str
    arguments: tuple[Any, ...]
    at: float


class Desk:
    """Implements `VoiceHost`. `agents`: endpoints to ring for a queued call, one after the other.

    `journal`: each thing heard also goes there as a JSON line (for a desk in a process that gets killed).
    """

    def __init__(
        self, agents: Sequence[str] = (), ring_ms: int = 20_000, journal: TextIO | None = None
    ) -> None:
        self.agents = agents
        self.ring_ms = ring_ms
        self.voice: VoiceControl | None = None
        self.heard: list[Heard] = []
        self.offers: dict[str, Ring] = {}
        self.fail_next: set[str] = set()
        """Names of methods that raise once."""
        self._waiting: dict[str, int] = {}
        self._journal = journal
        self._news = asyncio.Event()

    # ------------------------------------------------------------------------------------ VoiceHost

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000

    async def call_arrived(self, call: CallArrived) -> None:
        self._note("call_arrived", call)

    async def ivr_lookup(self, call_id: str, name: str, arguments: Mapping[str, str]) -> Mapping[str, str]:
        self._note("ivr_lookup", call_id, name, dict(arguments))
        if name == "customer":
            return CUSTOMERS.get(arguments.get("number") or arguments.get("ani", ""), {})
        return ORDERS.get(arguments.get("order", ""), {})

    async def call_queued(self, call_id: str, answers: Mapping[str, str]) -> None:
        self._note("call_queued", call_id, dict(answers))
        if call_id not in self._waiting:
            self._waiting[call_id] = 0
            await self._ring_next(call_id)

    async def call_gone(self, call_id: str, stage: CallStage, by: str) -> None:
        self._waiting.pop(call_id, None)
        self._note("call_gone", call_id, stage, by)

    async def leg_ringing(self, offer_id: str) -> None:
        self._note("leg_ringing", offer_id)

    async def leg_up(self, offer_id: str) -> None:
        self._note("leg_up", offer_id)

    async def leg_failed(self, offer_id: str, failure: LegFailure) -> None:
        self._note("leg_failed", offer_id, failure)
        offer = self.offers.get(offer_id)
        if offer is not None and failure is not LegFailure.CANCELLED and offer.call_id in self._waiting:
            await self._ring_next(offer.call_id)

    async def talk_ended(self, call_id: str, offer_id: str, by: str) -> None:
        self._note("talk_ended", call_id, offer_id, by)

    async def endpoint_reachable(self, endpoint: str, reachable: bool) -> None:
        self._note("endpoint_reachable", endpoint, reachable)

    async def resynced(self, calls: Sequence[LiveCall]) -> None:
        self._note("resynced", list(calls))

    async def connection_lost(self) -> None:
        self._note("connection_lost")

    # -------------------------------------------------------------------------------------- for tests

    async def until(
        self,
        what: str,
        *arguments: Any,
        where: Callable[[Heard], bool] = lambda heard: True,
        timeout_s: float = WAIT_S,
    ) -> Heard:
        """The first thing heard with this name whose first arguments are these; waits for it."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    for heard in self.heard:
                        same = heard.arguments[: len(arguments)] == arguments
                        if heard.what == what and same and where(heard):
                            return heard
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            told = "\n".join(f"  {heard.what}{heard.arguments}" for heard in self.heard)
            raise TimeoutError(f"not heard: {what}{arguments}; heard:\n{told}") from None

    async def until_any(self, *names: str) -> Heard:
        """The first thing heard with one of these names."""
        async with asyncio.timeout(WAIT_S):
            while True:
                for heard in self.heard:
                    if heard.what in names:
                        return heard
                self._news.clear()
                await self._news.wait()

    async def until_count(self, what: str, count: int) -> None:
        """Wait until this was heard so often."""
        async with asyncio.timeout(WAIT_S):
            while len(self.all(what)) < count:
                self._news.clear()
                await self._news.wait()

    def all(self, what: str) -> list[tuple[Any, ...]]:
        return [heard.arguments for heard in self.heard if heard.what == what]

    async def _ring_next(self, call_id: str) -> None:
        index = self._waiting[call_id]
        if index >= len(self.agents) or self.voice is None:
            return
        self._waiting[call_id] += 1
        endpoint = self.agents[index]
        offer = Ring(f"{call_id}-{index}", call_id, f"id-{endpoint}", endpoint, self.ring_ms, "Test caller")
        self.offers[offer.offer_id] = offer
        await self.voice.ring(offer)

    def _note(self, what: str, *arguments: Any) -> None:
        if what in self.fail_next:
            self.fail_next.discard(what)
            raise RuntimeError("the desk is told to fail")
        self.heard.append(Heard(what, arguments, asyncio.get_running_loop().time()))
        self._news.set()
        if self._journal is not None:
            plain = [
                asdict(a) if isinstance(a, CallArrived) else a for a in arguments if not isinstance(a, list)
            ]
            print(json.dumps([what, *plain]), file=self._journal, flush=True)
