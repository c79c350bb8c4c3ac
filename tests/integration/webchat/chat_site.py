"""A running chat site for tests: real aiohttp and socket servers on a free loopback port."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import socketio
from aiohttp import web

from channels.webchat import Settings, WebChat, build
from tests.integration.webchat.sqlite_chat_host import SqliteChatHost


@dataclass
class Site:
    url: str
    host: SqliteChatHost
    chat: WebChat
    transports: set[asyncio.Transport] = field(default_factory=set)
    down: bool = False
    """True: every new request is answered 503, as by a proxy whose hub is gone."""

    def cut_all(self) -> None:
        """Drop every connection at once, without a goodbye."""
        for transport in self.transports:
            transport.abort()


async def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for `condition`; TimeoutError when it does not come true in time."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(
    path: Path,
    settings: Settings | None = None,
    static: Path | None = None,
    pages: Sequence[web.RouteDef] = (),
    server: socketio.AsyncServer | None = None,
) -> AsyncIterator[Site]:
    """The chat account "web" with its storage at `path`; `pages` and the files of `static` beside it.

    `server`: by default a stock one, which serves the events of one socket concurrently.
    """
    host = SqliteChatHost(path)
    chat = build(settings or Settings(site_name="Shop"), host)
    server = server or socketio.AsyncServer(async_mode="aiohttp", ping_interval=5, ping_timeout=5)
    server.register_namespace(chat.namespace())
    site = Site("", host, chat)

    @web.middleware
    async def gate(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if site.down:
            return web.Response(status=503)
        transport = request.transport
        assert transport is not None
        site.transports.add(transport)
        try:
            return await handler(request)
        finally:
            site.transports.discard(transport)

    app = web.Application(middlewares=[gate])
    server.attach(app)
    app.router.add_routes(
        [web.RouteDef(r.method, f"/channels/web{r.path}", r.handler, r.kwargs) for r in chat.routes()]
    )
    app.router.add_routes(pages)
    if static is not None:
        app.router.add_static("/", static)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    site.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield site
    finally:
        await server.shutdown()
        await runner.cleanup()
        host.close()
