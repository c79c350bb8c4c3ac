"""A hub with its front on a loopback port, and clients for it: a page's HTTP and a console's socket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import socketio
from aiohttp import web

from hub import staff, wire
from hub.api.front import Front, front
from hub.bootstrap import Hub

PASSWORD = "rapport"
_keys = count(1)


@dataclass(slots=True)
class Served:
    """A hub that answers at `url`."""

    hub: Hub
    front: Front
    url: str

    async def settled(self) -> None:
        await self.hub.executor.settled()


@asynccontextmanager
async def served(hub: Hub, static: Path) -> AsyncIterator[Served]:
    """Serve the hub on a free port."""
    async with front(hub, static=static) as parts:
        runner = web.AppRunner(parts.app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        hub.ready = True
        try:
            yield Served(hub, parts, f"http://127.0.0.1:{port}")
        finally:
            await runner.cleanup()


async def add_supervisor(hub: Hub, username: str = "sue") -> None:
    await hub.store.write(
        lambda c: staff.create_agent(
            c, username=username, name=username.title(), password=PASSWORD, roles=("supervisor",)
        )
    )


class Browser:
    """A staff page: keeps the session cookie, sends what the real page sends."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.close()

    async def login(self, username: str, password: str = PASSWORD) -> wire.Me:
        status, body = await self.post("/api/login", {"username": username, "password": password})
        assert status == 200, body
        return msgspec.convert(body, wire.Me)

    async def post(
        self, path: str, body: Any = None, *, key: str = "", **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """(status, decoded answer); a new Idempotency-Key unless one is given."""
        headers = {"Idempotency-Key": key or f"key-{next(_keys)}", "Origin": self.url} | headers
        options: dict[str, Any] = {} if body is None else {"json": body}
        async with self.http.post(path, headers=headers, **options) as answer:
            return answer.status, await answer.json(content_type=None)

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.http.get(path) as answer:
            return answer.status, await answer.json(content_type=None)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{c.key}={c.value}" for c in self.http.cookie_jar)


@dataclass(slots=True)
class Page:
    """A console's socket with what it was told, and the state that this adds up to."""

    client: socketio.AsyncClient
    snapshot: wire.Snapshot | None = None
    epoch: str = ""
    seq: int = 0
    frames: list[wire.Frame] = field(default_factory=list)
    boards: list[wire.Board] = field(default_factory=list)
    answered: Any = None

    async def hello(self, *, epoch: str = "", seq: int = 0) -> Any:
        """Say hello and keep the answer."""
        answer = await self.ask("hello", {"epoch": epoch, "seq": seq, "tab_id": "t1"})
        kind = wire.HelloReplay | wire.HelloSnapshot
        self.answered = msgspec.convert(answer, kind)
        self.epoch, self.seq = self.answered.epoch, self.answered.seq
        if isinstance(self.answered, wire.HelloSnapshot):
            self.snapshot = self.answered.snapshot
        return self.answered

    async def ask(self, event: str, payload: Any) -> Any:
        """Send an event and return its acknowledgement."""
        return await self.client.call(event, payload, namespace="/console", timeout=5)

    def events(self, kind: type[Any]) -> list[Any]:
        return [frame.d for frame in self.frames if isinstance(frame.d, kind)]

    @property
    def offers(self) -> list[wire.OfferView]:
        return [event.offer for event in self.events(wire.OfferCreated)]


@asynccontextmanager
async def page(url: str, cookie: str, *, origin: str = "") -> AsyncIterator[Page]:
    """Open a console's socket with the official Python client; hello is up to the caller."""
    http = aiohttp.ClientSession()
    client = socketio.AsyncClient(reconnection=False, http_session=http)
    shown = Page(client)

    def on_event(data: Any) -> None:
        frame = msgspec.convert(data, wire.Frame)
        shown.frames.append(frame)
        shown.seq = frame.s

    def on_board(data: Any) -> None:
        shown.boards.append(msgspec.convert(data, wire.Board))

    client.on("event", on_event, namespace="/console")
    client.on("board", on_board, namespace="/console")
    headers = {"Cookie": cookie} | ({"Origin": origin} if origin else {})
    try:
        await client.connect(
            url, headers=headers, transports=["websocket"], namespaces=["/console"], wait_timeout=20
        )
        yield shown
    finally:
        await client.disconnect()
        await http.close()


async def gone(client: socketio.AsyncClient, seconds: float = 5.0) -> None:
    """Wait until the hub has closed this connection."""
    async with asyncio.timeout(seconds):
        while client.connected:
            await asyncio.sleep(0.01)
