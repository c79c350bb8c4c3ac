"""From an event in the hub to its frame at a console: our sockets against raw aiohttp websockets.

500 consoles are connected to each, from a process of their own (`bench.push_client`). An event is an offer as
big as a real one, for one agent. Ours goes the hub's way (`Consoles.push`: number, fold, keep for replay,
encode, python-socketio); the reference only encodes the same frame and sends it. Rounds take turns on one
event loop, so a slower moment of the machine hits both; the median counts.
"""

import asyncio
import contextlib
import gc
import hashlib
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import msgspec
import orjson
from aiohttp import web
from sqlalchemy import Connection, insert

from bench.report import show
from hub import wire
from hub.api.front import Front, front
from hub.bootstrap import Hub, catch_up, core
from hub.clock import Clock
from hub.config import Config, StoreSettings
from hub.console.consoles import Consoles
from hub.store.tables import agents, sessions

CONSOLES = 500
ROUNDS = 6
EVENTS_A_ROUND = 250
EVENTS_A_S = 250
WARM_UP_EVENTS = 250
START_DEADLINE_S = 90
DEADLINE_S = 60

Push = Callable[[int, wire.OfferView], Awaitable[None]]


class RawConsoles:
    """The reference: one websocket for each console and nothing else."""

    def __init__(self) -> None:
        self._sockets: dict[int, web.WebSocketResponse] = {}
        self._numbers: dict[int, int] = {}

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self._sockets[int(request.query["console"])] = socket
        async for _ in socket:
            pass
        return socket

    async def push(self, console: int, offer: wire.OfferView) -> None:
        self._numbers[console] = number = self._numbers.get(console, 0) + 1
        frame = wire.Frame(number, wire.OfferCreated(offer))
        await self._sockets[console].send_str(msgspec.json.encode(frame).decode())


def agent_id(console: int) -> str:
    return f"agent-{console}"


def token(console: int) -> str:
    return f"bench-{console}"


def add_staff(connection: Connection) -> None:
    """An agent with a session for each console; nobody logs in by password here."""
    people, logins = [], []
    for console in range(CONSOLES):
        login = {"agent_id": agent_id(console), "username": f"u{console}", "name": f"Agent {console}"}
        work = {"skills": {"english": 80}, "capacity": {"units": 3, "caps": {"chat": 3}}}
        people.append({**login, **work, "password_hash": "", "roles": ["agent"]})
        digest = hashlib.sha256(token(console).encode()).hexdigest()
        span = {"created_at_ms": 0, "expires_at_ms": 2**52}
        logins.append({"token_hash": digest, "agent_id": agent_id(console), **span})
    connection.execute(insert(agents), people)
    connection.execute(insert(sessions), logins)


def offer_of_real_size() -> wire.OfferView:
    """A screen-pop of about 2.5 kB as JSON."""
    parts = [wire.ScorePartView("tenure", 18.0, {"en": "customer for 6 years", "zh": "六年老客户"})] * 3
    score = wire.ScoreView(88, 71, "gold", 60_000, False, 0, parts, parts)
    past = wire.PastInteraction(
        "i-1", "email", 0, "Invoice", "Where is my invoice?" * 4, "resolved", "M", "closed"
    )
    card = wire.CustomerCard(
        "u-1",
        "Avery Example",
        True,
        "en",
        [wire.AddressView("phone", "+447700900123")],
        0,
        score,
        [],
        [past] * 5,
    )
    contact = wire.ContactView(
        "c-1", "i-2", "voice", "offered", "q", "Billing", "", "+447700900123", {"reason": "invoice"},
        0, 0, None, False, 1, 1, "Hello", card,
    )  # fmt: skip
    return wire.OfferView(
        "", contact, 20_000, 20_000, 37_000, ["english", "billing"], {"en": "Best match." * 8}
    )


async def one_round(push: Push, offer: wire.OfferView, chance: random.Random, events: int) -> None:
    """Push at an even pace to consoles by chance; the contact's id is the instant of its event."""
    loop = asyncio.get_running_loop()
    next_at = loop.time()
    for _ in range(events):
        next_at += 1 / EVENTS_A_S
        await asyncio.sleep(max(0.0, next_at - loop.time()))
        console = chance.randrange(CONSOLES)
        contact = msgspec.structs.replace(offer.contact, contact_id=str(time.monotonic_ns()))
        await push(console, msgspec.structs.replace(offer, contact=contact))


async def all_rounds(ours: Push, reference: Push) -> None:
    offer, chance = offer_of_real_size(), random.Random(1)
    for push in (ours, reference):
        await one_round(push, offer, chance, WARM_UP_EVENTS)
    gc.collect()
    gc.freeze()
    for _ in range(ROUNDS):
        await one_round(ours, offer, chance, EVENTS_A_ROUND)
        await one_round(reference, offer, chance, EVENTS_A_ROUND)


def through(consoles: Consoles) -> Push:
    """The hub's way to all consoles of an agent."""

    async def push(console: int, offer: wire.OfferView) -> None:
        await consoles.push(agent_id(console), wire.OfferCreated(offer))

    return push


@contextlib.asynccontextmanager
async def served(hub: Hub, raw: RawConsoles) -> AsyncIterator[tuple[Front, str]]:
    async with front(hub) as parts:
        parts.app.router.add_get("/raw", raw.serve)
        runner = web.AppRunner(parts.app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=CONSOLES * 2).start()
        try:
            yield parts, f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


async def measure(url: str) -> dict[str, float]:
    """Medians in ms, as the client saw them: {"ours": ..., "reference": ...}."""
    async with core(Config(store=StoreSettings(url)), Clock()) as hub:
        await hub.store.write(add_staff)
        await catch_up(hub)
        raw = RawConsoles()
        async with served(hub, raw) as (parts, base):
            client = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bench.push_client", base, str(CONSOLES),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            assert client.stdin is not None
            assert client.stdout is not None
            try:
                async with asyncio.timeout(START_DEADLINE_S):
                    assert await client.stdout.readline() == b"connected\n"
                    await hub.executor.settled()
                async with asyncio.timeout(DEADLINE_S):
                    await all_rounds(through(parts.consoles), raw.push)
                    client.stdin.write(b"report\n")
                    result: dict[str, float] = orjson.loads(await client.stdout.readline())
            finally:
                if client.returncode is None:
                    client.kill()
                await client.wait()
            return result


def main() -> None:
    """Print the one line of this bench."""
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder:
        medians = asyncio.run(measure(f"sqlite:///{Path(folder)}/push.db"))
    show("push_p50", "ms", medians["ours"], medians["reference"], "<= 2.5")


if __name__ == "__main__":
    main()
