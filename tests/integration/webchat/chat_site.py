"""A running chat site for tests: real aiohttp and socket servers on a free loopback port."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import socketio
from aiohttp import web

from channels.webchat import Settings, WebChat, build
from tests.integration.webchat.sqlite_chat_host import SqliteChatHost


@dataclass(frozen=True)
class Site:
    url: str
    host: SqliteChatHost
    chat: WebChat
    server: socketio.AsyncServer
    app: web.Application

    async def cut_all(self) -> None:
        """Drop every connection at once, without a goodbye."""
        for socket in list(self.server.eio.sockets.values()):
            await socket.close(wait=False, abort=True)


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for `condition`; TimeoutError when it does not come true in time."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(
    path: Path, settings: Settings | None = None, static: Path | None = None
) -> AsyncIterator[Site]:
    host = SqliteChatHost(path)
    chat = build(settings or Settings(site_name="Shop"), host)
    server = socketio.AsyncServer(async_mode="aiohttp", ping_interval=5, ping_timeout=5)
    server.register_namespace(chat.namespace())
    app = web.Application()
    server.attach(app)
    app.router.add_routes(
        [web.RouteDef(r.method, f"/channels/web{r.path}", r.handler, r.kwargs) for r in chat.routes()]
    )
    if static is not None:
        app.router.add_static("/", static)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    port = runner.addresses[0][1]
    try:
        yield Site(f"http://127.0.0.1:{port}", host, chat, server, app)
    finally:
        await server.shutdown()
        await runner.cleanup()
        host.close()
